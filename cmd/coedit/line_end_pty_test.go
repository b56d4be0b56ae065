package main

import (
	"testing"

	"coedit/internal/screen"
)

// Whose caret was sent to the end of a line stays at the end while another types there: otherwise it is left behind in the
// middle of the other's word, and what is typed next cuts that word in two.
func TestEndOfLineWhileAnotherTypesThere(t *testing.T) {
	p := newPlace(t)
	ann, link, _ := p.share("ann", p.file("x.txt", "line:\n"))
	bob := p.join("bob", link)
	bob.Type(screen.End)
	bob.until("bob is at the end", caretAt(1, 6))
	bob.types(" // wo")
	ann.until("bob's text is here", screen.Shows("line: // wo"))
	ann.Type(screen.End)
	ann.until("ann is at the end", caretAt(1, 12))
	bob.types("rds are")
	ann.until("the rest of the word is here", screen.Shows("// words are"))
	ann.types(" // more")
	bob.until("ann's text is here", screen.Shows("// more"))
	bob.types(" printed")
	want := "line: // words are printed // more\n"
	bob.until("both texts are whole", shows(want))
	ann.until("both texts are whole", shows(want))
}
