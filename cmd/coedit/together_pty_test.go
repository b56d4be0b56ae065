package main

import (
	"strings"
	"sync"
	"testing"

	"coedit/internal/screen"
)

// Two people in two terminals, over a relay of its own, type into the same line at the same time. Both screens, what
// `coedit cat` prints and the saved file hold the same bytes.
func TestTwoTerminalsOneLine(t *testing.T) {
	p := newPlace(t)
	_, address := p.relay("127.0.0.1:0")
	path := p.file("list.txt", "first\nboth: \nlast\n")
	ann, link, _ := p.share("ann", path, "--relay", "http://"+address)
	bob := p.join("bob", link)
	ann.until("bob is seen", screen.Shows("bob"))

	const anns, bobs = "the quick brown fox jumps", "OVER 漢字 THE LAZY DOG 👍"
	type typing struct {
		*editorTerm
		text string
	}
	var wg sync.WaitGroup
	for _, who := range []typing{{ann, anns}, {bob, bobs}} {
		who.Type(screen.Down + screen.End)
		who.until("the caret is behind both:", caretAt(2, 7))
	}
	for _, who := range []typing{{ann, anns}, {bob, bobs}} {
		wg.Go(func() {
			for _, r := range who.text {
				who.Type(string(r))
			}
		})
	}
	wg.Wait()
	both := func(s screen.Screen) bool { return s.Contains(anns) && s.Contains(bobs) }
	ann.until("both texts are there, each in one piece", both)
	bob.until("both texts are there, each in one piece", both)
	ann.settled()
	bob.settled()

	want := p.cat(link)
	if want != "first\nboth: "+anns+bobs+"\nlast\n" && want != "first\nboth: "+bobs+anns+"\nlast\n" {
		t.Errorf("cat prints %q", want)
	}
	ann.until("the screen shows what cat prints", shows(want))
	bob.until("the screen shows what cat prints", shows(want))
	ann.Type(screen.Ctrl('s'))
	ann.until("the file is saved", screen.Shows("Saved list.txt"))
	if got := p.read(path); got != want {
		t.Errorf("the file holds %q, cat printed %q", got, want)
	}
	if again := p.cat(link); again != want {
		t.Errorf("cat prints %q after saving, %q before", again, want)
	}
}

// An own relay inside share: nothing else is needed.
func TestShareAndJoin(t *testing.T) {
	p := newPlace(t)
	path := p.file("main.txt", "one\n")
	ann, link, _ := p.share("ann", path)
	bob := p.join("bob", link)
	bob.types("zero ")
	ann.until("bob's text is here", shows("zero one\n"))
	ann.Type(screen.Ctrl('q'))
	s := ann.until("she is asked", screen.Shows("not saved", "bob is still here"))
	if strings.Contains(s.String(), "Share this link") {
		t.Error("the link is shown again")
	}
	ann.Type("s")
	ann.exits(0)
	if got := p.read(path); got != "zero one\n" {
		t.Errorf("the file holds %q", got)
	}
	bob.until("bob hears of the end", func(s screen.Screen) bool { return s.Contains("offline") || s.Contains("ann left") })
}
