package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"coedit/internal/screen"
)

// A file that another program changes, removes and brings back while it is edited alone; and a copy kept of it.
func TestFileChangesUnderneath(t *testing.T) {
	p := newPlace(t)
	path := p.file("notes.txt", "one\ntwo\n")
	ann := p.coedit("ann", path)
	ann.until("the file is shown", shows("one\ntwo\n"))
	ann.types("my ")
	p.file("notes.txt", "one\nTWO\nthree\n")
	ann.until("both are there", shows("my one\nTWO\nthree\n"))
	ann.until("it is said", screen.Shows("changed by another program"))
	ann.Type(screen.Ctrl('z'))
	ann.until("it can be taken back", shows("my one\ntwo\n"))
	ann.Type(screen.Ctrl('y'))
	ann.until("and made again", shows("my one\nTWO\nthree\n"))
	ann.Type(screen.Ctrl('s'))
	p.until("it is saved", func() bool { return p.read(path) == "my one\nTWO\nthree\n" })

	if err := os.Rename(path, path+".away"); err != nil {
		t.Fatal(err)
	}
	ann.until("it is missed", screen.Shows("is gone: another program renamed it"))
	ann.Type(screen.Ctrl('s'))
	ann.until("nothing is made without asking", screen.Shows("renamed it to notes.txt.away", "it anew?"))
	ann.Type(screen.Escape)
	if err := os.Rename(path+".away", path); err != nil {
		t.Fatal(err)
	}
	ann.until("it is back", screen.Shows("saved"))

	ann.Type("\x1bs") // Alt+S
	ann.until("a name is asked for", screen.Shows("Save a copy as"))
	ann.Type("copy.txt" + screen.Enter)
	ann.until("the copy is there", screen.Shows("Saved a copy as copy.txt"))
	if got := p.read(filepath.Join(p.dir, "copy.txt")); got != "my one\nTWO\nthree\n" {
		t.Errorf("the copy holds %q", got)
	}
	ann.Type(screen.Ctrl('q'))
	ann.exits(0)
}

// --autosave writes by itself.
func TestAutosaveOnDisk(t *testing.T) {
	p := newPlace(t)
	path := p.file("notes.txt", "one\n")
	ann := p.coedit("ann", "--autosave", "1s", path)
	ann.until("the file is shown", shows("one\n"))
	ann.types("my ")
	p.until("it is saved", func() bool { return strings.HasPrefix(p.read(path), "my one") })
	ann.Type(screen.Ctrl('q'))
	ann.exits(0)
}
