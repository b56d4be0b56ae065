package rga

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"slices"
)

const (
	documentMagic   = "coedit\x00D"
	documentVersion = 1
)

// Encode writes the document with its whole history; canonical: equal states with equal versions give equal bytes whatever the order of arrival.
func (d *Doc) Encode() []byte {
	w := opWriter{reps: d.tree.reps, fixed: true, buf: make([]byte, 0, 64+d.elements+d.elements/4)}
	for _, r := range d.tree.reps {
		if r.clock > 0 {
			w.table = append(w.table, r.self)
		}
	}
	slices.SortFunc(w.table, func(a, b uint32) int {
		if w.reps[a].id < w.reps[b].id {
			return -1
		}
		return 1
	})
	w.buf = append(w.buf, documentMagic...)
	w.buf = append(w.buf, documentVersion)
	w.uvarint(uint64(len(w.table)))
	for _, rep := range w.table {
		w.buf = binary.BigEndian.AppendUint64(w.buf, uint64(w.reps[rep].id))
	}
	var sizes []byte
	start := len(w.buf)
	for _, rep := range w.table {
		r, before := w.reps[rep], len(w.buf)
		w.begin(r, 0)
		w.ticks(0, r.clock, math.MaxInt32, false)
		sizes = binary.AppendUvarint(sizes, uint64(len(w.buf)-before))
	}
	w.buf = slices.Insert(w.buf, start, sizes...)
	return binary.LittleEndian.AppendUint32(w.buf, crc32.Checksum(w.buf, castagnoli))
}

// Decode reads what Encode wrote, to be continued as self, which must not be 0.
func Decode(b []byte, self ReplicaID) (*Doc, error) {
	parts, err := readDocument(b)
	if err != nil {
		return nil, err
	}
	d := New(self)
	l := loader{d: d, parts: parts, waiting: map[ReplicaID][]int{}}
	if err := l.load(); err != nil {
		return nil, err
	}
	return d, nil
}

// readDocument checks an encoded document and decodes each replica's ops.
func readDocument(b []byte) ([]batch, error) {
	const frame = len(documentMagic) + 1
	if len(b) < frame+4 || string(b[:frame-1]) != documentMagic {
		return nil, fmt.Errorf("%w: this is no document", ErrEncoding)
	}
	if b[frame-1] != documentVersion {
		return nil, fmt.Errorf("%w: document version %d", ErrEncoding, b[frame-1])
	}
	sum := binary.LittleEndian.Uint32(b[len(b)-4:])
	b = b[:len(b)-4]
	if crc32.Checksum(b, castagnoli) != sum {
		return nil, fmt.Errorf("%w: document checksum", ErrEncoding)
	}
	table, b, err := readTable(b[frame:])
	if err != nil {
		return nil, err
	}
	parts := make([]batch, len(table))
	sizes := make([]uint64, len(table))
	for i := range table {
		var ok bool
		if sizes[i], b, ok = takeUvarint(b); !ok {
			return nil, fmt.Errorf("%w: document sizes", ErrEncoding)
		}
	}
	next := make([]int64, len(table))
	for i, size := range sizes {
		if size > uint64(len(b)) {
			return nil, fmt.Errorf("%w: document cut short", ErrEncoding)
		}
		p := &parts[i]
		*p = batch{
			header: header{author: table[i]}, table: table, fixed: true,
			ownRef: uint32(i), body: b[:size], next: next,
		}
		clear(next)
		if err := p.items(); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrEncoding, err)
		}
		b = b[size:]
	}
	if len(b) > 0 {
		return nil, fmt.Errorf("%w: %d bytes behind the document", ErrEncoding, len(b))
	}
	return parts, nil
}

// readTable reads the ids of the replicas of a document.
func readTable(b []byte) ([]ReplicaID, []byte, error) {
	n, b, ok := takeUvarint(b)
	if !ok || n > uint64(len(b))/8 {
		return nil, nil, fmt.Errorf("%w: number of replicas", ErrEncoding)
	}
	table := make([]ReplicaID, n)
	last := ReplicaID(0)
	for i := range table {
		id := ReplicaID(binary.BigEndian.Uint64(b[8*i:]))
		if id <= last {
			return nil, nil, fmt.Errorf("%w: replicas out of order", ErrEncoding)
		}
		table[i], last = id, id
	}
	return table, b[8*n:], nil
}

