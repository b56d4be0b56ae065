package rga_test

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"testing"

	"coedit/rga"
)

// twins are a document and another one to which the same is done, each time with all its caches empty.
type twins struct {
	t       *testing.T
	rng     *rand.Rand
	d, slow *rga.Doc
	peer    *rga.Doc // who types and sends a stream
	out     *rga.Outbox
	in      map[*rga.Doc]*rga.Inbox
	at      int // where the peer types
	caret   int
	undo    []rga.Ticks
	past    []rga.Version
}

// both does something to both and compares the outcome.
func (w *twins) both(what string, f func(d *rga.Doc) []any) {
	w.t.Helper()
	w.slow.ForgetCaches()
	a, b := f(w.d), f(w.slow)
	if !reflect.DeepEqual(a, b) {
		w.t.Fatalf("%s: %v, without caches %v", what, a, b)
	}
	if w.d.Len() != w.slow.Len() {
		w.t.Fatalf("%s: %d bytes, without caches %d", what, w.d.Len(), w.slow.Len())
	}
}

// edit types, backspaces, deletes forwards, or jumps and does so.
func (w *twins) edit() {
	if w.rng.IntN(6) == 0 {
		w.caret = w.rng.IntN(w.d.Len() + 1)
	}
	w.caret = min(w.caret, w.d.Len())
	var e rga.Edit
	switch n := w.rng.IntN(10); {
	case n < 6:
		e = rga.Edit{Offset: w.caret, Insert: "abcdefg\n"[w.rng.IntN(8):][:1]}
	case n < 8:
		k := min(w.caret, 1+w.rng.IntN(2))
		e = rga.Edit{Offset: w.caret - k, Delete: k}
	default:
		e = rga.Edit{Offset: w.caret, Delete: min(w.d.Len()-w.caret, w.rng.IntN(4)), Insert: "xyz"[w.rng.IntN(4):]}
	}
	w.both("edit", func(d *rga.Doc) []any {
		ticks, changes, err := d.Edit(1000, e)
		if err == nil { // other editors' characters have several bytes
			w.caret = e.Offset + len(e.Insert)
			if d == w.d && ticks.From < ticks.To {
				w.undo = append(w.undo, ticks)
			}
		}
		return []any{ticks, changes, err != nil}
	})
}

// chunk lets the peer type, backspace or jump, and hear of the others now and then, and sends what it did.
func (w *twins) chunk() {
	if w.rng.IntN(30) == 0 {
		for raw := range w.d.Since(w.peer.Version(), 1<<16) {
			if _, err := w.peer.Apply(raw); err != nil {
				w.t.Fatal(err)
			}
		}
	}
	if w.rng.IntN(10) == 0 {
		w.at = w.rng.IntN(w.peer.Len() + 1)
	}
	w.at = min(w.at, w.peer.Len())
	e := rga.Edit{Offset: w.at, Insert: "typing "[w.rng.IntN(7):][:1]}
	if w.at > 0 && w.rng.IntN(5) == 0 {
		e = rga.Edit{Offset: w.at - 1, Delete: 1}
	}
	if _, _, err := w.peer.Edit(1000, e); err != nil {
		return // inside a character
	}
	w.at = e.Offset + len(e.Insert)
	chunk, _ := w.out.Append(nil, 1<<10)
	w.both("chunk", func(d *rga.Doc) []any {
		res, err := w.in[d].Apply(chunk)
		return []any{res, err}
	})
}

// later undoes something, or edits an older version.
func (w *twins) later() {
	if len(w.undo) > 0 && w.rng.IntN(2) == 0 {
		ticks := w.undo[w.rng.IntN(len(w.undo))]
		w.both("undo", func(d *rga.Doc) []any {
			done, changes, err := d.Invert(2000, d.Replica(), ticks)
			return []any{done, changes, err}
		})
	} else if len(w.past) > 0 {
		v := w.past[w.rng.IntN(len(w.past))]
		w.both("edit the past", func(d *rga.Doc) []any {
			done, changes, err := d.EditAt(3000, v, rga.Edit{Insert: "old "})
			return []any{done, changes, err}
		})
	}
}

// TestCachesChangeNothing: whatever is done, it is the same without what is remembered to find places faster.
func TestCachesChangeNothing(t *testing.T) {
	for seed := range uint64(60) {
		batches, _ := run(t, seed)
		w := twins{t: t, rng: rand.New(rand.NewPCG(seed, 21)), d: rga.New(7), slow: rga.New(7), peer: rga.New(8)}
		w.out, w.in = w.peer.Outbox(0), map[*rga.Doc]*rga.Inbox{w.d: w.d.Inbox(), w.slow: w.slow.Inbox()}
		for step := 0; len(batches) > 0 || step < 300; step++ {
			switch n := w.rng.IntN(20); {
			case n < 7:
				w.edit()
			case n < 12:
				w.chunk()
			case n < 17 && len(batches) > 0:
				raw := batches[0]
				batches = batches[1:]
				w.both("apply", func(d *rga.Doc) []any {
					res, err := d.Apply(raw)
					return []any{res, err}
				})
			case n < 18:
				w.past = append(w.past, w.d.Version())
			default:
				w.later()
			}
			if step%50 == 0 {
				checked(t, w.d, w.slow)
			}
		}
		checked(t, w.d, w.slow)
		if w.d.View().String() != w.slow.View().String() || !bytes.Equal(w.d.Encode(), w.slow.Encode()) {
			t.Fatalf("seed %d: two documents", seed)
		}
	}
}
