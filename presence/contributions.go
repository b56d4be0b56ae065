package presence

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"sync"

	"coedit/rga"
)

// Contributions is a grow-only counter of bytes typed per author. Each replica counts its own; merging takes the maximum
// for each, and is commutative, associative and idempotent. Safe for concurrent use.
type Contributions struct {
	mu     sync.Mutex
	counts map[rga.ReplicaID]uint64
}

// NewContributions returns a counter at nothing.
func NewContributions() *Contributions {
	return &Contributions{counts: map[rga.ReplicaID]uint64{}}
}

// Add counts n more bytes of a replica. Only that replica's own participant may call it; others learn the count by
// Raise or Merge. It stops at the greatest number.
func (c *Contributions) Add(id rga.ReplicaID, n uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if id == 0 || n == 0 {
		return
	}
	sum := c.counts[id] + n
	if sum < n {
		sum = ^uint64(0)
	}
	c.counts[id] = sum
}

// Raise sets a replica's count to n unless it is greater already: what State.Typed says, for instance.
func (c *Contributions) Raise(id rga.ReplicaID, n uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if id != 0 && n > c.counts[id] {
		c.counts[id] = n
	}
}

// Of returns a replica's count.
func (c *Contributions) Of(id rga.ReplicaID) uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.counts[id]
}

// Total returns the sum of all counts, at most the greatest number.
func (c *Contributions) Total() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	var sum uint64
	for _, n := range c.counts {
		if sum += n; sum < n {
			return ^uint64(0)
		}
	}
	return sum
}

// Merge takes in what another counter knows.
func (c *Contributions) Merge(o *Contributions) {
	if c == o {
		return
	}
	o.mu.Lock()
	counts := maps.Clone(o.counts) // both locks at once could deadlock
	o.mu.Unlock()
	for id, n := range counts {
		c.Raise(id, n)
	}
}

// Encode returns the counts as bytes: a version byte, their number, then replica and count of each as varints, in the
// order of replicas. Equal counters have equal bytes.
func (c *Contributions) Encode() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	b := []byte{1}
	b = binary.AppendUvarint(b, uint64(len(c.counts)))
	for _, id := range slices.Sorted(maps.Keys(c.counts)) {
		b = binary.AppendUvarint(b, uint64(id))
		b = binary.AppendUvarint(b, c.counts[id])
	}
	return b
}

// DecodeContributions reads what Encode wrote. Errors wrap ErrEncoding.
func DecodeContributions(b []byte) (*Contributions, error) {
	if len(b) == 0 || b[0] != 1 {
		return nil, fmt.Errorf("%w: contributions of an unknown version", ErrEncoding)
	}
	r := reader{b: b[1:]}
	c := NewContributions()
	var last uint64
	for n := r.uvarint(); n > 0 && !r.failed; n-- { // each takes two bytes or fails: bounded by b
		id, count := r.uvarint(), r.uvarint()
		if r.failed || id <= last || count == 0 {
			return nil, fmt.Errorf("%w: contributions out of order or cut short", ErrEncoding)
		}
		last = id
		c.counts[rga.ReplicaID(id)] = count
	}
	if r.failed || len(r.b) > 0 {
		return nil, fmt.Errorf("%w: contributions cut short or too long", ErrEncoding)
	}
	return c, nil
}
