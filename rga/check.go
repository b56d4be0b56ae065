package rga

import (
	"fmt"
	"math"
)

// Check verifies every invariant. It is meant for tests and takes time in proportion to the document.
func (d *Doc) Check() error {
	for _, check := range []func() error{
		d.vis.check, d.checkLeaves, d.checkInners, d.checkIndex, d.checkReplicas, d.checkFresh, d.checkHeld,
	} {
		if err := check(); err != nil {
			return fmt.Errorf("rga: internal error: %w", err)
		}
	}
	return nil
}

// checkLeaves walks the leaves in order: spans, totals, links, and the order of elements.
func (d *Doc) checkLeaves() error {
	t := &d.tree
	vis, nl, elements, prev := 0, 0, 0, noNode
	var before []span // the chain of ancestors by origin of the last element; see checkOrder
	for num := int32(0); num != noNode; num = t.leaves[num].next {
		m := &t.leaves[num]
		if m.prev != prev {
			return fmt.Errorf("leaf %d: previous is %d, says %d", num, prev, m.prev)
		}
		if m.p.n == 0 && len(t.leaves) > 1 || m.p.n > fan {
			return fmt.Errorf("leaf %d has %d spans", num, m.p.n)
		}
		for i, s := range m.p.spans[:m.p.n] {
			if err := d.checkSpan(s); err != nil {
				return fmt.Errorf("leaf %d span %d %+v: %w", num, i, s, err)
			}
			var err error
			if before, err = d.checkOrder(before, s); err != nil {
				return fmt.Errorf("leaf %d span %d %+v: %w", num, i, s, err)
			}
			elements += int(s.n)
		}
		v, n, oldest := t.sum(m.p)
		if v != m.vis || n != m.nl || oldest < m.oldest {
			return fmt.Errorf("leaf %d: %d visible, %d newlines, oldest %d; says %d, %d, %d",
				num, v, n, oldest, m.vis, m.nl, m.oldest)
		}
		vis, nl, prev = vis+int(v), nl+int(n), num
	}
	if t.last != prev || vis != t.len || nl != t.lines || elements != d.elements {
		return fmt.Errorf("last leaf %d, %d visible, %d newlines, %d elements; says %d, %d, %d, %d",
			prev, vis, nl, elements, t.last, t.len, t.lines, d.elements)
	}
	return nil
}

func (d *Doc) checkSpan(s span) error {
	if int(s.rep) >= len(d.tree.reps) || s.n == 0 || s.n > spanMax || int(s.state>>1) >= len(d.vis.nodes) {
		return fmt.Errorf("out of bounds")
	}
	r := d.tree.reps[s.rep]
	if s.end() > r.seq || !r.arena.boundary(s.seq) || !r.arena.boundary(s.end()) {
		return fmt.Errorf("not whole runes of the %d bytes there are", r.seq)
	}
	if d.vis.hidden(s.state>>1) != s.state&hiddenBit || s.state > hiddenBit && d.vis.nodes[s.state>>1] == (visNode{}) {
		return fmt.Errorf("visible or not?")
	}
	if d.vis.forgets(s.state) && d.generation == 0 {
		return fmt.Errorf("forgotten in generation 0")
	}
	return nil
}

// hidden is what the number of a node's state ends with.
func (v *visibility) hidden(num uint32) uint32 {
	n := &v.nodes[num]
	if n.bit == 0 {
		return n.left & hiddenBit
	}
	return (n.left | n.right) & hiddenBit
}

// check checks that each node is well-formed, and in the table as itself.
func (v *visibility) check() error {
	used := 0
	for num := uint32(1); num < uint32(len(v.nodes)); num++ {
		n := v.nodes[num]
		if n == (visNode{}) {
			continue
		}
		used++
		if got := v.intern(n, v.hidden(num)); got>>1 != num {
			return fmt.Errorf("state %d is also %d", num, got>>1)
		}
		if n.bit == 0 {
			if n.left == 0 || n.right != 0 {
				return fmt.Errorf("mark %d %+v", num, n)
			}
			continue
		}
		for i, part := range []uint32{n.left, n.right} {
			p := &v.nodes[part>>1]
			side := p.key&n.bit != 0
			if part>>1 == 0 || *p == (visNode{}) || part&hiddenBit != v.hidden(part>>1) || p.bit >= n.bit ||
				(p.key^n.key)&-(n.bit<<1) != 0 || side != (i == 1) {
				return fmt.Errorf("state %d %+v: part %d %+v", num, n, part>>1, *p)
			}
		}
	}
	if free := len(v.nodes) - 1 - used; used != v.used || free != len(v.free) {
		return fmt.Errorf("%d states, %d free; says %d, %d", used, free, v.used, len(v.free))
	}
	return nil
}

