package main

import (
	"testing"

	"coedit/editor/tui"
	"coedit/internal/screen"
)

// In a terminal that draws ambiguous characters in two cells, and is said to, the cursor and what is typed are where they belong.
func TestWideAmbiguousCharacters(t *testing.T) {
	before := tui.AmbiguousWide() // of this process, whose emulator measures as the renderer does
	if err := tui.SetAmbiguousWide(true); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tui.SetAmbiguousWide(before); err != nil {
			t.Error(err)
		}
	})
	p := newPlace(t)
	ed := p.coedit("ann", "--ambiguous", "wide", p.file("x.txt", "Ω±│ end\n"))
	ed.until("the text is there", screen.Shows("Ω±│ end"))
	column := 1
	for _, c := range []struct {
		text  string
		cells int
	}{{"a", 1}, {"жЖ", 4}, {"漢", 2}, {"§", 2}, {"z", 1}} {
		ed.Type(c.text)
		column += c.cells
		ed.until(c.text+" is drawn and the cursor behind it", caretAt(1, column))
	}
	ed.until("the line is whole", screen.Shows("aжЖ漢§zΩ±│ end"))
}
