package rga

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
)

// Inbox applies one author's stream of chunks, written by an [Outbox], to a document. The chunks come
// in their order, each once; the document may have any of their ticks already, or lack their causes.
//
// An Inbox belongs to the goroutine that owns its document, and is void once that is replaced.
type Inbox struct {
	d     *Doc
	b     batch // its table, next and times go on from chunk to chunk
	check rollingSum
	begun bool
	err   error // why the stream is over

	resolved int // so many of the first replicas named are in b.reps
}

// maxNamed bounds the replicas that one stream names.
const maxNamed = 1 << 20

// Inbox returns the reading end of a stream.
func (d *Doc) Inbox() *Inbox { return &Inbox{d: d} }

// Apply applies the next chunk, as [Doc.Apply] does a batch. A chunk is applied whole or not at all. After
// an error other than [ErrLimit] and [ErrTooMuch] the stream is over; what it lacked can be had as batches.
//
// A chunk has no checksum of its own; its carrier has. A check now and then finds chunks that were lost or
// exchanged, once up to about 130 bytes more have been applied: [ErrEncoding].
func (in *Inbox) Apply(chunk []byte) (Result, error) {
	if in.err != nil {
		return Result{}, in.err
	}
	var res Result
	if in.typed(chunk, &res) {
		in.check.add(chunk)
		res.Changes = in.d.changed()
		return res, nil
	}
	if err := in.read(chunk); err != nil {
		in.err = err
		return Result{}, err
	}
	in.check.add(chunk)
	in.d.begin()
	if err := in.take(&res); err != nil {
		if errors.Is(err, ErrInvalid) || errors.Is(err, ErrRefused) {
			in.err = err
		}
		return Result{}, err
	}
	res.Changes = in.d.changed()
	return res, nil
}

// read decodes a chunk.
func (in *Inbox) read(chunk []byte) error {
	items := chunk
	var err error
	switch {
	case !in.begun:
		items, err = in.head(chunk)
	case len(chunk) > 0 && chunk[0] == streamCheck:
		if len(chunk) < 5 || binary.LittleEndian.Uint32(chunk[1:]) != in.check.take() {
			return fmt.Errorf("%w: stream of %x before tick %d: checksum", ErrEncoding, uint64(in.b.author), in.b.end)
		}
		items = chunk[5:]
	}
	if err != nil {
		return err
	}
	b := &in.b
	b.clock, b.seq, b.at = b.end, b.reach, b.now
	b.ops, b.seen, b.body = b.room[:0], b.seen[:0], items
	if err := b.items(); err != nil {
		// Nothing vouches for these bytes: that is not the author's fault.
		return fmt.Errorf("%w: stream: %s", ErrEncoding, err.Error())
	}
	b.room = b.ops
	if len(b.table) > maxNamed {
		return fmt.Errorf("%w: stream of %x names more than %d replicas", ErrEncoding, uint64(b.author), maxNamed)
	}
	return nil
}

// head reads the beginning of a stream.
func (in *Inbox) head(chunk []byte) (items []byte, err error) {
	if len(chunk) < streamHeadSz || chunk[0] != streamHead || chunk[1] != batchVersion {
		return nil, fmt.Errorf("%w: no head of a stream", ErrEncoding)
	}
	h := header{author: ReplicaID(binary.BigEndian.Uint64(chunk[2:]))}
	if items, err = h.counters(chunk[streamHeadSz:]); err != nil {
		return nil, err
	}
	b := &in.b
	b.header, b.end, b.reach = h, h.clock, h.seq
	b.table, b.next = []ReplicaID{h.author}, []int64{int64(h.seq)}
	in.begun = true
	return items, nil
}

// take applies or holds what was read.
func (in *Inbox) take(res *Result) error {
	d, b := in.d, &in.b
	author := in.resolve()
	have := uint32(0)
	if author != nil {
		have = author.clock
	}
	if b.end <= have {
		res.Duplicate = true
		return nil
	}
	if err := d.refuses(b); err != nil {
		return err
	}
	if b.clock > have || d.lacks(b) {
		res.Held = true
		return d.hold(b, b.alone())
	}
	if err := d.judge(b); err != nil {
		return err
	}
	d.integrate(b, res)
	d.release(b.author, res)
	return nil
}

// resolve looks up the replicas that the stream has named, as far as they were not known, and returns its author.
func (in *Inbox) resolve() *replica {
	d, b := in.d, &in.b
	if len(b.reps) > 0 && !d.enrolled(b.reps[0]) {
		b.reps, in.resolved = b.reps[:0], 0 // it is judge that made the author up
	}
	for i := in.resolved; i < len(b.table); i++ {
		r := d.byID[b.table[i]]
		if i == len(b.reps) {
			b.reps = append(b.reps, r)
		}
		b.reps[i] = r
		if i == in.resolved && r != nil {
			in.resolved++
		}
	}
	return b.reps[0]
}

// enrolled reports whether r is one of the document's replicas.
func (d *Doc) enrolled(r *replica) bool {
	return r != nil && int(r.self) < len(d.tree.reps) && d.tree.reps[r.self] == r
}

// alone encodes b, as it was read, as a batch that stands alone.
func (b *batch) alone() []byte {
	w := opWriter{}
	for i, id := range b.table {
		w.reps = append(w.reps, &replica{id: id, self: uint32(i)})
	}
	author := w.reps[0]
	author.seq, author.clock = b.seq, b.clock
	w.begin(author, b.clock)
	w.buf = append(w.buf, batchVersion<<4)
	w.buf = binary.BigEndian.AppendUint64(w.buf, uint64(b.author))
	w.uvarint(uint64(b.clock))
	w.uvarint(uint64(b.clock - b.seq))
	for i := range b.ops {
		w.wireOp(b, &b.ops[i])
	}
	return binary.LittleEndian.AppendUint32(w.buf, crc32.Checksum(w.buf, castagnoli))
}

// wireOp writes an op of b anew. The writer's replicas are numbered by b's refs.
func (w *opWriter) wireOp(b *batch, o *wireOp) {
	switch o.kind {
	case kindMark:
		w.item(kindMark, 0)
		w.varint(o.at - w.at)
		w.at = o.at
	case kindSeen:
		w.item(kindMark, uint32(o.to-o.from))
		for _, s := range b.seen[o.from:o.to] {
			w.replica(s.ref)
			w.uvarint(uint64(s.clock))
		}
	case kindInsert:
		w.item(kindInsert, o.n)
		if o.ref == fromStart {
			w.uvarint(0)
		} else {
			w.element(o.ref, o.seq, o.seq+1)
		}
		w.author.seq += o.n
		w.next[0] = w.author.seq
		w.buf = append(w.buf, b.body[o.from:o.to]...)
	case kindSet, kindSetBack:
		then := o.seq
		if o.kind == kindSet {
			then += o.n
		}
		w.item(int(o.kind), o.n)
		w.replica(o.deleter)
		w.uvarint(uint64(o.counter))
		w.element(o.ref, o.seq, then)
	case kindMeta:
		m := b.meta(o)
		w.register(m)
	}
}
