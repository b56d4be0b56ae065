package main

import (
	"strings"
	"testing"

	"coedit/internal/screen"
)

// Two people in two terminals find each other: one goes where the other is, follows, is told something, is asked to come.
func TestPeopleFindEachOther(t *testing.T) {
	p := newPlace(t)
	path := p.file("long.txt", strings.Repeat("text\n", 300))
	ann, link, _ := p.share("ann", path)
	bob := p.join("bob", link)
	ann.until("bob is seen", screen.Shows("bob"))
	ann.Type("\x07200\r") // Ctrl+G
	ann.until("ann is in line 200", func(s screen.Screen) bool { return lineOf(s) == 200 })

	bob.until("ann's place is known", screen.Shows("ann:200"))
	bob.Type("\x1b1")
	bob.until("bob is where ann is", screen.Shows("200 text", "line 200"))
	bob.Type(screen.Ctrl('t') + "is this right?\r")
	ann.until("ann reads it beside bob's caret", screen.Shows("bob: is this right?"))

	bob.Type("\x1b[18~") // F7
	bob.until("bob follows", screen.Shows("You follow ann"))
	ann.Type("\x07100\r")
	bob.until("bob sees what ann sees", screen.Shows("100 text"))
	ann.Type("\x1b[17~") // F6
	ann.until("ann sees who follows", screen.Shows("2 participants", "follows you"))
	ann.Type(escape)
	bob.Type(screen.Escape)
	bob.until("bob does not follow any more", screen.Shows("no longer follow"))

	bob.Type("\x07" + "1\r")
	ann.Type("\x1b[18;2~") // Shift+F7
	bob.until("bob is asked to come", screen.Shows("ann asks you to come: F7"))
	bob.Type("\x1b[18~")
	bob.until("bob came", screen.Shows("100 text"))
}

// The host removes somebody from the list of who is here: the others go on in the new room, who is removed is told.
func TestSomebodyIsRemoved(t *testing.T) {
	p := newPlace(t)
	ann, link, _ := p.share("ann", p.file("x.txt", "text\n"))
	bob := p.join("bob", link)
	mallory := p.join("mallory", link)
	ann.until("both are seen", screen.Shows("bob", "mallory"))
	ann.Type("\x1b[17~") // F6
	ann.until("the list has their keys", screen.Shows("3 participants", "> 1  B  bob"))
	ann.Type(screen.Down)
	ann.until("mallory is chosen", screen.Shows("> 2  M  mallory"))
	ann.Type("x")
	ann.until("she is asked", screen.Shows("Remove mallory?"))
	ann.Type("r")
	mallory.until("mallory is told", screen.Shows("refused"))
	ann.until("mallory is gone, and bob is there", func(s screen.Screen) bool {
		last := s.Row(s.Rows - 1)
		return strings.Contains(last, "bob") && !strings.Contains(last, "mallory")
	})
	ann.types("and so on ")
	bob.until("bob followed", shows("and so on text\n"))
	if strings.Contains(mallory.Screen().String(), "and so on") {
		t.Error("mallory reads on")
	}
}
