package main

import (
	"testing"

	"coedit/internal/screen"
)

// A history is played in the terminal, from the first letter to the text as it is, and the screen is left as it was.
func TestReplayInATerminal(t *testing.T) {
	p := newPlace(t)
	ann, write, _ := p.share("ann", p.file("x.txt", "the first line\n"))
	ann.Type("and ")
	ann.until("ann's words are safe", screen.Shows("and the first line"))
	p.until("the relay has them", func() bool { return p.cat(write) == "and the first line\n" })

	viewer := p.coedit("viewer", "history", "--replay", "--speed", "100", write)
	viewer.until("the replay has ended", screen.Shows("and the first line", " end", "ann", "q: quit"))
	viewer.Type("r")
	viewer.until("it ends once more", screen.Shows("and the first line", " end"))
	viewer.Type("q")
	if code, err := viewer.Exit(soon); code != 0 || err != nil {
		t.Errorf("exit code %d, %v", code, err)
	}
}
