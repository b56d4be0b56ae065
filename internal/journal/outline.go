package journal

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"os"
)

// outline is what a log holds, with the records of the document not read but located: a log may be far longer than what is
// to be kept in memory.
type outline struct {
	state *State // without Text, Document and Batches

	document []stretch // of the log, that hold the document's records in their order
	base     int64     // bytes of texts and documents in them
	batches  int64     // bytes of batches
}

// stretch is some bytes of a log, whole records.
type stretch struct{ from, to int64 }

// scan reads the first bytes of a log. Where it fails the outline holds what stands before.
func scan(log io.ReaderAt, upTo int64) (*outline, error) {
	o := &outline{state: &State{}}
	if upTo < int64(headLen) {
		return o, ErrTorn
	}
	r := bufio.NewReaderSize(io.NewSectionReader(log, int64(headLen), upTo-int64(headLen)), 64<<10)
	for at := int64(headLen); at < upTo; {
		n, err := o.record(r, at, upTo-at)
		if err != nil {
			return o, fmt.Errorf("%w at byte %d", err, at)
		}
		at += n
	}
	return o, nil
}

// record takes in the next record, at a place behind which there are left bytes, and returns its length.
func (o *outline) record(r *bufio.Reader, at, left int64) (int64, error) {
	head, err := r.Peek(frameIn + 1)
	if err != nil {
		return 0, ErrTorn
	}
	length, checksum := binary.LittleEndian.Uint32(head), binary.LittleEndian.Uint32(head[4:])
	if length == 0 || length > maxRecord {
		return 0, ErrDamaged
	}
	if int64(length) > left-frameIn {
		return 0, ErrTorn
	}
	sum, kind, n := crc32.New(castagnoli), head[frameIn], frameIn+int64(length)
	sum.Write(head[:4])
	_, _ = r.Discard(frameIn) // it was peeked at
	body := io.TeeReader(io.LimitReader(r, int64(length)), sum)
	located := kind == kindText || kind == kindDocument || kind == kindBatch
	var b []byte
	if located {
		_, err = io.Copy(io.Discard, body)
	} else {
		b = make([]byte, length)
		_, err = io.ReadFull(body, b)
	}
	switch {
	case err != nil:
		return 0, err
	case sum.Sum32() != checksum:
		return 0, ErrDamaged
	case located:
		o.locate(kind, stretch{at, at + n})
		return n, nil
	}
	return n, o.state.add(b)
}

// locate notes where a record of the document stands.
func (o *outline) locate(kind byte, s stretch) {
	switch kind {
	case kindDocument:
		o.document, o.base, o.batches = nil, s.to-s.from, 0
	case kindText:
		o.base += s.to - s.from
	case kindBatch:
		o.batches += s.to - s.from
	}
	if n := len(o.document); n > 0 && o.document[n-1].to == s.from {
		o.document[n-1].to = s.to
		return
	}
	o.document = append(o.document, s)
}

// copyTo copies the document's records from the log to another.
func (o *outline) copyTo(log, old *os.File) error {
	for _, s := range o.document {
		if _, err := io.Copy(log, io.NewSectionReader(old, s.from, s.to-s.from)); err != nil {
			return err
		}
	}
	return nil
}
