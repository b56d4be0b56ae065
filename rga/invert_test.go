package rga_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"coedit/rga"
)

// person edits one document and remembers what can be undone.
type person struct {
	doc  *rga.Doc
	undo []rga.Ticks
}

func (p *person) edit(t *testing.T, rng *rand.Rand, at int64) {
	t.Helper()
	n := p.doc.Len()
	off := rng.IntN(n + 1)
	e := rga.Edit{Offset: off, Insert: fmt.Sprintf("%c%d", 'a'+rune(p.doc.Replica()), rng.IntN(10))}
	if rng.IntN(2) == 0 {
		e = rga.Edit{Offset: off, Delete: rng.IntN(min(n-off, 6) + 1)}
	}
	ticks, _, err := p.doc.Edit(at, e)
	if err != nil {
		t.Fatal(err)
	}
	if ticks.From < ticks.To {
		p.undo = append(p.undo, ticks)
	}
}

func (p *person) invert(t *testing.T, by rga.ReplicaID, ticks rga.Ticks) rga.Ticks {
	t.Helper()
	done, _, err := p.doc.Invert(1, by, ticks)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.doc.Check(); err != nil {
		t.Fatal(err)
	}
	return done
}

func exchange(t *testing.T, docs ...*rga.Doc) {
	t.Helper()
	for _, a := range docs {
		for _, b := range docs {
			for raw := range a.Since(b.Version(), 1<<20) {
				if _, err := b.Apply(raw); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	for _, d := range docs {
		if err := d.Check(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestUndoAll: whatever others do in between, undoing all that A did leaves what was there at first
// and what the others inserted, less what the others deleted; redoing it all restores the text.
func TestUndoAll(t *testing.T) {
	const original, a rga.ReplicaID = 1, 2
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 6))
		first := rga.New(original)
		if _, _, err := first.Edit(0, rga.Edit{Insert: "the original text"}); err != nil {
			t.Fatal(err)
		}
		people := []*person{{doc: rga.New(a)}, {doc: rga.New(3)}, {doc: rga.New(4)}}[:2+seed%2]
		docs := []*rga.Doc{first}
		for _, p := range people {
			docs = append(docs, p.doc)
		}
		exchange(t, docs...)
		for i := range 40 {
			people[rng.IntN(len(people))].edit(t, rng, int64(i))
			if rng.IntN(3) == 0 {
				exchange(t, docs...)
			}
		}
		me := people[0]
		var redo []rga.Ticks
		for i := len(me.undo) - 1; i >= 0; i-- {
			redo = append(redo, me.invert(t, a, me.undo[i]))
			if rng.IntN(3) == 0 { // the others go on
				people[1].edit(t, rng, 100)
				exchange(t, docs...)
			}
		}
		exchange(t, docs...)
		o := newOracle()
		for raw := range me.doc.Since(nil, 1000) {
			if err := o.take(raw); err != nil {
				t.Fatal(err)
			}
		}
		want := o.textOf(func(e *oracleElement) bool {
			for id, c := range e.counters {
				if id != a && c%2 == 1 {
					return false
				}
			}
			return e.id.Replica != a
		})
		if got := me.doc.View().String(); got != want {
			t.Fatalf("seed %d: all undone: %q, not %q", seed, got, want)
		}
		before, undone := me.doc.View().String(), []rga.Ticks(nil)
		for i := len(redo) - 1; i >= 0; i-- {
			undone = append(undone, me.invert(t, a, redo[i]))
		}
		for i := len(undone) - 1; i >= 0; i-- {
			me.invert(t, a, undone[i])
		}
		if got := me.doc.View().String(); got != before {
			t.Fatalf("seed %d: redone and undone: %q, not %q", seed, got, before)
		}
		exchange(t, docs...)
	}
}

// TestRedoRestores: undoing n edits and redoing them gives each text on the way back exactly.
func TestRedoRestores(t *testing.T) {
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 7))
		p := &person{doc: rga.New(2)}
		texts := []string{""}
		for i := range 30 {
			before := len(p.undo)
			p.edit(t, rng, int64(i))
			if len(p.undo) > before {
				texts = append(texts, p.doc.View().String())
			}
		}
		at := len(p.undo)
		var redo []rga.Ticks
		for range 300 {
			if rng.IntN(2) == 0 && at > 0 {
				at--
				redo = append(redo, p.invert(t, 2, p.undo[at]))
			} else if len(redo) > 0 {
				p.undo[at] = p.invert(t, 2, redo[len(redo)-1])
				redo = redo[:len(redo)-1]
				at++
			}
			if got := p.doc.View().String(); got != texts[at] {
				t.Fatalf("seed %d: after %d edits %q, it was %q", seed, at, got, texts[at])
			}
		}
	}
}

