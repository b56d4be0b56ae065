package rga

import (
	"fmt"
	"unicode/utf8"
)

// EditAt applies local edits whose offsets refer to the text at a version, as if another replica
// with this one's id had made them there and its ops had come now: what others changed since stays,
// text goes where RGA puts it among what was inserted there since, and what was deleted meanwhile is
// deleted by this replica, too. But the ops are made now, with all that is here as their causes.
//
// This is how a text edited elsewhere, from a copy of that version, comes back. It takes time in
// proportion to the history.
func (d *Doc) EditAt(at int64, v Version, edits ...Edit) (Ticks, []Change, error) {
	c, err := d.cut(v)
	if err != nil {
		return Ticks{}, nil, err
	}
	late := lateEdit{d: d, at: at, then: viewOf(d.tree.reps, c.visible()), lamport: c.lamport() + 1, end: -1}
	if err := late.judge(edits); err != nil {
		return Ticks{}, nil, err
	}
	d.begin()
	from := d.self.clock
	for _, e := range edits {
		if e.Delete > 0 || e.Insert != "" {
			late.edit(e)
		}
	}
	return Ticks{uint64(from), uint64(d.self.clock)}, d.changed(), nil
}

// lateEdit is one call of EditAt.
type lateEdit struct {
	d       *Doc
	at      int64
	signed  bool
	then    *View
	lamport uint64 // of the next insertion, had it been made then

	// The end of the latest edit, and the element left of it in the text that the edits make.
	end      int
	rep, seq uint32
}

// judge checks all edits before any is made.
func (l *lateEdit) judge(edits []Edit) error {
	end, inserted, ticks := 0, 0, 0
	for _, e := range edits {
		if e.Offset < end || e.Offset > l.then.len || e.Delete < 0 || e.Delete > l.then.len-e.Offset {
			return fmt.Errorf("%w: edit of %d bytes at %d of %d", ErrRange, e.Delete, e.Offset, l.then.len)
		}
		end = e.Offset + e.Delete
		if !l.between(e.Offset) || !l.between(end) {
			return fmt.Errorf("%w: edit of %d bytes at %d splits a rune", ErrRange, e.Delete, e.Offset)
		}
		if !utf8.ValidString(e.Insert) {
			return fmt.Errorf("%w: text inserted at %d is not UTF-8", ErrInvalid, e.Offset)
		}
		inserted += len(e.Insert)
		ticks += len(e.Insert) + e.Delete
	}
	return l.d.judgeRoom(l.d.self, inserted, ticks)
}

// between reports whether off lies between two runes of the text then.
func (l *lateEdit) between(off int) bool {
	for c := range l.then.Chunks(off, off+1) {
		return utf8.RuneStart(c[0])
	}
	return true
}

func (l *lateEdit) edit(e Edit) {
	if e.Offset != l.end {
		l.rep, l.seq = fromStart, 0
		l.then.spans(e.Offset-1, e.Offset, func(s span) { l.rep, l.seq = s.rep, s.seq })
	}
	l.end = e.Offset + e.Delete
	l.then.spans(e.Offset, l.end, l.delete)
	if e.Insert != "" {
		l.insert(e.Insert)
	}
}

// delete deletes elements that were visible then, unless this replica has done so since.
func (l *lateEdit) delete(s span) {
	d := l.d
	for s.n > 0 {
		p := d.tree.find(s.rep, s.seq)
		now := d.tree.leaves[p.leaf].p.spans[p.i]
		n := min(s.n, now.n-p.k)
		counter := d.vis.counter(now.state, d.self.self)
		if counter&1 == 0 && counter < MaxCounter {
			l.sign()
			d.paint(p, now, n, d.vis.raise(now.state, d.self.self, counter+1))
			d.self.logSet(d.tree.reps[s.rep], s.seq, n, d.self.self, counter+1, false)
		}
		s.seq += n
		s.n -= n
	}
}

// sign begins the own ops, once there is one: what is deleted may have been deleted by this replica since.
func (l *lateEdit) sign() {
	if !l.signed {
		l.d.sign(l.at)
		l.signed = true
	}
}

// insert inserts text where an insertion made then, with the element left of it as origin, would
// stand now. The element that is left of that place now becomes its origin: being newer than
// all there, it stands right behind it.
func (l *lateEdit) insert(text string) {
	l.sign()
	d, r, n := l.d, l.d.self, uint32(len(text))
	p := d.skipGreater(r, d.behind(l.rep, l.seq), l.lamport)
	rep, seq := d.tree.elementBefore(p)
	r.arena.addString(text)
	p = d.grow(r, p, rep, seq, n)
	d.note(d.tree.offset(p)-len(text), 0, r.arena.text[r.seq-n:r.seq:r.seq])
	l.lamport += uint64(n)
	l.rep, l.seq = r.self, r.seq-1
}

// elementBefore returns the element that stands before a place, or the beginning.
func (t *tree) elementBefore(p place) (rep, seq uint32) {
	if p.k == 0 {
		return fromStart, 0
	}
	s := t.leaves[p.leaf].p.spans[p.i]
	return s.rep, s.seq + p.k - 1
}