// loader replays the parts of a document, each as far as its causes are there.
type loader struct {
	d       *Doc
	parts   []batch
	done    []int               // by part: ops applied
	waiting map[ReplicaID][]int // parts by the replica they wait for
}

func (l *loader) load() error {
	l.done = make([]int, len(l.parts))
	reps := make([]*replica, len(l.parts))
	for i := range l.parts {
		reps[i] = l.d.enroll(l.parts[i].author)
		l.parts[i].reps = reps
	}
	left := len(l.parts)
	ready := make([]int, 0, left)
	for i := range l.parts {
		ready = append(ready, len(l.parts)-1-i)
	}
	for len(ready) > 0 {
		i := ready[len(ready)-1]
		ready = ready[:len(ready)-1]
		author := l.parts[i].author
		before := reps[i].clock
		need, ok, err := l.run(i)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrEncoding, err)
		}
		if ok {
			left--
		} else {
			l.waiting[need] = append(l.waiting[need], i)
		}
		if reps[i].clock > before { // else those that wait for it would wait again
			ready = append(ready, l.waiting[author]...)
			delete(l.waiting, author)
		}
	}
	if left > 0 {
		return fmt.Errorf("%w: %d replicas wait for one another", ErrEncoding, left)
	}
	return nil
}

// run applies what it can of a part; otherwise it names the replica to wait for.
func (l *loader) run(i int) (wait ReplicaID, finished bool, err error) {
	d, b := l.d, &l.parts[i]
	r := b.reps[i]
	before := r.clock
	defer func() {
		if r.clock > before {
			d.freshen(r)
		}
		d.changes, d.first = d.changes[:0], 0
	}()
	for ; l.done[i] < len(b.ops); l.done[i]++ {
		o := &b.ops[l.done[i]]
		if n, ok := d.cause(b, o); ok {
			if err := l.runPart(b, o, r); err != nil {
				return 0, false, err
			}
			return n.replica, false, nil
		}
		if err := l.apply(b, o, r); err != nil {
			return 0, false, err
		}
		if len(d.changes) > 64 {
			d.changes = d.changes[:0]
		}
	}
	return 0, true, nil
}

// apply judges and applies one op.
func (l *loader) apply(b *batch, o *wireOp, r *replica) error {
	lamport := r.latest()
	if err := l.d.judgeOp(b, o, r, &lamport); err != nil {
		return err
	}
	if len(r.arena.text)-int(r.seq) > MaxElements-l.d.elements {
		return fmt.Errorf("%w: more than %d bytes", ErrLimit, MaxElements)
	}
	l.d.integrateOp(b, o, r)
	return nil
}

// runPart applies the beginning of an op that sets the visibility of elements of which only the
// first are there, and leaves the rest in o.
func (l *loader) runPart(b *batch, o *wireOp, r *replica) error {
	if o.kind != kindSet {
		return nil
	}
	target, deleter := b.reps[o.ref], b.reps[o.deleter]
	if target.seq <= o.seq || deleter != r && deleter.clock == 0 {
		return nil
	}
	part := *o
	part.n = min(o.n, target.seq-o.seq)
	o.seq += part.n
	o.n -= part.n
	return l.apply(b, &part, r)
}

// Merge applies everything an encoded document has and this one lacks. A document that cannot be
// read changes nothing. Where a part of it is refused here, the rest is applied, and the error says so.
func (d *Doc) Merge(doc []byte) (Result, error) {
	const part = 1 << 20
	other, err := Decode(doc, d.self.id)
	if err != nil {
		return Result{}, err
	}
	d.begin()
	res := Result{Duplicate: true}
	var failed error
	for raw := range other.Since(d.Version(), part) {
		outcome, err := d.take(&d.parsed, raw, &res)
		switch {
		case err != nil:
		case outcome == taken:
			res.Duplicate = false
			d.release(d.parsed.author, &res)
		case outcome == waiting:
			res.Held = true
			err = d.hold(&d.parsed, raw)
		}
		if failed == nil {
			failed = err
		}
	}
	res.Changes = d.changed()
	return res, failed
}
