package rga

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"iter"
)

// AppendOwn appends one encoded op batch with own ops from tick from on, at most about maxBytes long (at least one op,
// whole runes), and returns the tick it ends before. Nothing to encode: to == from and dst unchanged.
//
// from is one of the ends of an Edit, or a to returned by AppendOwn.
func (d *Doc) AppendOwn(dst []byte, from uint64, maxBytes int) (out []byte, to uint64) {
	if from >= uint64(d.self.clock) {
		return dst, from
	}
	w := &d.writer
	w.buf, w.reps = dst, d.tree.reps
	end := w.batch(d.self, uint32(from), d.self.clock, maxBytes)
	dst, w.buf = w.buf, nil
	return dst, uint64(end)
}

// batch appends one batch with the author's ticks from from on, up to to, about maxBytes long. It
// ends before the next tick with parents: all causes of a batch are causes of its first tick. So two
// batches never wait for one another, however histories were cut into batches on their ways.
func (w *opWriter) batch(author *replica, from, to uint32, maxBytes int) (end uint32) {
	start := len(w.buf)
	w.begin(author, from)
	w.buf = append(w.buf, batchVersion<<4)
	w.buf = binary.BigEndian.AppendUint64(w.buf, uint64(author.id))
	w.uvarint(uint64(from))
	w.uvarint(uint64(from - author.seqAt(from)))
	l := &author.log
	m := l.marksFrom(from)
	stamped := m.stamp < len(l.stamps) && l.stamps[m.stamp].clock == from
	if stamped {
		w.buf[start] |= flagStamp
		w.at = l.stamps[m.stamp].at
		w.varint(w.at)
	}
	for _, p := range l.parents[m.parent:] {
		if p.clock > from {
			to = min(to, p.clock)
			break
		}
	}
	body := len(w.buf)
	end, items := w.ticks(from, to, maxBytes-(body-start)-4, stamped)
	if items == 1 {
		if tag, text, ok := takeUvarint(w.buf[body:]); ok && tag&7 == kindContinue {
			w.buf = append(w.buf[:body], text...)
			w.buf[start] |= flagPlain
		}
	}
	w.buf = binary.LittleEndian.AppendUint32(w.buf, crc32.Checksum(w.buf[start:], castagnoli))
	return end
}

// header is what every batch begins with.
type header struct {
	author  ReplicaID
	clock   uint32
	seq     uint32
	at      int64
	stamped bool
	plain   bool
}

// readHeader checks a batch's checksum and reads its header; body is what lies between.
func readHeader(raw []byte) (h header, body []byte, err error) {
	const least = 1 + 8 + 1 + 1 + 4
	if len(raw) < least {
		return h, nil, fmt.Errorf("%w: batch of %d bytes", ErrEncoding, len(raw))
	}
	sum := binary.LittleEndian.Uint32(raw[len(raw)-4:])
	raw = raw[:len(raw)-4]
	if crc32.Checksum(raw, castagnoli) != sum {
		return h, nil, fmt.Errorf("%w: batch checksum", ErrEncoding)
	}
	if raw[0]>>4 != batchVersion || raw[0]&0xf > flagStamp|flagPlain {
		return h, nil, fmt.Errorf("%w: batch version %#x", ErrEncoding, raw[0])
	}
	h.stamped, h.plain = raw[0]&flagStamp != 0, raw[0]&flagPlain != 0
	h.author = ReplicaID(binary.BigEndian.Uint64(raw[1:]))
	rest, err := h.counters(raw[9:])
	if err != nil {
		return h, nil, err
	}
	if h.stamped {
		var ok bool
		if h.at, rest, ok = takeVarint(rest); !ok {
			return h, nil, fmt.Errorf("%w: batch time", ErrEncoding)
		}
	}
	return h, rest, nil
}

// counters reads the author's clock and seq.
func (h *header) counters(raw []byte) (rest []byte, err error) {
	clock, rest, ok1 := takeUvarint(raw)
	other, rest, ok2 := takeUvarint(rest)
	if !ok1 || !ok2 || h.author == 0 || clock > MaxTicks || other > clock || clock-other > MaxElements {
		return nil, fmt.Errorf("%w: header", ErrEncoding)
	}
	h.clock, h.seq = uint32(clock), uint32(clock-other)
	return rest, nil
}

// BatchInfo is what can be known of a batch without applying it.
type BatchInfo struct {
	Replica ReplicaID
	Ticks   Ticks
	At      int64 // unix milliseconds; 0 where the batch goes on within a second of its author's previous op
}

// Inspect reads a batch's author and ticks without applying it.
func Inspect(raw []byte) (BatchInfo, error) {
	var b batch
	if err := b.read(raw); err != nil {
		return BatchInfo{}, err
	}
	return BatchInfo{b.author, Ticks{uint64(b.clock), uint64(b.end)}, b.at}, nil
}

// Since yields op batches, in causal order, each at most about maxBytes, that bring a replica at version v to the present one.
// The document must not change while it is iterated over; the batches are the consumer's. There are none for a version
// that lacks ticks of which this document has forgotten the text: that takes the encoded document.
func (d *Doc) Since(v Version, maxBytes int) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		if !v.Includes(d.forgottenAt) {
			return
		}
		s := d.schedule(v)
		w := opWriter{reps: d.tree.reps}
		for {
			r, from, to, ok := s.next()
			if !ok {
				return
			}
			for from < to {
				w.buf = nil
				from = w.batch(r, from, to, maxBytes)
				if !yield(w.buf) {
					return
				}
			}
		}
	}
}
