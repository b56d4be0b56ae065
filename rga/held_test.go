package rga

import (
	"errors"
	"fmt"
	"slices"
	"testing"
)

// typed returns one batch for each of n keystrokes of a new author.
func typed(tb testing.TB, id ReplicaID, n int) (*Doc, [][]byte) {
	d := New(id)
	var batches [][]byte
	for i := range n {
		ticks := mustEdit(tb, d, Edit{Offset: d.Len(), Insert: string(rune('a' + i%26))})
		raw, _ := d.AppendOwn(nil, ticks.From, 100)
		batches = append(batches, raw)
	}
	return d, batches
}

func TestHeldReleasedInOrder(t *testing.T) {
	a, batches := typed(t, ann, 300)
	b := New(bob)
	for i, raw := range slices.Backward(batches) {
		res, err := b.Apply(raw)
		if err != nil || res.Held != (i > 0) {
			t.Fatalf("%d: %+v, %v", i, res, err)
		}
		if i > 0 {
			if again, err := b.Apply(raw); err != nil || !again.Held {
				t.Fatalf("%+v, %v", again, err)
			}
			n, size := b.Held()
			if want := 300 - i; n != want || size == 0 {
				t.Fatalf("%d held, %d bytes, not %d", n, size, want)
			}
			if m := b.Missing(); !m.Equal(Version{ann: 299}) {
				t.Fatalf("missing %v", m)
			}
			continue
		}
		if res.Ops != 300 || len(res.Changes) == 0 {
			t.Fatalf("%+v", res)
		}
	}
	if text(a) != text(b) || string(a.Encode()) != string(b.Encode()) {
		t.Fatalf("%q", text(b))
	}
	mustCheck(t, b)
}

// TestHeldForEachCause: parents, origins, targets and deleters are waited for.
func TestHeldForEachCause(t *testing.T) {
	for name, f := range map[string]*forge{
		"parent":         forged(bob, 0, 0).item(kindMark, 1).id(1, ann).uvarint(3).item(kindInsert, 1).uvarint(0).text("x"),
		"origin":         forged(bob, 0, 0).item(kindInsert, 1).id(1, ann).varint(0).text("x"),
		"target":         forged(bob, 0, 0).item(kindDelete, 3).id(1, ann).varint(0),
		"deleter":        forged(bob, 0, 0).item(kindInsert, 1).uvarint(0).text("x").item(kindSet, 1).id(1, ann).uvarint(1).uvarint(1).varint(-1),
		"second parents": forged(bob, 0, 0).item(kindMark, 2).id(1, ann).uvarint(1).id(2, eve).uvarint(1).item(kindInsert, 1).uvarint(0).text("x"),
	} {
		t.Run(name, func(t *testing.T) {
			a, e, d := New(ann), New(eve), New(eve+1)
			mustEdit(t, a, Edit{Insert: "abc"})
			mustEdit(t, e, Edit{Insert: "e"})
			res, err := d.Apply(f.sum())
			if err != nil || !res.Held || len(res.Changes) != 0 {
				t.Fatalf("%+v, %v", res, err)
			}
			if m := d.Missing(); m[ann] == 0 || m[bob] != 0 {
				t.Fatalf("missing %v", m)
			}
			pass(t, a, d)
			pass(t, e, d)
			mustCheck(t, d)
			if n, _ := d.Held(); name != "origin" && (n != 0 || d.Version()[bob] == 0) {
				t.Fatalf("%d held, version %v", n, d.Version())
			}
		})
	}
}

func TestHeldBounds(t *testing.T) {
	d := New(eve)
	for i := range MaxHeldBatches {
		f := forged(bob, uint64(i)+1, uint64(i)+1).item(kindContinue, 1).text("x")
		if res, err := d.Apply(f.sum()); err != nil || !res.Held {
			t.Fatalf("%d: %+v, %v", i, res, err)
		}
	}
	more := forged(bob, MaxHeldBatches+1, MaxHeldBatches+1).item(kindContinue, 1).text("x").sum()
	if _, err := d.Apply(more); !errors.Is(err, ErrTooMuch) {
		t.Fatal(err)
	}
	mustCheck(t, d)
	res, err := d.Apply(forged(bob, 0, 0).item(kindInsert, 1).uvarint(0).text("x").sum())
	if err != nil || res.Ops != MaxHeldBatches+1 || d.Len() != MaxHeldBatches+1 {
		t.Fatalf("%d ops, %v", res.Ops, err)
	}
	if _, err := d.Apply(more); err != nil {
		t.Fatal(err)
	}
	mustCheck(t, d)
}

func TestHeldBytesBound(t *testing.T) {
	d := New(eve)
	size := 1 << 20
	big := make([]byte, size)
	for i := range big {
		big[i] = 'x'
	}
	for i := range uint64(100) {
		f := forged(bob, 1+i*uint64(size), 1+i*uint64(size)).item(kindContinue, uint64(size)).text(string(big))
		_, err := d.Apply(f.sum())
		if _, held := d.Held(); held > MaxHeldBytes {
			t.Fatalf("%d bytes held", held)
		}
		if errors.Is(err, ErrTooMuch) {
			if i < 20 {
				t.Fatalf("too much after %d batches", i)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Fatal("no bound")
}

// TestCrossedBatches: histories cut differently on their ways never wait for one another.
func TestCrossedBatches(t *testing.T) {
	a, b := New(ann), New(bob)
	for i := range 20 {
		mustEdit(t, a, Edit{Offset: a.Len(), Insert: fmt.Sprint(i)})
		pass(t, a, b)
		mustEdit(t, b, Edit{Offset: b.Len(), Insert: "-"})
		pass(t, b, a)
	}
	d := New(eve)
	for _, from := range []*Doc{b, a} {
		for at := uint64(0); at < from.Clock(); {
			var raw []byte
			raw, at = from.AppendOwn(nil, at, 1<<20)
			if _, err := d.Apply(raw); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n, _ := d.Held(); n != 0 || text(d) != text(a) {
		t.Fatalf("%d held: %q, not %q", n, text(d), text(a))
	}
	mustCheck(t, d)
}
