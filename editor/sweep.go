package editor

import "coedit/rga"

// Sweep looks for the next match from a place on, in parts of bounded size: forwards or backwards to the end of where it
// may look, and then from the other end. It belongs to one goroutine at a time.
type Sweep struct {
	p      *Pattern
	view   *rga.View
	back   bool
	todo   []stretch // in this order; those that are looked through shrink
	passed int       // bytes looked through
	total  int
}

// Sweep begins to look for a match in [lo, hi) of a view: the first one that begins at or behind from, or, if back, the last
// one that begins before from.
func (p *Pattern) Sweep(v *rga.View, lo, hi, from int, back bool) *Sweep {
	lo, hi = max(lo, 0), min(hi, v.Len())
	from = min(max(from, lo), hi)
	before, behind := stretch{lo, from, hi}, stretch{from, hi, hi}
	s := &Sweep{p: p, view: v, back: back, todo: []stretch{behind, before}, total: max(hi-lo, 1)}
	if back {
		s.todo = []stretch{before, behind}
	}
	return s
}

// Step looks through about n more bytes. found: there is the match; done: there is none.
func (s *Sweep) Step(n int) (m Match, found, done bool) {
	for len(s.todo) > 0 && n > 0 {
		where := &s.todo[0]
		part := *where
		size := min(n, where.until-where.from)
		if s.back {
			part.from = where.until - size
			m, found = s.p.last(s.view, part)
			where.until = part.from
		} else {
			part.until = where.from + size
			m, found = s.p.first(s.view, part)
			where.from = part.until
		}
		if found {
			return m, true, false
		}
		n -= size
		s.passed += size
		if where.from >= where.until {
			s.todo = s.todo[1:]
		}
	}
	return Match{}, false, len(s.todo) == 0
}

// Wrapped says whether the search has come to the end and gone on from the other one.
func (s *Sweep) Wrapped() bool { return len(s.todo) < 2 }

// Percent is how much is looked through.
func (s *Sweep) Percent() int { return int(int64(s.passed) * 100 / int64(s.total)) }
