package editor

import (
	"testing"

	"coedit/rga"
)

// Who wrote a line last is told by what of it stands; what came with the file is nobody's.
func TestOrigin(t *testing.T) {
	doc := rga.New(1)
	if _, _, err := doc.Edit(1000, rga.Edit{Insert: "loaded\nmixed\n"}); err != nil {
		t.Fatal(err)
	}
	if err := MarkLoaded(doc, 1000, len("loaded\nmixed\n")); err != nil {
		t.Fatal(err)
	}
	e := New(doc)
	other := rga.New(2)
	b, _ := doc.AppendOwn(nil, 0, 1<<20)
	if _, err := other.Apply(b); err != nil {
		t.Fatal(err)
	}
	if _, _, err := other.Edit(5000, rga.Edit{Offset: 9, Insert: "XX"}); err != nil {
		t.Fatal(err)
	}
	b, _ = other.AppendOwn(nil, 0, 1<<20)
	if _, err := e.Apply(b); err != nil {
		t.Fatal(err)
	}
	e.Move(DocEnd, false, 1)
	if err := e.Insert(7000, "own"); err != nil {
		t.Fatal(err)
	}
	check := func(what string, line int, loaded bool, who rga.ReplicaID, at int64, others int) {
		t.Helper()
		o, ok := e.Origin(line)
		if !ok || o.Loaded != loaded || o.Replica != who || o.At != at || len(o.Others) != others {
			t.Errorf("%s: %+v, %v", what, o, ok)
		}
	}
	check("from the file", 0, true, 1, 1000, 0)
	check("changed by another", 1, false, 2, 5000, 0)
	check("own", 2, false, 1, 7000, 0)
	off := e.View().LineStart(1)
	e.Select(off, off)
	if err := e.Insert(9000, "me "); err != nil {
		t.Fatal(err)
	}
	check("changed by both", 1, false, 1, 9000, 1)
	if _, err := e.Undo(9500); err != nil {
		t.Fatal(err)
	}
	check("after undo", 1, false, 2, 5000, 0)
	if _, ok := e.Origin(0); !ok {
		t.Error("a line of text has no origin")
	}
	empty := New(rga.New(3))
	if o, ok := empty.Origin(0); ok {
		t.Errorf("an empty text was written by %+v", o)
	}
}
