package editor

import (
	"maps"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"coedit/rga"
)

// The property of undo, over random interleavings: every rune that is ever inserted is another one, so it is known who
// inserted and who deleted each. Then an undo of A removes only runes that A inserted and brings back only runes that A
// deleted and B did not; and when A has undone everything, exactly what B and the beginning left is there, in the order in
// which it ever stood. Edits at several carets are among them.

// owner of runes; each replica counts upwards from a different block of ideographs.
func blockOf(replica rga.ReplicaID) rune { return 0x3400 + 0x1000*rune(replica) }

type undoer struct {
	*Editor
	next    rune
	deleted map[rune]bool // by own keys, and not taken back
	known   map[rune]bool // deleted by the other, as of the last exchange
}

func runes(e *Editor) map[rune]bool {
	return runesOf(e.View().String())
}

func runesOf(text string) map[rune]bool {
	set := map[rune]bool{}
	for _, r := range text {
		set[r] = true
	}
	return set
}

// common is what of a text is in a set, in its order.
func common(text string, set map[rune]bool) string {
	return strings.Map(func(r rune) rune {
		if set[r] {
			return r
		}
		return -1
	}, text)
}

// minus returns what of a is not in b.
func minus(a, b map[rune]bool) []rune {
	var rest []rune
	for r := range a {
		if !b[r] {
			rest = append(rest, r)
		}
	}
	return rest
}

// key does something random that is no undo.
func (u *undoer) key(t *rapid.T, now int64) {
	before := runes(u.Editor)
	n := u.View().Len() / 3
	at := 3 * rapid.IntRange(0, n).Draw(t, "at")
	var err error
	switch rapid.IntRange(0, 7).Draw(t, "key") {
	case 6: // a rune at each of two carets
		u.Select(at, at)
		u.AddSelection(3*rapid.IntRange(0, n).Draw(t, "second"), 3*rapid.IntRange(0, n).Draw(t, "end"))
		text := string(u.next)
		if u.next++; u.Carets() == 2 {
			text += "\n" + string(u.next)
			u.next++
		}
		err = u.Paste(now, text)
	case 7:
		u.Select(at, at)
		u.AddSelection(3*rapid.IntRange(0, n).Draw(t, "second"), 3*rapid.IntRange(0, n).Draw(t, "end"))
		err = u.DeleteForward(now, rapid.Bool().Draw(t, "word"))
	case 0, 1, 2:
		u.Select(at, at)
		fallthrough
	case 3:
		u.DropCarets() // or one rune would be there twice
		err = u.Insert(now, string(u.next))
		u.next++
	case 4:
		u.Select(at, 3*rapid.IntRange(0, n).Draw(t, "to"))
		err = u.Backspace(now, false)
	case 5:
		err = u.Backspace(now, false)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range minus(before, runes(u.Editor)) {
		u.deleted[r] = true
	}
}

func (u *undoer) undoChecked(t *rapid.T, now int64) bool {
	before := runes(u.Editor)
	did, err := u.Undo(now)
	if err != nil {
		t.Fatal(err)
	}
	after := runes(u.Editor)
	block := blockOf(u.Doc().Replica())
	for _, r := range minus(before, after) {
		if r < block || r >= block+0x1000 {
			t.Fatalf("undo removed %q, which another inserted", r)
		}
	}
	for _, r := range minus(after, before) {
		if !u.deleted[r] || u.known[r] {
			t.Fatalf("undo brought back %q; deleted here: %v, by the other: %v", r, u.deleted[r], u.known[r])
		}
		delete(u.deleted, r)
	}
	if did && len(minus(before, after))+len(minus(after, before)) == 0 && len(u.undo) > 0 {
		t.Fatalf("an undo that shows nothing was not passed over")
	}
	return did
}

func TestUndoOverRandomInterleavings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := &undoer{New(rga.New(1)), blockOf(1), map[rune]bool{}, nil}
		b := &undoer{New(rga.New(2)), blockOf(2), map[rune]bool{}, nil}
		base := New(rga.New(3))
		if err := base.Insert(0, "丁丂七丄丅丆万丈三上下丌"); err != nil {
			t.Fatal(err)
		}
		exchange(t, base, a.Editor, b.Editor)
		everything := runes(base)
		var seen []string // what stood on the screens
		var now int64
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			now += rapid.SampledFrom([]int64{10, 2000}).Draw(t, "pause")
			switch rapid.IntRange(0, 5).Draw(t, "who") {
			case 0, 1:
				a.key(t, now)
			case 2, 3:
				b.key(t, now)
			case 4:
				exchange(t, a.Editor, b.Editor)
				a.known = maps.Clone(b.deleted)
			case 5:
				a.undoChecked(t, now)
			}
			seen = append(seen, a.View().String(), b.View().String())
		}
		exchange(t, a.Editor, b.Editor)
		a.known = b.deleted
		before := a.View().String()
		undone := 0
		for text := before; a.undoChecked(t, now); text = a.View().String() {
			if a.View().String() != text {
				undone++
			}
		}
		for r := b.next - 1; r >= blockOf(2); r-- {
			everything[r] = true
		}
		got := runes(a.Editor)
		for r := range everything {
			if got[r] == b.deleted[r] {
				t.Fatalf("all undone: %q is visible: %v, deleted by the other: %v", r, got[r], b.deleted[r])
			}
		}
		if extra := minus(got, everything); len(extra) > 0 {
			t.Fatalf("all undone, but %q is left", extra)
		}
		for _, text := range seen {
			if x, y := common(text, got), common(a.View().String(), runesOf(text)); x != y {
				t.Fatalf("all undone, %q stands in the order %q", x, y)
			}
		}
		for range undone {
			if _, err := a.Redo(now); err != nil {
				t.Fatal(err)
			}
		}
		if again := a.View().String(); again != before {
			t.Fatalf("redo led to %q, from %q", again, before)
		}
		exchange(t, a.Editor, b.Editor)
	})
}
