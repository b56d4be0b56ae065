package rga

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// ReplicaID names one replica for ever. Zero is no replica.
type ReplicaID uint64

// ID names one element (one byte of text): the Seq-th byte, counted from 0, that Replica inserted.
// The zero ID (Replica 0) stands for the beginning of the document.
type ID struct {
	Replica ReplicaID
	Seq     uint64
}

// Version is a version vector: for each replica how many of its ticks (op clock) are included.
// A replica without ticks is absent; an entry of zero means the same as none.
type Version map[ReplicaID]uint64

// Includes reports whether everything in o is in v too.
func (v Version) Includes(o Version) bool {
	for id, c := range o {
		if v[id] < c {
			return false
		}
	}
	return true
}

// Equal reports whether v and o include the same ticks.
func (v Version) Equal(o Version) bool { return v.Includes(o) && o.Includes(v) }

// Clone returns a copy of v.
func (v Version) Clone() Version {
	c := make(Version, len(v))
	for id, n := range v {
		if n != 0 {
			c[id] = n
		}
	}
	return c
}

// Merge raises v to the pointwise maximum of v and o.
func (v Version) Merge(o Version) {
	for id, c := range o {
		if c > v[id] {
			v[id] = c
		}
	}
}

// AppendBinary appends the canonical encoding: the number of replicas (uvarint), then for each, in
// ascending order of id, its id (8 bytes, big endian) and its ticks (uvarint). Equal versions have
// equal bytes.
func (v Version) AppendBinary(dst []byte) []byte {
	ids := make([]ReplicaID, 0, len(v))
	for id, c := range v {
		if c != 0 {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	dst = binary.AppendUvarint(dst, uint64(len(ids)))
	for _, id := range ids {
		dst = binary.BigEndian.AppendUint64(dst, uint64(id))
		dst = binary.AppendUvarint(dst, v[id])
	}
	return dst
}

// DecodeVersion reads what AppendBinary wrote and returns the bytes behind it. Only the canonical
// encoding is accepted.
func DecodeVersion(b []byte) (Version, []byte, error) {
	n, b, ok := takeUvarint(b)
	if !ok || n > uint64(len(b))/9 {
		return nil, nil, fmt.Errorf("%w: version: number of replicas", ErrEncoding)
	}
	v := make(Version, n)
	last := ReplicaID(0)
	for range n {
		if len(b) < 9 {
			return nil, nil, fmt.Errorf("%w: version: cut short", ErrEncoding)
		}
		id := ReplicaID(binary.BigEndian.Uint64(b))
		var c uint64
		c, b, ok = takeUvarint(b[8:])
		if !ok || c == 0 || id <= last {
			return nil, nil, fmt.Errorf("%w: version: replica %x", ErrEncoding, uint64(id))
		}
		v[id], last = c, id
	}
	return v, b, nil
}

// takeUvarint reads one uvarint in its shortest form and returns the bytes behind it.
func takeUvarint(b []byte) (x uint64, rest []byte, ok bool) {
	if len(b) > 0 && b[0] < 0x80 {
		return uint64(b[0]), b[1:], true
	}
	x, n := binary.Uvarint(b)
	if n <= 0 || b[n-1] == 0 {
		return 0, nil, false
	}
	return x, b[n:], true
}

// takeVarint reads one zigzag varint in its shortest form and returns the bytes behind it.
func takeVarint(b []byte) (x int64, rest []byte, ok bool) {
	u, rest, ok := takeUvarint(b)
	x = int64(u >> 1)
	if u&1 != 0 {
		x = ^x
	}
	return x, rest, ok
}
