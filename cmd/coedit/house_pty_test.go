package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"coedit/internal/screen"
)

// linesOf are the links in a link file.
func (p *place) linesOf(file string) (write, read string) {
	content, err := os.ReadFile(filepath.Join(p.dir, file))
	if err != nil {
		return "", ""
	}
	lines := strings.Split(string(content), "\n")
	return lines[0], lines[1]
}

// The owner makes new links: the link file and the panel have them, and a guest follows. Then everybody is killed, the relay
// too: sharing again goes on with the new links, and the guest comes back by the old one, with what it had not sent.
func TestNewLinksAndKilled(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	path := p.file("notes.txt", "text\n")
	ann, write, read := p.share("ann", path)
	bob := p.join("bob", write)
	ann.until("bob is seen", screen.Shows("bob"))
	ann.Type(screen.Ctrl('p') + "make new links")
	ann.until("the command is found", screen.Shows("make new links; the old ones end"))
	ann.Type(screen.Enter)
	ann.until("it asks", screen.Shows("N: new links"))
	ann.Type("n")
	var next, nextRead string
	p.until("the link file has the new links", func() bool {
		next, nextRead = p.linesOf("ann.links")
		return next != "" && next != write && nextRead != read
	})
	bob.types("of bob ")
	ann.until("ann has it", screen.Shows("of bob text"))
	if got := p.cat(next); got != "of bob text\n" {
		t.Errorf("by the new link: %q", got)
	}
	ann.Type(screen.F2)
	room := next[strings.Index(next, "/r/") : strings.Index(next, "/r/")+20]
	ann.until("the panel shows the new link", screen.Shows(room))
	p.journaled("of bob text")
	ann.kill()
	bob.until("the host is gone", screen.Shows("offline"))
	bob.types("kept ")
	p.journaled("of bob kept text")
	bob.kill()

	ann = p.coedit("ann", "share", "--recover=yes", "--link-file", filepath.Join(p.dir, "again.links"), path)
	ann.until("the link is shown", screen.Shows("Share this link"))
	ann.Type(screen.Escape)
	p.until("the links are those of before", func() bool {
		again, againRead := p.linesOf("again.links")
		return again == next && againRead == nextRead
	})
	bob = p.coedit("bob", "join", write)
	bob.until("bob has it", screen.Shows("of bob kept text"))
	ann.until("ann has all of it", screen.Shows("of bob kept text"))
}