// checkOrder checks the next span's place: the order is a walk through the tree of origins, children
// in descending time, and time grows from parent to child. So the origin of an element is the nearest
// element before it with a smaller time. path holds, by growing time, the spans whose last elements
// can still be an origin (of each span, its part up to that element).
func (d *Doc) checkOrder(path []span, s span) ([]span, error) {
	r := d.tree.reps[s.rep]
	for len(path) > 0 {
		top := &path[len(path)-1]
		if d.greater(d.tree.reps[top.rep], top.seq, r, r.lamport(s.seq)) {
			path = path[:len(path)-1]
			continue
		}
		for d.greater(d.tree.reps[top.rep], top.end()-1, r, r.lamport(s.seq)) {
			top.n--
		}
		break
	}
	rep, seq := uint32(fromStart), uint32(0)
	if len(path) > 0 {
		top := path[len(path)-1]
		rep, seq = top.rep, top.end()-1
	}
	if wantRep, want := r.origin(s.seq); rep != wantRep || rep != fromStart && seq != want {
		return path, fmt.Errorf("origin is (%d, %d) by place, (%d, %d) by the log", rep, seq, wantRep, want)
	}
	return append(path, s), nil
}

// origin is the origin of an element according to the log.
func (r *replica) origin(seq uint32) (rep, origin uint32) {
	if o := r.log.ops.at(r.log.ops.atSeq(seq)); o.kind() == opInsert && o.seq == seq {
		return o.rep, o.seq0
	}
	return r.self, seq - 1
}

// checkInners checks the inner nodes against what is below them.
func (d *Doc) checkInners() error {
	t := &d.tree
	t.flush()
	if t.inners[t.root].parent != noNode {
		return fmt.Errorf("root %d has a parent", t.root)
	}
	for num := range t.inners {
		m := &t.inners[num]
		in := m.p
		if in.n == 0 || in.n > fan {
			return fmt.Errorf("inner %d has %d children", num, in.n)
		}
		for i := range in.n {
			var vis, nl int32
			oldest, parent, same, epoch := uint64(math.MaxUint64), noNode, false, uint64(0)
			if in.low {
				l := &t.leaves[in.ids[i]]
				vis, nl, oldest, parent, same, epoch = l.vis, l.nl, l.oldest, l.parent, l.p == in.leaves[i], l.p.epoch
			} else {
				k := &t.inners[in.ids[i]]
				vis, nl = k.p.sums()
				oldest, parent, same, epoch = k.oldest, k.parent, k.p == in.kids[i], k.p.epoch
			}
			if vis != in.vis[i] || nl != in.nl[i] || oldest < m.oldest || parent != int32(num) || !same || epoch > in.epoch {
				return fmt.Errorf("inner %d child %d: %d visible, %d newlines, says %d, %d; oldest %d in %d; parent %d; same node %v; epoch %d in %d",
					num, in.ids[i], vis, nl, in.vis[i], in.nl[i], oldest, m.oldest, parent, same, epoch, in.epoch)
			}
		}
	}
	return nil
}

func (in *inner) sums() (vis, nl int32) {
	for i := range in.n {
		vis += in.vis[i]
		nl += in.nl[i]
	}
	return vis, nl
}

