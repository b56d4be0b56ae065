package rga

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// columnReader reads a document's columns into the logs of a new document. What it has read is
// possible for each op by itself; build decides whether it is possible together.
type columnReader struct {
	d         *Doc
	sections  [sectionCount][]byte // what of them has not been read
	whole     [sectionMetas][]byte // those of ops, as they were
	room      []logOp              // for the ops not yet read
	metas     uint32               // metadata sets of the replica being read
	reps      []*replica           // by place
	counts    []counts             // by place
	latest    []int64              // by replica index: zeros, but used by marks
	recent    recentGaps
	self      int    // the place of the replica being read
	forgotten []span // elements, by place and seq
	lost      int    // how many
	bad       bool   // a column ended early, or held no number
}

// counts is how long a replica's columns are.
type counts struct{ ticks, ops, stamps, parents uint64 }

var errColumn = errors.New("column cut short or too long")

// uvarint reads one number of a section, 0 where there is none.
func (c *columnReader) uvarint(section int) uint64 {
	b := c.sections[section]
	if len(b) > 0 && b[0] < 0x80 {
		c.sections[section] = b[1:]
		return uint64(b[0])
	}
	if len(b) > 1 && b[1] < 0x80 && b[1] > 0 {
		c.sections[section] = b[2:]
		return uint64(b[0]&0x7f) | uint64(b[1])<<7
	}
	x, rest, ok := takeUvarint(b)
	if !ok {
		c.bad = true
		return 0
	}
	c.sections[section] = rest
	return x
}

func (c *columnReader) varint(section int) int64 {
	u := c.uvarint(section)
	return int64(u>>1) ^ -int64(u&1)
}

func (c *columnReader) bytes(section int, n uint64) ([]byte, bool) {
	b := c.sections[section]
	if n > uint64(len(b)) {
		return nil, false
	}
	c.sections[section] = b[n:]
	return b[:n], true
}

func (c *columnReader) read() error {
	copy(c.whole[:], c.sections[:])
	for i, s := range c.whole {
		if len(s) > math.MaxUint32 {
			return fmt.Errorf("section %d: %w", i, errColumn)
		}
	}
	if err := c.head(); err != nil {
		return err
	}
	c.room = make([]logOp, len(c.sections[sectionKinds]))
	for i, r := range c.reps {
		c.self, c.recent = i, recentGaps{}
		if err := c.marks(r, &c.counts[i]); err != nil {
			return fmt.Errorf("replica %x: %w", uint64(r.id), err)
		}
		if err := c.ops(r, &c.counts[i]); err != nil {
			return fmt.Errorf("replica %x: %w", uint64(r.id), err)
		}
	}
	if err := c.forgottenColumns(); err != nil {
		return err
	}
	for i, s := range c.sections[:sectionShapes] {
		if len(s) > 0 || c.bad {
			return fmt.Errorf("section %d: %w", i, errColumn)
		}
	}
	if len(c.sections[sectionText]) != c.d.elements-c.lost {
		return fmt.Errorf("%d bytes of text for %d elements, %d of them forgotten",
			len(c.sections[sectionText]), c.d.elements, c.lost)
	}
	return nil
}

// head reads which replicas there are. Nothing is allocated that is larger than the columns.
func (c *columnReader) head() error {
	c.d.generation = c.uvarint(sectionHead)
	n := c.uvarint(sectionHead)
	if c.d.generation > maxGeneration || n > uint64(len(c.sections[sectionHead])/8) {
		return fmt.Errorf("%d replicas: %w", n, errColumn)
	}
	c.reps = make([]*replica, n)
	c.counts = make([]counts, n)
	last, ops := ReplicaID(0), uint64(0)
	for i := range c.reps {
		b, ok := c.bytes(sectionHead, 8)
		if !ok {
			return errColumn
		}
		id := ReplicaID(binary.BigEndian.Uint64(b))
		if id <= last {
			return fmt.Errorf("replicas out of order")
		}
		last = id
		k := &c.counts[i]
		k.ticks, k.ops = c.uvarint(sectionHead), c.uvarint(sectionHead)
		k.stamps, k.parents = c.uvarint(sectionHead), c.uvarint(sectionHead)
		if k.ticks > MaxTicks || k.ops == 0 || k.ops > k.ticks || k.ops > uint64(len(c.sections[sectionKinds])) ||
			k.stamps > uint64(len(c.sections[sectionStampTicks])) || k.parents > uint64(len(c.sections[sectionParentTicks])) {
			return fmt.Errorf("replica %x: lengths of columns", uint64(id))
		}
		r := c.d.enroll(id)
		r.clock = uint32(k.ticks)
		c.reps[i] = r
		ops += k.ops
	}
	if ops != uint64(len(c.sections[sectionKinds])) {
		return fmt.Errorf("%d ops: %w", ops, errColumn)
	}
	c.latest = make([]int64, len(c.d.tree.reps))
	return nil
}

