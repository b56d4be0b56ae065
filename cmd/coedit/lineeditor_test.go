package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"coedit/editor"
	"coedit/editor/tui"
	"coedit/presence"
	"coedit/rga"
)

// lineTest is a line editor on a file, and what it said.
type lineTest struct {
	*lineEditor
	t    *testing.T
	path string
	said bytes.Buffer
}

func lineEditing(t *testing.T, text string) *lineTest {
	t.Helper()
	lt := &lineTest{t: t, path: filepath.Join(t.TempDir(), "f.txt")}
	lt.elsewhere(text)
	file, read, err := openFile(lt.path)
	if err != nil {
		t.Fatal(err)
	}
	doc := rga.New(1)
	if _, _, err := doc.Edit(1, rga.Edit{Insert: string(read)}); err != nil {
		t.Fatal(err)
	}
	ed := editor.New(doc)
	ed.MarkSaved(doc.Version())
	lt.lineEditor = newLineEditor(tui.Options{Editor: ed, File: file, Name: "f.txt"}, &lt.said)
	lt.now = func() time.Time { return time.UnixMilli(1) }
	return lt
}

// types gives lines of input.
func (lt *lineTest) types(lines ...string) {
	for _, line := range lines {
		lt.read(line)
	}
}

// elsewhere writes the file as another program does.
func (lt *lineTest) elsewhere(text string) {
	lt.t.Helper()
	if err := os.WriteFile(lt.path, []byte(text), 0o600); err != nil {
		lt.t.Fatal(err)
	}
}

// others lets another replica edit the text.
func (lt *lineTest) others(edits ...rga.Edit) {
	lt.t.Helper()
	other := rga.New(2)
	if _, err := other.Merge(lt.ed.Doc().Encode()); err != nil {
		lt.t.Fatal(err)
	}
	before := other.Version()
	if _, _, err := other.Edit(2, edits...); err != nil {
		lt.t.Fatal(err)
	}
	lt.applying = true
	defer func() { lt.applying = false }()
	for batch := range other.Since(before, 1<<20) {
		if _, err := lt.ed.Apply(batch); err != nil {
			lt.t.Fatal(err)
		}
	}
}

func (lt *lineTest) holds(want string) {
	lt.t.Helper()
	if got := lt.ed.View().String(); got != want {
		lt.t.Errorf("the text is %q, want %q; said:\n%s", got, want, &lt.said)
	}
}

func (lt *lineTest) onDisk(want string) {
	lt.t.Helper()
	if got, err := os.ReadFile(lt.path); err != nil || string(got) != want {
		lt.t.Errorf("the file holds %q (%v), want %q; said:\n%s", got, err, want, &lt.said)
	}
}

// TestLinesTypedWhileOthersEdit: what is typed goes where the user saw its place, and takes nothing of others' away.
func TestLinesTypedWhileOthersEdit(t *testing.T) {
	for _, c := range []struct{ command, want string }{
		{"a 2", "ANN\none\ntwo\nnew\nthree\n"},
		{"i 2", "ANN\none\nnew\ntwo\nthree\n"},
		{"c 2,3", "ANN\none\nnew\n"},
	} {
		lt := lineEditing(t, "one\ntwo\nthree\n")
		lt.types(c.command)
		lt.others(rga.Edit{Insert: "ANN\n"})
		lt.types("new", ".")
		lt.holds(c.want)
		if !strings.Contains(lt.said.String(), ": new\n") {
			t.Errorf("%s: said\n%s", c.command, &lt.said)
		}
	}
	lt := lineEditing(t, "one\ntwo\nthree\n")
	lt.types("c 1,3")
	lt.others(rga.Edit{Offset: len("one\n"), Insert: "between\n"})
	lt.types("new", ".")
	if !strings.Contains(lt.ed.View().String(), "between\n") {
		t.Errorf("another's line is gone: %q", lt.ed.View())
	}
}

// TestLinesSavedBesideAnotherProgram: its changes are merged, or overwritten when the user says so.
func TestLinesSavedBesideAnotherProgram(t *testing.T) {
	lt := lineEditing(t, "one\ntwo\n")
	lt.types("a 2", "three", ".")
	lt.elsewhere("ONE\ntwo\n")
	lt.types("w")
	lt.onDisk("ONE\ntwo\nthree\n")
	lt.holds("ONE\ntwo\nthree\n")
	lt.elsewhere("\xff\xfe\x00")
	lt.types("w")
	lt.onDisk("\xff\xfe\x00")
	if !strings.Contains(lt.said.String(), "Not saved:") {
		t.Errorf("said\n%s", &lt.said)
	}
	lt.types("w!")
	lt.onDisk("ONE\ntwo\nthree\n")
}

// TestInputEndsUnsaved: lines that no dot ended are taken, and the end of the input is no wish to throw text away.
func TestInputEndsUnsaved(t *testing.T) {
	lt := lineEditing(t, "one\n")
	if err := lt.inputEnded(); err != nil {
		t.Errorf("with nothing to save: %v", err)
	}
	lt.types("a 1", "precious")
	if err := lt.inputEnded(); !errors.Is(err, errInputEnded) {
		t.Errorf("unsaved: %v", err)
	}
	lt.holds("one\nprecious\n")
	lt.types("q")
	if err := lt.inputEnded(); !errors.Is(err, errInputEnded) {
		t.Errorf("unsaved, behind one q: %v", err)
	}
}

// TestQuittingAHost: whose guests lose the session by it.
func TestQuittingAHost(t *testing.T) {
	lt := lineEditing(t, "one\n")
	lt.o.Session, lt.o.EndsSession = lineSession{}, true
	if lt.mayQuit() || !strings.Contains(lt.said.String(), "ends the session for bob.") {
		t.Errorf("said\n%s", &lt.said)
	}
	if !lt.mayQuit() {
		t.Error("asked for twice, it is not done")
	}
}

// lineSession is one with bob.
type lineSession struct{ tui.Session }

func (lineSession) Status(time.Time) tui.Status {
	return tui.Status{Peers: []presence.State{{Replica: 2, Name: "bob"}}}
}