// TestRevert: what another one deleted comes back, what it typed goes, and its author can say the same again.
func TestRevert(t *testing.T) {
	a, b := &person{doc: rga.New(2)}, &person{doc: rga.New(3)}
	text := func(want string) {
		t.Helper()
		exchange(t, a.doc, b.doc)
		if got := a.doc.View().String(); got != want || b.doc.View().String() != want {
			t.Fatalf("%q and %q, not %q", got, b.doc.View().String(), want)
		}
	}
	edit := func(p *person, e rga.Edit) rga.Ticks {
		ticks, _, err := p.doc.Edit(1, e)
		if err != nil {
			t.Fatal(err)
		}
		return ticks
	}
	edit(a, rga.Edit{Insert: "one two three"})
	text("one two three")
	vandal := edit(b, rga.Edit{Offset: 4, Delete: 4, Insert: "2 "})
	text("one 2 three")
	revert := a.invert(t, 3, vandal)
	text("one two three")
	if again := a.invert(t, 3, vandal); again.From != again.To {
		t.Errorf("reverted twice: %v", again)
	}
	a.invert(t, 2, revert)
	text("one 2 three")
	revert = a.invert(t, 3, vandal)
	text("one two three")
	again := edit(b, rga.Edit{Offset: 4, Delete: 4})
	text("one three")
	b.invert(t, 3, again)
	text("one two three")
	a.invert(t, 2, revert) // b has decided since: its text is left to it
	text("one 2 two three")
	undone := a.invert(t, 2, a.invert(t, 3, again)) // nothing to revert, b having done so
	if undone.From != undone.To {
		t.Errorf("%v", undone)
	}
	// b's deletion, reverted by a, which takes that back, restored by b, deleted again by b: a's redo
	// brings nothing back, but a new revert does.
	again = edit(b, rga.Edit{Offset: 6, Delete: 4})
	text("one 2 three")
	back := a.invert(t, 2, a.invert(t, 3, again))
	text("one 2 three")
	b.invert(t, 3, again)
	b.invert(t, 2, back)
	text("one 2 two three")
	edit(b, rga.Edit{Offset: 6, Delete: 4})
	text("one 2 three")
	a.invert(t, 2, back)
	text("one 2 three")
	a.invert(t, 3, again)
	text("one 2 two three")
	if none := a.invert(t, 99, rga.Ticks{To: 5}); none.From != none.To {
		t.Errorf("an unknown replica's: %v", none)
	}
	if none := a.invert(t, 3, rga.Ticks{From: 100, To: 200}); none.From != none.To {
		t.Errorf("ticks to come: %v", none)
	}
}

// TestUndoSparesOthers: undo neither brings back what another one deleted too, nor deletes what
// another one typed inside.
func TestUndoSparesOthers(t *testing.T) {
	a, b := &person{doc: rga.New(2)}, &person{doc: rga.New(3)}
	if _, _, err := a.doc.Edit(1, rga.Edit{Insert: "keep gone keep"}); err != nil {
		t.Fatal(err)
	}
	exchange(t, a.doc, b.doc)
	ticks, _, err := a.doc.Edit(1, rga.Edit{Offset: 5, Delete: 5})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.doc.Edit(1, rga.Edit{Offset: 5, Delete: 5}); err != nil {
		t.Fatal(err)
	}
	exchange(t, a.doc, b.doc)
	a.invert(t, 2, ticks)
	if got := a.doc.View().String(); got != "keep keep" {
		t.Errorf("undo brought back what another one deleted: %q", got)
	}
	typed, _, err := a.doc.Edit(1, rga.Edit{Offset: 5, Insert: "[]"})
	if err != nil {
		t.Fatal(err)
	}
	exchange(t, a.doc, b.doc)
	if _, _, err := b.doc.Edit(1, rga.Edit{Offset: 6, Insert: "mine"}); err != nil {
		t.Fatal(err)
	}
	exchange(t, a.doc, b.doc)
	a.invert(t, 2, typed)
	exchange(t, a.doc, b.doc)
	if got := b.doc.View().String(); got != "keep minekeep" {
		t.Errorf("undo of the text around: %q", got)
	}
}

// TestInvertWholeRunes: ticks that cut a rune take it back whole.
func TestInvertWholeRunes(t *testing.T) {
	p := &person{doc: rga.New(2)}
	if _, _, err := p.doc.Edit(1, rga.Edit{Insert: "a世b"}); err != nil {
		t.Fatal(err)
	}
	p.invert(t, 2, rga.Ticks{From: 2, To: 3})
	if got := p.doc.View().String(); got != "ab" {
		t.Errorf("%q", got)
	}
}
