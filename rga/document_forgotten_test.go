package rga

import (
	"errors"
	"testing"
)

// TestForgottenWasDeleted: only what somebody deleted can have been forgotten. A document that says it of other
// text would blank it, with no op that says who did it.
func TestForgottenWasDeleted(t *testing.T) {
	d := New(ann)
	mustEdit(t, d, Edit{Insert: "one two three"})
	mustEdit(t, d, Edit{Offset: 3, Delete: 4})
	good, err := d.Forget(d.Version())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Decode(good.Encode(), bob); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ from, to uint32 }{{0, 3}, {7, 13}, {0, 13}, {6, 8}} {
		bad, err := Decode(d.Encode(), ann)
		if err != nil {
			t.Fatal(err)
		}
		r := bad.byID[ann]
		bad.set(r, c.from, c.to-c.from, forgotten, 1)
		blank(r.arena.text[c.from:c.to])
		bad.generation, bad.forgottenAt = 1, d.Version()
		doc := bad.Encode()
		if _, err := Decode(doc, bob); !errors.Is(err, ErrEncoding) {
			t.Errorf("elements %d to %d were forgotten without having been deleted: %v", c.from, c.to, err)
		}
		was := string(d.Encode())
		if _, err := d.Merge(doc); !errors.Is(err, ErrEncoding) || string(d.Encode()) != was || text(d) != "one three" {
			t.Errorf("merged: %v, text %q", err, text(d))
		}
	}
}

// TestForgottenIsNotShown: text that was deleted once and brought back was deleted, so that a forged document which says
// that it is forgotten can be read; but merging it does not take it away from those who see it.
func TestForgottenIsNotShown(t *testing.T) {
	d := New(ann)
	mustEdit(t, d, Edit{Insert: "one two three"})
	deletion := mustEdit(t, d, Edit{Offset: 3, Delete: 4})
	then := d.Version()
	if _, _, err := d.Invert(0, ann, deletion); err != nil {
		t.Fatal(err)
	}
	forgery := func(at Version) []byte {
		bad, err := Decode(d.Encode(), ann)
		if err != nil {
			t.Fatal(err)
		}
		r := bad.byID[ann]
		bad.set(r, 3, 4, forgotten, 1)
		blank(r.arena.text[3:7])
		bad.generation, bad.forgottenAt = 1, at
		return bad.Encode()
	}
	was := string(d.Encode())
	if _, err := d.Merge(forgery(then)); !errors.Is(err, ErrShown) || string(d.Encode()) != was || text(d) != "one two three" {
		t.Errorf("merged: %v, text %q", err, text(d))
	}
	// Nor can it say that it forgot before the text was made: batches that begin there would bring blanks.
	if _, err := Decode(forgery(Version{ann: 5}), bob); !errors.Is(err, ErrEncoding) {
		t.Errorf("forgotten before it was made: %v", err)
	}
	if _, err := d.Renew(forgery(then)); err != nil || text(d) != "one three" || d.Generation() != 1 {
		t.Errorf("agreed: %v, text %q, generation %d", err, text(d), d.Generation())
	}
	mustCheck(t, d)
}
