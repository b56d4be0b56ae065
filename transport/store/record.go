package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"time"

	"coedit/transport"
	"coedit/transport/relay"
)

// The buckets. doc.go gives the layout of their keys and values.
var (
	bucketStore    = []byte("store")
	bucketRooms    = []byte("rooms")
	bucketLog      = []byte("log")
	bucketHeads    = []byte("snapshots")
	bucketBlobs    = []byte("blobs")
	bucketCounters = []byte("counters")
	bucketRemoved  = []byte("removed")

	keyFormat = []byte("format")
	keyCopied = []byte("copied")
	keyWal    = []byte("wal")
)

// buckets are all of them.
var buckets = [][]byte{bucketStore, bucketRooms, bucketLog, bucketHeads, bucketBlobs, bucketCounters, bucketRemoved}

// formatVersion is that of the layout in doc.go. Before version 2 there was no write-ahead log: a program that knows no
// later one must not open a store without what is in it.
const formatVersion = 2

// chunkBytes is what a snapshot's payload is cut into.
const chunkBytes = 64 << 10

var errRecord = errors.New("damaged record")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// sealed adds the checksum, over key and value, to a value.
func sealed(key, value []byte) []byte {
	return binary.LittleEndian.AppendUint32(value, checksum(key, value))
}

func checksum(key, value []byte) uint32 {
	return crc32.Update(crc32.Checksum(key, castagnoli), castagnoli, value)
}

// unsealed checks and removes the checksum. The result shares memory with value.
func unsealed(key, value []byte) ([]byte, error) {
	n := len(value) - 4
	if n < 0 {
		return nil, fmt.Errorf("%w: %d bytes are too few", errRecord, len(value))
	}
	if want, got := binary.LittleEndian.Uint32(value[n:]), checksum(key, value[:n]); want != got {
		return nil, fmt.Errorf("%w: checksum %08x, computed %08x", errRecord, want, got)
	}
	return value[:n:n], nil
}

// key1, key2: keys are big-endian, so that they sort as numbers.
func key1(a uint64) []byte { return binary.BigEndian.AppendUint64(nil, a) }

func key2(a, b uint64) []byte { return binary.BigEndian.AppendUint64(key1(a), b) }

func blobKey(blob uint64, index uint32) []byte {
	return binary.BigEndian.AppendUint32(key1(blob), index)
}

func parseKey1(k []byte) (uint64, error) {
	if len(k) != 8 {
		return 0, fmt.Errorf("%w: a key of %d bytes, not 8", errRecord, len(k))
	}
	return binary.BigEndian.Uint64(k), nil
}

func parseKey2(k []byte) (a, b uint64, err error) {
	if len(k) != 16 {
		return 0, 0, fmt.Errorf("%w: a key of %d bytes, not 16", errRecord, len(k))
	}
	return binary.BigEndian.Uint64(k), binary.BigEndian.Uint64(k[8:]), nil
}

func parseBlobKey(k []byte) (blob uint64, index uint32, err error) {
	if len(k) != 12 {
		return 0, 0, fmt.Errorf("%w: a key of %d bytes, not 12", errRecord, len(k))
	}
	return binary.BigEndian.Uint64(k), binary.BigEndian.Uint32(k[8:]), nil
}

// reader takes fixed parts off a record; err is the first thing missing.
type reader struct {
	rest []byte
	err  error
}

func (r *reader) take(n int) []byte {
	if r.err == nil && n > len(r.rest) {
		r.err = fmt.Errorf("%w: it ends %d bytes early", errRecord, n-len(r.rest))
	}
	if r.err != nil {
		return make([]byte, min(n, 8))
	}
	part := r.rest[:n:n]
	r.rest = r.rest[n:]
	return part
}

func (r *reader) u8() uint8   { return r.take(1)[0] }
func (r *reader) u16() uint16 { return binary.LittleEndian.Uint16(r.take(2)) }
func (r *reader) u32() uint32 { return binary.LittleEndian.Uint32(r.take(4)) }
func (r *reader) u64() uint64 { return binary.LittleEndian.Uint64(r.take(8)) }

// end is the error, also when something is left over.
func (r *reader) end() error {
	if r.err == nil && len(r.rest) > 0 {
		r.err = fmt.Errorf("%w: %d bytes too many", errRecord, len(r.rest))
	}
	return r.err
}

// le builds records.
var le = binary.LittleEndian

func encodeFormat() []byte { return sealed(keyFormat, le.AppendUint32(nil, formatVersion)) }

func decodeFormat(value []byte) (version uint32, err error) {
	body, err := unsealed(keyFormat, value)
	if err != nil {
		return 0, err
	}
	r := reader{rest: body}
	version = r.u32()
	return version, r.err // a later version may have more here
}

// roomRecord is a value of bucket rooms.
type roomRecord struct {
	incarnation uint64
	released    time.Time // zero: open, or the relay ended while it was
	id          string
	manifest    []byte
}

func (rec roomRecord) encode(key []byte) []byte {
	v := le.AppendUint64(nil, rec.incarnation)
	v = le.AppendUint64(v, uint64(nanos(rec.released)))
	v = le.AppendUint16(v, uint16(len(rec.id)))
	v = append(v, rec.id...)
	return sealed(key, append(v, rec.manifest...))
}

// size is how long the record is.
func (rec roomRecord) size() int { return 8 + 8 + 2 + len(rec.id) + len(rec.manifest) + 4 }

