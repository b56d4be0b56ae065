package store

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// walVersion is that of the write-ahead log's layout, in doc.go.
const walVersion = 1

const (
	walHead   = 4096 // bytes of the header, and of a page: only whole pages are written
	walSector = 512  // where records begin; none shares one with another
	walRecord = 4 + 4 + 8 + 8 + 8
	walEntry  = 1 + 8 + 4
)

var (
	walMagic = []byte("coedit write-ahead log\n\x00")

	errWal = errors.New("damaged write-ahead log")
)

// Kinds of entries.
const (
	walRoom  = 'r' // a value of bucket rooms
	walFrame = 'f' // a value of bucket log
)

// walMark is what rooms.db says about the write-ahead log: a value of bucket store.
type walMark struct {
	id         uint64 // of the file; 0: rooms.db knows of none
	generation uint64 // of the records that are not in rooms.db; those of earlier ones are
	shut       bool   // there are none, and the file may be gone
}

func (m walMark) encode() []byte {
	v := le.AppendUint64(nil, m.id)
	v = le.AppendUint64(v, m.generation)
	if m.shut {
		return sealed(keyWal, append(v, 1))
	}
	return sealed(keyWal, append(v, 0))
}

func decodeWalMark(value []byte) (m walMark, err error) {
	body, err := unsealed(keyWal, value)
	if err != nil {
		return m, err
	}
	r := reader{rest: body}
	m.id, m.generation, m.shut = r.u64(), r.u64(), r.u8() != 0
	if err = r.end(); err == nil && m.id == 0 {
		err = fmt.Errorf("%w: a write-ahead log without an id", errRecord)
	}
	return m, err
}

// encodeWalHead is the header of a log's file, one page.
func encodeWalHead(id uint64) []byte {
	b := le.AppendUint32(append(make([]byte, 0, walHead), walMagic...), walVersion)
	b = sealed(nil, le.AppendUint64(b, id))
	return b[:walHead]
}

func decodeWalHead(b []byte) (id uint64, err error) {
	n := len(walMagic)
	if len(b) < n+16 || !bytes.Equal(b[:n], walMagic) {
		return 0, fmt.Errorf("%w: it does not begin as one", errWal)
	}
	if version := le.Uint32(b[n:]); version != walVersion { // a later program's rooms.db is of a later version, too
		return 0, fmt.Errorf("%w: version %d of its layout, and %d was expected", errWal, version, walVersion)
	}
	body, err := unsealed(nil, b[:n+16])
	if err != nil {
		return 0, fmt.Errorf("%w: its header: %w", errWal, err)
	}
	return le.Uint64(body[n+4:]), nil
}

// walPut is something written to the log and not to rooms.db yet. The value shares memory with the record it is in.
type walPut struct {
	kind  byte
	key   uint64
	value []byte
}

func (p walPut) bucket() []byte {
	if p.kind == walRoom {
		return bucketRooms
	}
	return bucketLog
}

// walBuilder makes a record: what one group commit stores, all of it or nothing.
type walBuilder struct {
	record []byte
	ends   []int // of the entries
}

// add adds an entry, of which value appends the value.
func (w *walBuilder) add(kind byte, key uint64, value func(to []byte) []byte) {
	if w.record == nil {
		w.record = make([]byte, walRecord, walSector)
	}
	at := len(w.record)
	w.record = le.AppendUint64(append(w.record, kind), key)
	w.record = value(append(w.record, 0, 0, 0, 0))
	le.PutUint32(w.record[at+walEntry-4:], uint32(len(w.record)-at-walEntry))
	w.ends = append(w.ends, len(w.record))
}

// seal completes the record.
func (w *walBuilder) seal(m walMark, index uint64) []byte {
	b := w.record
	le.PutUint32(b[4:], uint32(len(b)-walRecord))
	le.PutUint64(b[8:], m.id)
	le.PutUint64(b[16:], m.generation)
	le.PutUint64(b[24:], index)
	le.PutUint32(b, checksum(nil, b[4:]))
	return b
}

