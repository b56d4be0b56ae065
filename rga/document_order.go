package rga

import "math/bits"

// pieces are the stretches of elements that a loaded document's spans are made of: they end where
// another element than the next one of the same insertion may follow, or where visibility may change. A piece is a
// span whose number n and state are settled step by step. The pieces of one replica stand side by side in order of seq.
type pieces struct {
	d     *Doc
	lost  []span // forgotten elements, in ranges
	all   []span
	first []uint32 // by replica index: its first piece, and one more entry at the end
	cuts  []cuts   // by replica index

	// The tree of origins: of a piece, the first of those that have its last element as origin, and
	// the next one with the same origin, in descending order of (Lamport time, replica). Numbers are
	// those of pieces plus 1; 0 is none. child[0] is of the beginning.
	child, sibling []uint32
}

// cuts is a set of seqs of one replica: those at which a piece begins.
type cuts struct {
	words []uint64
	ranks []uint32 // by word: members in the words before it
}

func (c *cuts) add(seq uint32) { c.words[seq>>6] |= 1 << (seq & 63) }

// rank is the number of members that are at most seq, minus 1.
func (c *cuts) rank(seq uint32) uint32 {
	w := seq >> 6
	return c.ranks[w] + uint32(bits.OnesCount64(c.words[w]<<(63-seq&63))) - 1
}

// cut decides where pieces begin.
func (p *pieces) cut() {
	reps := p.d.tree.reps
	p.cuts = make([]cuts, len(reps))
	for i, r := range reps {
		p.cuts[i].words = make([]uint64, r.seq>>6+1)
	}
	for _, r := range reps {
		own := &p.cuts[r.self]
		for i := range r.log.ops.tail {
			o := &r.log.ops.tail[i]
			switch o.deleter {
			case opInsert:
				own.add(o.seq)
				if o.rep != fromStart {
					p.cuts[o.rep].add(o.seq0 + 1)
				}
			case opMeta:
			default:
				p.cuts[o.rep].add(o.seq0)
				p.cuts[o.rep].add(o.seq0 + r.opEnd(i) - o.clock)
			}
		}
	}
	for _, s := range p.lost {
		p.cuts[s.rep].add(s.seq)
		p.cuts[s.rep].add(s.end())
	}
	p.first = make([]uint32, len(reps)+1)
	n := uint32(0)
	for i, r := range reps {
		c := &p.cuts[i]
		c.words[r.seq>>6] &^= 1 << (r.seq & 63) // nothing begins behind the last element
		c.ranks = make([]uint32, len(c.words))
		p.first[i] = n
		members := uint32(0)
		for w, word := range c.words {
			c.ranks[w] = members
			members += uint32(bits.OnesCount64(word))
		}
		n += members
	}
	p.first[len(reps)] = n
	p.all = make([]span, n)
	for i, r := range reps {
		p.fill(r, &p.cuts[i], p.all[p.first[i]:p.first[i+1]])
	}
}

// fill makes the pieces of one replica.
func (p *pieces) fill(r *replica, c *cuts, all []span) {
	k := 0
	for w, word := range c.words {
		for ; word != 0; word &= word - 1 {
			seq := uint32(w<<6 + bits.TrailingZeros64(word))
			if k > 0 {
				all[k-1].n = seq - all[k-1].seq
			}
			all[k] = span{seq: seq, rep: r.self}
			k++
		}
	}
	if k > 0 {
		all[k-1].n = r.seq - all[k-1].seq
	}
}

// at is the number of the piece that holds an element.
func (p *pieces) at(rep, seq uint32) uint32 { return p.first[rep] + p.cuts[rep].rank(seq) }

// arrange makes the tree of origins. The pieces of all replicas are taken in ascending order of
// (Lamport time, replica), so that each comes before its siblings that are there already.
func (p *pieces) arrange() {
	p.child = make([]uint32, len(p.all)+1)
	p.sibling = make([]uint32, len(p.all)+1)
	q := p.queue()
	for len(q) > 0 {
		f := q[0]
		for {
			p.attach(f)
			if !f.advance(p) {
				last := len(q) - 1
				q[0] = q[last]
				q = q[:last]
				break
			}
			if q.second(f) {
				break
			}
		}
		q.down(0)
	}
}

// attach puts the piece at the front into the tree.
func (p *pieces) attach(f *front) {
	r, k := f.r, f.piece
	seq := p.all[k].seq
	parent := k // the piece before it, plus 1
	ops := r.log.ops.tail
	for f.op < len(ops) && (ops[f.op].deleter != opInsert || ops[f.op].seq < seq) {
		f.op++
	}
	if f.op < len(ops) && ops[f.op].seq == seq {
		o := &ops[f.op]
		if o.rep == fromStart {
			parent = 0
		} else {
			parent = p.at(o.rep, o.seq0) + 1
		}
	}
	p.sibling[k+1] = p.child[parent]
	p.child[parent] = k + 1
}

// order calls yield for all pieces in the order of the document.
func (p *pieces) order() []uint32 {
	order := make([]uint32, 0, len(p.all))
	var stack []uint32
	for k := p.child[0]; k != 0; {
		order = append(order, k-1)
		next := p.sibling[k]
		switch down := p.child[k]; {
		case down != 0:
			if next != 0 {
				stack = append(stack, next)
			}
			k = down
		case next != 0:
			k = next
		case len(stack) > 0:
			k = stack[len(stack)-1]
			stack = stack[:len(stack)-1]
		default:
			k = 0
		}
	}
	return order
}

// front is the next piece of one replica to be put into the tree.
type front struct {
	r       *replica
	piece   uint32
	lamport uint64
	step    int // in r.times: the first one behind the piece's first element
	op      int // in r.log.ops.tail: not behind the one that inserted the piece
}

// fronts is a heap, the least (Lamport time, replica) first.
type fronts []*front

func (p *pieces) queue() fronts {
	var q fronts
	for i, r := range p.d.tree.reps {
		if p.first[i] < p.first[i+1] {
			f := &front{r: r, piece: p.first[i]}
			f.time(p)
			q = append(q, f)
		}
	}
	for i := len(q)/2 - 1; i >= 0; i-- {
		q.down(i)
	}
	return q
}

// time settles the Lamport time of the front's piece.
func (f *front) time(p *pieces) {
	seq := p.all[f.piece].seq
	for f.step < len(f.r.times) && f.r.times[f.step].seq <= seq {
		f.step++
	}
	f.lamport = uint64(seq) + 1
	if f.step > 0 {
		f.lamport = uint64(seq) + f.r.times[f.step-1].base
	}
}

// advance goes on to the replica's next piece; false when there is none.
func (f *front) advance(p *pieces) bool {
	f.piece++
	if f.piece == p.first[f.r.self+1] {
		return false
	}
	f.time(p)
	return true
}

func (f *front) less(g *front) bool {
	return f.lamport < g.lamport || f.lamport == g.lamport && f.r.id < g.r.id
}

// second reports whether f, the first of the heap, is no longer before all others.
func (q fronts) second(f *front) bool {
	return len(q) > 1 && q[1].less(f) || len(q) > 2 && q[2].less(f)
}

// down restores the heap below i.
func (q fronts) down(i int) {
	for {
		least := i
		for k := 2*i + 1; k <= 2*i+2 && k < len(q); k++ {
			if q[k].less(q[least]) {
				least = k
			}
		}
		if least == i {
			return
		}
		q[i], q[least] = q[least], q[i]
		i = least
	}
}
