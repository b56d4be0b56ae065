package rga

import "fmt"

// judgeMarks decides whether times and parents stand before ticks that begin a rune: a batch that brings
// them begins there. They are those of a replica whose text is in its arena.
func (d *Doc) judgeMarks(r *replica) error {
	for _, s := range r.log.stamps {
		if !d.whole(r, s.clock) {
			return fmt.Errorf("time at tick %d, inside a rune", s.clock)
		}
	}
	for _, p := range r.log.parents {
		if !d.whole(r, p.clock) {
			return fmt.Errorf("parent of tick %d, inside a rune", p.clock)
		}
	}
	return nil
}

// whole reports whether a tick of r begins a rune, be it inserted or one whose visibility is set.
func (d *Doc) whole(r *replica, clock uint32) bool {
	i := r.log.opAt(clock)
	o := &r.log.ops[i]
	done := clock - o.clock
	switch {
	case o.kind() == opMeta:
		return true
	case o.kind() == opInsert:
		return r.arena.boundary(o.seq + done)
	case o.backwards():
		return d.tree.reps[o.rep].arena.boundary(o.seq0 + r.opEnd(i) - o.clock - done)
	default:
		return d.tree.reps[o.rep].arena.boundary(o.seq0 + done)
	}
}
