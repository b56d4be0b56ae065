package rga

// span is a stretch of the document: n consecutive elements of one replica that stand side by side
// in the order and share one visibility state. Its text is the replica's arena from seq to seq+n.
// Spans begin and end between runes.
//
// Invariant: each element of a span but the first has its predecessor as origin, so Lamport times
// ascend along a span. (Were the origin of an element further left, its predecessor would descend
// from a sibling that stands before it, and so have a greater time than it; but it has a smaller one.)
type span struct {
	seq, n uint32
	rep    uint32 // index in tree.reps
	state  uint32 // see visibility
}

// spanMax bounds a span's bytes, so that counting newlines in a part of one is cheap.
const spanMax = 2048

func (s span) hidden() bool { return s.state&hiddenBit != 0 }
func (s span) end() uint32  { return s.seq + s.n }

// joins reports whether t continues s and both may be one span.
func (s span) joins(t span) bool {
	return s.end() == t.seq && s.rep == t.rep && s.state == t.state && s.n+t.n <= spanMax
}

// leaf is the lowest node of the tree: up to fan spans in document order.
// It is immutable once its epoch is over (see tree).
type leaf struct {
	epoch uint64
	n     int
	spans [fan]span
}

func (l *leaf) insert(i int, s span) {
	copy(l.spans[i+1:l.n+1], l.spans[i:l.n])
	l.spans[i] = s
	l.n++
}

func (l *leaf) remove(i int) {
	copy(l.spans[i:l.n-1], l.spans[i+1:l.n])
	l.n--
	l.spans[l.n] = span{}
}

// repaint gives the elements [from, to) of span i another state, joining them with a neighbour
// where that is possible. The leaf needs room for two more spans.
func (l *leaf) repaint(i int, from, to uint32, state uint32) {
	s := l.spans[i]
	part := span{s.seq + from, to - from, s.rep, state}
	switch {
	case from == 0 && to == s.n:
		l.spans[i] = part
		if i+1 < l.n && part.joins(l.spans[i+1]) {
			l.spans[i].n += l.spans[i+1].n
			l.remove(i + 1)
		}
		if i > 0 && l.spans[i-1].joins(l.spans[i]) {
			l.spans[i-1].n += l.spans[i].n
			l.remove(i)
		}
	case from == 0:
		l.spans[i] = span{s.seq + to, s.n - to, s.rep, s.state}
		if i > 0 && l.spans[i-1].joins(part) {
			l.spans[i-1].n += part.n
		} else {
			l.insert(i, part)
		}
	case to == s.n:
		l.spans[i].n = from
		if i+1 < l.n && part.joins(l.spans[i+1]) {
			part.n += l.spans[i+1].n
			l.spans[i+1] = part
		} else {
			l.insert(i+1, part)
		}
	default:
		l.spans[i].n = from
		l.insert(i+1, part)
		l.insert(i+2, span{part.end(), s.n - to, s.rep, s.state})
	}
}
