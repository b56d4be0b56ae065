package rga

import (
	"bytes"
	"container/heap"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// held keeps batches whose causes are missing. Each waits for one missing cause at a time; when that
// has come, the batch is looked at again.
type held struct {
	authors map[ReplicaID]*heldAuthor // all batches, by author
	waiting map[ReplicaID]*waiters    // the same, by the replica of what each waits for
	count   int
	bytes   int
}

// heldAuthor is what is held of one author.
type heldAuthor struct {
	batches map[uint32][]*heldBatch // by their first tick
	count   int
	bytes   int
}

type heldBatch struct {
	raw    []byte
	author ReplicaID
	clock  uint32
	end    uint32
	need   need
}

// waiters wait for one replica: for ticks or for elements, who needs least first.
type waiters [2]needQueue

func (w *waiters) of(n need) *needQueue {
	if n.seq > 0 {
		return &w[1] // its tick comes with the element
	}
	return &w[0]
}

// needQueue is a heap by what is needed.
type needQueue []*heldBatch

func (q needQueue) Len() int { return len(q) }
func (q needQueue) Less(i, j int) bool {
	return q[i].need.clock < q[j].need.clock || q[i].need.seq < q[j].need.seq
}
func (q needQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *needQueue) Push(x any)   { *q = append(*q, x.(*heldBatch)) }
func (q *needQueue) Pop() any {
	last := len(*q) - 1
	b := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	return b
}

// hold keeps a copy of a batch whose causes are missing.
func (d *Doc) hold(b *batch, raw []byte) error {
	h := &heldBatch{author: b.author, clock: b.clock, end: b.end, need: d.firstNeed(b)}
	if d.held.contains(h, raw) {
		return nil
	}
	if err := d.held.room(b.author, len(raw)); err != nil {
		return err
	}
	h.raw = bytes.Clone(raw)
	d.held.add(h)
	return nil
}

// room decides whether another batch of an author may be held. An author has at most half of what the others leave: so
// there is room for one more author always, and none can keep out what the others wait for.
func (h *held) room(author ReplicaID, size int) error {
	var a heldAuthor
	if known := h.authors[author]; known != nil {
		a = *known
	}
	count, bytes := MaxHeldBatches-(h.count-a.count), MaxHeldBytes-(h.bytes-a.bytes)
	if a.count >= (count+1)/2 || a.bytes+size > bytes/2 {
		return fmt.Errorf("%w: %d batches, %d bytes, of them %d batches, %d bytes of %x",
			ErrTooMuch, h.count, h.bytes, a.count, a.bytes, uint64(author))
	}
	return nil
}

// firstNeed is a missing cause of a batch.
func (d *Doc) firstNeed(b *batch) need {
	own := need{b.author, b.clock, 0}
	if b.clock > 0 && !d.has(own) {
		return own
	}
	for i := range b.ops {
		if n, ok := d.cause(b, &b.ops[i]); ok {
			return n
		}
	}
	return own
}

// contains reports whether the same batch is held already.
func (h *held) contains(b *heldBatch, raw []byte) bool {
	a := h.authors[b.author]
	if a == nil {
		return false
	}
	for _, o := range a.batches[b.clock] {
		if bytes.Equal(o.raw, raw) {
			return true
		}
	}
	return false
}

func (h *held) add(b *heldBatch) {
	if h.waiting == nil {
		h.authors, h.waiting = map[ReplicaID]*heldAuthor{}, map[ReplicaID]*waiters{}
	}
	a := h.authors[b.author]
	if a == nil {
		a = &heldAuthor{batches: map[uint32][]*heldBatch{}}
		h.authors[b.author] = a
	}
	a.batches[b.clock] = append(a.batches[b.clock], b)
	a.count++
	a.bytes += len(b.raw)
	h.count++
	h.bytes += len(b.raw)
	h.wait(b)
}

// wait puts a batch where it is found when its need is met.
func (h *held) wait(b *heldBatch) {
	w := h.waiting[b.need.replica]
	if w == nil {
		w = &waiters{}
		h.waiting[b.need.replica] = w
	}
	heap.Push(w.of(b.need), b)
}

// next takes a batch that waited for a replica and need not wait for it longer off the waiting; nil: there is none.
func (h *held) next(d *Doc, id ReplicaID) *heldBatch {
	w := h.waiting[id]
	if w == nil {
		return nil
	}
	for i := range w {
		if q := &w[i]; len(*q) > 0 && d.has((*q)[0].need) {
			b := heap.Pop(q).(*heldBatch)
			h.clear(id)
			return b
		}
	}
	return nil
}

// clear forgets a replica that nothing waits for.
func (h *held) clear(id ReplicaID) {
	if w := h.waiting[id]; len(w[0])+len(w[1]) == 0 {
		delete(h.waiting, id)
	}
}

// forget removes a batch that is no longer waiting.
func (h *held) forget(b *heldBatch) {
	a := h.authors[b.author]
	list := a.batches[b.clock]
	for i, o := range list {
		if o == b {
			last := len(list) - 1
			list[i], list[last] = list[last], nil
			a.batches[b.clock] = list[:last]
			break
		}
	}
	if len(a.batches[b.clock]) == 0 {
		delete(a.batches, b.clock)
	}
	a.count--
	a.bytes -= len(b.raw)
	h.count--
	h.bytes -= len(b.raw)
	if a.count == 0 {
		delete(h.authors, b.author)
	}
}

// drop forgets an author's batches that reach beyond tick clock.
func (h *held) drop(author ReplicaID, clock uint32) {
	if h.authors[author] == nil {
		return
	}
	goes := func(b *heldBatch) bool { return b.author == author && b.end > clock }
	for id, w := range h.waiting {
		for i := range w {
			for _, b := range w[i] {
				if goes(b) {
					h.forget(b)
				}
			}
			w[i] = slices.DeleteFunc(w[i], goes)
			heap.Init(&w[i])
		}
		h.clear(id)
	}
}

// all calls f with each held batch, those of one author in the order of their ticks.
func (h *held) all(f func(*heldBatch)) {
	for _, author := range slices.Sorted(maps.Keys(h.authors)) {
		a := h.authors[author]
		for _, clock := range slices.Sorted(maps.Keys(a.batches)) {
			for _, b := range a.batches[clock] {
				f(b)
			}
		}
	}
}

// release applies what waited for id, whose ticks have advanced, and what waited for that in turn.
func (d *Doc) release(id ReplicaID, res *Result) {
	if d.held.count == 0 {
		return
	}
	var b batch
	for advanced := []ReplicaID{id}; len(advanced) > 0; {
		id, advanced = advanced[0], advanced[1:]
		for h := d.held.next(d, id); h != nil; h = d.held.next(d, id) {
			outcome, err := d.take(&b, h.raw, res)
			if err == nil && outcome == waiting {
				h.need = d.firstNeed(&b)
				d.held.wait(h)
				continue
			}
			d.held.forget(h)
			switch {
			case errors.Is(err, ErrLimit): // to be sent again
			case err != nil:
				res.refused(h.author)
			case outcome == taken:
				advanced = append(advanced, h.author)
			}
		}
	}
}

func (res *Result) refused(author ReplicaID) {
	for _, id := range res.Refused {
		if id == author {
			return
		}
	}
	res.Refused = append(res.Refused, author)
}

// Missing says, for each replica, up to which tick ops are needed to release what is held (empty: nothing held).
// Where what is missing is an element, which tick made it is not known: then the next tick is named.
func (d *Doc) Missing() Version {
	v := Version{}
	var b batch
	d.held.all(func(h *heldBatch) {
		if b.read(h.raw) != nil {
			return
		}
		d.resolve(&b)
		if n := (need{b.author, b.clock, 0}); b.clock > 0 && !d.has(n) {
			d.miss(v, n)
		}
		d.missOps(v, &b)
	})
	return v
}

// missOps adds all missing causes that the ops of b name.
func (d *Doc) missOps(v Version, b *batch) {
	for i := range b.ops {
		o := &b.ops[i]
		if o.kind != kindSeen {
			if n, ok := d.cause(b, o); ok {
				d.miss(v, n)
			}
			continue
		}
		for _, s := range b.seen[o.from:o.to] {
			if n, ok := d.missing(b, s.ref, s.clock, 0); ok {
				d.miss(v, n)
			}
		}
	}
}

func (d *Doc) miss(v Version, n need) {
	clock := uint64(n.clock)
	if r := d.byID[n.replica]; r != nil && r.clock >= n.clock {
		clock = uint64(r.clock) + 1
	}
	v[n.replica] = max(v[n.replica], clock)
}

// Held is the number of held batches and their bytes.
func (d *Doc) Held() (batches, bytes int) { return d.held.count, d.held.bytes }
