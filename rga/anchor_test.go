package rga

import "testing"

func TestAnchors(t *testing.T) {
	d, b := New(ann), New(bob)
	mustEdit(t, d, Edit{Insert: "hé|llo"})
	pass(t, d, b)
	at := len("hé")
	after, before := d.AnchorAt(at, After), d.AnchorAt(at, Before)
	resolve := func(a Anchor, want int) {
		t.Helper()
		if got, ok := d.Resolve(a); !ok || got != want {
			t.Errorf("%+v is at %d (%v), not %d in %q", a, got, ok, want, text(d))
		}
	}
	resolve(after, at)
	resolve(before, at)
	if _, ok := New(eve).Resolve(after); ok {
		t.Error("an anchor to an unknown element was resolved")
	}
	mustEdit(t, b, Edit{Offset: at, Insert: "世"})
	pass(t, b, d)
	resolve(after, at)
	resolve(before, at+3)
	mustEdit(t, b, Edit{Insert: ">>"})
	pass(t, b, d)
	resolve(after, at+2)
	resolve(before, at+5)
	mustEdit(t, d, Edit{Offset: 3, Delete: len("é世|")})
	resolve(after, 3)
	resolve(before, 3)
	resolve(Anchor{}, 0)
	resolve(Anchor{Bias: Before}, d.Len())
	if a := d.AnchorAt(0, After); a != (Anchor{}) {
		t.Errorf("%+v", a)
	}
	if a := d.AnchorAt(d.Len(), Before); a != (Anchor{Bias: Before}) {
		t.Errorf("%+v", a)
	}
	if a := d.AnchorAt(1000, After); a != d.AnchorAt(d.Len(), After) {
		t.Errorf("%+v", a)
	}
	if a := d.AnchorAt(-1, Before); a != d.AnchorAt(0, Before) {
		t.Errorf("%+v", a)
	}
}

// TestAnchorInsideRune: an anchor made up by a peer still resolves to a place between runes.
func TestAnchorInsideRune(t *testing.T) {
	d := New(ann)
	mustEdit(t, d, Edit{Insert: "a世b"})
	for seq := uint64(1); seq < 4; seq++ {
		if off, ok := d.Resolve(Anchor{ID{ann, seq}, Before}); !ok || off != 1 {
			t.Errorf("before byte %d: %d", seq, off)
		}
		if off, ok := d.Resolve(Anchor{ID{ann, seq}, After}); !ok || off != 4 {
			t.Errorf("after byte %d: %d", seq, off)
		}
	}
	for _, a := range []Anchor{{ID{ann, 5}, After}, {ID{ann, 1 << 60}, Before}, {ID{eve, 0}, 77}} {
		if off, ok := d.Resolve(a); ok {
			t.Errorf("%+v is at %d", a, off)
		}
	}
}
