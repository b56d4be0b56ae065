package rga

import "testing"

// LastChange goes back through what a replica did: by pauses, and by kinds of ops; what the document began with is no change.
func TestLastChange(t *testing.T) {
	a, b := New(1), New(2)
	edit := func(d *Doc, at int64, edits ...Edit) {
		t.Helper()
		if _, _, err := d.Edit(at, edits...); err != nil {
			t.Fatal(err)
		}
	}
	exchange := func(from, to *Doc) {
		t.Helper()
		for batch := range from.Since(to.Version(), 1<<16) {
			if _, err := to.Apply(batch); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, _, ok := a.LastChange(1, 1<<63); ok {
		t.Error("an empty document has a change")
	}
	edit(a, 1000, Edit{Insert: "text"})
	if _, _, ok := a.LastChange(1, 1<<63); ok {
		t.Error("what it began with is a change")
	}
	exchange(a, b)
	for at := int64(2000); at <= 20_000; at += 1000 { // without a pause
		edit(a, at, Edit{Offset: 4, Insert: "!"})
	}
	if got, _, ok := a.LastChange(1, 1<<63); !ok || got != (Ticks{13, 23}) {
		t.Errorf("a change of ten seconds: %v, %v", got, ok)
	}
	if got, _, ok := a.LastChange(1, 13); !ok || got != (Ticks{4, 13}) {
		t.Errorf("the change behind what it began with: %v, %v", got, ok)
	}
	if _, _, ok := a.LastChange(1, 4); ok {
		t.Error("what it began with is a change after others")
	}
	edit(b, 2000, Edit{Offset: 0, Insert: "ab"})
	edit(b, 3500, Edit{Offset: 2, Insert: "cd"}) // no pause
	edit(b, 9000, Edit{Offset: 4, Insert: "e"})
	edit(b, 10_500, Edit{Offset: 0, Delete: 2}) // no pause, but another kind
	edit(b, 20_000, Edit{Offset: 0, Delete: 1}, Edit{Offset: 2, Insert: "x"})
	exchange(b, a)
	want := []struct {
		from, to uint64
		at       int64
	}{{7, 9, 20_000}, {5, 7, 10_500}, {4, 5, 9000}, {0, 4, 3500}}
	before := uint64(1) << 63
	for _, w := range want {
		got, at, ok := a.LastChange(2, before)
		if !ok || got != (Ticks{w.from, w.to}) || at != w.at {
			t.Fatalf("%v at %d, %v; want %v", got, at, ok, w)
		}
		before = got.From
	}
	if _, _, ok := a.LastChange(2, before); ok {
		t.Error("there is one more")
	}
	if _, _, ok := a.LastChange(3, 1<<63); ok {
		t.Error("a replica that nobody knows has one")
	}
}
