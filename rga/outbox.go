package rga

import (
	"encoding/binary"
	"hash/crc32"
)

const (
	streamHead   = kindContinue // begins a stream's head, with n = 0, as no item is
	streamCheck  = kindMeta     // begins a check, with n = 0
	checkEvery   = 128          // bytes of a stream behind which the next chunk begins with a check
	streamHeadSz = 10           // of a head: its two first bytes and the author
)

// Outbox writes own ops as a stream of chunks, each encoded relative to all before it: a keystroke takes 2
// bytes. It is for a carrier that keeps order, boundaries and bytes, such as one connection or one journal,
// with an [Inbox] at its end. What carries batches apart from each other needs [Doc.AppendOwn] instead.
//
// An Outbox belongs to the goroutine that owns its document, and is void once that is replaced.
type Outbox struct {
	d     *Doc
	w     opWriter
	from  uint32
	check rollingSum
}

// Outbox begins a stream at the own tick from, an end as for [Doc.AppendOwn].
func (d *Doc) Outbox(from uint64) *Outbox {
	return &Outbox{d: d, from: uint32(min(from, uint64(d.self.clock)))}
}

// Append appends the next chunk to dst: own ops since the chunk before, at most about maxBytes long (at least one op,
// whole runes), and returns the tick it ends before. Nothing to encode: dst is unchanged. There is more when
// to is less than the document's clock.
func (o *Outbox) Append(dst []byte, maxBytes int) (out []byte, to uint64) {
	author := o.d.self
	if o.from >= author.clock {
		return dst, uint64(o.from)
	}
	w := &o.w
	start := len(dst)
	if out = o.typed(dst, maxBytes); out != nil {
		o.check.add(out[start:])
		return out, uint64(o.from)
	}
	w.buf, w.reps = dst, o.d.tree.reps
	switch {
	case w.author != author:
		o.head(author)
	case o.check.bytes >= checkEvery:
		w.buf = append(w.buf, streamCheck)
		w.buf = binary.LittleEndian.AppendUint32(w.buf, o.check.take())
	}
	o.from, _ = w.ticks(o.from, author.untilParents(o.from), maxBytes-(len(w.buf)-start), false)
	out, w.buf = w.buf, nil
	o.check.add(out[start:])
	return out, uint64(o.from)
}

// head writes whose ticks, from which on, the stream holds.
func (o *Outbox) head(author *replica) {
	w := &o.w
	w.begin(author, o.from)
	w.buf = append(w.buf, streamHead, batchVersion)
	w.buf = binary.BigEndian.AppendUint64(w.buf, uint64(author.id))
	w.uvarint(uint64(o.from))
	w.uvarint(uint64(o.from - author.seqAt(o.from)))
}

// untilParents is the first tick behind from that has parents, or the replica's clock: a batch or
// chunk ends there, all its causes being causes of its first tick.
func (r *replica) untilParents(from uint32) uint32 {
	p := r.log.parents
	if n := len(p); n == 0 || p[n-1].clock <= from {
		return r.clock
	}
	m := r.log.marksFrom(from + 1)
	return min(r.clock, p[m.parent].clock)
}

// rollingSum is the CRC-32C of the bytes of a stream since its last check.
type rollingSum struct {
	sum   uint32
	bytes int
	tail  []byte // not yet in sum: summing a few bytes costs nearly as much as summing a hundred
}

func (s *rollingSum) add(chunk []byte) {
	s.bytes += len(chunk)
	if len(s.tail)+len(chunk) <= checkEvery {
		s.tail = append(s.tail, chunk...)
		return
	}
	s.sum = crc32.Update(crc32.Update(s.sum, castagnoli, s.tail), castagnoli, chunk)
	s.tail = s.tail[:0]
}

// take returns the sum and begins a new one.
func (s *rollingSum) take() uint32 {
	sum := crc32.Update(s.sum, castagnoli, s.tail)
	s.sum, s.bytes, s.tail = 0, 0, s.tail[:0]
	return sum
}
