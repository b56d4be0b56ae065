package rga

import (
	"errors"
	"fmt"
	"math"
	"unicode/utf8"
)

// build makes a document of the logs and texts that were read: not op by op, but by finding the
// order and the visibility of all elements at once, and the tree from its leaves up.
func build(c *columnReader) error {
	d := c.d
	know := causes{d: d}
	if err := know.derive(); err != nil {
		return err
	}
	know.fresh()
	for _, s := range c.forgotten {
		// What was made after that version, batches can bring to somebody who has it.
		if r := d.tree.reps[s.rep]; s.end() > r.seqAt(uint32(d.forgottenAt[r.id])) {
			return fmt.Errorf("%w: elements %d to %d were made after that version", errForgotten, s.seq, s.end())
		}
	}
	p := pieces{d: d, lost: c.forgotten}
	p.cut()
	if err := p.paint(); err != nil {
		return err
	}
	p.arrange()
	order := p.order()
	if len(order) != len(p.all) {
		return errors.New("origins go in circles")
	}
	p.texts(order, c.sections[sectionText])
	if err := c.shapes(); err != nil {
		return err
	}
	if err := p.judgeText(c); err != nil {
		return err
	}
	for _, r := range d.tree.reps {
		if err := d.judgeLog(r); err != nil {
			return fmt.Errorf("replica %x: %w", uint64(r.id), err)
		}
	}
	p.grow(order)
	c.settle()
	return nil
}

// texts puts the bytes of all elements into the arenas: text holds those of visible ones, then those
// of others that are not forgotten, both in the order of the document. There are as many bytes as such elements.
func (p *pieces) texts(order []uint32, text []byte) {
	d := p.d
	for _, r := range d.tree.reps {
		r.arena.grow(int(r.seq))
		r.arena.text = r.arena.text[:r.seq]
	}
	for _, hidden := range []bool{false, true} {
		for _, k := range order {
			s := p.all[k]
			if s.hidden() != hidden || len(p.lost) > 0 && d.vis.forgets(s.state) {
				continue
			}
			text = text[copy(d.tree.reps[s.rep].arena.text[s.seq:s.end()], text):]
		}
	}
}

// judgeText decides whether the text is UTF-8 and everything begins and ends between runes.
func (p *pieces) judgeText(c *columnReader) error {
	if len(p.lost) == 0 && isASCII(c.sections[sectionText]) {
		return nil
	}
	reps := p.d.tree.reps
	for k := range p.all {
		if s := p.all[k]; !reps[s.rep].arena.boundary(s.seq) {
			return fmt.Errorf("element %d of %x is inside a rune", s.seq, uint64(reps[s.rep].id))
		}
	}
	for _, r := range reps {
		if !utf8.Valid(r.arena.text) {
			return fmt.Errorf("text of %x is not UTF-8", uint64(r.id))
		}
		if err := p.d.judgeMarks(r); err != nil {
			return fmt.Errorf("replica %x: %w", uint64(r.id), err)
		}
	}
	return nil
}

