package rga

// grow puts the next n elements of r, whose text is in its arena already, into the order: they
// are a run whose first element has the given origin. p is the place behind that origin. It logs
// them too, and returns the place behind them.
//
// Siblings stand in descending (Lamport time, replica): what stands right of the origin and is
// greater than the new run are siblings that go before it, with all that grew from them.
func (d *Doc) grow(r *replica, p place, rep, seq, n uint32) place {
	t := &d.tree
	first := r.seq
	p = d.skipGreater(r, p, r.lamport(first))
	for r.seq < first+n {
		part := first + n - r.seq
		if part > spanMax {
			part = spanMax
			for !r.arena.boundary(r.seq + part) {
				part--
			}
		}
		p = t.insert(p, span{r.seq, part, r.self, 0}, r.lamport(r.seq))
	}
	d.elements += int(n)
	r.logInsert(rep, seq, n)
	return p
}

// skipGreater moves from the place behind the origin over all that is greater than an element of r
// with the given Lamport time.
func (d *Doc) skipGreater(r *replica, p place, lamport uint64) place {
	t := &d.tree
	for {
		at, s, ok := t.following(p)
		if !ok || !d.greater(t.reps[s.rep], s.seq+at.k, r, lamport) {
			return p
		}
		// The rest of the span is greater still.
		p = place{at.leaf, at.i, s.n}
		if at.i+1 < t.leaves[at.leaf].p.n {
			continue
		}
		num, ok := t.leafWithOlder(at.leaf, lamport)
		if !ok {
			return t.end()
		}
		if num != t.leaves[at.leaf].next {
			before := t.leaves[num].prev
			n := t.leaves[before].p.n
			p = place{before, n - 1, t.leaves[before].p.spans[n-1].n}
		}
	}
}

// greater reports whether the element seq of s goes before an element of r with the given time.
func (d *Doc) greater(s *replica, seq uint32, r *replica, lamport uint64) bool {
	l := s.lamport(seq)
	return l > lamport || l == lamport && s.id > r.id
}

// behind is the place behind an element, or the beginning.
func (d *Doc) behind(rep, seq uint32) place {
	if rep == fromStart {
		return d.tree.start()
	}
	p := d.tree.find(rep, seq)
	p.k++
	return p
}

// set raises the deleter's counter to counter on n elements of target from seq on, and reports what
// that changed. It does not log.
func (d *Doc) set(target *replica, seq, n, deleter, counter uint32) {
	d.tidy()
	t := &d.tree
	for n > 0 {
		p := t.find(target.self, seq)
		s := t.leaves[p.leaf].p.spans[p.i]
		part := min(n, s.n-p.k)
		state := d.vis.raise(s.state, deleter, counter)
		if state != s.state {
			d.paint(p, s, part, state)
		}
		seq += part
		n -= part
	}
}

// paint gives n elements from p on, within span s, another state, and reports the change.
func (d *Doc) paint(p place, s span, n, state uint32) {
	t := &d.tree
	hide := state&hiddenBit != 0
	if hide == s.hidden() {
		t.repaint(p, p.k, p.k+n, state)
		return
	}
	off := t.offset(p)
	t.repaint(p, p.k, p.k+n, state)
	if hide {
		d.note(off, int(n), nil)
	} else {
		from := s.seq + p.k
		d.note(off, 0, t.reps[s.rep].arena.text[from:from+n:from+n])
	}
}
