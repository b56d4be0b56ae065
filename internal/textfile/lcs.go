package textfile

// pair says that token a of the one and token b of the other sequence are matched.
type pair struct{ a, b int }

// lcs finds longest common subsequences by the linear-space algorithm of Myers ("An O(ND) difference algorithm and its
// variations", 1986). Its work is bounded: once the steps are used up, what is left is taken to have nothing in common.
type lcs struct {
	steps    int // comparisons left for all sequences
	left     int // and for these
	out      []pair
	fwd, bwd []int // furthest x per diagonal, from either end
}

// none stands for a diagonal that has left the grid.
const none = -1 << 40

// pairs returns the matched tokens, ascending. Tokens that only one side holds cannot be matched and are left out
// first. allowed is the most comparisons to make.
func (l *lcs) pairs(a, b []uint64, allowed int) []pair {
	l.left = min(allowed, l.steps)
	l.steps -= l.left
	defer func() { l.steps += max(l.left, 0) }()
	ia, ib := shared(a, b), shared(b, a)
	l.out = nil
	l.match(pick(a, ia), pick(b, ib), 0, 0)
	for i, p := range l.out {
		l.out[i] = pair{ia[p.a], ib[p.b]}
	}
	return l.out
}

// shared returns the indices of the tokens of a that b holds too.
func shared(a, b []uint64) []int {
	in := make(map[uint64]struct{}, len(b))
	for _, id := range b {
		in[id] = struct{}{}
	}
	var at []int
	for i, id := range a {
		if _, ok := in[id]; ok {
			at = append(at, i)
		}
	}
	return at
}

func pick(ids []uint64, at []int) []uint64 {
	picked := make([]uint64, len(at))
	for i, j := range at {
		picked[i] = ids[j]
	}
	return picked
}

// match appends the pairs between a and b, which begin at tokens ia and ib.
func (l *lcs) match(a, b []uint64, ia, ib int) {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	l.run(ia, ib, n)
	a, b, ia, ib = a[n:], b[n:], ia+n, ib+n
	m := 0
	for m < len(a) && m < len(b) && a[len(a)-1-m] == b[len(b)-1-m] {
		m++
	}
	a, b = a[:len(a)-m], b[:len(b)-m]
	if len(a) > 0 && len(b) > 0 {
		if x, y, n, ok := l.middle(a, b); ok {
			l.match(a[:x], b[:y], ia, ib)
			l.run(ia+x, ib+y, n)
			l.match(a[x+n:], b[y+n:], ia+x+n, ib+y+n)
		}
	}
	l.run(ia+len(a), ib+len(b), m)
}

func (l *lcs) run(ia, ib, n int) {
	for i := range n {
		l.out = append(l.out, pair{ia + i, ib + i})
	}
}

// middle finds the run of n matches at (x, y) in the middle of a shortest path; false if the steps do not suffice. Both
// directions run on the same grid; the backward one counts from the far corner.
func (l *lcs) middle(a, b []uint64) (x, y, n int, ok bool) {
	limit := (len(a)+len(b)+1)/2 + 1
	delta := len(a) - len(b)
	if need := 2*limit + 3; cap(l.fwd) < need {
		l.fwd, l.bwd = make([]int, need), make([]int, need)
	}
	fwd := diagonals{v: l.fwd[:2*limit+3], zero: limit + 1, n: len(a), m: len(b)}
	bwd := diagonals{v: l.bwd[:2*limit+3], zero: limit + 1, n: len(a), m: len(b)}
	for d := 0; d < limit; d++ {
		for k := -d; k <= d; k += 2 {
			x := fwd.step(d, k)
			from := x
			for x >= 0 && x < len(a) && x-k < len(b) && a[x] == b[x-k] {
				x++
			}
			fwd.v[fwd.zero+k] = x
			if l.left -= 1 + x - from; l.left < 0 {
				return 0, 0, 0, false
			}
			if r := delta - k; x >= 0 && delta&1 != 0 && -d < r && r < d && x+bwd.v[bwd.zero+r] >= len(a) {
				return from, from - k, x - from, true
			}
		}
		for k := -d; k <= d; k += 2 {
			x := bwd.step(d, k)
			from := x
			for x >= 0 && x < len(a) && x-k < len(b) && a[len(a)-1-x] == b[len(b)-1-x+k] {
				x++
			}
			bwd.v[bwd.zero+k] = x
			if l.left -= 1 + x - from; l.left < 0 {
				return 0, 0, 0, false
			}
			if r := delta - k; x >= 0 && delta&1 == 0 && -d <= r && r <= d && x+fwd.v[fwd.zero+r] >= len(a) {
				return len(a) - x, len(b) - x + k, x - from, true
			}
		}
	}
	return 0, 0, 0, false
}

// diagonals holds the furthest x on each diagonal k = x - y of a grid of n by m.
type diagonals struct {
	v          []int
	zero, n, m int
}

// step is the furthest x on diagonal k after d edits, before following matches; none outside the grid.
func (g *diagonals) step(d, k int) int {
	if d == 0 {
		return 0
	}
	down, right := none, none
	if k < d {
		down = g.v[g.zero+k+1]
		if down-k > g.m {
			down = none
		}
	}
	if k > -d {
		if right = g.v[g.zero+k-1] + 1; right > g.n {
			right = none
		}
	}
	return max(down, right, none)
}
