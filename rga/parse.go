package rga

import (
	"encoding/binary"
	"fmt"
)

// batch is a decoded op batch, or one replica's part of a document. Its slices are reused, and it
// refers into the bytes it was read from.
type batch struct {
	header
	end    uint32 // the tick behind its last one
	reach  uint32 // the author's elements behind it
	now    int64  // the time behind it, counted from that of the header
	body   []byte
	ops    []wireOp
	room   []wireOp // all of the array that ops is in, of which trim cuts off the front
	seen   []seenTicks
	table  []ReplicaID // by ref
	reps   []*replica  // by ref, as far as the document knows them; set by Doc.resolve
	next   []int64     // by ref: see opWriter
	fixed  bool        // table is given, and the author stands in it at ownRef
	ownRef uint32
}

// wireOp is one item. Names of replicas are refs.
type wireOp struct {
	kind     uint8 // kindInsert, kindSet, kindSetBack, kindMeta, kindMark or kindSeen
	ref      uint32
	seq      uint32
	n        uint32 // ticks
	deleter  uint32 // ref
	counter  uint32
	from, to int   // in body: text; key, the value following up to more. In seen: parents
	more     int   // the end of the value
	at       int64 // of a time
}

// kindSeen is what a mark with parents is decoded to.
const kindSeen = kindMark + 1

// seenTicks says that the first clock ticks of ref had been seen.
type seenTicks struct{ ref, clock uint32 }

// read decodes a batch. ErrEncoding: the bytes are damaged. ErrInvalid: its author made it so; the
// header has been read then.
func (b *batch) read(raw []byte) error {
	h, body, err := readHeader(raw)
	if err != nil {
		return err
	}
	b.header = h
	b.ops, b.seen, b.table = b.room[:0], b.seen[:0], append(b.table[:0], h.author)
	b.next = append(b.next[:0], int64(h.seq))
	b.body = body
	if h.stamped {
		b.ops = append(b.ops, wireOp{kind: kindMark, at: h.at})
	}
	if h.plain {
		b.end = h.clock
		if h.seq == 0 || len(body) > MaxElements-int(h.seq) || !b.advance(uint64(len(body))) {
			return fmt.Errorf("%w: plain batch of %d bytes", ErrInvalid, len(body))
		}
		b.ops = append(b.ops, wireOp{kind: kindInsert, seq: h.seq - 1, n: uint32(len(body)), to: len(body)})
		b.room = b.ops
		return nil
	}
	err = b.items()
	b.room = b.ops
	return err
}

// advance counts n more ticks; false when there are too many.
func (b *batch) advance(n uint64) bool {
	if n == 0 || n > uint64(MaxTicks-b.end) {
		return false
	}
	b.end += uint32(n)
	return true
}

// items decodes the body.
func (b *batch) items() error {
	b.end = b.clock
	seq := int64(b.seq)
	rest := b.body
	marked := uint8(0) // kinds of marks since the last op
	if b.stamped {
		marked = 1
	}
	at := b.at
	for len(rest) > 0 {
		tag, after, ok := takeUvarint(rest)
		if !ok {
			return b.malformed(rest, "item")
		}
		n := tag >> 3
		b.ops = append(b.ops, wireOp{kind: uint8(tag & 7)})
		o := &b.ops[len(b.ops)-1]
		if o.kind == kindMark {
			mark := uint8(1)
			if n > 0 {
				mark = 2
				after, ok = b.parents(o, n, after)
			} else {
				var delta int64
				delta, after, ok = takeVarint(after)
				at += delta
				o.at = at
			}
			if !ok || marked >= mark || n > 0 && !b.fixed && b.end > b.clock {
				return b.malformed(rest, "mark")
			}
			marked = mark
		} else {
			marked = 0
			after, ok = b.op(o, n, &seq, after)
			if !ok {
				return b.malformed(rest, "op")
			}
		}
		rest = after
	}
	b.reach, b.now = uint32(seq), at
	if marked != 0 || b.end == b.clock {
		return b.malformed(rest, "end")
	}
	return nil
}

func (b *batch) malformed(rest []byte, what string) error {
	return fmt.Errorf("%w: batch of %x from tick %d: malformed %s at byte %d of the body",
		ErrInvalid, uint64(b.author), b.clock, what, len(b.body)-len(rest))
}

