package rga

import "unicode/utf8"

// Invert appends own ops that take back what the ops in t of the given replica did, as far as it still stands:
// inserted elements get this replica's deletion; visibility set by them goes to the next counter where the counter
// is still theirs. With by == Replica() it is undo; inverting the returned ticks is redo; with another's id it is "revert".
// Where nothing is left to take back the returned range is empty.
//
// A counter is still theirs when it is the one that the op set. A greater one of the same parity
// will do too where nobody can be overruled who has decided since: for this replica's own counter,
// which undo and redo of other edits of the same text leave two higher; and when a deletion of
// another replica's is reverted, which may have been reverted before and deleted again.
//
// Of metadata nothing is taken back, nor of text that is forgotten. A rune of which t has a part is taken back whole.
func (d *Doc) Invert(at int64, by ReplicaID, t Ticks) (Ticks, []Change, error) {
	d.begin()
	start := d.self.clock
	nothing := Ticks{uint64(start), uint64(start)}
	r := d.byID[by]
	if r == nil || t.From >= t.To || t.From >= uint64(r.clock) {
		return nothing, nil, nil
	}
	from, to := uint32(t.From), uint32(min(t.To, uint64(r.clock)))
	if err := d.judgeRoom(d.self, 0, int(to-from)+2*utf8.UTFMax); err != nil {
		return nothing, nil, err
	}
	inv := inversion{d: d, at: at}
	for i := r.log.opAt(to - 1); i >= 0 && to > from; i-- {
		o := *r.log.ops.at(i)
		first := max(from, o.clock)
		inv.op(r, &o, first, to, r.opEnd(i)-o.clock)
		to = o.clock
	}
	return Ticks{uint64(start), uint64(d.self.clock)}, d.changed(), nil
}

// inversion is one call of Invert.
type inversion struct {
	d      *Doc
	at     int64
	signed bool
}

// op takes back the ticks [from, to) of an op of r that has n ticks.
func (v *inversion) op(r *replica, o *logOp, from, to, n uint32) {
	t := &v.d.tree
	skip, part := from-o.clock, to-from
	switch o.kind() {
	case opMeta:
	case opInsert:
		v.elements(r, o.seq+skip, part, v.d.self.self, 0, false)
	default:
		if o.backwards() {
			skip = n - skip - part
		}
		exactly := o.deleter != v.d.self.self && (r == v.d.self || o.value()%2 == 0)
		v.elements(t.reps[o.rep], o.seq0+skip, part, o.deleter, o.value(), exactly)
	}
}

// elements raises the deleter's counter by one on those of n elements from seq on where it is as
// counter left it: exactly, or of its parity.
func (v *inversion) elements(target *replica, seq, n, deleter, counter uint32, exactly bool) {
	d := v.d
	end := seq + n
	for !target.arena.boundary(end) {
		end++
	}
	seq = target.arena.runeStart(seq)
	n = end - seq
	for n > 0 {
		p := d.tree.find(target.self, seq)
		s := d.tree.leaves[p.leaf].p.spans[p.i]
		part := min(n, s.n-p.k)
		now := d.vis.counter(s.state, deleter)
		if (now == counter || !exactly && now&1 == counter&1) && now < MaxCounter && !d.vis.forgets(s.state) {
			v.sign()
			d.paint(p, s, part, d.vis.raise(s.state, deleter, now+1))
			d.self.logSet(target, seq, part, deleter, now+1, false)
		}
		seq += part
		n -= part
	}
}

// sign begins the own ops, once there is one.
func (v *inversion) sign() {
	if !v.signed {
		v.d.sign(v.at)
		v.signed = true
	}
}