// puts are the record's entries.
func (w *walBuilder) puts() []walPut {
	puts := make([]walPut, 0, len(w.ends))
	at := walRecord
	for _, end := range w.ends {
		puts = append(puts, walPut{w.record[at], le.Uint64(w.record[at+1:]), w.record[at+walEntry : end : end]})
		at = end
	}
	return puts
}

// decodeWalRecord gives the record at the beginning of b and the bytes it takes. It is checked wholly.
func decodeWalRecord(b []byte) (m walMark, index uint64, puts []walPut, n int, err error) {
	if len(b) < walRecord {
		return m, 0, nil, 0, fmt.Errorf("%w: %d bytes are too few for a record", errWal, len(b))
	}
	length := le.Uint32(b[4:])
	m.id, m.generation, index = le.Uint64(b[8:]), le.Uint64(b[16:]), le.Uint64(b[24:])
	if int64(length) > int64(len(b)-walRecord) {
		return m, index, nil, 0, fmt.Errorf("%w: a record of %d bytes in %d", errWal, length, len(b)-walRecord)
	}
	n = walRecord + int(length)
	if want, got := le.Uint32(b), checksum(nil, b[4:n]); want != got {
		return m, index, nil, 0, fmt.Errorf("%w: a record's checksum is %08x, computed %08x", errWal, want, got)
	}
	r := reader{rest: b[walRecord:n:n]}
	for r.err == nil && len(r.rest) > 0 {
		p := walPut{kind: r.u8(), key: r.u64()}
		size := r.u32()
		if int64(size) > int64(len(r.rest)) || p.kind != walRoom && p.kind != walFrame {
			return m, index, nil, 0, fmt.Errorf("%w: an entry of kind %d and %d bytes", errWal, p.kind, size)
		}
		p.value = r.take(int(size))
		puts = append(puts, p)
	}
	if r.err != nil {
		return m, index, nil, 0, fmt.Errorf("%w: %w", errWal, r.err)
	}
	return m, index, puts, n, nil
}

// sectors rounds up to where the next record begins.
func sectors(n int) int { return (n + walSector - 1) / walSector * walSector }

// readWal gives what a log holds that is not in rooms.db, in order. A record that is not whole ends it: the last group commit
// did not end, and nothing in it was acknowledged. But each record was synced before the one after it was written, so if
// there is one behind, the log is damaged.
func readWal(r io.ReaderAt, size int64, want walMark) (puts []walPut, torn error, err error) {
	if size > maxWalFile {
		return nil, nil, fmt.Errorf("%w: it has %d bytes, and no more than %d are ever written", errWal, size, int64(maxWalFile))
	}
	b := make([]byte, size)
	if n, err := r.ReadAt(b, 0); n < len(b) {
		return nil, nil, err
	}
	id, err := decodeWalHead(b)
	switch {
	case err != nil:
		return nil, nil, err
	case id != want.id:
		return nil, nil, fmt.Errorf("%w: it belongs to another rooms.db", errWal)
	}
	b = b[walHead:]
	at, next := 0, uint64(0)
	for at < len(b) {
		m, index, more, n, err := decodeWalRecord(b[at:])
		if err != nil || m != want || index != next {
			if torn = err; m != want { // nothing was begun here
				torn = nil
			}
			break
		}
		puts = append(puts, more...)
		at += sectors(n)
		next++
	}
	for at := min(at, len(b)); at < len(b); at += walSector {
		rest := b[at:]
		if len(rest) < walRecord || le.Uint64(rest[8:]) != want.id || le.Uint64(rest[16:]) < want.generation {
			continue
		}
		m, index, _, _, err := decodeWalRecord(rest)
		switch {
		case err != nil:
		case m.generation > want.generation:
			return nil, nil, fmt.Errorf("%w: it goes on from a later state of rooms.db than the one that is there", errWal)
		case index >= next:
			return nil, nil, fmt.Errorf("%w: record %d is not as it was written, and record %d follows", errWal, next, index)
		}
	}
	return puts, torn, nil
}
