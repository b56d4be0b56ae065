package rga

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
)

const (
	documentMagic   = "coedit\x00D"
	documentVersion = 1
)

// Codec compresses the sections of a document. It must be deterministic where the encoding of equal
// documents is to be equal.
type Codec interface {
	// ID names the codec in encoded documents: 1 to 255, 0 being no compression.
	ID() byte
	// Compress appends the compressed src to dst.
	Compress(dst, src []byte) []byte
	// Decompress appends to dst what src was compressed from, which has size bytes. It reports an
	// error, and allocates no more than about size, where src holds anything else.
	Decompress(dst, src []byte, size int) ([]byte, error)
}

// What a document may claim to be longer than it is: its sections together, decompressed.
const (
	expansionFree = 64 << 20 // bytes beside what the ratio allows
	expansion     = 1024     // decompressed bytes for each byte of the document
)

// Encode writes the document with its whole history, not compressed; canonical: equal histories give
// equal bytes whatever the order of arrival.
func (d *Doc) Encode() []byte { return d.EncodeWith(nil) }

// EncodeWith is Encode with each section compressed, where that makes it smaller. A nil codec
// compresses nothing.
func (d *Doc) EncodeWith(c Codec) []byte {
	w := columnWriter{d: d}
	w.write()
	size := len(documentMagic) + 64
	for _, s := range w.sections {
		if c == nil { // compressed they take far less
			size += len(s) + binary.MaxVarintLen32
		}
	}
	b := make([]byte, 0, size)
	b = append(b, documentMagic...)
	b = append(b, documentVersion)
	if c == nil {
		b = append(b, 0)
	} else {
		b = append(b, c.ID())
	}
	var packed []byte
	for i := range w.sections {
		s := w.sections[i]
		w.sections[i] = nil
		if c != nil && len(s) > 0 {
			packed = c.Compress(packed[:0], s)
			huge := len(s) > expansionFree && len(s)/expansion > len(packed)
			if len(packed) < len(s) && !huge {
				b = binary.AppendUvarint(b, uint64(len(s))<<1|1)
				b = binary.AppendUvarint(b, uint64(len(packed)))
				b = append(b, packed...)
				continue
			}
		}
		b = binary.AppendUvarint(b, uint64(len(s))<<1)
		b = append(b, s...)
	}
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

// Decode reads what Encode wrote, to be continued as self, which must not be 0.
func Decode(b []byte, self ReplicaID) (*Doc, error) { return DecodeWith(b, self) }

// DecodeWith reads what Encode or EncodeWith wrote, to be continued as self, which must not be 0.
// The codec that was used must be among codecs. The document keeps nothing of b.
func DecodeWith(b []byte, self ReplicaID, codecs ...Codec) (*Doc, error) {
	sections, err := openDocument(b, codecs)
	if err != nil {
		return nil, err
	}
	r := columnReader{d: New(self), sections: sections}
	if err := r.read(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrEncoding, err)
	}
	if err := build(&r); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrEncoding, err)
	}
	return r.d, nil
}

// openDocument checks an encoded document's frame and decompresses its sections.
func openDocument(b []byte, codecs []Codec) (sections [sectionCount][]byte, err error) {
	const frame = len(documentMagic) + 2
	if len(b) < frame+4 || string(b[:len(documentMagic)]) != documentMagic {
		return sections, fmt.Errorf("%w: this is no document", ErrEncoding)
	}
	if v := b[frame-2]; v != documentVersion {
		return sections, fmt.Errorf("%w: document version %d", ErrEncoding, v)
	}
	sum := binary.LittleEndian.Uint32(b[len(b)-4:])
	rest := b[:len(b)-4]
	if crc32.Checksum(rest, castagnoli) != sum {
		return sections, fmt.Errorf("%w: document checksum", ErrEncoding)
	}
	var codec Codec
	if id := b[frame-1]; id != 0 {
		for _, c := range codecs {
			if c.ID() == id {
				codec = c
			}
		}
		if codec == nil {
			return sections, fmt.Errorf("%w: compressed by codec %d, which is not at hand", ErrEncoding, id)
		}
	}
	rest = rest[frame:]
	room := uint64(expansionFree) + expansion*uint64(len(b))
	for i := range sections {
		if sections[i], rest, err = openSection(rest, codec, &room); err != nil {
			return sections, fmt.Errorf("%w: section %d: %w", ErrEncoding, i, err)
		}
	}
	if len(rest) > 0 {
		return sections, fmt.Errorf("%w: %d bytes behind the document", ErrEncoding, len(rest))
	}
	return sections, nil
}

