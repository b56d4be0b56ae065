package rga_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"coedit/rga"
)

func forget(t *testing.T, d *rga.Doc, v rga.Version) *rga.Doc {
	t.Helper()
	out, err := d.Forget(v)
	if err != nil {
		t.Fatal(err)
	}
	checked(t, out)
	return out
}

func checked(t *testing.T, docs ...*rga.Doc) {
	t.Helper()
	for _, d := range docs {
		if err := d.Check(); err != nil {
			t.Fatal(err)
		}
	}
}

func edited(t *testing.T, d *rga.Doc, edits ...rga.Edit) rga.Ticks {
	t.Helper()
	ticks, _, err := d.Edit(1000, edits...)
	if err != nil {
		t.Fatal(err)
	}
	return ticks
}

func reloaded(t *testing.T, d *rga.Doc, self rga.ReplicaID) *rga.Doc {
	t.Helper()
	out, err := rga.Decode(d.Encode(), self)
	if err != nil {
		t.Fatal(err)
	}
	checked(t, out)
	return out
}

// The bytes of deleted text are gone, from memory and from the encoding; ids, anchors and what stands remain.
func TestForgetDropsBytes(t *testing.T) {
	const secret = "pass wörd 密"
	d := rga.New(1)
	edited(t, d, rga.Edit{Insert: "key: " + secret + "; and more"})
	anchor := d.AnchorAt(5, rga.After)
	before := d.Version()
	deletion := edited(t, d, rga.Edit{Offset: 5, Delete: len(secret)})
	out := forget(t, d, d.Version())
	for _, c := range []*rga.Doc{out, reloaded(t, out, 1)} {
		if c.View().String() != "key: ; and more" || c.Generation() != 1 {
			t.Fatalf("%q in generation %d", c.View(), c.Generation())
		}
		if v, size := c.Forgotten(); size != len(secret) || !v.Equal(d.Version()) {
			t.Fatalf("%d bytes forgotten before %v", size, v)
		}
		for _, word := range []string{"pass", "wörd", "密"} {
			if bytes.Contains(c.Encode(), []byte(word)) {
				t.Fatalf("%q is still there", word)
			}
		}
		if off, ok := c.Resolve(anchor); !ok || off != 5 {
			t.Fatalf("the anchor is at %d, %v", off, ok)
		}
		past, err := c.At(before)
		if err != nil || past.View().String() != "key: ; and more" {
			t.Fatalf("the past is %q, %v", past.View(), err)
		}
		if ticks, changes, err := c.Invert(2000, 1, deletion); err != nil || ticks.From != ticks.To || len(changes) > 0 {
			t.Fatalf("undo did something: %v, %v, %v", ticks, changes, err)
		}
	}
	if d.View().String() != "key: ; and more" || d.Generation() != 0 || !bytes.Contains(d.Encode(), []byte("pass")) {
		t.Fatal("the document itself has changed")
	}
	if c := forget(t, d, before); c.Generation() != 1 || !bytes.Contains(c.Encode(), []byte("pass")) {
		t.Fatal("what was not deleted then is forgotten")
	}
}

// An undo by somebody who kept the text is counted and brings nothing back; once that one hears of the
// new generation, it is ignored there as well.
func TestForgetIgnoresUndo(t *testing.T) {
	a := rga.New(1)
	edited(t, a, rga.Edit{Insert: "one two three"})
	deletion := edited(t, a, rga.Edit{Offset: 3, Delete: 4})
	kept := reloaded(t, a, 1)
	b := reloaded(t, forget(t, a, a.Version()), 2)
	if _, _, err := kept.Invert(2000, 1, deletion); err != nil {
		t.Fatal(err)
	}
	edited(t, kept, rga.Edit{Insert: "zero "})
	edited(t, b, rga.Edit{Offset: b.Len(), Insert: " four"})
	for raw := range kept.Since(b.Version(), 1<<10) {
		if _, err := b.Apply(raw); err != nil {
			t.Fatal(err)
		}
	}
	if kept.View().String() != "zero one two three" || b.View().String() != "zero one three four" {
		t.Fatalf("%q, %q", kept.View(), b.View())
	}
	was := string(kept.Encode())
	if _, err := kept.Merge(b.Encode()); !errors.Is(err, rga.ErrShown) || string(kept.Encode()) != was {
		t.Fatalf("what is shown was taken away: %q, %v", kept.View(), err)
	}
	if _, err := kept.Renew(b.Encode()); err != nil {
		t.Fatal(err)
	}
	checked(t, kept, b)
	if kept.View().String() != b.View().String() || !bytes.Equal(kept.Encode(), b.Encode()) || kept.Replica() != 1 {
		t.Fatalf("%q after merging, not %q", kept.View(), b.View())
	}
	edited(t, kept, rga.Edit{Insert: "goes on "})
	checked(t, kept)
}

