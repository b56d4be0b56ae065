package editor

import (
	"errors"
	"testing"

	"coedit/rga"
)

// TestReplaceAt: an edit of an older text joins what was typed since, is undone by itself, and the caret stays where it was.
func TestReplaceAt(t *testing.T) {
	doc := rga.New(1)
	e := New(doc)
	if err := e.Insert(1, "one\ntwo\nthree\n"); err != nil {
		t.Fatal(err)
	}
	v := doc.Version()
	e.Select(4, 4)
	if err := e.Insert(5000, "and "); err != nil {
		t.Fatal(err)
	}
	heard := 0
	e.OnChange(func([]rga.Change) { heard++ })
	if err := e.ReplaceAt(9000, v, rga.Edit{Delete: 4}, rga.Edit{Offset: 8, Delete: 5, Insert: "drei"}); err != nil {
		t.Fatal(err)
	}
	const want = "and two\ndrei\n"
	if got := e.View().String(); got != want || heard != 1 || !e.Dirty() {
		t.Fatalf("%q, told %d times, dirty %v", got, heard, e.Dirty())
	}
	if sel := e.Selection(); sel.Head != 4 || !sel.Empty() {
		t.Errorf("the caret went to %+v", sel)
	}
	if ok, err := e.Undo(10000); !ok || err != nil || e.View().String() != "one\nand two\nthree\n" {
		t.Errorf("undone: %q, %v", e.View(), err)
	}
	if ok, err := e.Redo(10001); !ok || err != nil || e.View().String() != want {
		t.Errorf("redone: %q, %v", e.View(), err)
	}
	if err := e.ReplaceAt(1, rga.Version{9: 1}, rga.Edit{Insert: "x"}); !errors.Is(err, rga.ErrVersion) {
		t.Errorf("at no version: %v", err)
	}
	e.SetReadOnly(true)
	if err := e.ReplaceAt(1, v, rga.Edit{Insert: "x"}); !errors.Is(err, ErrReadOnly) || e.View().String() != want {
		t.Errorf("read only: %v", err)
	}
}
