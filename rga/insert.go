package rga

import "math"

// insert puts a new span into the order at p and returns the place behind it. The span's elements
// are the next ones of their replica and visible; their text is in the arena already. lamport is the
// Lamport time of the first.
func (t *tree) insert(p place, s span, lamport uint64) place {
	l := t.leafForWrite(p.leaf)
	if p.k == 0 && p.i > 0 {
		p.i--
		p.k = l.spans[p.i].n
	}
	if p.i < l.n && p.k == l.spans[p.i].n && l.spans[p.i].joins(s) {
		t.keepCursor(p)
		l.spans[p.i].n += s.n
		p.k += s.n
	} else {
		t.cursor.leaf = noNode
		p = t.insertApart(p, s)
	}
	t.age(p.leaf, lamport)
	t.count(p.leaf, int32(s.n), newlines(t.text(s, 0, s.n)))
	rep := t.reps[s.rep]
	rep.index.assign(s.seq, s.end(), s.end(), p.leaf)
	rep.seq = s.end()
	return p
}

// keepCursor forgets the cursor unless it is at p's span, of which the end moves.
func (t *tree) keepCursor(p place) {
	if t.cursor.leaf != p.leaf || t.cursor.i != p.i {
		t.cursor.leaf = noNode
	}
}

// insertApart makes a slot for s at p.
func (t *tree) insertApart(p place, s span) place {
	p = t.room(p, 2)
	l := t.leafForWrite(p.leaf)
	if p.k == 0 { // at the front of the leaf
		l.insert(p.i, s)
		return place{p.leaf, p.i, s.n}
	}
	if old := l.spans[p.i]; p.k < old.n {
		l.spans[p.i].n = p.k
		l.insert(p.i+1, span{old.seq + p.k, old.n - p.k, old.rep, old.state})
	}
	l.insert(p.i+1, s)
	return place{p.leaf, p.i + 1, s.n}
}

// repaint gives the elements [from, to) of the span at p another state. It returns where p is then: what was before it in
// its span is still there.
func (t *tree) repaint(p place, from, to uint32, state uint32) place {
	t.cursor.leaf = noNode
	p = t.room(p, 2)
	l := t.leafForWrite(p.leaf)
	s := l.spans[p.i]
	if hide := state&hiddenBit != 0; hide != s.hidden() {
		vis, nl := int32(to-from), newlines(t.text(s, from, to))
		if hide {
			vis, nl = -vis, -nl
		}
		t.count(p.leaf, vis, nl)
	}
	l.repaint(p.i, from, to, state)
	return p
}

// age records that a leaf holds an element of the given Lamport time.
func (t *tree) age(num int32, lamport uint64) {
	m := &t.leaves[num]
	if m.oldest <= lamport {
		return
	}
	m.oldest = lamport
	t.ageInner(m.parent, lamport)
}

func (t *tree) ageInner(num int32, lamport uint64) {
	for ; num != noNode && t.inners[num].oldest > lamport; num = t.inners[num].parent {
		t.inners[num].oldest = lamport
	}
}

// room makes sure that n more spans fit into p's leaf, splitting it if need be.
func (t *tree) room(p place, n int) place {
	l := t.leaves[p.leaf].p
	if l.n+n <= fan {
		return p
	}
	half := l.n / 2
	if t.leaves[p.leaf].next == noNode && p.i == l.n-1 {
		half = l.n - 1 // appending: leave full leaves behind
	}
	right := t.splitLeaf(p.leaf, half)
	if p.i >= half {
		return place{right, p.i - half, p.k}
	}
	return p
}

// splitLeaf moves the spans from half on into a new leaf behind it.
func (t *tree) splitLeaf(num int32, half int) int32 {
	t.flush()
	t.base.leaf, t.cursor.leaf = noNode, noNode
	l := t.leafForWrite(num)
	r := &leaf{epoch: t.epoch, n: l.n - half}
	copy(r.spans[:], l.spans[half:l.n])
	clear(l.spans[half:l.n])
	l.n = half

	right := int32(len(t.leaves))
	m := &t.leaves[num]
	rm := leafMeta{p: r, parent: m.parent, prev: num, next: m.next}
	rm.vis, rm.nl, rm.oldest = t.sum(r)
	m.vis -= rm.vis
	m.nl -= rm.nl
	_, _, m.oldest = t.sum(l)
	if m.next == noNode {
		t.last = right
	} else {
		t.leaves[m.next].prev = right
	}
	m.next = right
	parent := m.parent
	t.leaves = append(t.leaves, rm)
	for i := 0; i < r.n; {
		run := r.spans[i] // with what follows it in its arena, too
		for i++; i < r.n && r.spans[i].rep == run.rep && r.spans[i].seq == run.end(); i++ {
			run.n += r.spans[i].n
		}
		rep := t.reps[run.rep]
		rep.index.assign(run.seq, run.end(), rep.seq, right)
	}
	t.adopt(parent, num, right, rm.vis, rm.nl)
	return right
}

