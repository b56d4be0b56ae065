package rga

// at finds the visible byte at offset off, which must be less than the length: the place before it.
func (t *tree) at(off int) place {
	if c := t.cursor; c.leaf != noNode && off >= c.off {
		s := t.leaves[c.leaf].p.spans[c.i]
		if off < c.off+int(s.n) {
			return place{c.leaf, c.i, uint32(off - c.off)}
		}
	}
	num, base := t.leafAt(off)
	l := t.leaves[num].p
	for i := range l.spans[:l.n] {
		s := &l.spans[i]
		if s.hidden() {
			continue
		}
		if off < base+int(s.n) {
			t.cursor = cursor{num, i, base}
			return place{num, i, uint32(off - base)}
		}
		base += int(s.n)
	}
	panic("rga: internal error: offset not in its leaf")
}

// leafAt finds the leaf with the visible byte at off, and the visible bytes before that leaf.
func (t *tree) leafAt(off int) (num int32, base int) {
	if b := t.base; b.leaf != noNode && off >= b.off && off < b.off+int(t.leaves[b.leaf].vis) {
		return b.leaf, b.off
	}
	t.flush()
	in := t.inners[t.root].p
	for {
		s := 0
		for off-base >= int(in.vis[s]) {
			base += int(in.vis[s])
			s++
		}
		if in.low {
			t.base = leafBase{in.ids[s], base}
			return in.ids[s], base
		}
		in = in.kids[s]
	}
}

// before is the number of visible bytes before a leaf.
func (t *tree) before(num int32) int {
	if t.base.leaf == num {
		return t.base.off
	}
	t.flush()
	off, child := 0, num
	for up := t.leaves[num].parent; up != noNode; up = t.inners[up].parent {
		in := t.inners[up].p
		for s := 0; in.ids[s] != child; s++ {
			off += int(in.vis[s])
		}
		child = up
	}
	t.base = leafBase{num, off}
	return off
}

// offset is the number of visible bytes before a place.
func (t *tree) offset(p place) int {
	if c := t.cursor; c.leaf == p.leaf && c.i == p.i {
		return c.off + int(p.k) // the cursor's span is visible
	}
	off := t.before(p.leaf)
	l := t.leaves[p.leaf].p
	for i := range l.spans[:p.i] {
		if s := &l.spans[i]; !s.hidden() {
			off += int(s.n)
		}
	}
	if p.k > 0 && !l.spans[p.i].hidden() {
		t.cursor = cursor{p.leaf, p.i, off}
		off += int(p.k)
	}
	return off
}

// find returns the place before an element, which must exist.
//
// It looks at the span found last first: who types or deletes on stays there. The span itself says whether
// it holds the element, and no other one can, so that nothing has to keep this memory up to date.
func (t *tree) find(rep, seq uint32) place {
	if f := t.found; f.i < t.leaves[f.leaf].p.n {
		if s := &t.leaves[f.leaf].p.spans[f.i]; s.rep == rep && seq-s.seq < s.n {
			return place{f.leaf, f.i, seq - s.seq}
		}
	}
	num := t.reps[rep].index.leafOf(seq)
	l := t.leaves[num].p
	for i := range l.spans[:l.n] {
		s := &l.spans[i]
		if s.rep == rep && seq-s.seq < s.n {
			t.found = foundSpan{num, i}
			return place{num, i, seq - s.seq}
		}
	}
	panic("rga: internal error: element not in its leaf")
}

// next returns the span that follows, and its place.
func (t *tree) next(p place) (place, span, bool) {
	if l := t.leaves[p.leaf].p; p.i+1 < l.n {
		return place{leaf: p.leaf, i: p.i + 1}, l.spans[p.i+1], true
	}
	num := t.leaves[p.leaf].next
	if num == noNode {
		return place{}, span{}, false
	}
	return place{leaf: num}, t.leaves[num].p.spans[0], true
}

// start is the place before everything.
func (t *tree) start() place { return place{} }

// end is the place behind everything.
func (t *tree) end() place {
	l := t.leaves[t.last].p
	if l.n == 0 {
		return place{leaf: t.last}
	}
	return place{t.last, l.n - 1, l.spans[l.n-1].n}
}

// following returns the element right behind a place: its span and its index there.
func (t *tree) following(p place) (place, span, bool) {
	l := t.leaves[p.leaf].p
	if p.i < l.n && p.k < l.spans[p.i].n {
		return p, l.spans[p.i], true
	}
	return t.next(p)
}
