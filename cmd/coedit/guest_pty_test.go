package main

import (
	"bytes"
	"strings"
	"testing"

	"coedit/internal/screen"
)

// A guest sees whether the text is saved at the host's, and asks the host to save with Ctrl+S.
func TestGuestSeesSaved(t *testing.T) {
	p := newPlace(t)
	path := p.file("x.txt", "text\n")
	ann, link, _ := p.share("ann", path)
	bob := p.join("bob", link)
	ann.until("bob is seen", screen.Shows("bob"))
	bob.types("bob's ")
	ann.until("the text is here", shows("bob's text\n"))
	bob.quiet()
	bob.until("the text is unsaved", screen.Shows("unsaved at ann's"))
	ann.Type(screen.Ctrl('s'))
	bob.until("ann saved", screen.Shows("ann saved the file"))
	bob.quiet()
	bob.until("the text is saved", screen.Shows("saved by ann"))
	if got := p.read(path); got != "bob's text\n" {
		t.Errorf("the file holds %q", got)
	}

	bob.types("more of ")
	bob.Type(screen.Ctrl('s'))
	bob.until("ann saved when asked", screen.Shows("Asked ann to save; ann saved the file"))
	ann.until("ann is told", screen.Shows("Saved x.txt"))
	if got := p.read(path); !strings.Contains(got, "more of ") {
		t.Errorf("the file holds %q", got)
	}
}

// Who joined by the read-only link sees everything and changes nothing.
func TestReadOnlyGuest(t *testing.T) {
	p := newPlace(t)
	path := p.file("x.txt", "text\n")
	ann, link, readLink := p.share("ann", path)
	eve := p.join("eve", readLink)
	eve.until("it is said", screen.Shows("read-only"))
	eve.Type("typed by eve")
	eve.until("why nothing happens is said", screen.Shows("read-only link"))
	eve.Type(screen.Pasted("pasted by eve") + screen.Enter + screen.Backspace + screen.Ctrl('z') + screen.Ctrl('k'))
	ann.types("ann's ")
	eve.until("ann's text comes", shows("ann's text\n"))
	ann.settled()
	if got := p.cat(link); got != "ann's text\n" {
		t.Errorf("cat prints %q", got)
	}
	eve.Type(screen.Ctrl('q'))
	eve.exits(0)
	ann.until("ann sees who left", screen.Hides("eve:1", "eve idle"))
}

// A guest who leaves although edits have not reached anybody is asked, and the exit code says that they are lost.
func TestGuestLeavesWithUnsentEdits(t *testing.T) {
	p := newPlace(t)
	relay, address := p.relay("127.0.0.1:0")
	_, link, _ := p.share("ann", p.file("x.txt", "text\n"), "--relay", "http://"+address)
	bob := p.join("bob", link)
	if err := relay.Kill(); err != nil {
		t.Fatal(err)
	}
	bob.until("the end of the connection is seen", screen.Shows("offline"))
	bob.Type("lost ")
	bob.until("the text is there", shows("lost text\n"))
	bob.Type(screen.Ctrl('q'))
	bob.until("he is asked", screen.Shows("not reached the others"))
	bob.Type("y")
	bob.exits(exitFailure)
	if s := bob.Screen(); !s.Contains("some of your last edits did not reach the others") {
		t.Errorf("the screen:\n%s", s)
	}
}

// A guest whose host is gone, and the relay inside it, takes a copy of the text along. It takes nobody's place.
func TestGuestKeepsCopy(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	ann, link, _ := p.share("ann", p.file("x.txt", "text\r\n"))
	bob := p.join("bob", link)
	earlier := p.file("x.txt.coedit-copy", "an earlier copy\n")
	if err := ann.Kill(); err != nil {
		t.Fatal(err)
	}
	bob.until("the end of the connection is seen", screen.Shows("offline"))
	bob.Type("kept ")
	bob.until("the text is there", shows("kept text\n"))
	bob.until("it is not called on the way", screen.Hides("on the way"))
	bob.Type(screen.Ctrl('q'))
	bob.until("he is asked", screen.Shows("K: keep a copy", "Y: quit without a copy"))
	bob.Type("k")
	bob.exits(exitFailure)
	if s := bob.Screen(); !screen.Shows("some of your last edits did not reach the others", "your text is in x.txt.coedit-copy-2")(s) {
		t.Errorf("the screen:\n%s", s)
	}
	if got := p.read(earlier + "-2"); got != "kept text\r\n" {
		t.Errorf("the copy holds %q", got)
	}
	if got := p.read(earlier); got != "an earlier copy\n" {
		t.Errorf("the earlier copy holds %q", got)
	}
}