// marks reads the times and parents of a replica.
func (c *columnReader) marks(r *replica, k *counts) error {
	r.log.stamps = make([]stamp, k.stamps)
	clock, at := uint64(0), int64(0)
	for i := range r.log.stamps {
		step, late := c.uvarint(sectionStampTicks), c.varint(sectionStampTimes)
		if i > 0 && (step == 0 || late == 0) || step >= k.ticks-clock {
			return fmt.Errorf("time %d", i)
		}
		clock, at = clock+step, at+late
		r.log.stamps[i] = stamp{uint32(clock), at}
	}
	r.log.parents = make([]parent, k.parents)
	clock = 0
	latest := c.latest
	for i := range r.log.parents {
		step, place := c.uvarint(sectionParentTicks), c.uvarint(sectionParentPlaces)
		more := c.varint(sectionParentSeen)
		if step >= k.ticks-clock || place >= uint64(len(c.reps)) || c.reps[place] == r || more > MaxTicks || more < -MaxTicks {
			return fmt.Errorf("parent %d", i)
		}
		clock += step
		seen := latest[c.reps[place].self] + more
		if seen <= 0 || seen > int64(c.reps[place].clock) {
			return fmt.Errorf("parent %d has %d ticks", i, seen)
		}
		latest[c.reps[place].self] = seen
		r.log.parents[i] = parent{uint32(clock), c.reps[place].self, uint32(seen)}
	}
	for _, p := range r.log.parents {
		latest[p.rep] = 0
	}
	return nil
}

// ops reads the ops of a replica.
func (c *columnReader) ops(r *replica, k *counts) error {
	base := len(c.whole[sectionKinds]) - len(c.sections[sectionKinds])
	kinds, ok := c.bytes(sectionKinds, k.ops)
	if !ok {
		return errColumn
	}
	ops := c.room[:len(kinds):len(kinds)]
	c.room = c.room[len(kinds):]
	c.metas = 0
	r.log.ops.loaded.blocks = make([]opBlock, 0, (len(kinds)-1)>>blockShift+1)
	clock, seq := uint64(0), uint64(0)
	for i, kind := range kinds {
		if i&(1<<blockShift-1) == 0 {
			c.mark(r, base+i, clock, seq)
		}
		o := &ops[i]
		o.clock, o.seq, o.rep, o.deleter = uint32(clock), uint32(seq), r.self, opInsert
		n, ok := c.op(r, o, kind)
		if !ok || uint64(n) > k.ticks-clock {
			return fmt.Errorf("op %d: of kind %d, %d ticks", i, kind, n)
		}
		switch kind {
		case columnContinue, columnInsert, columnStart:
			// What is right behind another insertion would be part of that.
			if int(n) > MaxElements-c.d.elements || kind == columnContinue && ops[i-1].deleter == opInsert {
				return fmt.Errorf("op %d: %d elements behind %d", i, n, c.d.elements)
			}
			seq += uint64(n)
			c.d.elements += int(n)
		case columnMeta:
			if !c.register(r) {
				return fmt.Errorf("op %d: metadata", i)
			}
		}
		clock += uint64(n)
	}
	r.log.ops.tail = ops
	if clock != k.ticks {
		return fmt.Errorf("%d ticks, not %d", clock, k.ticks)
	}
	r.seq = uint32(seq)
	return nil
}

// mark notes that a block of ops begins here. kinds of them have been read in all.
func (c *columnReader) mark(r *replica, kinds int, clock, seq uint64) {
	b := opBlock{clock: uint32(clock), seq: uint32(seq), metas: c.metas, recent: c.recent}
	b.at[sectionKinds] = uint32(kinds)
	for i := sectionKinds + 1; i < len(b.at); i++ {
		b.at[i] = uint32(len(c.whole[i]) - len(c.sections[i]))
	}
	r.log.ops.loaded.blocks = append(r.log.ops.loaded.blocks, b)
}

