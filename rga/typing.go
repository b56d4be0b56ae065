package rga

import (
	"encoding/binary"
	"unicode/utf8"
)

// What most edits are: text that goes on right behind the element that its author inserted last. The functions of this
// file do that in fewer steps than those that can do everything, to the same end, and leave the rest to them.

// typeOn makes an edit that inserts text at the cursor, right behind the last own element. Where it is none, or where
// there is anything to decide, it does nothing and returns false.
//
// There is nothing to skip: an own element has a greater Lamport time than all that is here.
func (d *Doc) typeOn(at int64, e *Edit) bool {
	t, r, c := &d.tree, d.self, d.tree.cursor
	if c.leaf == noNode || e.Delete != 0 || e.Insert == "" || len(e.Insert) > spanMax || len(d.fresh) > 0 || r.stampDue(at) {
		return false
	}
	s, n := &t.leaves[c.leaf].p.spans[c.i], uint32(len(e.Insert))
	if s.rep != r.self || s.end() != r.seq || s.state != 0 || s.n+n > spanMax || e.Offset != c.off+int(s.n) ||
		!utf8.ValidString(e.Insert) || d.judgeRoom(r, int(n), int(n)) != nil {
		return false
	}
	d.begin()
	r.arena.addString(e.Insert)
	d.lengthen(r, place{c.leaf, c.i, s.n}, n)
	d.note(e.Offset, 0, r.arena.text[r.seq-n:r.seq:r.seq])
	return true
}

// lengthen adds the next n elements of r, whose text is in its arena, to the span that holds the one before them, at
// whose end p is, and logs them. The span has room, and there is nothing between that is greater.
func (d *Doc) lengthen(r *replica, p place, n uint32) {
	d.tree.leafForWrite(p.leaf).spans[p.i].n += n
	d.tree.keepCursor(p)
	d.tree.count(p.leaf, int32(n), newlines(r.arena.text[r.seq:r.seq+n]))
	d.elements += int(n)
	r.seq += n
	r.logInsert(r.self, r.seq-n-1, n)
}

// typed appends the chunk that holds the ticks from o.from on, if they are all of one insertion that began before, with
// no time, parents or check to be written; else it returns nil.
func (o *Outbox) typed(dst []byte, maxBytes int) []byte {
	r, w := o.d.self, &o.w
	if w.author != r || o.check.bytes >= checkEvery {
		return nil
	}
	op, n := r.log.ops.last(), r.clock-o.from
	if op == nil || op.deleter != opInsert || op.clock >= o.from || int(n) > maxBytes || r.log.marked(o.from) {
		return nil
	}
	dst = binary.AppendUvarint(dst, uint64(n)<<3+uint64(kindContinue))
	dst = append(dst, r.arena.text[r.seq-n:r.seq]...)
	w.next[0] = r.seq
	o.from = r.clock
	return dst
}

// marked reports whether there are times or parents at or behind a tick.
func (l *oplog) marked(clock uint32) bool {
	s, p := len(l.stamps), len(l.parents)
	return s > 0 && l.stamps[s-1].clock >= clock || p > 0 && l.parents[p-1].clock >= clock
}

// typed applies a chunk that is one insertion behind the author's last element, of which nothing is known yet. Where it
// is none, or where there is anything to decide, it does nothing and returns false.
func (in *Inbox) typed(chunk []byte, res *Result) bool {
	d, b := in.d, &in.b
	if len(chunk) < 2 || chunk[0] >= 0x80 || chunk[0]&7 != kindContinue || int(chunk[0]>>3) != len(chunk)-1 ||
		in.resolved == 0 || !d.enrolled(b.reps[0]) || len(d.refused) > 0 {
		return false
	}
	r, text := b.reps[0], chunk[1:]
	n := uint32(len(text))
	if r == d.self || b.end != r.clock || r.seq == 0 || !utf8.Valid(text) || d.judgeRoom(r, int(n), int(n)) != nil {
		return false
	}
	p := d.tree.find(r.self, r.seq-1)
	s := &d.tree.leaves[p.leaf].p.spans[p.i]
	p.k++
	if s.state != 0 || s.n+n > spanMax || d.skipGreater(r, p, r.lamport(r.seq)) != p {
		return false
	}
	d.begin()
	r.arena.add(text)
	d.lengthen(r, p, n)
	d.note(d.tree.offset(place{p.leaf, p.i, p.k + n})-int(n), 0, r.arena.text[r.seq-n:r.seq:r.seq])
	d.freshen(r)
	b.end, b.reach, b.next[0] = r.clock, r.seq, int64(r.seq)
	res.Ops = 1
	d.release(r.id, res)
	return true
}
