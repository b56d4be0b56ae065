package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"coedit/internal/journal"
	"coedit/internal/screen"
)

// A text that was saved under another name and went on is found, after a kill, by the new name, and not by the old one.
func TestKilledAfterSavingElsewhere(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"", "share"} {
		t.Run("coedit "+command, func(t *testing.T) {
			p := newPlace(t)
			start := func(file string) *editorTerm {
				if command == "" {
					return p.coedit("ann", file)
				}
				return p.coedit("ann", command, "--listen", "127.0.0.1:0", file)
			}
			p.file("old.txt", "text\n")
			e := start("old.txt")
			e.until("the editor is there", screen.Shows("text"))
			e.Type(escape)
			e.until("only the text is there", screen.Hides("Share this link"))
			e.types("1 ")
			p.journaled("1 text")
			e.Type(screen.Ctrl('p') + "save under another")
			e.until("the command is found", screen.Shows("save under another name"))
			e.Type(screen.Enter + "new.txt" + screen.Enter)
			e.until("it is saved", screen.Shows("Saved new.txt"))
			e.types("2 ")
			p.journaled("1 2 text")
			real, err := filepath.EvalSymlinks(filepath.Join(p.dir, "new.txt"))
			if err != nil {
				t.Fatal(err)
			}
			key := journal.KeyOf(journal.About{File: real})
			p.until("the journal is called after the file", func() bool {
				return slices.ContainsFunc(p.journalIDs(), func(id string) bool { return strings.HasPrefix(id, key) })
			})
			e.kill()

			old := start("old.txt")
			old.until("nothing is offered", screen.Shows("text"))
			old.Type(screen.Ctrl('q'))
			old.exits(0)
			e = start("new.txt")
			e.until("it is offered", screen.Shows("The last session of"))
			e.Type(screen.Enter)
			e.until("it is here again", screen.Shows("1 2 text"))
		})
	}
}

// Where no journal can be kept, who edits alone sees that on the screen, once there is something to lose.
func TestNoJournalIsSaid(t *testing.T) {
	p := newPlace(t)
	e := p.terminal("ann", screen.Options{
		Args: []string{"coedit", p.file("x.txt", "text\n")},
		Env:  []string{"COEDIT_STATE=" + p.file("no-folder", "")},
	})
	e.until("the editor is there", screen.Shows("text", "Ln 1, Col 1"))
	e.types("new ")
	e.until("it is said", screen.Shows("No journal can be kept"))
	e.Type(screen.Ctrl('s'))
	p.until("it is saved all the same", func() bool { return p.read(filepath.Join(p.dir, "x.txt")) == "new text\n" })
	if _, err := os.Stat(filepath.Join(p.dir, "no-folder", "journal")); err == nil {
		t.Error("there is a journal")
	}

	lines := p.terminal("bob", screen.Options{
		Args: []string{"coedit", "--accessible", p.file("y.txt", "text\n")},
		Env:  []string{"COEDIT_STATE=" + filepath.Join(p.dir, "no-folder")},
	})
	lines.until("the editor is there", screen.Shows("Type help"))
	lines.Type("d 1\r")
	lines.until("it is told in a line", screen.Shows("Warning: no journal can be kept"))
}

// A guest comes back to a room that its owner has closed. What the guest has of the text becomes a file, if that is wanted; if not, it
// is said where it is.
func TestTheRoomIsGone(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	relay, address := p.relay("127.0.0.1:0")
	ann, link, _ := p.share("ann", p.file("notes.txt", "text\n"), "--relay", "http://"+address)
	bob := p.join("bob", link)
	bob.types("of bob ")
	ann.until("ann has it", screen.Shows("of bob text"))
	p.journaled("of bob text")
	bob.kill()
	ann.Type(screen.Ctrl('p') + "close the room")
	ann.until("the command is found", screen.Shows("close the room for everybody"))
	ann.Type(screen.Enter)
	ann.until("ann is asked", screen.Shows("Close the room for everybody, for good?"))
	ann.Type("c")
	ann.until("the room is closed", screen.Shows("refused"))

	bob = p.coedit("bob", "join", link)
	bob.until("the text is offered", screen.Shows("Open it as a file of your own? [Y/n]"))
	bob.Type("n" + screen.Enter)
	s := bob.until("it is said where it is", screen.Shows("coedit recover"))
	bob.exits(4)
	if s.Contains("notes.txt.coedit-copy") || s.Contains("joining again") {
		t.Errorf("a copy was made:\n%s", s)
	}
	bob = p.coedit("bob", "join", link)
	bob.until("the text is offered again", screen.Shows("[Y/n]"))
	bob.Type(screen.Enter)
	bob.until("it is in the editor", screen.Shows("of bob text", "notes.txt.coedit-copy", "alone"))
	if got := p.read(filepath.Join(p.dir, "notes.txt.coedit-copy")); got != "of bob text\n" {
		t.Errorf("the copy holds %q", got)
	}
	bob.types("more ")
	bob.Type(screen.Ctrl('s'))
	p.until("it is saved", func() bool { return p.read(filepath.Join(p.dir, "notes.txt.coedit-copy")) == "more of bob text\n" })
	bob.Type(screen.Ctrl('q'))
	bob.until("it is said where it is", screen.Shows("Your text is in notes.txt.coedit-copy"))
	bob.exits(0)
	if list := p.run("recover"); len(p.journalIDs()) == 0 {
		t.Errorf("the journal is gone, too: %s", list)
	}
	relay.Type("\x03")
}