// The caret of a partner comes to rest where it is, however fast the partner typed and moved.
func TestPartnersCaret(t *testing.T) {
	p := newPlace(t)
	path := p.file("x.txt", strings.Repeat("\n", 22))
	ann, link, _ := p.share("ann", path)
	bob, cleo := p.join("bob", link), p.join("cleo", link)
	const words = "typed in one go"
	for line := range 10 {
		bob.Type(words)
		cleo.Type(strings.Repeat(screen.Down, 2) + screen.Up)
		for _, e := range []*editorTerm{ann, cleo} {
			e.until("bob's caret is behind his text", func(s screen.Screen) bool {
				return s.Cell(gutter+len(words), line).Bg != nil && strings.Contains(s.Row(line), words)
			})
		}
		bob.until("cleo's caret is in the line below", func(s screen.Screen) bool {
			return strings.Contains(s.Row(line+1), "cleo")
		})
		bob.Type(screen.Down)
		bob.until("bob is in the next line", caretAt(line+2, 1))
	}
}

// One's undo takes back one's own last edit, where a partner has typed in the middle of it since.
func TestUndoBesidePartner(t *testing.T) {
	p := newPlace(t)
	path := p.file("x.txt", "start \n")
	ann, link, _ := p.share("ann", path)
	bob := p.join("bob", link)
	for _, e := range []*editorTerm{ann, bob} {
		e.Type(screen.End)
		e.until("the caret is at the end", caretAt(1, 7))
	}
	ann.Type("onetwo")
	bob.until("ann's text is here", shows("start onetwo\n"))
	bob.Type(screen.Home + strings.Repeat(screen.Right, 9))
	bob.until("bob is between one and two", caretAt(1, 10))
	bob.Type("BOB")
	both := "start oneBOBtwo\n"
	ann.until("both texts are here", shows(both))
	bob.until("both texts are here", shows(both))

	ann.Type(screen.Ctrl('z'))
	ann.until("only ann's text is gone", shows("start BOB\n"))
	bob.until("only ann's text is gone", shows("start BOB\n"))
	ann.Type(screen.Ctrl('z')) // nothing of hers is left; bob's is not hers
	ann.Type(screen.Ctrl('y'))
	ann.until("ann's text is back around bob's", shows(both))
	bob.until("ann's text is back around bob's", shows(both))
	bob.Type(screen.Ctrl('z'))
	ann.until("only bob's text is gone", shows("start onetwo\n"))
	bob.until("only bob's text is gone", shows("start onetwo\n"))
	ann.settled()
	if got := p.cat(link); got != "start onetwo\n" {
		t.Errorf("cat prints %q", got)
	}
}

// A name and a text with escape sequences in them do not reach anybody's terminal.
func TestControlCharacters(t *testing.T) {
	p := newPlace(t)
	path := p.file("x.txt", "text \x1b]2;from the text\a\x1b[31m \u202e\u009b31m\n")
	ann, link, _ := p.share("ann", path)
	evil := p.coedit("evil", "join", "--name", "eve\x1b]2;from the name\a\x1b[31m\u009b31m\u202e", link)
	evil.until("eve is in the room", screen.Shows("online"))
	evil.Type(screen.End + screen.Pasted("\u009b5m\u202efrom a paste\x01"))
	evil.until("the paste is there", screen.Shows("from a paste"))
	ann.until("eve is seen", func(s screen.Screen) bool { return s.Contains("eve") && s.Contains("from a paste") })
	for _, e := range []*editorTerm{ann, evil} {
		if title := e.Screen().Title; title != "x.txt - coedit" {
			t.Errorf("%s: the window's title is %q", e.name, title)
		}
		for _, bad := range []string{"\x1b]2;from", "\u009b", "\u202e", "\x1b[5m"} {
			if at := bytes.Index(e.Output(), []byte(bad)); at >= 0 {
				t.Errorf("%s: %q reached the terminal", e.name, bad)
			}
		}
	}
}