// checkIndex checks that each element is found in its leaf and nowhere else.
func (d *Doc) checkIndex() error {
	t := &d.tree
	for num := range t.leaves {
		l := t.leaves[num].p
		for _, s := range l.spans[:l.n] {
			x := &t.reps[s.rep].index
			b, i := x.search(s.seq)
			b2, i2 := x.search(s.end() - 1)
			if i < 0 || b != b2 || i != i2 || x.blocks[b][i].leaf != int32(num) {
				return fmt.Errorf("index: span %+v of leaf %d is elsewhere", s, num)
			}
		}
	}
	for _, r := range t.reps {
		last := indexEntry{leaf: noNode}
		for b, blk := range r.index.blocks {
			if len(blk) == 0 || len(blk) > indexBlock {
				return fmt.Errorf("index of %x: block of %d entries", uint64(r.id), len(blk))
			}
			for i, e := range blk {
				first := b == 0 && i == 0
				if first != (e.start == 0) || !first && e.start <= last.start || e.leaf == last.leaf {
					return fmt.Errorf("index of %x: entry %+v behind %+v", uint64(r.id), e, last)
				}
				last = e
			}
		}
	}
	return nil
}

// checkReplicas checks logs and counters.
func (d *Doc) checkReplicas() error {
	if len(d.byID) != len(d.tree.reps) {
		return fmt.Errorf("%d replicas by id, %d by index", len(d.byID), len(d.tree.reps))
	}
	for i, r := range d.tree.reps {
		if r.self != uint32(i) || d.byID[r.id] != r || int(r.seq) != len(r.arena.text) {
			return fmt.Errorf("replica %x: index %d, says %d; %d elements, %d bytes", uint64(r.id), i, r.self, r.seq, len(r.arena.text))
		}
		clock, seq := uint32(0), uint32(0)
		for j := range r.log.ops.len() {
			o := r.log.ops.at(j)
			if o.clock != clock || o.seq != seq || r.opEnd(j) <= clock {
				return fmt.Errorf("replica %x: op %d %+v at tick %d, element %d", uint64(r.id), j, *o, clock, seq)
			}
			if o.kind() == opInsert {
				seq += r.opEnd(j) - clock
			}
			clock = r.opEnd(j)
		}
		if clock != r.clock || seq != r.seq {
			return fmt.Errorf("replica %x: log has %d ticks, %d elements; says %d, %d", uint64(r.id), clock, seq, r.clock, r.seq)
		}
	}
	return nil
}

// checkFresh checks the list of coming parents.
func (d *Doc) checkFresh() error {
	listed := 0
	for _, r := range d.tree.reps {
		if r.fresh < 0 {
			continue
		}
		listed++
		if r.fresh >= len(d.fresh) || d.fresh[r.fresh] != int32(r.self) || r == d.self {
			return fmt.Errorf("replica %x is not where fresh says", uint64(r.id))
		}
	}
	if listed != len(d.fresh) {
		return fmt.Errorf("%d replicas are fresh, %d listed", listed, len(d.fresh))
	}
	return nil
}

// checkHeld checks the bounds on held batches, and that all of them wait for something.
func (d *Doc) checkHeld() error {
	h := &d.held
	waiting := 0
	for id, w := range h.waiting {
		for i := range w {
			for _, b := range w[i] {
				if b.need.replica != id || w.of(b.need) != &w[i] || d.has(b.need) {
					return fmt.Errorf("a batch of %x waits for nothing", uint64(b.author))
				}
				waiting++
			}
		}
	}
	count, size := 0, 0
	for id, a := range h.authors {
		ofAuthor, bytes := 0, 0
		for clock, list := range a.batches {
			for _, b := range list {
				if b.author != id || b.clock != clock {
					return fmt.Errorf("a batch of %x is held as one of %x", uint64(b.author), uint64(id))
				}
				ofAuthor++
				bytes += len(b.raw)
			}
		}
		if ofAuthor != a.count || bytes != a.bytes || ofAuthor == 0 {
			return fmt.Errorf("%d batches, %d bytes of %x held; says %d, %d", ofAuthor, bytes, uint64(id), a.count, a.bytes)
		}
		count += ofAuthor
		size += bytes
	}
	if count != h.count || size != h.bytes || count != waiting || count > MaxHeldBatches || size > MaxHeldBytes {
		return fmt.Errorf("%d batches, %d bytes held, %d waiting; says %d, %d", count, size, waiting, h.count, h.bytes)
	}
	return nil
}
