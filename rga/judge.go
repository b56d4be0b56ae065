package rga

import (
	"fmt"
	"unicode/utf8"
)

// trim removes from b what r has done already.
func (b *batch) trim(r *replica) error {
	clock, i, marks := b.clock, 0, 0
	for clock < r.clock {
		o := &b.ops[i]
		i++
		switch {
		case o.n == 0: // a mark
		case o.n <= r.clock-clock:
			clock += o.n
		default:
			b.ops = b.ops[i-1:]
			return b.cut(&b.ops[0], r.clock-clock, r)
		}
		marks = i
	}
	b.ops = b.ops[marks:]
	return nil
}

// cut removes the first k ticks of an op of r.
func (b *batch) cut(o *wireOp, k uint32, r *replica) error {
	o.n -= k
	switch o.kind {
	case kindInsert:
		o.ref, o.seq = b.own(), r.seq-1
		o.from += int(k)
		if r.seq == 0 || !utf8.RuneStart(b.body[o.from]) {
			return fmt.Errorf("%w: %x at tick %d is inside a rune", ErrInvalid, uint64(b.author), r.clock)
		}
	case kindSet:
		o.seq += k
	}
	return nil
}

// judgeOp decides whether the next op of r is valid. lamport is the greatest Lamport time that r
// knows of before it, and is advanced over it.
func (d *Doc) judgeOp(b *batch, o *wireOp, r *replica, lamport *uint64) error {
	switch o.kind {
	case kindSeen:
		for _, s := range b.seen[o.from:o.to] {
			*lamport = max(*lamport, b.reps[s.ref].lamportAt(s.clock))
		}
	case kindInsert:
		text := b.body[o.from:o.to]
		if !utf8.Valid(text) {
			return fmt.Errorf("%w: text is not UTF-8", ErrInvalid)
		}
		if o.ref != fromStart {
			if err := judgeOrigin(b, o, r, *lamport); err != nil {
				return err
			}
		}
		r.arena.add(text)
		*lamport += uint64(o.n)
	case kindSet, kindSetBack:
		target := b.reps[o.ref]
		if int(o.seq)+int(o.n) > len(target.arena.text) {
			return fmt.Errorf("%w: own elements %d to %d do not exist", ErrInvalid, o.seq, o.seq+o.n)
		}
		if !target.arena.boundary(o.seq) || !target.arena.boundary(o.seq+o.n) {
			return fmt.Errorf("%w: elements %d to %d of %x are not whole runes",
				ErrInvalid, o.seq, o.seq+o.n, uint64(target.id))
		}
	case kindMeta:
		*lamport++
		m := b.meta(o)
		return judgeMeta(m.key, m.value)
	}
	return nil
}

// judgeOrigin decides whether an insertion may have its origin.
func judgeOrigin(b *batch, o *wireOp, r *replica, lamport uint64) error {
	origin := b.reps[o.ref]
	if int(o.seq) >= len(origin.arena.text) {
		return fmt.Errorf("%w: own origin %d does not exist", ErrInvalid, o.seq)
	}
	if !origin.arena.boundary(o.seq + 1) {
		return fmt.Errorf("%w: origin %d of %x is inside a rune", ErrInvalid, o.seq, uint64(origin.id))
	}
	if origin != r && origin.lamport(o.seq) > lamport {
		return fmt.Errorf("%w: origin %d of %x is not in the author's past", ErrInvalid, o.seq, uint64(origin.id))
	}
	return nil
}

// integrate applies a batch that was judged good.
func (d *Doc) integrate(b *batch, res *Result) {
	r := b.reps[b.own()]
	if d.byID[r.id] == nil {
		r.self = uint32(len(d.tree.reps))
		d.tree.reps = append(d.tree.reps, r)
		d.byID[r.id] = r
	}
	for i := range b.ops {
		d.integrateOp(b, &b.ops[i], r)
		if b.ops[i].n > 0 {
			res.Ops++
		}
	}
	d.freshen(r)
}

func (d *Doc) integrateOp(b *batch, o *wireOp, r *replica) {
	switch o.kind {
	case kindMark:
		r.logStamp(o.at)
	case kindSeen:
		d.see(b, o, r)
	case kindInsert:
		rep, seq := uint32(fromStart), uint32(0)
		if o.ref != fromStart {
			rep, seq = b.reps[o.ref].self, o.seq
		}
		p := d.grow(r, d.behind(rep, seq), rep, seq, o.n)
		d.note(d.tree.offset(p)-int(o.n), 0, r.arena.text[r.seq-o.n:r.seq:r.seq])
	case kindSet, kindSetBack:
		target, deleter := b.reps[o.ref], b.reps[o.deleter]
		d.set(target, o.seq, o.n, deleter.self, o.counter)
		r.logSet(target, o.seq, o.n, deleter.self, o.counter, o.kind == kindSetBack)
	case kindMeta:
		d.setMeta(r, b.meta(o))
	}
}

// see records what the author had seen of others.
func (d *Doc) see(b *batch, o *wireOp, r *replica) {
	greatest := uint64(0)
	for _, s := range b.seen[o.from:o.to] {
		p := b.reps[s.ref]
		r.log.parents = append(r.log.parents, parent{r.clock, p.self, s.clock})
		greatest = max(greatest, p.lamportAt(s.clock))
		if p.fresh >= 0 && p.clock <= s.clock {
			d.cover(p)
		}
	}
	r.witness(greatest)
}

// freshen makes r, which has new ticks, one of the parents of the next own op.
func (d *Doc) freshen(r *replica) {
	if r == d.self || r.fresh >= 0 {
		return
	}
	r.fresh = len(d.fresh)
	d.fresh = append(d.fresh, int32(r.self))
}

// cover takes p off the list of what the next own op has as parents.
func (d *Doc) cover(p *replica) {
	last := len(d.fresh) - 1
	moved := d.tree.reps[d.fresh[last]]
	d.fresh[p.fresh], moved.fresh = d.fresh[last], p.fresh
	d.fresh = d.fresh[:last]
	p.fresh = -1
}
