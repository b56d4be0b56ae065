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

// TestHeldBounds: nobody can fill what is held; each further author finds half of the rest.
func TestHeldBounds(t *testing.T) {
	const half = MaxHeldBatches / 2
	d := New(eve)
	waiting := func(id ReplicaID, i int) []byte {
		return forged(id, uint64(i)+1, uint64(i)+1).item(kindContinue, 1).text("x").sum()
	}
	fill := func(id ReplicaID, n int) {
		t.Helper()
		for i := range n {
			if res, err := d.Apply(waiting(id, i)); err != nil || !res.Held {
				t.Fatalf("%d: %+v, %v", i, res, err)
			}
		}
		if _, err := d.Apply(waiting(id, n)); !errors.Is(err, ErrTooMuch) {
			t.Fatalf("%d more of %x: %v", n, uint64(id), err)
		}
	}
	left := half
	for id := ReplicaID(100); left > 0; id++ {
		fill(id, left)
		left /= 2
	}
	fill(1000, 1)
	mustCheck(t, d)
	if n, _ := d.Held(); n != MaxHeldBatches {
		t.Fatalf("%d held", n)
	}
	res, err := d.Apply(forged(100, 0, 0).item(kindInsert, 1).uvarint(0).text("x").sum())
	if err != nil || res.Ops != half+1 || d.Len() != half+1 {
		t.Fatalf("%d ops, %v", res.Ops, err)
	}
	if res, err := d.Apply(waiting(100, half)); err != nil || res.Held {
		t.Fatalf("%+v, %v", res, err)
	}
	mustCheck(t, d)
	if n, _ := d.Held(); n != MaxHeldBatches-half {
		t.Fatalf("%d held", n)
	}
}

// TestHeldDropped: of a refused author nothing is held any longer, be it waited for or waiting.
func TestHeldDropped(t *testing.T) {
	d := New(eve)
	for i := range uint64(20) {
		for _, f := range []*forge{
			forged(bob, i+2, i+2).item(kindContinue, 1).text("x"),
			forged(bob, i+2, i+2).item(kindInsert, 1).id(1, ann).varint(int64(i)).text("x"),
			forged(ann, i+2, i+2).item(kindInsert, 1).id(1, bob).varint(int64(i)).text("x"),
		} {
			if res, err := d.Apply(f.sum()); err != nil || !res.Held {
				t.Fatalf("%+v, %v", res, err)
			}
		}
	}
	mustCheck(t, d)
	if _, err := d.Apply(forged(bob, 0, 0).item(kindInsert, 1).uvarint(0).text("\xff").sum()); !errors.Is(err, ErrInvalid) {
		t.Fatal(err)
	}
	mustCheck(t, d)
	if n, _ := d.Held(); n != 20 || d.held.authors[bob] != nil {
		t.Fatalf("%d held", n)
	}
}

// BenchmarkHeldReversed holds as many batches of one author as can be, the last ones first, and releases them.
func BenchmarkHeldReversed(b *testing.B) {
	_, batches := typed(b, ann, MaxHeldBatches/2)
	for b.Loop() {
		d := New(bob)
		for _, raw := range slices.Backward(batches) {
			if _, err := d.Apply(raw); err != nil {
				b.Fatal(err)
			}
		}
		if d.Len() != len(batches) {
			b.Fatal(d.Len())
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(batches)), "ns/batch")
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
			if i < 10 {
				t.Fatalf("too much after %d batches", i)
			}
			for _, small := range []ReplicaID{ann, 1000} {
				if res, err := d.Apply(forged(small, 1, 1).item(kindContinue, 1).text("x").sum()); err != nil || !res.Held {
					t.Fatalf("another's is not held: %+v, %v", res, err)
				}
			}
			mustCheck(t, d)
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
