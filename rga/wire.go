package rga

import (
	"encoding/binary"
	"hash/crc32"
	"sort"
)

// The encoding of ops, used in batches and in documents; doc.go describes it byte by byte.

const (
	batchVersion = 1

	flagStamp = 1 << 0 // the header ends with a time
	flagPlain = 1 << 1 // the body is the text of one insertion behind the author's last element
)

// Kinds of items; an item begins with the uvarint n<<3 | kind.
const (
	kindContinue  = iota // n bytes of text behind the author's last element
	kindInsert           // n bytes of text behind the named element
	kindDelete           // n elements: the author's counter to 1
	kindBackspace        // the same, from the last to the first
	kindSet              // n elements: the named deleter's counter to the given one
	kindSetBack          // the same, from the last to the first
	kindMeta             // a key of n bytes, and a value
	kindMark             // n = 0: a time; else n parents
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// opWriter writes ops of one author.
type opWriter struct {
	buf    []byte
	reps   []*replica
	author *replica
	at     int64 // the time written last

	// Replicas named so far: refs to indices, the author first. next is, for each, the seq behind
	// the element named last. fixed: all replicas of the document, known to the reader.
	table []uint32
	refs  map[uint32]int // the inverse of table, once that is long
	next  []uint32
	fixed bool
}

// begin starts the ops of an author at a tick.
func (w *opWriter) begin(author *replica, clock uint32) {
	w.author, w.at = author, 0
	if !w.fixed {
		w.table, w.next, w.refs = append(w.table[:0], author.self), w.next[:0], nil
	}
	for len(w.next) < len(w.table) {
		w.next = append(w.next, 0)
	}
	clear(w.next)
	w.next[w.ref(author.self)] = author.seqAt(clock)
}

// item begins an item.
func (w *opWriter) item(kind int, n uint32) { w.uvarint(uint64(n)<<3 | uint64(kind)) }

// ref is the number by which a replica is named; that of one not named before is len(w.table).
func (w *opWriter) ref(rep uint32) int {
	const long = 16
	if w.refs == nil && len(w.table) > long {
		w.refs = make(map[uint32]int, 2*len(w.table))
		for i, r := range w.table {
			w.refs[r] = i
		}
	}
	if w.refs != nil {
		if i, ok := w.refs[rep]; ok {
			return i
		}
		return len(w.table)
	}
	for i, r := range w.table {
		if r == rep {
			return i
		}
	}
	return len(w.table)
}

func (w *opWriter) uvarint(x uint64) { w.buf = binary.AppendUvarint(w.buf, x) }
func (w *opWriter) varint(x int64)   { w.buf = binary.AppendVarint(w.buf, x) }

// replica names a replica and returns its ref.
func (w *opWriter) replica(rep uint32) int {
	ref := w.ref(rep)
	w.uvarint(uint64(ref) + 1)
	if ref == len(w.table) {
		w.buf = binary.BigEndian.AppendUint64(w.buf, uint64(w.reps[rep].id))
		w.table = append(w.table, rep)
		w.next = append(w.next, 0)
		if w.refs != nil {
			w.refs[rep] = ref
		}
	}
	return ref
}

// element names an element; then is the seq from which the next one of its replica is counted.
func (w *opWriter) element(rep, seq, then uint32) {
	ref := w.replica(rep)
	w.varint(int64(seq) - int64(w.next[ref]))
	w.next[ref] = then
}

// ticks writes the author's ticks from from on, up to to or until about budget bytes have been
// written, and returns the tick reached and the number of items.
//
// stamped: the time at from has been written already.
func (w *opWriter) ticks(from, to uint32, budget int, stamped bool) (reached uint32, items int) {
	r := w.author
	limit := len(w.buf) + budget
	m := r.log.marksFrom(from)
	if stamped {
		m.stamp++
	}
	for i := r.log.opAt(from); from < to; i++ {
		o, whole := r.log.ops.at(i), r.opEnd(i)
		end := min(to, whole)
		for from < end {
			if items > 0 && len(w.buf) >= limit {
				return from, items
			}
			items += w.marks(&m, from)
			stop := min(end, m.next(&r.log))
			from = w.op(o, whole-o.clock, from, stop, limit)
			items++
		}
	}
	return from, items
}

// op writes the part [from, to) of an op of n ticks, less if it is an insertion and long, and returns the end.
func (w *opWriter) op(o *logOp, n, from, to uint32, limit int) uint32 {
	switch o.kind() {
	case opInsert:
		return w.insertion(o, from, to, limit)
	case opMeta:
		m := w.author.log.metas[o.seq0]
		w.register(m)
	default:
		w.setting(o, n, from, to)
	}
	return to
}

// register writes a metadata set.
func (w *opWriter) register(m register) {
	w.item(kindMeta, uint32(len(m.key)))
	w.buf = append(w.buf, m.key...)
	w.uvarint(uint64(len(m.value)))
	w.buf = append(w.buf, m.value...)
}

func (w *opWriter) insertion(o *logOp, from, to uint32, limit int) uint32 {
	r := w.author
	seq := o.seq + from - o.clock
	if room := max(limit-len(w.buf), 1); int(to-from) > room {
		to = from + uint32(room)
		for !r.arena.boundary(seq + to - from) {
			to++
		}
	}
	n := to - from
	rep, origin := o.rep, o.seq0
	if from > o.clock {
		rep, origin = r.self, seq-1
	}
	if rep == r.self && origin+1 == seq {
		w.item(kindContinue, n)
	} else {
		w.item(kindInsert, n)
		if rep == fromStart {
			w.uvarint(0)
		} else {
			w.element(rep, origin, origin+1)
		}
	}
	w.next[w.ref(r.self)] = seq + n
	w.buf = append(w.buf, r.arena.text[seq:seq+n]...)
	return to
}

// setting writes the part [from, to) of a visibility op of all ticks.
func (w *opWriter) setting(o *logOp, all, from, to uint32) {
	done, n := from-o.clock, to-from
	seq, back := o.seq0+done, 0
	then := seq + n
	if o.backwards() {
		// The op's elements from the last on: done of them are before from.
		back = 1
		seq = o.seq0 + all - done - n
		then = seq
	}
	if o.deleter == w.author.self && o.value() == 1 {
		w.item(kindDelete+back, n)
	} else {
		w.item(kindSet+back, n)
		w.replica(o.deleter)
		w.uvarint(uint64(o.value()))
	}
	w.element(o.rep, seq, then)
}

// markCursor walks over the stamps and parents of a log.
type markCursor struct{ stamp, parent int }

// marksFrom is the cursor before the first marks at or behind a tick. Behind the last mark, where who types
// on is, that is found at once.
func (l *oplog) marksFrom(clock uint32) markCursor {
	m := markCursor{len(l.stamps), len(l.parents)}
	if m.stamp > 0 && l.stamps[m.stamp-1].clock >= clock {
		m.stamp = sort.Search(m.stamp, func(i int) bool { return l.stamps[i].clock >= clock })
	}
	if m.parent > 0 && l.parents[m.parent-1].clock >= clock {
		m.parent = sort.Search(m.parent, func(i int) bool { return l.parents[i].clock >= clock })
	}
	return m
}

// next is the tick of the next mark.
func (m *markCursor) next(l *oplog) uint32 {
	next := uint32(MaxTicks)
	if m.stamp < len(l.stamps) {
		next = l.stamps[m.stamp].clock
	}
	if m.parent < len(l.parents) {
		next = min(next, l.parents[m.parent].clock)
	}
	return next
}

// marks writes the marks at a tick.
func (w *opWriter) marks(m *markCursor, clock uint32) (items int) {
	l := &w.author.log
	if m.stamp < len(l.stamps) && l.stamps[m.stamp].clock == clock {
		at := l.stamps[m.stamp].at
		w.item(kindMark, 0)
		w.varint(at - w.at)
		w.at = at
		m.stamp++
		items++
	}
	n := 0
	for m.parent+n < len(l.parents) && l.parents[m.parent+n].clock == clock {
		n++
	}
	if n > 0 {
		w.item(kindMark, uint32(n))
		for _, p := range l.parents[m.parent : m.parent+n] {
			w.replica(p.rep)
			w.uvarint(uint64(p.seen))
		}
		m.parent += n
		items++
	}
	return items
}
