package main

import (
	"testing"

	"coedit/internal/screen"
)

// The demo says at first what is going on and how to leave; typing works at once, and leaving asks nothing, because the file
// is thrown away.
func TestDemoOnScreen(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	me := p.coedit("me", "demo", "--seed", "7")
	me.until("it says what is going on", screen.Shows("simulated", "Ctrl+Q leaves", "F2 shows a link"))
	me.until("the partners are there", screen.Shows("ada:", "sam:"))
	me.Type("hello")
	me.until("the text is there, and the welcome gone", func(s screen.Screen) bool {
		return s.Contains("hello// Command") && !s.Contains("Ctrl+Q leaves")
	})
	me.Type(screen.F2)
	me.until("the link is there", screen.Shows("coedit join LINK"))
	me.Type(screen.Escape)
	me.until("the link is gone", screen.Hides("coedit join LINK"))
	me.Type(screen.Ctrl('q'))
	me.exits(exitDone)
	if s := me.Screen(); !screen.Shows("You made 5 of the ", "coedit share FILE")(s) {
		t.Errorf("the end says\n%s", s)
	}
}
