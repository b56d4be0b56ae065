package rga

// viewOf builds a view of visible spans, which are in document order, bottom up.
func viewOf(reps []*replica, spans []span) *View {
	v := &View{reps: reps[:len(reps):len(reps)]}
	var level []*inner
	in := &inner{low: true}
	for first := true; first || len(spans) > 0; first = false {
		if in.n == fan {
			level = append(level, in)
			in = &inner{low: true}
		}
		l := &leaf{}
		var vis, nl int32
		for l.n < fan && len(spans) > 0 {
			l.spans[l.n] = spans[0]
			vis += int32(spans[0].n)
			nl += newlines(v.text(&spans[0]))
			l.n++
			spans = spans[1:]
		}
		in.insert(in.n, 0, vis, nl, l, nil)
		v.len += int(vis)
		v.lines += int(nl)
	}
	level = append(level, in)
	for len(level) > 1 {
		level = above(level)
	}
	v.root = level[0]
	return v
}

// above puts a level of nodes above another one.
func above(level []*inner) []*inner {
	up := make([]*inner, 0, len(level)/fan+1)
	for i, kid := range level {
		if i%fan == 0 {
			up = append(up, &inner{})
		}
		vis, nl := kid.sums()
		in := up[len(up)-1]
		in.insert(in.n, 0, vis, nl, nil, kid)
	}
	return up
}

// spans calls f with the parts of spans that the bytes [from, to) are, in order.
func (v *View) spans(from, to int, f func(span)) {
	if from < to {
		v.root.spans(from, to, f)
	}
}

func (in *inner) spans(from, to int, f func(span)) {
	for i := 0; i < in.n && to > 0; i++ {
		n := int(in.vis[i])
		if from < n {
			if in.low {
				in.leaves[i].within(max(from, 0), min(to, n), f)
			} else {
				in.kids[i].spans(max(from, 0), min(to, n), f)
			}
		}
		from -= n
		to -= n
	}
}

func (l *leaf) within(from, to int, f func(span)) {
	for i := 0; i < l.n && to > 0; i++ {
		s := l.spans[i]
		if s.hidden() {
			continue
		}
		n := int(s.n)
		if from < n {
			a, b := max(from, 0), min(to, n)
			f(span{s.seq + uint32(a), uint32(b - a), s.rep, s.state})
		}
		from -= n
		to -= n
	}
}
