package rga

import "fmt"

// causes goes through the logs of a loaded document in an order in which causes come first. It
// derives the Lamport times, and decides about what depends on several ops: that none names what its
// author could not have seen.
type causes struct {
	d      *Doc
	latest []uint64 // by replica index: the greatest Lamport time known after the ticks gone through
}

func (c *causes) derive() error {
	c.latest = make([]uint64, len(c.d.tree.reps))
	s := c.d.schedule(nil)
	for {
		r, from, to, ok := s.next()
		if !ok {
			break
		}
		if err := c.stretch(r, from, to); err != nil {
			return fmt.Errorf("replica %x: %w", uint64(r.id), err)
		}
	}
	for i, r := range c.d.tree.reps {
		if s.done[i] < r.clock {
			return fmt.Errorf("replicas wait for one another, %x at tick %d", uint64(r.id), s.done[i])
		}
		r.times = append(make([]lamportStep, 0, len(r.times)), r.times...) // as long as need be
	}
	return nil
}

// stretch goes through the ticks [from, to) of r.
func (c *causes) stretch(r *replica, from, to uint32) error {
	parents := r.log.parents[r.log.marksFrom(from).parent:]
	latest := c.latest[r.self]
	for i := r.log.opAt(from); from < to; i++ {
		o := &r.log.ops.tail[i]
		end := min(to, r.opEnd(i))
		for len(parents) > 0 && parents[0].clock < end {
			at, greatest := parents[0].clock, uint64(0)
			for len(parents) > 0 && parents[0].clock == at {
				p := parents[0]
				greatest = max(greatest, c.d.tree.reps[p.rep].lamportAt(p.seen))
				parents = parents[1:]
			}
			seq := o.seq
			if o.deleter == opInsert {
				latest += uint64(at - from)
				seq += at - o.clock
				from = at
			}
			if greatest > latest {
				latest = greatest
				r.times = append(r.times, lamportStep{at, seq, latest + 1 - uint64(seq)})
			}
		}
		switch o.deleter {
		case opInsert:
			if err := c.origin(r, o, from, latest); err != nil {
				return err
			}
			latest += uint64(end - from)
		case opMeta:
			latest++
			c.meta(r, o, latest)
		}
		from = end
	}
	c.latest[r.self] = latest
	return nil
}

// origin decides whether an insertion may have its origin, if it begins at tick from.
func (c *causes) origin(r *replica, o *logOp, from uint32, latest uint64) error {
	if from != o.clock || o.rep == fromStart || o.rep == r.self {
		return nil
	}
	if c.d.tree.reps[o.rep].lamport(o.seq0) > latest {
		return fmt.Errorf("origin %d of %x is not in the past of tick %d", o.seq0, uint64(c.d.tree.reps[o.rep].id), from)
	}
	return nil
}

// meta sets the register of a metadata op of r.
func (c *causes) meta(r *replica, o *logOp, lamport uint64) {
	step := lamportStep{o.clock, o.seq, lamport + 1 - uint64(o.seq)}
	if n := len(r.times); n > 0 && r.times[n-1].clock == o.clock {
		r.times[n-1] = step
	} else {
		r.times = append(r.times, step)
	}
	m := r.log.metas[o.seq0]
	old, ok := c.d.meta[m.key]
	if !ok || lamport > old.lamport || lamport == old.lamport && r.id > old.replica {
		c.d.meta[m.key] = metaValue{m.value, lamport, r.id}
	}
}

// fresh lists the replicas whose latest ticks no other tick has as parents.
func (c *causes) fresh() {
	d := c.d
	covered := make([]bool, len(d.tree.reps))
	for _, r := range d.tree.reps {
		for _, p := range r.log.parents {
			if p.seen == d.tree.reps[p.rep].clock {
				covered[p.rep] = true
			}
		}
	}
	for i, r := range d.tree.reps {
		if r.clock > 0 && !covered[i] {
			d.freshen(r)
		}
	}
}
