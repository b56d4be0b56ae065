package rga

import "fmt"

// judgeMarks decides whether times and parents stand before ticks that begin a rune: a batch that brings
// them begins there. They are those of a replica whose text is in its arena.
func (d *Doc) judgeMarks(r *replica) error {
	i := 0
	for _, s := range r.log.stamps {
		if i = r.opFrom(i, s.clock); !d.whole(r, i, s.clock) {
			return fmt.Errorf("time at tick %d, inside a rune", s.clock)
		}
	}
	i = 0
	for _, p := range r.log.parents {
		if i = r.opFrom(i, p.clock); !d.whole(r, i, p.clock) {
			return fmt.Errorf("parent of tick %d, inside a rune", p.clock)
		}
	}
	return nil
}

// opFrom is the index of the op that holds a tick, which is i or later.
func (r *replica) opFrom(i int, clock uint32) int {
	for r.opEnd(i) <= clock {
		i++
	}
	return i
}

// whole reports whether a tick of r, which op i holds, begins a rune, be it inserted or one whose visibility is set.
func (d *Doc) whole(r *replica, i int, clock uint32) bool {
	o := r.log.ops.at(i)
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