func decodeRoom(key, value []byte) (rec roomRecord, err error) {
	body, err := unsealed(key, value)
	if err != nil {
		return rec, err
	}
	r := reader{rest: body}
	rec.incarnation = r.u64()
	rec.released = moment(int64(r.u64()))
	rec.id = string(r.take(int(r.u16())))
	if r.err != nil {
		return roomRecord{}, r.err
	}
	rec.manifest = append([]byte{}, r.rest...)
	return rec, nil
}

// nanos and moment are a time as a number; the zero time is 0.
func nanos(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

func moment(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n)
}

// frameHead is the fixed part of a frame's record.
const frameHead = 8 + 8 + 8 + 8 + 1 + 2 + 2 + 4

// frameRecord is a value of bucket log.
type frameRecord struct {
	room uint64
	transport.Frame
}

// fits reports whether the parts of a frame fit the fields of a record.
func fits(f transport.Frame) bool {
	return len(f.Target) <= math.MaxUint16 && len(f.Trace) <= math.MaxUint16 && f.Size() <= math.MaxInt32
}

func (rec frameRecord) encode(key []byte) []byte {
	return rec.append(make([]byte, 0, rec.size()), key)
}

// size is how long the record is.
func (rec frameRecord) size() int {
	return frameHead + len(rec.Target) + len(rec.Trace) + rec.Size() + 4
}

// append appends the record to v.
func (rec frameRecord) append(v, key []byte) []byte {
	f, at := &rec.Frame, len(v)
	v = le.AppendUint64(v, rec.room)
	v = le.AppendUint64(v, f.Number)
	v = le.AppendUint64(v, f.Replica)
	v = le.AppendUint64(v, f.Counter)
	v = append(v, byte(f.Class))
	v = le.AppendUint16(v, uint16(len(f.Target)))
	v = le.AppendUint16(v, uint16(len(f.Trace)))
	v = le.AppendUint32(v, uint32(len(f.Extra)))
	v = append(v, f.Target...)
	v = append(v, f.Trace...)
	v = append(v, f.Extra...)
	v = append(v, f.Payload...)
	return binary.LittleEndian.AppendUint32(v, checksum(key, v[at:]))
}

// decodeFrame gives a frame that shares no memory with value.
func decodeFrame(key, value []byte) (rec frameRecord, err error) {
	body, err := unsealed(key, value)
	if err != nil {
		return rec, err
	}
	r := reader{rest: body}
	rec.room = r.u64()
	rec.Number, rec.Replica, rec.Counter = r.u64(), r.u64(), r.u64()
	rec.Class = transport.Class(r.u8())
	target, trace, extra := int(r.u16()), int(r.u16()), r.u32()
	rec.Target, rec.Trace = string(r.take(target)), string(r.take(trace))
	if int64(extra) > int64(len(r.rest)) {
		return frameRecord{}, fmt.Errorf("%w: %d bytes of later fields in %d bytes", errRecord, extra, len(r.rest))
	}
	both := append([]byte(nil), r.rest...)
	if extra > 0 {
		rec.Extra = both[:extra:extra]
	}
	rec.Payload = both[extra:]
	if r.err != nil {
		return frameRecord{}, r.err
	}
	return rec, nil
}

// head is a snapshot without its payload: a value of bucket snapshots. Its key is room, generation.
type head struct {
	relay.Snapshot // Covers.Incarnation is the room's and not in the record
	blob           uint64
	confirmed      bool
}

const (
	flagRestore = 1 << iota
	flagConfirmed
)

func (h head) encode(key []byte) []byte {
	v := le.AppendUint64(nil, h.Covers.Number)
	v = le.AppendUint64(v, h.Number)
	v = le.AppendUint64(v, h.Maker)
	v = le.AppendUint64(v, uint64(nanos(h.Put)))
	v = le.AppendUint64(v, h.blob)
	v = le.AppendUint32(v, uint32(h.Size))
	var flags byte
	if h.Restore {
		flags |= flagRestore
	}
	if h.confirmed {
		flags |= flagConfirmed
	}
	return sealed(key, append(v, flags))
}

func decodeHead(key, value []byte) (h head, err error) {
	_, generation, err := parseKey2(key)
	if err != nil {
		return h, err
	}
	body, err := unsealed(key, value)
	if err != nil {
		return h, err
	}
	r := reader{rest: body}
	h.Generation = generation
	h.Covers.Number, h.Number, h.Maker = r.u64(), r.u64(), r.u64()
	h.Put = moment(int64(r.u64()))
	h.blob = r.u64()
	h.Size = int(r.u32())
	flags := r.u8()
	h.Restore, h.confirmed = flags&flagRestore != 0, flags&flagConfirmed != 0
	if err := r.end(); err != nil {
		return head{}, err
	}
	return h, nil
}

// chunks is how many chunks a payload of that size has.
func chunks(size int) uint32 { return uint32((size + chunkBytes - 1) / chunkBytes) }

func encodeCounter(key []byte, counter uint64) []byte {
	return sealed(key, le.AppendUint64(nil, counter))
}

func decodeCounter(key, value []byte) (counter uint64, err error) {
	body, err := unsealed(key, value)
	if err != nil {
		return 0, err
	}
	r := reader{rest: body}
	counter = r.u64()
	return counter, r.end()
}
