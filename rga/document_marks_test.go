package rga

import (
	"errors"
	"fmt"
	"testing"
)

// replayed applies what d has, in batches of about part bytes, to an empty document.
func replayed(t *testing.T, d *Doc, part int) *Doc {
	t.Helper()
	o := New(d.Replica())
	for raw := range d.Since(nil, part) {
		if res, err := o.Apply(raw); err != nil || res.Held || res.Duplicate || len(res.Refused) > 0 {
			t.Fatalf("%+v, %v", res, err)
		}
	}
	if err := o.Check(); err != nil {
		t.Fatal(err)
	}
	return o
}

// sameAsReplayed: a document that loads is the one that its ops make, and goes on like it.
func sameAsReplayed(t *testing.T, d *Doc) {
	t.Helper()
	for range d.Replay() { // panics where a step cannot be applied
	}
	o := replayed(t, d, 1)
	mustEdit(t, d, Edit{Insert: "ü"})
	mustEdit(t, o, Edit{Insert: "ü"})
	if text(o) != text(d) || string(o.Encode()) != string(d.Encode()) || fmt.Sprint(o.meta) != fmt.Sprint(d.meta) {
		t.Fatalf("%q with %v, not %q with %v", text(o), o.meta, text(d), d.meta)
	}
}

// TestDocumentMarks: a time or a parent before a tick inside a rune would begin a batch that nobody
// can apply, so a document with one must not load; between runes it is fine.
func TestDocumentMarks(t *testing.T) {
	ticks := []struct {
		clock uint32
		good  bool
	}{
		{1, false}, {2, true}, {3, false}, {4, true}, // "éé" inserted
		{5, false}, {6, true}, {7, false}, // deleted
		{8, true}, {9, false}, {10, false}, {11, true}, // "€x" inserted
		{12, true}, {13, true}, {14, false}, {15, false}, // deleted, the x first
		{16, true}, // a register
	}
	for _, tick := range ticks {
		for _, mark := range []string{"time", "parent"} {
			a, b := New(ann), New(bob)
			mustEdit(t, a, Edit{Insert: "z"})
			mustEdit(t, b, Edit{Insert: "éé"})
			mustEdit(t, b, Edit{Delete: 4})
			mustEdit(t, b, Edit{Insert: "€x"})
			mustEdit(t, b, Edit{Offset: 3, Delete: 1})
			mustEdit(t, b, Edit{Delete: 3})
			if _, err := b.SetMeta(1, "k", "v"); err != nil {
				t.Fatal(err)
			}
			for raw := range a.Since(nil, 1<<20) {
				if _, err := b.Apply(raw); err != nil {
					t.Fatal(err)
				}
			}
			if mark == "time" {
				b.self.log.stamps = append(b.self.log.stamps, stamp{tick.clock, 99999})
			} else {
				b.self.log.parents = append(b.self.log.parents, parent{tick.clock, b.byID[ann].self, 1})
			}
			d, err := Decode(b.Encode(), eve)
			if tick.good != (err == nil) || err != nil && !errors.Is(err, ErrEncoding) {
				t.Fatalf("%s at tick %d: %v", mark, tick.clock, err)
			}
			if err == nil {
				sameAsReplayed(t, d)
			}
		}
	}
}