// openSection reads one section, which may have room bytes when it is decompressed.
func openSection(b []byte, codec Codec, room *uint64) (section, rest []byte, err error) {
	head, rest, ok := takeUvarint(b)
	size := head >> 1
	if !ok || size > *room {
		return nil, nil, fmt.Errorf("of %d bytes", size)
	}
	*room -= size
	if head&1 == 0 {
		if size > uint64(len(rest)) {
			return nil, nil, fmt.Errorf("of %d bytes is cut short", size)
		}
		return rest[:size], rest[size:], nil
	}
	packed, rest, ok := takeUvarint(rest)
	if !ok || codec == nil || packed > uint64(len(rest)) || packed >= size {
		return nil, nil, fmt.Errorf("of %d bytes, compressed to %d", size, packed)
	}
	section, err = codec.Decompress(nil, rest[:packed], int(size))
	if err == nil && uint64(len(section)) != size {
		err = fmt.Errorf("%d bytes, not %d", len(section), size)
	}
	return section, rest[packed:], err
}

// Merge applies everything an encoded document has and this one lacks. A document that cannot be read, that goes not
// together with this one (ErrGeneration), or that has forgotten text which is shown here (ErrShown) changes nothing.
// Where a part of it is refused here, the rest is applied, and the error says so.
func (d *Doc) Merge(doc []byte, codecs ...Codec) (Result, error) {
	return d.merge(doc, false, codecs)
}

// Renew is Merge that takes on a later generation also where that takes away text which is shown here: text that
// had been deleted, was forgotten, and was brought back by somebody who did not know that. It is for when those who edit
// have agreed to forget.
func (d *Doc) Renew(doc []byte, codecs ...Codec) (Result, error) {
	return d.merge(doc, true, codecs)
}

func (d *Doc) merge(doc []byte, agreed bool, codecs []Codec) (Result, error) {
	const part = 1 << 20
	other, err := DecodeWith(doc, d.self.id, codecs...)
	if err != nil {
		return Result{}, err
	}
	d.begin()
	if d.blank() {
		return d.become(other), nil
	}
	renew, err := d.generations(other)
	if err != nil {
		return Result{}, err
	}
	if renew {
		if n := d.shown(other); n > 0 && !agreed {
			return Result{}, fmt.Errorf("%w: %d bytes, in generation %d", ErrShown, n, other.generation)
		}
		return d.renew(other, part)
	}
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

// blank reports whether nothing has happened to d.
func (d *Doc) blank() bool {
	for _, r := range d.tree.reps {
		if r.clock > 0 {
			return false
		}
	}
	return d.held.count == 0 && len(d.refused) == 0
}

// become makes d, which is blank, the same as other, whose own replica is d's.
func (d *Doc) become(other *Doc) Result {
	*d = *other
	d.begin()
	res := Result{Duplicate: true}
	for _, r := range d.tree.reps {
		res.Ops += r.log.ops.len()
		res.Duplicate = res.Duplicate && r.clock == 0
	}
	if d.tree.len > 0 {
		d.note(0, 0, d.View().Append(make([]byte, 0, d.tree.len), 0, d.tree.len))
	}
	res.Changes = d.changed()
	return res
}