// Two that forgot apart from each other cannot merge, and nothing changes; one after the other can.
func TestForgetApart(t *testing.T) {
	a := rga.New(1)
	edited(t, a, rga.Edit{Insert: "one two three"})
	edited(t, a, rga.Edit{Delete: 4})
	first := a.Version()
	edited(t, a, rga.Edit{Delete: 4})
	x, y := forget(t, a, first), forget(t, a, a.Version())
	was := string(x.Encode())
	if _, err := x.Merge(y.Encode()); !errors.Is(err, rga.ErrGeneration) {
		t.Fatalf("merged: %v", err)
	}
	if string(x.Encode()) != was {
		t.Fatal("a refused merge changed the document")
	}
	z := forget(t, x, a.Version())
	if z.Generation() != 2 {
		t.Fatalf("generation %d", z.Generation())
	}
	if _, err := x.Merge(z.Encode()); err != nil || x.Generation() != 2 || !bytes.Equal(x.Encode(), z.Encode()) {
		t.Fatalf("generation %d after merging, %v", x.Generation(), err)
	}
	if _, err := a.Forget(rga.Version{9: 1}); !errors.Is(err, rga.ErrVersion) {
		t.Fatalf("a version that never was: %v", err)
	}
}

// TestForgetRandom: whatever was forgotten of a random history, the text is the same, it is written and
// loaded as it is, nothing that was deleted then is left in it, edits go on and merge both ways.
func TestForgetRandom(t *testing.T) {
	for seed := range uint64(60) {
		_, doc := run(t, seed)
		rng := rand.New(rand.NewPCG(seed, 11))
		then, _ := past(t, rng, pieces(doc), 7)
		out := forget(t, doc, then.Version())
		if out.View().String() != doc.View().String() {
			t.Fatalf("seed %d: other text", seed)
		}
		again := reloaded(t, out, 8)
		if !bytes.Equal(again.Encode(), out.Encode()) {
			t.Fatalf("seed %d: written and loaded it is another document", seed)
		}
		kept := reloaded(t, doc, 9)
		for range 12 {
			d := []*rga.Doc{again, kept}[rng.IntN(2)]
			edited(t, d, someEdits(rng, d.View().String())...)
		}
		both := again.Version()
		for raw := range kept.Since(both, 1<<10) {
			if _, err := again.Apply(raw); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
		}
		if _, err := kept.Merge(again.Encode()); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		checked(t, again, kept)
		if again.View().String() != kept.View().String() || !bytes.Equal(again.Encode(), kept.Encode()) {
			t.Fatalf("seed %d: two documents", seed)
		}
		if held, _ := kept.Held(); held != 0 {
			t.Fatalf("seed %d: %d held", seed, held)
		}
		for step, d := range again.Replay() {
			if strings.ContainsRune(d.View().String(), 0) {
				t.Fatalf("seed %d: a blank is shown after %v", seed, step)
			}
		}
	}
}

// TestForgottenPast: what was forgotten is nowhere in the past either, and everything else is there and blamed as ever,
// by the oracle; also when ops that brought it back come from somebody who had kept it, and when more is forgotten later.
func TestForgottenPast(t *testing.T) {
	forgotten := 0
	for seed := range uint64(25) {
		_, doc := run(t, seed)
		batches := pieces(doc)
		rng := rand.New(rand.NewPCG(seed, 12))
		cut := len(batches)/2 + rng.IntN(len(batches)/2)
		d, o := rga.New(7), newOracle()
		take := func(raw []byte) {
			if _, err := d.Apply(raw); err != nil {
				t.Fatal(err)
			}
			if err := o.take(raw); err != nil {
				t.Fatal(err)
			}
		}
		for i, raw := range batches {
			take(raw)
			if i == cut || i == len(batches)-1 {
				then, thenOracle := past(t, rng, batches[:i+1], 8)
				d = forget(t, d, then.Version())
				o.forget(thenOracle)
			}
		}
		forgotten += len(o.forgotten)
		if _, size := d.Forgotten(); size != len(o.forgotten) {
			t.Fatalf("seed %d: %d bytes forgotten, by the oracle %d", seed, size, len(o.forgotten))
		}
		times := map[rga.ReplicaID][]int64{} // by tick
		for s := range doc.Steps() {
			for range s.Ticks.To - s.Ticks.From {
				times[s.Replica] = append(times[s.Replica], s.At)
			}
		}
		docs := []*rga.Doc{d, reloaded(t, d, 9)}
		for _, c := range docs {
			if got, want := c.View().String(), o.text(); got != want {
				t.Fatalf("seed %d: %q, by the oracle %q", seed, got, want)
			}
			blamed(t, seed, c, o, times)
		}
		for i := range 4 {
			then, thenOracle := past(t, rng, batches, 8)
			thenOracle.forgotten = o.forgotten
			p, err := docs[i%2].At(then.Version())
			if err != nil {
				t.Fatal(err)
			}
			if got, want := p.View().String(), thenOracle.text(); got != want {
				t.Fatalf("seed %d: at %v: %q, by the oracle %q", seed, then.Version(), got, want)
			}
		}
	}
	if forgotten < 100 {
		t.Errorf("%d bytes forgotten: this tries out too little", forgotten)
	}
}
