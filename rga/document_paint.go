package rga

import (
	"cmp"
	"fmt"
	"slices"
)

// paint applies the visibility ops. Counters only grow, so that their order does not matter. It is an error if
// something was forgotten that no op ever deleted: text would go without a trace of who did it.
//
// Real histories have short ops on few pieces, which are raised one by one. Of a history in which many long ones lie
// above each other, each replica's pieces are gone through once, from the first to the last.
func (p *pieces) paint() error {
	ops := 0
	for _, r := range p.d.tree.reps {
		ops += r.log.ops.len()
	}
	if !p.paintEach(paintFree + paintShare*(ops+len(p.all))) {
		p.paintAcross()
	}
	for _, s := range p.lost {
		if !p.deleted(s) {
			return fmt.Errorf("%w: elements %d to %d were never deleted", errForgotten, s.seq, s.end())
		}
		p.raise(s, forgotten, 1)
	}
	return nil
}

// What painting op by op may cost: so many pieces raised, and so many more for each op and piece.
var paintFree, paintShare = 1024, 4

// paintEach raises the counters op by op; false when more than room pieces would have to be raised, or many states
// come of it.
func (p *pieces) paintEach(room int) bool {
	for _, r := range p.d.tree.reps {
		for i := range r.log.ops.tail {
			o := &r.log.ops.tail[i]
			if o.kind() != opSet {
				continue
			}
			room -= p.raise(span{seq: o.seq0, n: r.opEnd(i) - o.clock, rep: o.rep}, o.deleter, o.value())
			if room < 0 || p.d.vis.used > p.d.vis.limit {
				return false
			}
		}
	}
	return true
}

// deleted reports whether each of a range of elements has been deleted by somebody at some time.
func (p *pieces) deleted(of span) bool {
	for k := p.at(of.rep, of.seq); k < p.first[of.rep+1] && p.all[k].seq < of.end(); k++ {
		if p.all[k].state == 0 {
			return false
		}
	}
	return true
}

// raise raises a deleter's counter on a range of elements, and returns how many pieces that are.
func (p *pieces) raise(of span, deleter, counter uint32) int {
	v := p.d.vis
	first := p.at(of.rep, of.seq)
	k := first
	for ; k < p.first[of.rep+1] && p.all[k].seq < of.end(); k++ {
		s := &p.all[k]
		s.state = v.raise(s.state, deleter, counter)
	}
	return int(k - first)
}

// paintAcross settles the state of each piece, going through the pieces of each replica.
func (p *pieces) paintAcross() {
	sets := make([][]set, len(p.d.tree.reps))
	for _, r := range p.d.tree.reps {
		for i := range r.log.ops.tail {
			o := &r.log.ops.tail[i]
			if o.kind() == opSet {
				sets[o.rep] = append(sets[o.rep], set{o.deleter, o.value(), o.seq0, o.seq0 + r.opEnd(i) - o.clock})
			}
		}
	}
	for rep := range sets {
		slices.SortFunc(sets[rep], func(a, b set) int { return cmp.Compare(a.from, b.from) })
		b := brush{p: p, counters: map[uint32]*counterHeap{}}
		all := p.all[p.first[rep]:p.first[rep+1]]
		for k := range all {
			sets[rep] = b.move(all[k].seq, sets[rep])
			all[k].state = b.state
			b.tidy()
		}
	}
}

// brush is where going through the pieces of one replica has come to.
type brush struct {
	p        *pieces
	state    uint32
	open     []set                   // a heap by end: the ops that began before, and have not ended
	counters map[uint32]*counterHeap // by deleter: the same, and some that have ended
}

// move goes on to the element at, where pieces and so ops may begin and end. It returns the sets that begin behind it.
func (b *brush) move(at uint32, sets []set) []set {
	for len(b.open) > 0 && b.open[0].to <= at {
		b.settle(b.close().deleter, at)
	}
	for len(sets) > 0 && sets[0].from == at {
		s := sets[0]
		sets = sets[1:]
		h := b.counters[s.deleter]
		if h == nil {
			h = &counterHeap{}
			b.counters[s.deleter] = h
		}
		h.push(s)
		b.push(s)
		b.settle(s.deleter, at)
	}
	return sets
}

// settle makes the deleter's counter the greatest of the ops that have not ended at an element.
func (b *brush) settle(deleter, at uint32) {
	h := b.counters[deleter]
	for len(*h) > 0 && (*h)[0].to <= at {
		h.pop()
	}
	counter := uint32(0)
	if len(*h) > 0 {
		counter = (*h)[0].counter
	}
	if v := b.p.d.vis; v.counter(b.state, deleter) != counter {
		b.state = v.with(b.state, deleter, counter)
	}
}

// push adds an op to those that have not ended.
func (b *brush) push(s set) {
	b.open = append(b.open, s)
	i := len(b.open) - 1
	for i > 0 && b.open[(i-1)/2].to > s.to {
		b.open[i] = b.open[(i-1)/2]
		i = (i - 1) / 2
	}
	b.open[i] = s
}

// close takes out the op that ends first.
func (b *brush) close() set {
	first, last := b.open[0], len(b.open)-1
	s := b.open[last]
	b.open = b.open[:last]
	for i := 0; i < last; {
		child := 2*i + 1
		if child+1 < last && b.open[child+1].to < b.open[child].to {
			child++
		}
		if child >= last || b.open[child].to >= s.to {
			b.open[i] = s
			break
		}
		b.open[i], i = b.open[child], child
	}
	return first
}

// tidy frees states that the brush has left and no piece has.
func (b *brush) tidy() {
	v := b.p.d.vis
	if v.used <= v.limit {
		return
	}
	v.sweep(func(keep func(state uint32)) {
		keep(b.state)
		for k := range b.p.all {
			keep(b.p.all[k].state)
		}
	})
}
