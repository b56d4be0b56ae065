package tui

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"coedit/rga"
)

// rereadFile is a file in which another program changed something.
type rereadFile struct {
	fakeFile
	edits []rga.Edit
	bad   error
	base  string
}

func (f *rereadFile) Changes(old *rga.View) ([]rga.Edit, func(), error) {
	if f.bad != nil {
		return nil, nil, f.bad
	}
	f.base = old.String()
	return f.edits, func() { f.err = nil }, nil
}

func rereading(file *rereadFile) setting {
	return func(f *fixture, o *Options) { f.file, o.File = &file.fakeFile, file }
}

// What another program wrote is merged with what was typed since the file was read, and both are saved.
func TestMergeWithTheFile(t *testing.T) {
	file := &rereadFile{}
	f := newFixture(t, "one\ntwo\n", rereading(file))
	f.write("x")
	f.send(await[savedMsg](t, f.press("ctrl+s"))) // the text known to be in the file is the one saved last
	f.write("y")
	changed := fmt.Errorf("main.go: %w", ErrChanged)
	file.err = changed
	f.send(await[savedMsg](t, f.press("ctrl+s")))
	if got := f.shown(); !strings.Contains(got, "M: merge") {
		t.Fatalf("question %q", got)
	}

	// A file that cannot be read changes nothing, and can be merged later.
	file.bad = errors.New("unreadable")
	f.send(await[rereadMsg](t, f.press("m")))
	if !strings.Contains(f.status(), "Not merged: unreadable") || !f.ed.Dirty() || f.m.saving {
		t.Errorf("status %q", f.status())
	}
	file.bad = nil

	file.edits = []rga.Edit{{Offset: 5, Delete: 3, Insert: "zwei"}}
	f.send(await[savedMsg](t, f.press("ctrl+s")))
	reading := f.press("m")
	f.write("z") // while it is being read
	saving := f.send(await[rereadMsg](t, reading))
	f.send(await[savedMsg](t, saving))
	if file.base != "xone\ntwo\n" || file.text != "xyzone\nzwei\n" || f.ed.Dirty() || file.forced > 0 {
		t.Errorf("from %q saved %q, dirty %v", file.base, file.text, f.ed.Dirty())
	}
	f.press("ctrl+z")
	if got := f.ed.View().String(); got != "xyzone\ntwo\n" {
		t.Errorf("undone: %q", got)
	}
}

// A change that cannot be merged is still one that is not overwritten unasked.
func TestAFailedMergeIsNotOverwritten(t *testing.T) {
	file := &rereadFile{edits: []rga.Edit{{Offset: 1 << 20, Insert: "beyond the text"}}}
	f := newFixture(t, "one\n", rereading(file))
	f.write("x")
	f.send(await[savedMsg](t, f.press("ctrl+s")))
	f.write("y")
	file.err = fmt.Errorf("main.go: %w", ErrChanged)
	f.send(await[savedMsg](t, f.press("ctrl+s")))
	f.send(await[rereadMsg](t, f.press("m")))
	if !strings.Contains(f.status(), "Not merged") || !f.ed.Dirty() {
		t.Errorf("status %q", f.status())
	}
	f.press("esc")
	saves := file.saves
	f.send(await[savedMsg](t, f.press("ctrl+s")))
	if got := f.shown(); file.saves != saves || !strings.Contains(got, "overwrite") {
		t.Errorf("the other program's change was overwritten; question %q", got)
	}
}

// Without a text known to have been in the file there is nothing to merge with.
func TestNothingToMergeWith(t *testing.T) {
	file := &rereadFile{edits: []rga.Edit{{Insert: "a"}}}
	f := newFixture(t, "", rereading(file))
	f.write("x")
	changed := fmt.Errorf("main.go: %w", ErrChanged)
	file.err = changed
	f.send(await[savedMsg](t, f.press("ctrl+s")))
	saving := f.send(await[rereadMsg](t, f.press("m")))
	file.err = changed // once more, before the merged text is saved
	f.send(await[savedMsg](t, saving))
	if got := f.shown(); !strings.Contains(got, "overwrite") || strings.Contains(got, "M: merge") {
		t.Errorf("question %q", got)
	}
	if file.saves != 0 {
		t.Error("something was saved")
	}
}
