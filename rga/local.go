package rga

import (
	"fmt"
	"slices"
	"unicode/utf8"
)

// Edit applies local edits as one atomic batch. at is unix milliseconds, kept for blame.
func (d *Doc) Edit(at int64, edits ...Edit) (Ticks, []Change, error) {
	if len(edits) == 1 && d.typeOn(at, &edits[0]) {
		return Ticks{uint64(d.self.clock) - uint64(len(edits[0].Insert)), uint64(d.self.clock)}, d.changed(), nil
	}
	if err := d.judgeEdits(edits); err != nil {
		return Ticks{}, nil, err
	}
	d.begin()
	from := d.self.clock
	shift := 0
	for i := range edits {
		e := &edits[i]
		if e.Delete == 0 && e.Insert == "" {
			continue
		}
		d.sign(at)
		off := e.Offset + shift
		if e.Delete > 0 {
			d.deleteLocal(off, e.Delete)
		}
		if e.Insert != "" {
			d.insertLocal(off, e.Insert)
		}
		shift += len(e.Insert) - e.Delete
	}
	return Ticks{uint64(from), uint64(d.self.clock)}, d.changed(), nil
}

// judgeEdits checks all edits against the present text, before any is made.
func (d *Doc) judgeEdits(edits []Edit) error {
	end, inserted, ticks := 0, 0, 0
	for i := range edits {
		e := &edits[i]
		if e.Offset < end || e.Delete < 0 || e.Delete > d.tree.len-e.Offset || e.Offset > d.tree.len {
			return fmt.Errorf("%w: edit of %d bytes at %d of %d", ErrRange, e.Delete, e.Offset, d.tree.len)
		}
		end = e.Offset + e.Delete
		if !d.wholeRunes(e.Offset, end) {
			return fmt.Errorf("%w: edit of %d bytes at %d splits a rune", ErrRange, e.Delete, e.Offset)
		}
		if !utf8.ValidString(e.Insert) {
			return fmt.Errorf("%w: text inserted at %d is not UTF-8", ErrInvalid, e.Offset)
		}
		inserted += len(e.Insert)
		ticks += len(e.Insert) + e.Delete
	}
	return d.judgeRoom(d.self, inserted, ticks)
}

// judgeRoom checks that so many more elements and ticks of r can be numbered.
func (d *Doc) judgeRoom(r *replica, elements, ticks int) error {
	if elements > MaxElements-d.elements || ticks > MaxTicks-int(r.clock) {
		return fmt.Errorf("%w: %d bytes more than the %d ever inserted", ErrLimit, elements, d.elements)
	}
	return nil
}

// wholeRunes reports whether the range of the text lies between runes.
func (d *Doc) wholeRunes(off, end int) bool {
	if off == end {
		return d.between(off)
	}
	p := d.tree.at(off)
	s := &d.tree.leaves[p.leaf].p.spans[p.i]
	text := d.tree.reps[s.rep].arena.text[s.seq:s.end()]
	if !utf8.RuneStart(text[p.k]) {
		return false
	}
	if to := int(p.k) + end - off; to <= len(text) {
		return to == len(text) || utf8.RuneStart(text[to])
	}
	return d.between(end)
}

// between reports whether off, within the text, lies between two runes.
func (d *Doc) between(off int) bool {
	if off == 0 || off == d.tree.len {
		return true
	}
	p := d.tree.at(off - 1)
	s := d.tree.leaves[p.leaf].p.spans[p.i]
	return p.k+1 == s.n || utf8.RuneStart(d.tree.reps[s.rep].arena.text[s.seq+p.k+1])
}

// sign begins own ops made at: it writes down the time, and what has been seen of others since the
// last own op.
func (d *Doc) sign(at int64) {
	r := d.self
	if r.stampDue(at) {
		r.logStamp(at)
	}
	if len(d.fresh) == 0 {
		return
	}
	slices.SortFunc(d.fresh, func(a, b int32) int {
		if d.tree.reps[a].id < d.tree.reps[b].id {
			return -1
		}
		return 1
	})
	seen := uint64(0)
	for _, i := range d.fresh {
		p := d.tree.reps[i]
		r.log.parents = append(r.log.parents, parent{r.clock, p.self, p.clock})
		seen = max(seen, p.lamportAt(p.clock))
		p.fresh = -1
	}
	d.fresh = d.fresh[:0]
	r.witness(seen)
}

// insertLocal inserts text at a valid offset.
//
// Its origin is the visible byte left of the offset, or, if what directly follows that byte is own
// deleted text up to the last element this replica inserted, that last element: whoever backspaces
// and types on continues a run. Where else an insertion goes among deleted text decides how
// concurrent typing reads.
func (d *Doc) insertLocal(off int, text string) {
	t, r := &d.tree, d.self
	p := t.start()
	rep, seq := uint32(fromStart), uint32(0)
	if off > 0 {
		p = t.at(off - 1)
		s := t.leaves[p.leaf].p.spans[p.i]
		rep, seq = s.rep, s.seq+p.k
		p.k++
	}
	if tail, ok := d.ownTail(p); ok {
		p, rep, seq = tail, r.self, r.seq-1
	}
	r.arena.addString(text)
	d.inserted(p, rep, seq, off, len(text))
}

// inserted puts the last n bytes of the own arena into the document at p, which is the offset off; their origin is given.
func (d *Doc) inserted(p place, rep, seq uint32, off, n int) {
	r := d.self
	p = d.grow(r, p, rep, seq, uint32(n))
	d.tree.cursor = cursor{p.leaf, p.i, off + n - int(p.k)} // and who types
	d.note(off, 0, r.arena.text[r.seq-uint32(n):r.seq:r.seq])
}

// ownTail looks for own deleted elements that stand right behind p and end with the last one this
// replica inserted, and returns the place behind that one.
func (d *Doc) ownTail(p place) (place, bool) {
	t, r := &d.tree, d.self
	p, s, ok := t.following(p)
	if !ok || p.k > 0 || s.rep != r.self || !s.hidden() {
		return p, false
	}
	last := t.find(r.self, r.seq-1)
	if !t.leaves[last.leaf].p.spans[last.i].hidden() {
		return p, false
	}
	for s.end() != r.seq {
		seq := s.end()
		p, s, ok = t.next(p)
		if !ok || s.rep != r.self || s.seq != seq || !s.hidden() {
			return p, false
		}
	}
	return place{p.leaf, p.i, s.n}, true
}

// deleteLocal deletes n bytes at off, a valid range.
func (d *Doc) deleteLocal(off, n int) {
	t := &d.tree
	for left := n; left > 0; {
		p := t.at(off)
		s := t.leaves[p.leaf].p.spans[p.i]
		part := min(uint32(left), s.n-p.k)
		counter := d.vis.counter(s.state, d.self.self) + 1 // it is even, the byte being visible
		if p = t.repaint(p, p.k, p.k+part, d.vis.raise(s.state, d.self.self, counter)); p.k > 0 {
			t.cursor = cursor{p.leaf, p.i, off - int(p.k)} // who backspaces goes on there
		}
		d.self.logSet(t.reps[s.rep], s.seq+p.k, part, d.self.self, counter, false)
		left -= int(part)
	}
	d.note(off, n, nil)
}
