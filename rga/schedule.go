package rga

import "slices"

// scheduler yields the ticks of a document that a version lacks in an order in which causes come first.
type scheduler struct {
	d       *Doc
	done    []uint32         // by replica index: ticks yielded, or included at the beginning
	seqs    []uint32         // the elements among them
	waiting map[uint32][]int // replica index to those that wait for its ticks
	ready   []int            // replica indices, the next one last
}

func (d *Doc) schedule(v Version) *scheduler {
	s := &scheduler{d: d, waiting: map[uint32][]int{}}
	for i, r := range d.tree.reps {
		done := uint32(min(v[r.id], uint64(r.clock)))
		s.done = append(s.done, done)
		s.seqs = append(s.seqs, r.seqAt(done))
		if done < r.clock {
			s.ready = append(s.ready, i)
		}
	}
	slices.SortFunc(s.ready, func(a, b int) int {
		if d.tree.reps[a].id > d.tree.reps[b].id {
			return -1
		}
		return 1
	})
	return s
}

// next returns the next stretch of one replica's ticks; ok is false when there is none left.
func (s *scheduler) next() (r *replica, from, to uint32, ok bool) {
	for len(s.ready) > 0 {
		i := s.ready[len(s.ready)-1]
		s.ready = s.ready[:len(s.ready)-1]
		r = s.d.tree.reps[i]
		from = s.done[i]
		to, blocker := s.reach(r, from)
		if to < r.clock {
			s.waiting[blocker] = append(s.waiting[blocker], i)
		}
		if to == from {
			continue
		}
		s.done[i], s.seqs[i] = to, r.seqAt(to)
		s.ready = append(s.ready, s.waiting[uint32(i)]...)
		delete(s.waiting, uint32(i))
		return r, from, to, true
	}
	return nil, 0, 0, false
}

// reach says how far r can go now, and which replica must go first then.
func (s *scheduler) reach(r *replica, from uint32) (to, blocker uint32) {
	m := r.log.marksFrom(from)
	parents := r.log.parents[m.parent:]
	for i := r.log.opAt(from); from < r.clock; i++ {
		end, need := s.opReach(r, i, from)
		for len(parents) > 0 && parents[0].clock < end {
			p := parents[0]
			if s.done[p.rep] < p.seen {
				return p.clock, p.rep
			}
			parents = parents[1:]
		}
		if end < r.opEnd(i) {
			return end, need
		}
		from = end
	}
	return from, 0
}

// opReach is the tick up to which the elements that op i of r names, from a tick on, are there; and
// the replica that lacks the next one.
func (s *scheduler) opReach(r *replica, i int, from uint32) (to, blocker uint32) {
	o, end := r.log.ops.at(i), r.opEnd(i)
	switch o.kind() {
	case opMeta:
	case opInsert:
		if from == o.clock && o.rep != fromStart && o.rep != r.self && o.seq0 >= s.seqs[o.rep] {
			return from, o.rep
		}
	default:
		if o.deleter != r.self && s.done[o.deleter] == 0 {
			return from, o.deleter
		}
		if o.rep == r.self || o.seq0+end-o.clock <= s.seqs[o.rep] {
			break
		}
		// A run forwards may have begun before its last elements were made.
		if there := o.clock + max(s.seqs[o.rep], o.seq0) - o.seq0; !o.backwards() && there > from {
			return there, o.rep
		} else if o.backwards() && o.seq0+end-from <= s.seqs[o.rep] {
			break
		}
		return from, o.rep
	}
	return end, 0
}
