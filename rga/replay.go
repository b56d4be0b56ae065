package rga

import (
	"container/heap"
	"fmt"
	"iter"
)

// Step is something one replica did about at one time: a stretch of its ticks.
type Step struct {
	Replica ReplicaID
	Ticks   Ticks
	At      int64 // unix milliseconds; 0 where the author said nothing

	Inserted int // bytes
	Deleted  int // bytes whose deletion was counted, be they visible to others or not
	Restored int // bytes on which a deletion was taken back
	Metadata int // registers set

	Changes []Change // what it did to the text; of Replay only
}

// Steps yields the whole history in an order in which causes come first; among what is not bound by
// that, what was made earlier by its author's clock comes first. So each beginning of it is a version.
// The document must not change while it is iterated over.
func (d *Doc) Steps() iter.Seq[Step] {
	return func(yield func(Step) bool) {
		p := d.replay()
		for {
			r, from, to, ok := p.next()
			if !ok || !yield(p.step(r, from, to)) {
				return
			}
		}
	}
}

// Replay yields the steps with what each changed, and a document that has what was yielded so far. That document
// may be read until the next step is asked for.
func (d *Doc) Replay() iter.Seq2[Step, *Doc] {
	const part = 1 << 20
	return func(yield func(Step, *Doc) bool) {
		p := d.replay()
		past := New(d.self.id)
		w := opWriter{reps: d.tree.reps}
		for {
			r, from, to, ok := p.next()
			if !ok {
				return
			}
			s := p.step(r, from, to)
			for from < to {
				w.buf = w.buf[:0]
				elements := r.seqAt(from)
				from = w.batch(r, from, to, part)
				res, err := past.Apply(w.buf)
				if err != nil || res.Held {
					panic(fmt.Sprintf("rga: internal error: replay of %x at tick %d: %v", uint64(r.id), from, err))
				}
				s.Changes = append(append(s.Changes, res.Changes...), past.forgetLike(d, r, elements)...)
			}
			if !yield(s, past) {
				return
			}
		}
	}
}

// replayer finds the order of steps.
type replayer struct {
	*scheduler           // what was yielded, and who waits
	queue      stepQueue // replicas that may go on
}

func (d *Doc) replay() *replayer {
	p := &replayer{scheduler: d.schedule(nil)}
	for _, i := range p.ready {
		p.offer(i)
	}
	return p
}

// offer puts a replica with ticks left into the queue.
func (p *replayer) offer(i int) {
	r, from := p.d.tree.reps[i], p.done[i]
	if from < r.clock {
		heap.Push(&p.queue, pendingStep{r.madeAt(r.log.marksFrom(from + 1).stamp), r})
	}
}

// next returns the next step; ok is false when there is none left.
func (p *replayer) next() (r *replica, from, to uint32, ok bool) {
	for len(p.queue) > 0 {
		r = heap.Pop(&p.queue).(pendingStep).r
		i := int(r.self)
		from = p.done[i]
		to, blocker := p.reach(r, from)
		if to == from {
			p.waiting[blocker] = append(p.waiting[blocker], i)
			continue
		}
		p.done[i], p.seqs[i] = to, r.seqAt(to)
		p.offer(i)
		for _, j := range p.waiting[uint32(i)] {
			p.offer(j)
		}
		delete(p.waiting, uint32(i))
		return r, from, to, true
	}
	return nil, 0, 0, false
}

// reach says how far r can go in one step, and which replica must go first if it cannot.
func (p *replayer) reach(r *replica, from uint32) (to, blocker uint32) {
	for _, seen := range r.log.parents[r.log.marksFrom(from).parent:] {
		if seen.clock > from {
			break
		}
		if p.done[seen.rep] < seen.seen {
			return from, seen.rep
		}
	}
	m := r.log.marksFrom(from + 1)
	limit := min(r.clock, m.next(&r.log))
	for i := r.log.opAt(from); from < limit; i++ {
		end, need := p.opReach(r, i, from)
		if end < min(limit, r.opEnd(i)) {
			return end, need
		}
		from = min(limit, end)
	}
	return from, 0
}

// step counts what is in a step.
func (p *replayer) step(r *replica, from, to uint32) Step {
	s := Step{
		Replica: r.id, Ticks: Ticks{uint64(from), uint64(to)}, At: r.madeAt(r.log.marksFrom(from + 1).stamp),
	}
	for i := r.log.opAt(from); from < to; i++ {
		o := r.log.ops.at(i)
		end := min(to, r.opEnd(i))
		n := int(end - from)
		switch {
		case o.kind() == opInsert:
			s.Inserted += n
		case o.kind() == opMeta:
			s.Metadata += n
		case o.value()%2 == 1:
			s.Deleted += n
		default:
			s.Restored += n
		}
		from = end
	}
	return s
}

// pendingStep is a replica whose next step was made at.
type pendingStep struct {
	at int64
	r  *replica
}

// stepQueue is a heap by time, then id.
type stepQueue []pendingStep

func (q stepQueue) Len() int { return len(q) }
func (q stepQueue) Less(i, j int) bool {
	return q[i].at < q[j].at || q[i].at == q[j].at && q[i].r.id < q[j].r.id
}
func (q stepQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *stepQueue) Push(x any)   { *q = append(*q, x.(pendingStep)) }
func (q *stepQueue) Pop() any {
	last := len(*q) - 1
	x := (*q)[last]
	*q = (*q)[:last]
	return x
}
