package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"coedit/internal/outside"
	"coedit/internal/screen"
)

// kill ends an editor as kill -9 does, and waits until it is gone.
func (e *editorTerm) kill() {
	e.t.Helper()
	if err := e.Kill(); err != nil {
		e.t.Fatal(err)
	}
	if _, err := e.Exit(soon); err != nil {
		e.t.Fatal(err)
	}
}

// journaled waits until a journal of this place holds a text. The last key is written a moment after it is drawn.
func (p *place) journaled(text string) {
	p.t.Helper()
	p.until("the journal holds "+text, func() bool {
		for _, id := range p.journalIDs() {
			if strings.Contains(p.run("recover", id), text) {
				return true
			}
		}
		return false
	})
}

// journalIDs are the journals that recover lists.
func (p *place) journalIDs() []string {
	return regexp.MustCompile(`(?m)^[0-9a-f]{12}-[0-9a-f]{8}`).FindAllString(p.run("recover"), -1)
}

// run runs coedit without a terminal and returns what it prints.
func (p *place) run(args ...string) string {
	p.t.Helper()
	cmd := exec.Command(outside.Need(p.t, "coedit"), args...)
	cmd.Dir, cmd.Env = p.dir, append(os.Environ(), p.env()...)
	out, err := cmd.Output()
	if err != nil {
		p.t.Fatalf("coedit %s: %v", strings.Join(args, " "), err)
	}
	return string(out)
}

// The editor of a file is killed with unsaved text: opening the file again offers it, and it is saved.
func TestAloneKilled(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	path := p.file("file.txt", "text\r\nmore\r\n")
	e := p.coedit("ann", "file.txt")
	e.until("the editor is there", screen.Shows("Ln 1, Col 1"))
	e.types("new ")
	p.journaled("new text")
	e.kill()
	if got := p.read(path); got != "text\r\nmore\r\n" {
		t.Fatalf("the file holds %q", got)
	}

	e = p.coedit("ann", "file.txt")
	e.until("it is offered", screen.Shows("ended before its text was saved"))
	e.Type(screen.Enter)
	e.until("it is here again", screen.Shows("new text", "here again"))
	e.types("and ")
	p.journaled("and new text")
	e.kill() // once more

	p.file("file.txt", "text\r\nmore\r\nof another program\r\n")
	e = p.coedit("ann", "--recover=yes", "file.txt")
	e.until("both are here", screen.Shows("and new text", "of another program"))
	e.Type(screen.Ctrl('s'))
	e.until("it is saved", screen.Shows("Saved file.txt"))
	if got := p.read(path); got != "and new text\r\nmore\r\nof another program\r\n" {
		t.Errorf("the file holds %q", got)
	}
	e.kill()
	e = p.coedit("ann", "file.txt")
	e.until("nothing is offered when all is saved", screen.Shows("and new text", "Ln 1, Col 1"))
}

// What the user does not want is left in the journal, and not offered again.
func TestAloneKilledAndDeclined(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.file("file.txt", "text\n")
	e := p.coedit("ann", "file.txt")
	e.until("the editor is there", screen.Shows("Ln 1, Col 1"))
	e.types("new ")
	p.journaled("new text")
	e.kill()
	e = p.coedit("ann", "file.txt")
	e.until("it is offered", screen.Shows("ended before its text was saved"))
	e.Type("n" + screen.Enter)
	e.until("the file is opened as it is", func(s screen.Screen) bool { return shows("text\n")(s) && s.Contains("Ln 1, Col 1") })
	e.kill()
	e = p.coedit("ann", "file.txt")
	e.until("it is not offered again", func(s screen.Screen) bool { return shows("text\n")(s) && s.Contains("Ln 1, Col 1") })
	ids := p.journalIDs()
	if len(ids) != 1 {
		t.Fatalf("the journals: %v", ids)
	}
	p.run("recover", ids[0][:14], "-o", "copy.txt")
	if got := p.read(filepath.Join(p.dir, "copy.txt")); got != "new text\n" {
		t.Errorf("the copy holds %q", got)
	}
}

