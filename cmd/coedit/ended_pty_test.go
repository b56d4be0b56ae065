package main

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"coedit/internal/screen"
)

// TestEndedBySignal: an editor that is ended from outside gives the terminal back, leaves the file alone, and keeps what was not
// saved beside it.
func TestEndedBySignal(t *testing.T) {
	for name, args := range map[string][]string{
		"alone":  {"file.txt"},
		"shared": {"share", "file.txt"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			path := p.file("file.txt", "text\n")
			e := p.coedit("ann", args...)
			e.until("the editor is there", screen.Shows("Ln 1, Col 1"))
			if name == "shared" {
				e.Type(screen.Escape)
				e.until("the link is put away", screen.Hides("Share this link"))
			}
			e.types("new ")
			if err := e.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			e.exits(exitFailure)
			s := e.Screen()
			if !s.Contains("coedit: ended by a signal before file.txt was saved") || !s.Contains("the text is in file.txt.coedit-unsaved") {
				t.Errorf("the screen:\n%s", s)
			}
			if got := p.read(path); got != "text\n" {
				t.Errorf("the file holds %q", got)
			}
			if got := p.read(path + unsavedSuffix); got != "new text\n" {
				t.Errorf("kept: %q", got)
			}
		})
	}
}

// TestEndedBySignalWhenSaved: without unsaved text there is nothing to keep, and nothing went wrong.
func TestEndedBySignalWhenSaved(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	path := p.file("file.txt", "text\n")
	e := p.coedit("ann", "file.txt")
	e.until("the editor is there", screen.Shows("Ln 1, Col 1"))
	if err := e.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	e.exits(exitDone)
	if _, err := os.Stat(path + unsavedSuffix); err == nil {
		t.Error("a copy was made of nothing")
	}
}

// TestJoinFromPipe: the link comes from standard input, and the keys from the terminal all the same.
func TestJoinFromPipe(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	_, write, _ := p.share("ann", p.file("file.txt", "text\n"))
	link := p.file("link", write+"\n")
	sh := screen.Options{
		Args: []string{"/bin/sh", "-c", `exec coedit join - < "$0"`, filepath.Base(link)},
		Env:  []string{"COEDIT_NAME=bob"},
	}
	bob := p.terminal("bob", sh)
	bob.until("bob is in the room", screen.Shows("Ln 1, Col 1", "online"))
	bob.types("from a pipe ")
	bob.settled()
	if got := p.cat(write); got != "from a pipe text\n" {
		t.Errorf("the document is %q", got)
	}
}