// replica reads the name of a replica; start: it may be the beginning of the document instead.
func (b *batch) replica(rest []byte, start bool) (ref uint32, after []byte, ok bool) {
	x, rest, ok := takeUvarint(rest)
	switch {
	case !ok:
		return 0, nil, false
	case x == 0:
		return fromStart, rest, start
	case x <= uint64(len(b.table)):
		return uint32(x - 1), rest, true
	case b.fixed || x != uint64(len(b.table))+1 || len(rest) < 8:
		return 0, nil, false
	}
	id := ReplicaID(binary.BigEndian.Uint64(rest))
	b.table = append(b.table, id)
	b.next = append(b.next, 0)
	return uint32(x - 1), rest[8:], id != 0 && id != b.author
}

// elements reads the name of n elements of o's replica, of which none may be beyond what can be.
func (b *batch) elements(o *wireOp, n int64, rest []byte) ([]byte, bool) {
	delta, rest, ok := takeVarint(rest)
	if !ok || delta > MaxElements || delta < -MaxElements {
		return nil, false
	}
	seq := b.next[o.ref] + delta
	if seq < 0 || seq+n > MaxElements {
		return nil, false
	}
	o.seq = uint32(seq)
	b.next[o.ref] = seq
	if o.kind != kindSetBack {
		b.next[o.ref] = seq + n
	}
	return rest, true
}

func (b *batch) parents(o *wireOp, n uint64, rest []byte) ([]byte, bool) {
	if n > uint64(len(rest)) {
		return nil, false
	}
	o.kind = kindSeen
	o.from = len(b.seen)
	for range n {
		ref, after, ok := b.replica(rest, false)
		if !ok || b.table[ref] == b.author {
			return nil, false
		}
		clock, after, ok := takeUvarint(after)
		if !ok || clock == 0 || clock > MaxTicks {
			return nil, false
		}
		b.seen = append(b.seen, seenTicks{ref, uint32(clock)})
		rest = after
	}
	o.to = len(b.seen)
	return rest, true
}

// op decodes an item that makes ticks. seq is the author's elements so far.
func (b *batch) op(o *wireOp, n uint64, seq *int64, rest []byte) ([]byte, bool) {
	if o.kind == kindMeta {
		return b.register(o, n, rest)
	}
	if !b.advance(n) {
		return nil, false
	}
	o.n = uint32(n)
	if o.kind > kindInsert {
		return b.setting(o, rest)
	}
	ok := true
	if o.kind == kindContinue {
		o.kind, o.ref, o.seq = kindInsert, b.own(), uint32(*seq-1)
		ok = *seq > 0
	} else if o.ref, rest, ok = b.replica(rest, true); ok && o.ref != fromStart {
		rest, ok = b.elements(o, 1, rest)
	}
	if !ok || n > uint64(len(rest)) || *seq+int64(n) > MaxElements {
		return nil, false
	}
	*seq += int64(n)
	b.next[b.own()] = *seq
	o.from = len(b.body) - len(rest)
	o.to = o.from + int(n)
	return rest[n:], true
}

// setting decodes a visibility op.
func (b *batch) setting(o *wireOp, rest []byte) (after []byte, ok bool) {
	switch o.kind {
	case kindDelete, kindBackspace:
		o.kind += kindSet - kindDelete
		o.deleter, o.counter = b.own(), 1
	default:
		var counter uint64
		o.deleter, rest, ok = b.replica(rest, false)
		if !ok {
			return nil, false
		}
		counter, rest, ok = takeUvarint(rest)
		if !ok || counter == 0 || counter > MaxCounter {
			return nil, false
		}
		o.counter = uint32(counter)
	}
	if o.ref, rest, ok = b.replica(rest, false); !ok {
		return nil, false
	}
	return b.elements(o, int64(o.n), rest)
}

// register decodes a metadata set.
func (b *batch) register(o *wireOp, n uint64, rest []byte) ([]byte, bool) {
	if n == 0 || n > MaxMetaKey || n > uint64(len(rest)) || !b.advance(1) {
		return nil, false
	}
	o.n = 1
	o.from = len(b.body) - len(rest)
	o.to = o.from + int(n)
	size, rest, ok := takeUvarint(rest[n:])
	if !ok || size > MaxMetaValue || size > uint64(len(rest)) {
		return nil, false
	}
	o.more = len(b.body) - len(rest) + int(size)
	o.at = int64(size)
	return rest[size:], true
}

// meta is the register set by o.
func (b *batch) meta(o *wireOp) register {
	return register{string(b.body[o.from:o.to]), string(b.body[o.more-int(o.at) : o.more])}
}

// own is the author's ref.
func (b *batch) own() uint32 {
	if !b.fixed {
		return 0
	}
	return b.ownRef
}