// The host is killed, and its relay with it, with text that is neither saved nor at any guest. Sharing the file again goes on
// in the same room: the guest comes back by itself, and both have everything.
func TestHostKilled(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	path := p.file("notes.txt", "text\n")
	ann, link, _ := p.share("ann", path)
	bob := p.join("bob", link)
	bob.Type(screen.Down)
	bob.until("bob is below", caretAt(2, 1))
	bob.types("of bob")
	ann.until("ann has it", screen.Shows("of bob"))
	ann.types("of ann ")
	bob.until("bob has it", screen.Shows("of ann text"))
	p.journaled("of ann text\nof bob")
	ann.kill()
	bob.until("the host is gone", screen.Shows("offline"))
	bob.types(" later")

	ann = p.coedit("ann", "share", path)
	ann.until("it is offered", screen.Shows("was not ended"))
	ann.Type(screen.Enter)
	ann.until("the link is shown", screen.Shows("Share this link"))
	ann.Type(screen.Escape)
	both := shows("of ann text\nof bob later")
	ann.until("both have everything", both)
	bob.until("the guest is back", func(s screen.Screen) bool { return both(s) && s.Contains("online") })
	if got := p.cat(link); got != "of ann text\nof bob later" {
		t.Errorf("by the old link: %q", got)
	}
	ann.settled()
	ann.Type(screen.Ctrl('s'))
	ann.until("it is saved", screen.Shows("Saved notes.txt"))
	if got := p.read(path); got != "of ann text\nof bob later" {
		t.Errorf("the file holds %q", got)
	}
}

// A guest is killed with edits that no relay has. Joining again has them while there is no relay, and sends them when there is.
func TestGuestKilled(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	relay, address := p.relay("127.0.0.1:0")
	path := p.file("notes.txt", "text\n")
	ann, link, _ := p.share("ann", path, "--relay", "http://"+address)
	bob := p.join("bob", link)
	bob.types("sent ")
	ann.until("ann has it", screen.Shows("sent text"))
	relay.kill()
	bob.until("the relay is gone", screen.Shows("offline"))
	bob.types("kept ")
	p.journaled("sent kept text")
	bob.kill()

	bob = p.coedit("bob", "join", link)
	bob.until("it is here without the relay", screen.Shows("sent kept text", "offline"))
	bob.Type(screen.End)
	bob.types(" more")
	p.relay(address)
	ann.until("ann has all of it", screen.Shows("sent kept text more"))
	bob.settled()
	if got := p.cat(link); got != "sent kept text more\n" {
		t.Errorf("cat prints %q", got)
	}
}

// The host and its relay are gone for good. The guest's text can be had all the same.
func TestHostGoneForGood(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	ann, link, _ := p.share("ann", p.file("notes.txt", "text\n"))
	bob := p.join("bob", link)
	bob.types("of bob ")
	ann.until("ann has it", screen.Shows("of bob text"))
	ann.kill()
	bob.until("the host is gone", screen.Shows("offline"))
	bob.types("alone ")
	p.journaled("of bob alone text")
	bob.kill()
	list := p.run("recover")
	id := regexp.MustCompile(`(?m)^([0-9a-f-]+) .*in somebody's room`).FindStringSubmatch(list)
	if id == nil || !strings.Contains(list, "some edits not sent") || !strings.Contains(list, "notes.txt") {
		t.Fatalf("recover lists\n%s", list)
	}
	if got := p.run("recover", id[1]); got != "of bob alone text\n" {
		t.Errorf("the text: %q", got)
	}
	if got := p.run(); !strings.Contains(got, "coedit join "+id[1]) || strings.Contains(got, link) {
		t.Errorf("coedit alone prints\n%s", got)
	}
}
