package main

import (
	"os"
	"path/filepath"
	"testing"

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
			e.kill()

			old := start("old.txt")
			old.until("nothing is offered", screen.Shows("text"))
			old.Type(screen.Ctrl('q'))
			old.exits(0)
			e = start("new.txt")
			e.until("it is offered", screen.Shows("The last session of", "[Y/n]"))
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
}
