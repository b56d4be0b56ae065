package rga

import "math"

// tree is an order-statistic B+tree over the spans in document order. Inner nodes count visible
// bytes and newlines below each child.
//
// Nodes are known by number. What a view reads (leaf, inner) is copied on write: a node may be
// changed only while its epoch is the tree's, and making a view begins a new epoch. What only the
// document uses (parents, siblings, leaf totals, least Lamport times) stands beside the nodes by
// number, so that copying a node changes nothing else. Nodes are never removed, since elements are not.
//
// Invariant: a node of the present epoch has a parent of the present epoch.
type tree struct {
	reps   []*replica // by index; grows only
	leaves []leafMeta // by number; leaf 0 is the first in document order
	inners []innerMeta
	root   int32 // an inner node
	last   int32 // the last leaf in document order
	epoch  uint64
	len    int // visible bytes
	lines  int // visible newlines

	pending pending // changed totals of one leaf not yet added to its ancestors

	// Caches; noNode when they know nothing.
	base   leafBase
	cursor cursor
	found  foundSpan // checked at each use
}

const (
	fan    = 32
	noNode = int32(-1)
)

type inner struct {
	epoch   uint64
	n       int
	low     bool // the children are leaves
	ids     [fan]int32
	vis, nl [fan]int32
	leaves  [fan]*leaf
	kids    [fan]*inner
}

type leafMeta struct {
	p          *leaf
	parent     int32
	prev, next int32
	vis, nl    int32
	oldest     uint64 // the least Lamport time in it
}

type innerMeta struct {
	p      *inner
	parent int32 // noNode for the root
	oldest uint64
}

type pending struct {
	leaf    int32
	vis, nl int32
}

// leafBase is a leaf and the number of visible bytes before it.
type leafBase struct {
	leaf int32
	off  int
}

// cursor is a span found lately and the number of visible bytes before it.
type cursor struct {
	leaf int32
	i    int
	off  int
}

// foundSpan is where an element was found last.
type foundSpan struct {
	leaf int32
	i    int
}

// place is a position in the order: behind the first k elements of span i of a leaf.
type place struct {
	leaf int32
	i    int
	k    uint32
}

func newTree() tree {
	l := &leaf{epoch: 1}
	in := &inner{epoch: 1, n: 1, low: true}
	in.leaves[0] = l
	return tree{
		leaves:  []leafMeta{{p: l, prev: noNode, next: noNode, oldest: math.MaxUint64}},
		inners:  []innerMeta{{p: in, parent: noNode, oldest: math.MaxUint64}},
		epoch:   1,
		pending: pending{leaf: noNode},
		base:    leafBase{leaf: noNode},
		cursor:  cursor{leaf: noNode},
	}
}

// slot is the child's index in its parent.
func (in *inner) slot(child int32) int {
	for i, id := range in.ids[:in.n] {
		if id == child {
			return i
		}
	}
	panic("rga: internal error: child not in its parent")
}

func (in *inner) insert(i int, id int32, vis, nl int32, l *leaf, kid *inner) {
	n := in.n
	copy(in.ids[i+1:n+1], in.ids[i:n])
	copy(in.vis[i+1:n+1], in.vis[i:n])
	copy(in.nl[i+1:n+1], in.nl[i:n])
	if in.low {
		copy(in.leaves[i+1:n+1], in.leaves[i:n])
	} else {
		copy(in.kids[i+1:n+1], in.kids[i:n])
	}
	in.ids[i], in.vis[i], in.nl[i], in.leaves[i], in.kids[i] = id, vis, nl, l, kid
	in.n++
}

// leafForWrite returns the leaf, copied first when a view may be reading it.
func (t *tree) leafForWrite(num int32) *leaf {
	m := &t.leaves[num]
	if m.p.epoch == t.epoch {
		return m.p
	}
	c := *m.p
	c.epoch = t.epoch
	m.p = &c
	in := t.innerForWrite(m.parent)
	in.leaves[in.slot(num)] = m.p
	return m.p
}

func (t *tree) innerForWrite(num int32) *inner {
	m := &t.inners[num]
	if m.p.epoch == t.epoch {
		return m.p
	}
	c := *m.p
	c.epoch = t.epoch
	m.p = &c
	if m.parent != noNode {
		up := t.innerForWrite(m.parent)
		up.kids[up.slot(num)] = m.p
	}
	return m.p
}

// count adds to the totals of a leaf whose node is of the present epoch.
func (t *tree) count(num int32, vis, nl int32) {
	if vis == 0 {
		return
	}
	m := &t.leaves[num]
	m.vis += vis
	m.nl += nl
	t.len += int(vis)
	t.lines += int(nl)
	if t.base.leaf != num {
		t.base.leaf = noNode
	}
	if t.pending.leaf != num {
		t.flush()
		t.pending.leaf = num
	}
	t.pending.vis += vis
	t.pending.nl += nl
}

// flush adds pending totals to the ancestors.
func (t *tree) flush() {
	p := t.pending
	if p.leaf == noNode {
		return
	}
	t.pending = pending{leaf: noNode}
	child := p.leaf
	for up := t.leaves[child].parent; up != noNode; up = t.inners[up].parent {
		in := t.innerForWrite(up)
		s := in.slot(child)
		in.vis[s] += p.vis
		in.nl[s] += p.nl
		child = up
	}
}

// text is the text of elements [from, to) of s, for the document's own goroutine.
func (t *tree) text(s span, from, to uint32) []byte {
	return t.reps[s.rep].arena.text[s.seq+from : s.seq+to]
}