// op reads the next op, of which kind, clock and seq are known, and rep and deleter are those of an insertion behind the
// author's last element. It returns the ticks.
func (c *columnReader) op(r *replica, o *logOp, kind byte) (n uint32, ok bool) {
	if kind == columnMeta {
		o.rep, o.deleter, o.seq0 = 0, opMeta, c.metas
		c.metas++
		return 1, true
	}
	ticks := c.uvarint(sectionLengths)
	if ticks == 0 || ticks > MaxTicks {
		return 0, false
	}
	n = uint32(ticks)
	if kind > columnStart {
		return n, c.setting(r, o, kind, ticks)
	}
	if ok = ticks <= uint64(MaxElements-o.seq) && c.origin(r, o, kind); ok {
		c.recent.push(gap{uint32(c.self), o.seq + n})
	}
	return n, ok
}

// origin reads where an insertion goes.
func (c *columnReader) origin(r *replica, o *logOp, kind byte) bool {
	switch kind {
	case columnContinue:
		o.seq0 = o.seq - 1
		return o.seq > 0
	case columnStart:
		o.rep = fromStart
		return true
	}
	g, ok := c.gap(0, 0)
	if !ok || g.at == 0 {
		return false
	}
	c.recent.push(g)
	rep := c.reps[g.place]
	o.rep, o.seq0 = rep.self, g.at-1
	// An own origin is there already, and is not the last element.
	return rep != r || g.at < o.seq
}

// gap reads a gap that has so many elements behind and before it.
func (c *columnReader) gap(behind, before uint64) (g gap, ok bool) {
	x := c.uvarint(sectionPlaces)
	at := int64(0)
	if i := int(x & 7); i == recentNone {
		if x>>3 >= uint64(len(c.reps)) {
			return g, false
		}
		g.place = uint32(x >> 3)
		at = int64(min(c.uvarint(sectionPlaces), MaxElements))
	} else {
		if i >= c.recent.n {
			return g, false
		}
		g = c.recent.gaps[i]
		at = int64(g.at) + (int64(x>>4) ^ -int64(x>>3&1))
	}
	g.at = uint32(at)
	return g, at >= int64(before) && at <= int64(MaxElements-behind)
}

// setting reads a visibility op of n ticks.
func (c *columnReader) setting(r *replica, o *logOp, kind byte, n uint64) bool {
	if n > MaxElements || kind >= columnKinds {
		return false
	}
	o.deleter, o.counter = r.self, 1
	if kind >= columnSet {
		place, counter := c.uvarint(sectionCounters), c.uvarint(sectionCounters)
		if place >= uint64(len(c.reps)) || counter == 0 || counter > MaxCounter || c.reps[place] == r && counter == 1 {
			return false
		}
		o.deleter, o.counter = c.reps[place].self, uint32(counter)
	}
	back := kind == columnBack || kind == columnSetBack
	behind, before := n, uint64(0)
	if back {
		behind, before = 0, n
	}
	g, ok := c.gap(behind, before)
	if !ok {
		return false
	}
	c.recent.ranged(g, uint32(n), back)
	rep := c.reps[g.place]
	o.rep, o.seq0 = rep.self, g.at-uint32(before)
	if back {
		o.counter |= backwards
	}
	return rep != r || uint64(o.seq0)+n <= uint64(o.seq)
}

// register reads the key and value of a metadata set.
func (c *columnReader) register(r *replica) bool {
	key, ok1 := c.bytes(sectionMetas, c.uvarint(sectionMetas))
	value, ok2 := c.bytes(sectionMetas, c.uvarint(sectionMetas))
	if !ok1 || !ok2 || judgeMeta(string(key), string(value)) != nil {
		return false
	}
	r.log.metas = append(r.log.metas, register{string(key), string(value)})
	return true
}

// settle leaves the ops of all replicas in the columns that they were read from.
func (c *columnReader) settle() {
	columns := &opColumns{reps: c.reps}
	size := 0
	for i := range columns.sections {
		size += len(c.whole[i])
	}
	copied := make([]byte, 0, size)
	for i := sectionKinds; i < len(columns.sections); i++ {
		from := len(copied)
		copied = append(copied, c.whole[i]...)
		columns.sections[i] = copied[from:]
	}
	for place, r := range c.reps {
		r.log.ops.settle(columns, place)
	}
}
