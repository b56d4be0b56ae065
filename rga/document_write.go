package rga

import (
	"encoding/binary"
	"slices"
)

// The sections of a document, in their order; doc.go describes them byte by byte.
const (
	sectionHead = iota // replicas and how long their columns are
	sectionKinds
	sectionLengths
	sectionPlaces
	sectionCounters // whose counter is set to what, where that is not the author's to 1
	sectionMetas
	sectionStampTicks
	sectionStampTimes
	sectionParentTicks
	sectionParentPlaces
	sectionParentSeen
	sectionForgotten // in generations from 1 on: which elements are forgotten
	sectionShapes    // and how long their runes were
	sectionText      // visible text, then what else is not forgotten, in the order of the document
	sectionCount
)

// Kinds of ops in the kinds column.
const (
	columnContinue = iota // insertion behind the author's last element
	columnInsert          // insertion behind an element
	columnStart           // insertion at the beginning
	columnDelete          // the author's counter to 1, from the first element to the last
	columnBack            // the same, from the last to the first
	columnSet             // a deleter's counter to a value
	columnSetBack
	columnMeta
	columnKinds
)

// columnWriter writes a document's columns.
type columnWriter struct {
	d        *Doc
	reps     []*replica // those with ticks, in the order of their ids
	place    []uint32   // by index in tree.reps: the index in reps
	seen     []uint32   // by place: zeros, but used by marks
	sections [sectionCount][]byte
	recent   recentGaps
}

func (w *columnWriter) uvarint(section int, x uint64) {
	w.sections[section] = binary.AppendUvarint(w.sections[section], x)
}

func (w *columnWriter) varint(section int, x int64) {
	w.sections[section] = binary.AppendVarint(w.sections[section], x)
}

func (w *columnWriter) write() {
	d := w.d
	for _, r := range d.tree.reps {
		if r.clock > 0 {
			w.reps = append(w.reps, r)
		}
	}
	slices.SortFunc(w.reps, func(a, b *replica) int {
		if a.id < b.id {
			return -1
		}
		return 1
	})
	w.place = make([]uint32, len(d.tree.reps))
	w.seen = make([]uint32, len(w.reps))
	ops := 0
	w.uvarint(sectionHead, d.generation)
	w.uvarint(sectionHead, uint64(len(w.reps)))
	for i, r := range w.reps {
		w.place[r.self] = uint32(i)
		ops += r.log.ops.len()
		w.sections[sectionHead] = binary.BigEndian.AppendUint64(w.sections[sectionHead], uint64(r.id))
		for _, n := range []int{int(r.clock), r.log.ops.len(), len(r.log.stamps), len(r.log.parents)} {
			w.uvarint(sectionHead, uint64(n))
		}
	}
	w.sections[sectionKinds] = make([]byte, 0, ops)
	w.sections[sectionLengths] = make([]byte, 0, ops+ops/4)
	w.sections[sectionPlaces] = make([]byte, 0, 2*ops)
	for _, r := range w.reps {
		w.recent = recentGaps{}
		w.marks(r)
		for i := range r.log.ops.len() {
			o := r.log.ops.at(i)
			w.op(r, o, r.opEnd(i)-o.clock)
		}
	}
	if d.generation > 0 {
		w.forgottenColumns()
	}
	w.text()
}

// marks writes the times and parents of a replica.
func (w *columnWriter) marks(r *replica) {
	clock, at := uint32(0), int64(0)
	for _, s := range r.log.stamps {
		w.uvarint(sectionStampTicks, uint64(s.clock-clock))
		w.varint(sectionStampTimes, s.at-at)
		clock, at = s.clock, s.at
	}
	clock = 0
	seen := w.seen
	for _, p := range r.log.parents {
		i := w.place[p.rep]
		w.uvarint(sectionParentTicks, uint64(p.clock-clock))
		w.uvarint(sectionParentPlaces, uint64(i))
		w.varint(sectionParentSeen, int64(p.seen)-int64(seen[i]))
		clock, seen[i] = p.clock, p.seen
	}
	for _, p := range r.log.parents {
		seen[w.place[p.rep]] = 0
	}
}

// op writes one op of n ticks.
func (w *columnWriter) op(r *replica, o *logOp, n uint32) {
	var kind byte
	switch o.kind() {
	case opMeta:
		w.register(&r.log.metas[o.seq0])
		w.sections[sectionKinds] = append(w.sections[sectionKinds], columnMeta)
		return
	case opInsert:
		kind = w.insertion(r, o, n)
	default:
		kind = w.setting(r, o, n)
	}
	w.sections[sectionKinds] = append(w.sections[sectionKinds], kind)
	w.uvarint(sectionLengths, uint64(n))
}

func (w *columnWriter) insertion(r *replica, o *logOp, n uint32) (kind byte) {
	kind = columnContinue
	switch {
	case o.rep == fromStart:
		kind = columnStart
	case o.rep != r.self || o.seq0+1 != o.seq:
		kind = columnInsert
		g := gap{w.place[o.rep], o.seq0 + 1}
		w.gap(g)
		w.recent.push(g)
	}
	w.recent.push(gap{w.place[r.self], o.seq + n})
	return kind
}

func (w *columnWriter) setting(r *replica, o *logOp, n uint32) (kind byte) {
	kind = columnDelete
	if o.deleter != r.self || o.value() != 1 {
		kind = columnSet
		w.uvarint(sectionCounters, uint64(w.place[o.deleter]))
		w.uvarint(sectionCounters, uint64(o.value()))
	}
	g := gap{w.place[o.rep], o.seq0}
	if o.backwards() {
		kind++
		g.at += n
	}
	w.gap(g)
	w.recent.ranged(g, n, o.backwards())
	return kind
}

func (w *columnWriter) register(m *register) {
	for _, s := range []string{m.key, m.value} {
		w.uvarint(sectionMetas, uint64(len(s)))
		w.sections[sectionMetas] = append(w.sections[sectionMetas], s...)
	}
}

// gap names a gap.
func (w *columnWriter) gap(g gap) {
	i, delta := w.recent.nearest(g)
	if i == recentNone {
		w.uvarint(sectionPlaces, uint64(g.place)<<3|recentNone)
		w.uvarint(sectionPlaces, uint64(g.at))
		return
	}
	w.uvarint(sectionPlaces, (uint64(delta<<1)^uint64(delta>>63))<<3|uint64(i))
}

// text writes what is visible, then what is not and not forgotten, both in the order of the document.
func (w *columnWriter) text() {
	t := &w.d.tree
	text := make([]byte, 0, w.d.elements)
	for _, hidden := range []bool{false, true} {
		for num := int32(0); num != noNode; num = t.leaves[num].next {
			l := t.leaves[num].p
			for _, s := range l.spans[:l.n] {
				if s.hidden() == hidden && !w.d.vis.forgets(s.state) {
					text = append(text, t.text(s, 0, s.n)...)
				}
			}
		}
	}
	w.sections[sectionText] = text
}
