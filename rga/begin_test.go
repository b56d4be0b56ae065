package rga

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// A document that begins with a text is the one that inserts it, also after further edits and beside another replica, and nothing
// of the text changes for who gave it.
func TestBeginIsAnInsertion(t *testing.T) {
	for name, size := range map[string]int{
		"nothing": 0, "a byte": 1, "one span": spanMax, "one byte more": spanMax + 1, "some spans": 3*spanMax + 17, "long": 3 << 20,
	} {
		for _, room := range []int{0, 1, size/4 + 100} {
			text := append(make([]byte, 0, size+room), strings.Repeat("a line\n世\n", size/11+1)[:size]...)
			for !validEnd(text) {
				text = text[:len(text)-1]
			}
			was := bytes.Clone(text)
			began, edited := New(ann), New(ann)
			ticks, err := began.Begin(7, text)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			want, _, err := edited.Edit(7, Edit{Insert: string(text)})
			if err != nil || ticks != want {
				t.Fatalf("%s: ticks %v, want %v: %v", name, ticks, want, err)
			}
			for _, d := range []*Doc{began, edited} {
				mustEdit(t, d, Edit{Offset: d.Len(), Insert: "behind"})
				mustEdit(t, d, Edit{Offset: 0, Insert: "before"}, Edit{Offset: d.Len() - 6, Delete: 3})
				if _, err := d.Apply(ops(t, bob, "another's")); err != nil {
					t.Fatal(err)
				}
				mustCheck(t, d)
			}
			if !bytes.Equal(began.Encode(), edited.Encode()) {
				t.Errorf("%s, %d bytes of room: the documents differ", name, room)
			}
			if !bytes.Equal(text, was) {
				t.Errorf("%s: the text was changed", name)
			}
		}
	}
}

func validEnd(text []byte) bool { return bytes.Equal(bytes.ToValidUTF8(text, nil), text) }

// ops is what a replica does that inserts a text.
func ops(t *testing.T, id ReplicaID, text string) []byte {
	t.Helper()
	d := New(id)
	mustEdit(t, d, Edit{Insert: text})
	batch, _ := d.AppendOwn(nil, 0, 1<<20)
	return batch
}

func TestBeginErrors(t *testing.T) {
	d := New(ann)
	if _, err := d.Begin(0, []byte("x\xff")); !errors.Is(err, ErrInvalid) || !d.blank() {
		t.Errorf("text that is not UTF-8: %v", err)
	}
	mustEdit(t, d, Edit{Insert: "text"})
	if _, err := d.Begin(0, []byte("again")); !errors.Is(err, ErrRange) || text(d) != "text" {
		t.Errorf("begun twice: %v, %q", err, text(d))
	}
}

// A long text is not copied where there is room behind it, and neither is it by the next insertion.
func TestBeginCopiesNothing(t *testing.T) {
	long := append(make([]byte, 0, 5<<20), bytes.Repeat([]byte("a line\n"), 4<<20/7)...)
	d := New(ann)
	if _, err := d.Begin(0, long); err != nil {
		t.Fatal(err)
	}
	mustEdit(t, d, Edit{Offset: 9, Insert: "x"})
	if &d.self.arena.text[0] != &long[0] {
		t.Error("it was copied")
	}
}