func isASCII(b []byte) bool {
	for len(b) >= 8 {
		if (b[0]|b[1]|b[2]|b[3]|b[4]|b[5]|b[6]|b[7])&0x80 != 0 {
			return false
		}
		b = b[8:]
	}
	for _, x := range b {
		if x >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// judgeLog decides whether the runs of visibility ops are as long as they can be; see oplog.logSet.
func (d *Doc) judgeLog(r *replica) error {
	ops := r.log.ops.tail
	for i := range ops {
		o := &ops[i]
		if o.kind() != opSet {
			continue
		}
		n := r.opEnd(i) - o.clock
		if o.backwards() && d.tree.reps[o.rep].arena.runeLen(o.seq0) == n {
			return fmt.Errorf("op %d has one rune, which has no direction", i)
		}
		if i > 0 && d.continues(&ops[i-1], o, n) {
			return fmt.Errorf("op %d continues the one before it", i)
		}
	}
	return nil
}

// continues reports whether the first rune of o, a visibility op of n ticks, would have become part
// of p, the op before it.
func (d *Doc) continues(p, o *logOp, n uint32) bool {
	if p.deleter != o.deleter || p.value() != o.value() || p.rep != o.rep {
		return false
	}
	a := d.tree.reps[o.rep].arena
	seq, unit := o.seq0, a.runeLen(o.seq0)
	if o.backwards() {
		seq = a.runeStart(o.seq0 + n - 1)
		unit = o.seq0 + n - seq
	}
	size := o.clock - p.clock
	lone := a.runeLen(p.seq0) == size
	return p.seq0+size == seq && (lone || !p.backwards()) || seq+unit == p.seq0 && (lone || p.backwards())
}

// filling is how many spans of a leaf, or children of an inner node, a loaded document has: edits
// find room.
const filling = fan - 2

// grow makes the tree and the index of the pieces in their order.
func (p *pieces) grow(order []uint32) {
	if len(order) == 0 {
		return
	}
	t := &p.d.tree
	g := grower{t: t, epoch: t.epoch, left: len(order), leafOf: make([]int32, len(p.all))}
	t.leaves = make([]leafMeta, 0, len(order)/filling+1)
	g.leaf()
	for _, k := range order {
		g.piece(k, p.all[k])
		g.left--
	}
	g.close()
	t.last = int32(len(t.leaves) - 1)
	g.inners()
	for _, r := range t.reps {
		g.index(r, p.first[r.self], p.first[r.self+1], p.all)
	}
}

// grower makes a tree from its leaves up.
type grower struct {
	t      *tree
	epoch  uint64
	left   int // pieces still to come
	slab   []leaf
	cur    *leaf // the leaf being filled, the last of t.leaves
	vis    int32 // its totals so far
	nl     int32
	oldest uint64

	leafOf []int32                 // by piece: where its first element is
	long   map[uint32][]indexEntry // by piece: of those in several leaves, where the others begin
}

// slabLeaves is how many leaves are allocated together: they fill a size class of the allocator.
const slabLeaves = 31

// leaf begins a new leaf.
func (g *grower) leaf() {
	if len(g.slab) == 0 {
		g.slab = make([]leaf, min(slabLeaves, g.left/filling+1))
	}
	g.cur, g.slab = &g.slab[0], g.slab[1:]
	g.cur.epoch = g.epoch
	num := int32(len(g.t.leaves))
	m := leafMeta{p: g.cur, parent: noNode, prev: num - 1, next: noNode}
	if num > 0 {
		g.t.leaves[num-1].next = num
	}
	g.t.leaves = append(g.t.leaves, m)
	g.vis, g.nl, g.oldest = 0, 0, math.MaxUint64
}

// close settles the totals of the leaf that is full.
func (g *grower) close() {
	m := &g.t.leaves[len(g.t.leaves)-1]
	m.vis, m.nl, m.oldest = g.vis, g.nl, g.oldest
	g.t.len += int(g.vis)
	g.t.lines += int(g.nl)
}

// piece adds a piece behind everything.
func (g *grower) piece(k uint32, s span) {
	if n := g.cur.n; n > 0 && g.cur.spans[n-1].joins(s) {
		g.cur.spans[n-1].n += s.n
		g.leafOf[k] = int32(len(g.t.leaves) - 1)
		g.count(s)
		return
	}
	whole := s
	for first := true; whole.n > 0; first = false {
		s = whole
		if s.n > spanMax {
			s.n = spanMax
			for !g.t.reps[s.rep].arena.boundary(s.end()) {
				s.n--
			}
		}
		whole.seq += s.n
		whole.n -= s.n
		before := int32(len(g.t.leaves) - 1)
		if g.cur.n == filling {
			g.close()
			g.leaf()
		}
		num := int32(len(g.t.leaves) - 1)
		switch {
		case first:
			g.leafOf[k] = num
		case num != before:
			if g.long == nil {
				g.long = map[uint32][]indexEntry{}
			}
			g.long[k] = append(g.long[k], indexEntry{s.seq, num})
		}
		g.cur.spans[g.cur.n] = s
		g.cur.n++
		g.oldest = min(g.oldest, g.t.reps[s.rep].lamport(s.seq))
		g.count(s)
	}
}

// count adds a span to the totals of the leaf.
func (g *grower) count(s span) {
	if !s.hidden() {
		g.vis += int32(s.n)
		g.nl += newlines(g.t.text(s, 0, s.n))
	}
}

// inners makes the levels above the leaves.
func (g *grower) inners() {
	t := g.t
	t.inners = t.inners[:0]
	below := make([]int32, len(t.leaves))
	for i := range below {
		below[i] = int32(i)
	}
	for low := true; low || len(below) > 1; low = false {
		var level []int32
		for len(below) > 0 {
			n := min(len(below), filling)
			if len(below)-n == 1 {
				n-- // no node but the root has one child
			}
			level = append(level, g.inner(below[:n], low))
			below = below[n:]
		}
		below = level
	}
	t.root = below[0]
}

// inner makes one inner node above the given ones.
func (g *grower) inner(below []int32, low bool) int32 {
	t := g.t
	num := int32(len(t.inners))
	in := &inner{epoch: g.epoch, n: len(below), low: low}
	m := innerMeta{p: in, parent: noNode, oldest: math.MaxUint64}
	for i, child := range below {
		in.ids[i] = child
		if low {
			l := &t.leaves[child]
			l.parent = num
			in.leaves[i], in.vis[i], in.nl[i] = l.p, l.vis, l.nl
		} else {
			k := &t.inners[child]
			k.parent = num
			in.kids[i] = k.p
			for j := range k.p.n {
				in.vis[i] += k.p.vis[j]
				in.nl[i] += k.p.nl[j]
			}
		}
		m.oldest = min(m.oldest, t.oldestAt(in, i))
	}
	t.inners = append(t.inners, m)
	return num
}

// index says in which leaves the elements of a replica are, whose pieces are those from..to.
func (g *grower) index(r *replica, from, to uint32, all []span) {
	last := noNode
	enter := func(e indexEntry) {
		if e.leaf != last {
			r.index.push(e)
		}
		last = e.leaf
	}
	for k := from; k < to; k++ {
		enter(indexEntry{all[k].seq, g.leafOf[k]})
		if all[k].n > spanMax {
			for _, e := range g.long[k] {
				enter(e)
			}
		}
	}
}

// push adds an entry behind all others.
func (x *seqIndex) push(e indexEntry) {
	const full = indexBlock - indexBlock/16 // leaves room for changes
	n := len(x.blocks)
	if n == 0 || len(x.blocks[n-1]) >= full {
		size := full
		if n == 0 {
			size = 4
		}
		x.blocks = append(x.blocks, make([]indexEntry, 0, size))
		n++
	}
	x.blocks[n-1] = append(x.blocks[n-1], e)
}
