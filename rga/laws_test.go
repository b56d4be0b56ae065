package rga_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"coedit/rga"
	"coedit/rga/rgatest"
)

// run plays a random session and returns its batches and the document it ended with.
func run(t *testing.T, seed uint64) (batches [][]byte, doc *rga.Doc) {
	t.Helper()
	out, err := rgatest.Run(rgatest.Plan{
		Seed: seed, Replicas: 2 + int(seed%3), Steps: 120,
		Batch: func(raw []byte) { batches = append(batches, raw) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return batches, out.Docs[0]
}

func TestOracle(t *testing.T) {
	for seed := range uint64(200) {
		batches, doc := run(t, seed)
		o := newOracle()
		rand.New(rand.NewPCG(seed, 2)).Shuffle(len(batches), func(i, j int) { batches[i], batches[j] = batches[j], batches[i] })
		for _, raw := range batches {
			if err := o.take(raw); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
		}
		if err := o.agrees(doc); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
}

func apply(t *testing.T, d *rga.Doc, batches [][]byte) {
	t.Helper()
	for _, raw := range batches {
		if _, err := d.Apply(raw); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Check(); err != nil {
		t.Fatal(err)
	}
}

func same(t *testing.T, what string, seed uint64, a, b *rga.Doc) {
	t.Helper()
	if !a.Version().Equal(b.Version()) {
		t.Fatalf("%s, seed %d: versions %v, %v", what, seed, a.Version(), b.Version())
	}
	if x, y := a.View().String(), b.View().String(); x != y {
		t.Fatalf("%s, seed %d: texts\n%q\n%q", what, seed, x, y)
	}
	if !bytes.Equal(a.Encode(), b.Encode()) {
		t.Fatalf("%s, seed %d: encodings differ", what, seed)
	}
}

// TestCommutative: the order in which batches come does not matter.
func TestCommutative(t *testing.T) {
	held := 0
	for seed := range uint64(100) {
		batches, doc := run(t, seed)
		rng := rand.New(rand.NewPCG(seed, 3))
		for range 3 {
			rng.Shuffle(len(batches), func(i, j int) { batches[i], batches[j] = batches[j], batches[i] })
			d := rga.New(7)
			for _, raw := range batches {
				res, err := d.Apply(raw)
				if err != nil {
					t.Fatal(err)
				}
				if res.Held {
					held++
				}
			}
			if err := d.Check(); err != nil {
				t.Fatal(err)
			}
			if n, size := d.Held(); n+size > 0 || len(d.Missing()) > 0 {
				t.Fatalf("seed %d: %d batches still held, missing %v", seed, n, d.Missing())
			}
			same(t, "commutative", seed, doc, d)
		}
	}
	if held == 0 {
		t.Error("nothing was ever held")
	}
}

// TestAssociative: (a + b) + c is a + (b + c), for documents of parts of a history.
func TestAssociative(t *testing.T) {
	for seed := range uint64(100) {
		batches, doc := run(t, seed)
		rng := rand.New(rand.NewPCG(seed, 4))
		part := func() *rga.Doc { // what one gets who misses the end of each author's batches
			d := rga.New(7)
			cut := rng.IntN(len(batches) + 1)
			apply(t, d, batches[:cut])
			return d
		}
		merge := func(a, b *rga.Doc) *rga.Doc {
			d, err := rga.Decode(a.Encode(), 7)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := d.Merge(b.Encode()); err != nil {
				t.Fatal(err)
			}
			return d
		}
		a, b, c := part(), part(), part()
		same(t, "associative", seed, merge(merge(a, b), c), merge(a, merge(b, c)))
		same(t, "associative, commuted", seed, merge(merge(c, b), a), merge(a, merge(b, c)))
		same(t, "whole", seed, doc, merge(merge(a, doc), c))
	}
}

// TestIdempotent: what comes again changes nothing.
func TestIdempotent(t *testing.T) {
	for seed := range uint64(100) {
		batches, doc := run(t, seed)
		d := rga.New(7)
		apply(t, d, batches)
		same(t, "once", seed, doc, d)
		for _, raw := range batches {
			res, err := d.Apply(raw)
			if err != nil || !res.Duplicate || len(res.Changes) > 0 {
				t.Fatalf("seed %d: second time: %+v, %v", seed, res, err)
			}
		}
		if _, err := d.Merge(doc.Encode()); err != nil {
			t.Fatal(err)
		}
		for raw := range doc.Since(nil, 50) {
			res, err := d.Apply(raw)
			if err != nil || !res.Duplicate {
				t.Fatalf("seed %d: in other pieces: %+v, %v", seed, res, err)
			}
		}
		same(t, "twice", seed, doc, d)
	}
}

// TestPartlyKnown: batches cut differently fit together.
func TestPartlyKnown(t *testing.T) {
	for seed := range uint64(40) {
		_, doc := run(t, seed)
		rng := rand.New(rand.NewPCG(seed, 5))
		d := rga.New(7)
		for !d.Version().Equal(doc.Version()) {
			size, n := 1+rng.IntN(100), rng.IntN(20)
			from := d.Version()
			for id := range from { // as if less were known
				from[id] -= rng.Uint64N(min(from[id], 5) + 1)
			}
			if rng.IntN(2) == 0 {
				from = d.Version()
			}
			for raw := range doc.Since(whole(doc, from), size) {
				if _, err := d.Apply(raw); err != nil {
					t.Fatalf("seed %d: %v", seed, err)
				}
				if n--; n < 0 {
					break
				}
			}
			if err := d.Check(); err != nil {
				t.Fatal(err)
			}
		}
		same(t, "in overlapping pieces", seed, doc, d)
	}
}

// whole lowers a version to bounds of the smallest batches, since a tick may be a part of a rune.
func whole(d *rga.Doc, v rga.Version) rga.Version {
	out := rga.Version{}
	for raw := range d.Since(nil, 1) {
		info, err := rga.Inspect(raw)
		if err != nil {
			panic(err)
		}
		if info.Ticks.To <= v[info.Replica] {
			out[info.Replica] = info.Ticks.To
		}
	}
	return out
}

// TestPaintAcross: documents in which many long ops lie above each other load in another way, to the same end.
func TestPaintAcross(t *testing.T) {
	defer rga.PaintAcross()()
	for seed := range uint64(60) {
		_, doc := run(t, seed) // reloads documents, and compares them with what came op by op
		again := reloaded(t, doc, 9)
		if again.View().String() != doc.View().String() {
			t.Fatalf("seed %d: %q, not %q", seed, again.View(), doc.View())
		}
		forgot := reloaded(t, forget(t, doc, doc.Version()), 9)
		if forgot.View().String() != doc.View().String() {
			t.Fatalf("seed %d: %q without what was deleted, not %q", seed, forgot.View(), doc.View())
		}
	}
}
