package rga

import "math/bits"

// recentGaps are the places at which an author's latest ops began and ended. What it does next is
// most often near one of them, and so they are what places are named by in a document.
type recentGaps struct {
	gaps [recentMax]gap // the latest first
	n    int
}

const (
	recentMax  = 7
	recentNone = recentMax // instead of the number of a recent gap: none is of the replica
)

// gap is the place before the at-th element of a replica, which need not stand there: origins are the
// element before it, ranges begin or end there.
type gap struct{ place, at uint32 } // place in the list of the document's replicas

// push makes g the latest gap.
func (r *recentGaps) push(g gap) {
	i := 0
	for i < r.n && r.gaps[i] != g {
		i++
	}
	if i == r.n {
		if r.n < recentMax {
			r.n++
		} else {
			i--
		}
	}
	copy(r.gaps[1:i+1], r.gaps[:i])
	r.gaps[0] = g
}

// nearest returns the number of the recent gap from which g is named in the fewest bytes, and the distance.
func (r *recentGaps) nearest(g gap) (best int, delta int64) {
	best = recentNone
	least := 64
	for i, c := range r.gaps[:r.n] {
		if c.place != g.place {
			continue
		}
		d := int64(g.at) - int64(c.at)
		// Three bits of the first byte are the number.
		size := 0
		if zigzag := uint64(d<<1) ^ uint64(d>>63); zigzag != 0 {
			size = 1 + (bits.Len64(zigzag)+2)/7
		}
		if size < least {
			best, delta, least = i, d, size
		}
	}
	return best, delta
}

// ranged notes a visibility op on the n elements behind g, or before it.
func (r *recentGaps) ranged(g gap, n uint32, back bool) {
	if back {
		r.push(g)
		g.at -= n
	} else {
		r.push(gap{g.place, g.at + n})
	}
	r.push(g)
}
