package rga

import "sort"

// opList holds the ops of one replica in the order of their ticks: those that were loaded with the document in the
// columns they came in, which takes about 5 bytes each, and those that came since, in tail. What was loaded seldom changes
// anything any more; where it is wanted, a block of it is read again.
//
// While a document is being loaded all ops are in tail.
type opList struct {
	loaded loadedOps
	tail   []logOp // with the latest op, if there is any

	open     []logOp // the block read last
	openedAt int     // its number
}

// loadedOps is where a replica's ops are in the columns of the document that was loaded.
type loadedOps struct {
	n       int
	columns *opColumns // nil if n is 0
	blocks  []opBlock
	place   int // of the replica
}

// opColumns are the columns of ops of a loaded document, which its replicas share. Nothing writes to them.
type opColumns struct {
	sections [sectionMetas][]byte
	reps     []*replica // by place
}

// opBlock is where reading one op after the other had come to, each 1<<blockShift ops.
type opBlock struct {
	clock, seq uint32
	metas      uint32
	at         [sectionMetas]uint32 // bytes read of each section
	recent     recentGaps
}

// blockShift says how many ops a block has, as a power of two. Only tests change it, before there are any documents.
var blockShift = 7

func (l *opList) len() int { return l.loaded.n + len(l.tail) }

// last is the latest op, which may be changed; nil if there is none.
func (l *opList) last() *logOp {
	if len(l.tail) == 0 {
		return nil
	}
	return &l.tail[len(l.tail)-1]
}

// add appends an op.
func (l *opList) add(o logOp) {
	if n := len(l.tail); n == cap(l.tail) {
		more := make([]logOp, n, max(4, 2*n))
		copy(more, l.tail)
		l.tail = more
	}
	l.tail = append(l.tail, o)
}

// at is op i, as long as none of another block is asked for. It is not to be changed.
func (l *opList) at(i int) *logOp {
	if k := i - l.loaded.n; k >= 0 {
		return &l.tail[k]
	}
	return &l.block(i >> blockShift)[i&(1<<blockShift-1)]
}

// clock is the first tick of op i, if there is such an op, or else end.
func (l *opList) clock(i int, end uint32) uint32 {
	switch k := i - l.loaded.n; {
	case k >= len(l.tail):
		return end
	case k >= 0:
		return l.tail[k].clock
	case i&(1<<blockShift-1) == 0:
		return l.loaded.blocks[i>>blockShift].clock
	}
	return l.at(i).clock
}

// latest is the index of the last op that had begun, at its first tick and seq, in an order that goes on as they do; -1:
// none had.
func (l *opList) latest(begun func(clock, seq uint32) bool) int {
	if n := len(l.tail); n > 0 && begun(l.tail[0].clock, l.tail[0].seq) {
		at := n - 1
		if !begun(l.tail[at].clock, l.tail[at].seq) {
			at = sort.Search(n, func(i int) bool { return !begun(l.tail[i].clock, l.tail[i].seq) }) - 1
		}
		return l.loaded.n + at
	}
	blocks := l.loaded.blocks
	b := sort.Search(len(blocks), func(i int) bool { return !begun(blocks[i].clock, blocks[i].seq) }) - 1
	if b < 0 {
		return -1
	}
	ops := l.block(b)
	return b<<blockShift + sort.Search(len(ops), func(i int) bool { return !begun(ops[i].clock, ops[i].seq) }) - 1
}

// atTick is the index of the op that holds a tick, which must have happened.
func (l *opList) atTick(clock uint32) int {
	if n := len(l.tail); n > 0 && l.tail[n-1].clock <= clock {
		return l.len() - 1
	}
	return l.latest(func(c, _ uint32) bool { return c <= clock })
}

// atSeq is the index of the last op before which there are at most seq elements: the one that inserted element seq.
func (l *opList) atSeq(seq uint32) int {
	return l.latest(func(_, s uint32) bool { return s <= seq })
}

// block reads a block again. The result stays as it is until the next call.
func (l *opList) block(num int) []logOp {
	if len(l.open) > 0 && l.openedAt == num {
		return l.open
	}
	b, columns := &l.loaded.blocks[num], l.loaded.columns
	c := columnReader{reps: columns.reps, recent: b.recent, self: l.loaded.place, metas: b.metas}
	for i := range columns.sections {
		c.sections[i] = columns.sections[i][b.at[i]:]
	}
	n := min(l.loaded.n-num<<blockShift, 1<<blockShift)
	if l.open == nil {
		l.open = make([]logOp, 0, min(l.loaded.n, 1<<blockShift))
	}
	l.open, l.openedAt = l.open[:0], num
	r, clock, seq := columns.reps[l.loaded.place], b.clock, b.seq
	for _, kind := range c.sections[sectionKinds][:n] {
		o := logOp{clock: clock, seq: seq, rep: r.self, deleter: opInsert}
		ticks, ok := c.op(r, &o, kind)
		if !ok {
			panic("rga: internal error: a column that was read cannot be read again")
		}
		clock += ticks
		if o.deleter == opInsert {
			seq += ticks
		}
		l.open = append(l.open, o)
	}
	return l.open
}

// settle ends the loading: where there are enough ops to be worth it, all but the last are left in the columns.
func (l *opList) settle(columns *opColumns, place int) {
	const few = 16
	blocks := l.loaded.blocks
	l.loaded = loadedOps{}
	if n := len(l.tail) - 1; n >= min(few, 1<<blockShift) {
		l.loaded = loadedOps{n, columns, blocks[:(n-1)>>blockShift+1], place}
		l.tail = l.tail[n:]
	}
	l.tail = append(make([]logOp, 0, len(l.tail)), l.tail...) // and let go of what the others are in
}
