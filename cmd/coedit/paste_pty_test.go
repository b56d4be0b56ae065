package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"coedit/internal/screen"
)

// Bob pastes 5 MB while ann types below: each of her keys is drawn at once, on the line where she types, while the text
// above her grows. In the end both have the same bytes.
func TestPasteOfFiveMegabytes(t *testing.T) {
	const size = 5 << 20
	p := newPlace(t)
	path := p.file("log.txt", "above\nbelow: \n")
	ann, link, _ := p.share("ann", path)
	ann.Type(screen.Down + screen.End)
	ann.until("ann is on the last line", caretAt(2, 8))
	bob := p.join("bob", link)
	ann.until("bob is seen", screen.Shows("bob joined"))
	ann.quiet()

	var pasted bytes.Buffer
	lines := 0
	for ; pasted.Len() < size; lines++ {
		fmt.Fprintf(&pasted, "%07d some text of a line that bob pastes, 漢字 among it\n", lines)
	}
	bob.Type(screen.Pasted(strings.ReplaceAll(pasted.String(), "\n", "\r"))) // terminals send what Enter sends

	var typed strings.Builder
	var took []time.Duration // of the keys drawn while the paste was arriving
	var last time.Duration   // of the key with which all of it was there
	for key := 0; len(took) < 26; key++ {
		began := time.Now()
		typed.WriteByte(byte('a' + key%26))
		ann.Type(typed.String()[key:])
		s := ann.until("the key is drawn", tail("below: ", typed.String()))
		if n := lineOf(s); n == 2+lines {
			last = time.Since(began)
			break
		} else if n > 2 {
			took = append(took, time.Since(began))
		}
	}
	took = append(took, last)
	slices.Sort(took)
	if len(took) < 4 && last > time.Second { // on a busy machine all of it may arrive between two keys
		t.Fatalf("%d keys were drawn while the paste arrived; the last one waited for %v", len(took)-1, last)
	}
	t.Logf("%d keys drawn while %d lines arrived: p50 %v, slowest %v", len(took), lines, took[len(took)/2], took[len(took)-1])

	ann.until("all lines have arrived", func(s screen.Screen) bool { return lineOf(s) == 2+lines })
	bob.settled()
	ann.settled()
	want := pasted.String() + "above\nbelow: " + typed.String() + "\n"
	if got := p.cat(link); sha256.Sum256([]byte(got)) != sha256.Sum256([]byte(want)) {
		t.Errorf("cat prints %d bytes, not the %d that were typed and pasted", len(got), len(want))
	}
	ann.Type(screen.Ctrl('s'))
	ann.until("the file is saved", screen.Shows("Saved log.txt"))
	if got := p.read(path); got != want {
		t.Errorf("the file holds %d bytes, not the %d that were typed and pasted", len(got), len(want))
	}
}

// tail is the condition that a line shows the end of what was typed behind its beginning, which the screen may not hold whole.
func tail(beginning, typed string) func(screen.Screen) bool {
	want := beginning + typed
	if len(want) > 60 {
		want = want[len(want)-60:]
	}
	return screen.Shows(want)
}
