package rga

import "math"

// oplog is what one replica did, in three columns, each a function of its ticks alone, so that
// equal histories give equal columns however they were cut into batches.
type oplog struct {
	ops     opList
	stamps  []stamp  // wall clock
	parents []parent // what of others had been seen
	metas   []register
}

// logOp is a run of ticks of one kind. It ends where the next one begins, the last one at the
// replica's clock.
type logOp struct {
	clock uint32 // first tick
	seq   uint32 // the author's elements before it

	// Insertion: the origin of its first element (fromStart: the beginning of the document); each
	// further element has the one before it as origin.
	// Visibility: the first of the elements set, in order of seq.
	// Metadata: seq0 is the index in oplog.metas.
	rep, seq0 uint32

	deleter uint32 // whose counter was set; or opInsert, opMeta
	counter uint32 // to what; with backwards: ticks go from the last element to the first
}

const (
	fromStart = math.MaxUint32 // rep of the origin of what was inserted at the beginning

	opInsert = math.MaxUint32 // values of logOp.deleter that are no replica
	opMeta   = math.MaxUint32 - 1
	opSet    = math.MaxUint32 - 2 // what kind says of a visibility op

	backwards = 1 << 31
)

// stamp says that the ticks from clock on were made about at, in unix milliseconds.
type stamp struct {
	clock uint32
	at    int64
}

// stampSpan is for how many milliseconds one stamp serves.
const stampSpan = 1000

// parent says that before its tick clock the author had seen the first seen ticks of rep.
type parent struct{ clock, rep, seen uint32 }

type register struct{ key, value string }

func (o *logOp) kind() uint32 { return min(max(o.deleter, opSet), opInsert) }

func (o *logOp) value() uint32   { return o.counter &^ backwards }
func (o *logOp) backwards() bool { return o.counter&backwards != 0 }

// opAt is the index of the op that holds a tick, which must have happened.
func (l *oplog) opAt(clock uint32) int { return l.ops.atTick(clock) }

// opEnd is the tick behind op i.
func (r *replica) opEnd(i int) uint32 {
	return r.log.ops.clock(i+1, r.clock)
}

// logInsert records the insertion of the n elements after r.seq-n behind the given origin, just
// integrated, and advances the clock.
func (r *replica) logInsert(rep, seq, n uint32) {
	first := r.seq - n
	l := &r.log
	last := l.ops.last()
	if last == nil || last.deleter != opInsert || rep != r.self || seq+1 != first {
		l.ops.add(logOp{clock: r.clock, seq: first, rep: rep, seq0: seq, deleter: opInsert})
	}
	r.clock += n
}

// logMeta records a metadata set.
func (r *replica) logMeta(m register) {
	l := &r.log
	l.metas = append(l.metas, m)
	l.ops.add(logOp{clock: r.clock, seq: r.seq, seq0: uint32(len(l.metas) - 1), deleter: opMeta})
	r.clock++
}

// logSet records that the deleter's counter was set on n elements of target from seq on. Runs that
// continue the op before them, forwards or backwards, become part of it, rune by rune: the log is the
// same as if each rune had come by itself.
func (r *replica) logSet(target *replica, seq, n, deleter, counter uint32, back bool) {
	unit := target.arena.runeLen(seq)
	lone := unit == n
	if back && !lone {
		unit = n - (target.arena.runeStart(seq+n-1) - seq)
	}
	first := seq
	if back {
		first = seq + n - unit
	}
	last := r.continued(target, first, unit, deleter, counter)
	switch {
	case last == nil:
		r.startSet(target, seq, n, deleter, counter, back && !lone)
	case lone || back == last.backwards():
		if last.backwards() {
			last.seq0 = seq
		}
	default: // only the first rune continues it
		if last.backwards() {
			last.seq0 = first
		}
		r.clock += unit
		n -= unit
		if !back {
			seq += unit
		}
		r.startSet(target, seq, n, deleter, counter, back && target.arena.runeLen(seq) != n)
	}
	r.clock += n
}

func (r *replica) startSet(target *replica, seq, n, deleter, counter uint32, back bool) {
	if back {
		counter |= backwards
	}
	r.log.ops.add(logOp{
		clock: r.clock, seq: r.seq, rep: target.self, seq0: seq, deleter: deleter, counter: counter,
	})
}

// continued returns the last op if the rune of unit bytes at seq continues it, having settled
// the op's direction; else nil.
func (r *replica) continued(target *replica, seq, unit, deleter, counter uint32) *logOp {
	o := r.log.ops.last()
	if o == nil || o.deleter != deleter || o.value() != counter || o.rep != target.self {
		return nil
	}
	n := r.clock - o.clock
	lone := target.arena.runeLen(o.seq0) == n
	switch {
	case o.seq0+n == seq && (lone || !o.backwards()):
		o.counter = counter
	case seq+unit == o.seq0 && (lone || o.backwards()):
		o.counter = counter | backwards
	default:
		return nil
	}
	return o
}

// logStamp records that what follows was made at.
func (r *replica) logStamp(at int64) {
	s := r.log.stamps
	if n := len(s); n == 0 || s[n-1].at != at {
		r.log.stamps = append(s, stamp{r.clock, at})
	}
}

// stampDue reports whether an edit made at needs a stamp of its own.
func (r *replica) stampDue(at int64) bool {
	n := len(r.log.stamps)
	return n == 0 || at < r.log.stamps[n-1].at || at-r.log.stamps[n-1].at >= stampSpan
}
