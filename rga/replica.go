package rga

import "sort"

// replica is what a document knows of one replica: its text, its log, and where its elements are.
type replica struct {
	id    ReplicaID
	self  uint32 // own index in tree.reps
	seq   uint32 // elements integrated; arena.text may be longer while a batch is being judged
	clock uint32 // ticks applied

	arena *arena
	index seqIndex
	log   oplog
	times []lamportStep

	// Where this replica stands in Doc.fresh, or -1.
	fresh int
}

func newReplica(id ReplicaID) *replica {
	return &replica{id: id, arena: &arena{}, fresh: -1}
}

// lamportStep says that from a tick on, Lamport times of elements are their seq + base. Before the
// first step base is 1. There is a step where the author has seen greater times of others, and at
// each metadata set.
type lamportStep struct {
	clock, seq uint32
	base       uint64
}

// lamport is the Lamport time of the element seq.
func (r *replica) lamport(seq uint32) uint64 {
	steps := r.times
	n := len(steps)
	if n == 0 || seq < steps[0].seq {
		return uint64(seq) + 1
	}
	if steps[n-1].seq <= seq {
		return uint64(seq) + steps[n-1].base
	}
	i := sort.Search(n, func(i int) bool { return steps[i].seq > seq })
	return uint64(seq) + steps[i-1].base
}

// lamportAt is the greatest Lamport time in the causal closure of this replica's first clock ticks.
func (r *replica) lamportAt(clock uint32) uint64 {
	if clock == 0 {
		return 0
	}
	steps := r.times
	base := uint64(1)
	n := len(steps)
	if n > 0 && steps[n-1].clock < clock {
		base = steps[n-1].base
	} else if i := sort.Search(n, func(i int) bool { return steps[i].clock >= clock }); i > 0 {
		base = steps[i-1].base
	}
	return uint64(r.seqAt(clock)) + base - 1
}

// latest is the greatest Lamport time that the author knows of before its next op.
func (r *replica) latest() uint64 {
	base := uint64(1)
	if n := len(r.times); n > 0 {
		base = r.times[n-1].base
	}
	return uint64(r.seq) + base - 1
}

// witness raises the Lamport time of what follows to more than lamport, which the author has seen.
func (r *replica) witness(lamport uint64) {
	if lamport > r.latest() {
		r.step(lamport + 1 - uint64(r.seq))
	}
}

func (r *replica) step(base uint64) {
	s := lamportStep{r.clock, r.seq, base}
	if n := len(r.times); n > 0 && r.times[n-1].clock == r.clock {
		r.times[n-1] = s
		return
	}
	r.times = append(r.times, s)
}

// seqAt is the number of elements inserted by the first clock ticks.
func (r *replica) seqAt(clock uint32) uint32 {
	if clock >= r.clock {
		return r.seq
	}
	o := r.log.ops.at(r.log.opAt(clock))
	if o.kind() == opInsert {
		return o.seq + clock - o.clock
	}
	return o.seq
}