// sum counts a leaf afresh.
func (t *tree) sum(l *leaf) (vis, nl int32, oldest uint64) {
	oldest = math.MaxUint64
	for _, s := range l.spans[:l.n] {
		oldest = min(oldest, t.reps[s.rep].lamport(s.seq))
		if !s.hidden() {
			vis += int32(s.n)
			nl += newlines(t.text(s, 0, s.n))
		}
	}
	return vis, nl, oldest
}

// adopt makes child, a new leaf or inner node with the given totals, its parent's child right behind
// its elder sibling, whose totals it takes over in part.
func (t *tree) adopt(parent, elder, child int32, vis, nl int32) {
	in := t.innerForWrite(parent)
	if in.n == fan {
		right := t.splitInner(parent)
		parent = t.parentOf(in.low, elder)
		if parent == right {
			in = t.inners[right].p
		}
		t.setParent(in.low, child, parent)
	}
	s := in.slot(elder)
	in.vis[s] -= vis
	in.nl[s] -= nl
	if in.low {
		in.insert(s+1, child, vis, nl, t.leaves[child].p, nil)
	} else {
		in.insert(s+1, child, vis, nl, nil, t.inners[child].p)
	}
	t.ageInner(parent, t.oldestAt(in, s+1))
}

func (t *tree) parentOf(isLeaf bool, num int32) int32 {
	if isLeaf {
		return t.leaves[num].parent
	}
	return t.inners[num].parent
}

func (t *tree) setParent(isLeaf bool, num, parent int32) {
	if isLeaf {
		t.leaves[num].parent = parent
	} else {
		t.inners[num].parent = parent
	}
}

// splitInner moves the upper half of a full inner node into a new one behind it.
func (t *tree) splitInner(num int32) int32 {
	in := t.innerForWrite(num)
	if t.inners[num].parent == noNode {
		t.raiseRoot()
	}
	const half = fan / 2
	r := &inner{epoch: t.epoch, n: in.n - half, low: in.low}
	copy(r.ids[:], in.ids[half:])
	copy(r.vis[:], in.vis[half:])
	copy(r.nl[:], in.nl[half:])
	copy(r.leaves[:], in.leaves[half:])
	copy(r.kids[:], in.kids[half:])
	clear(in.leaves[half:])
	clear(in.kids[half:])
	in.n = half

	right := int32(len(t.inners))
	t.inners = append(t.inners, innerMeta{p: r, parent: t.inners[num].parent})
	var vis, nl int32
	for i := range r.n {
		t.setParent(r.low, r.ids[i], right)
		vis += r.vis[i]
		nl += r.nl[i]
	}
	t.inners[num].oldest = t.oldestBelow(in)
	t.inners[right].oldest = t.oldestBelow(r)
	t.adopt(t.inners[num].parent, num, right, vis, nl)
	return right
}

// raiseRoot puts a new root above the root.
func (t *tree) raiseRoot() {
	old := t.root
	t.root = int32(len(t.inners))
	up := &inner{epoch: t.epoch}
	t.inners = append(t.inners, innerMeta{p: up, parent: noNode, oldest: t.inners[old].oldest})
	t.inners[old].parent = t.root
	up.insert(0, old, int32(t.len), int32(t.lines), nil, t.inners[old].p)
}

func (t *tree) oldestBelow(in *inner) uint64 {
	oldest := uint64(math.MaxUint64)
	for i := range in.n {
		oldest = min(oldest, t.oldestAt(in, i))
	}
	return oldest
}

func (t *tree) oldestAt(in *inner, i int) uint64 {
	if in.low {
		return t.leaves[in.ids[i]].oldest
	}
	return t.inners[in.ids[i]].oldest
}

// leafWithOlder finds the first leaf behind num that holds an element whose Lamport time is at most
// lamport.
func (t *tree) leafWithOlder(num int32, lamport uint64) (int32, bool) {
	child, up := num, t.leaves[num].parent
	for up != noNode {
		in := t.inners[up].p
		for i := in.slot(child) + 1; i < in.n; i++ {
			if t.oldestAt(in, i) <= lamport {
				return t.firstOlder(in, i, lamport), true
			}
		}
		child, up = up, t.inners[up].parent
	}
	return noNode, false
}

// firstOlder descends from child i of in to the first such leaf.
func (t *tree) firstOlder(in *inner, i int, lamport uint64) int32 {
	for !in.low {
		in = in.kids[i]
		i = 0
		for t.oldestAt(in, i) > lamport {
			i++
		}
	}
	return in.ids[i]
}
