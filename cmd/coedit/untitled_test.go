package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"coedit/editor/tui"
	"coedit/internal/screen"
	"coedit/internal/textfile"
	"coedit/presence"
)

// A text without a file gets one that was not there before, in a folder that is.
func TestSaveAs(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	taken := filepath.Join(home, "taken")
	if err := os.WriteFile(taken, []byte("precious\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	u := &untitled{}
	if got := u.place().file.Path; got != untitledName {
		t.Errorf("unsaved text goes to %s", got)
	}
	for _, name := range []string{taken, "~/taken", home, filepath.Join(home, "missing", "a")} {
		if _, err := u.saveAs(name); err == nil {
			t.Errorf("took %s", name)
		}
	}
	file, err := u.saveAs(" ~/new.txt ")
	if err != nil || file.Name() != "new.txt" || u.place().file.Path != filepath.Join(home, "new.txt") {
		t.Errorf("%v, %v, %s", file, err, u.place().file.Path)
	}
}

func TestSaveProblem(t *testing.T) {
	for _, c := range []struct {
		err  error
		want presence.SaveProblem
	}{
		{nil, presence.SaveWorked},
		{tui.ErrNoFile, presence.SaveNoFile},
		{fmt.Errorf("%w: %w", tui.ErrChanged, textfile.ErrChanged), presence.SaveChanged},
		{&fs.PathError{Op: "open", Path: "x", Err: syscall.EACCES}, presence.SaveDenied},
		{&fs.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}, presence.SaveFull},
		{errors.New("something"), presence.SaveOther},
	} {
		if got := saveProblem(c.err); got != c.want {
			t.Errorf("%v is told as %v, want %v", c.err, got, c.want)
		}
	}
}

// A bug of ours in the editor is a sentence, and the text is kept.
func TestEditorCrash(t *testing.T) {
	hosted, path := hostOfFile(t, "text\n")
	crash := &tui.Crash{Value: "index out of range", Stack: []byte("goroutine 1")}
	report := explain(endedFromOutside(context.Background(), hosted.file, hosted.part.Editor().View(), true, crash))
	var said bytes.Buffer
	report.print(&said)
	for _, want := range []string{"a bug in coedit ended the editor (index out of range) before " + path + " was saved", unsavedSuffix, "please report it"} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("%q is missing in %q", want, said.String())
		}
	}
	if strings.Contains(said.String(), "goroutine") {
		t.Errorf("a stack trace: %s", said.String())
	}
	if kept, err := os.ReadFile(path + unsavedSuffix); err != nil || string(kept) != hosted.part.Editor().View().String() {
		t.Errorf("kept %q, %v", kept, err)
	}
}

// Sharing without a file: a guest who asks to save is told why not, and the host's Ctrl+S asks for a name.
func TestShareUntitled(t *testing.T) {
	p := newPlace(t)
	links := filepath.Join(p.dir, "links")
	ann := p.coedit("ann", "share", "--link-file", links)
	ann.until("the link is shown", screen.Shows("Share this link"))
	ann.Type(screen.Escape)
	var link string
	p.until("the link file is written", func() bool {
		content, err := os.ReadFile(links)
		link, _, _ = strings.Cut(string(content), "\n")
		return err == nil && link != ""
	})
	bob := p.join("bob", link)
	bob.until("it has no name", screen.Shows("untitled"))
	bob.types("bob's text")
	bob.Type(screen.Ctrl('s'))
	bob.until("why not is said", screen.Shows("ann could not save: the text has no file yet"))
	ann.until("ann is told what to do", screen.Shows("press Ctrl+S to name a file"))

	ann.Type(screen.Ctrl('s'))
	ann.until("ann is asked", screen.Shows("Save as"))
	ann.Type("named.txt" + screen.Enter)
	ann.until("it is saved", screen.Shows("Saved named.txt"))
	if got := p.read(filepath.Join(p.dir, "named.txt")); got != "bob's text" {
		t.Errorf("the file holds %q\n%s\n%s", got, ann.Screen(), bob.Screen())
	}
	bob.quiet()
	bob.until("bob sees the name", screen.Shows("named.txt", "saved by ann"))

	p.file("named.txt", "by another program\n")
	bob.until("bob sees what the other program wrote", screen.Shows("by another program"))
	bob.types("more ")
	bob.Type(screen.Ctrl('s'))
	p.until("both are saved", func() bool {
		got := p.read(filepath.Join(p.dir, "named.txt"))
		return strings.Contains(got, "by") && strings.Contains(got, "another program") && strings.Contains(got, "more ")
	})
	if err := os.Remove(filepath.Join(p.dir, "named.txt")); err != nil {
		t.Fatal(err)
	}
	ann.until("ann is told that the file is gone", screen.Shows("is gone"))
	bob.Type(screen.Ctrl('s'))
	bob.until("why not is said", screen.Shows("ann could not save: another program changed the file"))
	ann.until("ann is told, and not asked", screen.Shows("Not saved"))
	ann.Type(screen.Ctrl('s'))
	ann.until("who saves herself is asked", screen.Shows("Write it anew?"))
	ann.Type(screen.Escape)
	bob.Type(screen.Ctrl('q'))
	bob.exits(0)
	ann.until("bob is gone", screen.Hides("bob:"))
	ann.Type(screen.Ctrl('q'))
	ann.until("ann is asked about the file", screen.Shows("save and quit"))
	ann.Type("y")
	ann.exits(0)
	if s := strings.ReplaceAll(ann.Screen().String(), "\n", ""); !strings.Contains(s, link) {
		t.Errorf("the link does not stand in one piece on the terminal:\n%s", ann.Screen())
	}
}
