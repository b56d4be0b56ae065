package rga

import (
	"bytes"
	"errors"
	"fmt"
)

// held keeps batches whose causes are missing. Each waits for one missing cause at a time; when that
// has come, the batch is looked at again.
type held struct {
	waiting map[ReplicaID][]*heldBatch // by the replica of what it waits for
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

// hold keeps a copy of a batch whose causes are missing.
func (d *Doc) hold(b *batch, raw []byte) error {
	h := &heldBatch{author: b.author, clock: b.clock, end: b.end, need: d.firstNeed(b)}
	if d.held.contains(h, raw) {
		return nil
	}
	if d.held.count >= MaxHeldBatches || d.held.bytes+len(raw) > MaxHeldBytes {
		return fmt.Errorf("%w: %d batches, %d bytes", ErrTooMuch, d.held.count, d.held.bytes)
	}
	h.raw = bytes.Clone(raw)
	d.held.add(h)
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

// contains reports whether the same batch is held already. One that waited for the same need when it
// came stands in the same list; one that came earlier may have waited for another need, and is kept twice.
func (h *held) contains(b *heldBatch, raw []byte) bool {
	for _, o := range h.waiting[b.need.replica] {
		if o.author == b.author && o.clock == b.clock && bytes.Equal(o.raw, raw) {
			return true
		}
	}
	return false
}

func (h *held) add(b *heldBatch) {
	if h.waiting == nil {
		h.waiting = map[ReplicaID][]*heldBatch{}
	}
	h.waiting[b.need.replica] = append(h.waiting[b.need.replica], b)
	h.count++
	h.bytes += len(b.raw)
}

// drop forgets an author's batches that reach beyond tick clock.
func (h *held) drop(author ReplicaID, clock uint32) {
	for id := range h.waiting {
		h.take(id, func(b *heldBatch) bool { return b.author == author && b.end > clock })
	}
}

// take removes and returns the batches in the list of id that want to go.
func (h *held) take(id ReplicaID, goes func(*heldBatch) bool) (gone []*heldBatch) {
	list := h.waiting[id]
	kept := list[:0]
	for _, b := range list {
		if !goes(b) {
			kept = append(kept, b)
			continue
		}
		gone = append(gone, b)
		h.count--
		h.bytes -= len(b.raw)
	}
	clear(list[len(kept):])
	if len(kept) > 0 {
		h.waiting[id] = kept
	} else {
		delete(h.waiting, id)
	}
	return gone
}

// release applies what waited for id, whose ticks have advanced, and what waited for that in turn.
func (d *Doc) release(id ReplicaID, res *Result) {
	if d.held.count == 0 {
		return
	}
	var b batch
	for advanced := []ReplicaID{id}; len(advanced) > 0; {
		id, advanced = advanced[0], advanced[1:]
		for _, h := range d.held.take(id, func(h *heldBatch) bool { return d.has(h.need) }) {
			outcome, err := d.take(&b, h.raw, res)
			switch {
			case errors.Is(err, ErrLimit): // to be sent again
			case err != nil:
				res.refused(h.author)
			case outcome == taken:
				advanced = append(advanced, h.author)
			case outcome == waiting:
				h.need = d.firstNeed(&b)
				d.held.add(h)
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
	for _, list := range d.held.waiting {
		for _, h := range list {
			if b.read(h.raw) != nil {
				continue
			}
			d.resolve(&b)
			if n := (need{b.author, b.clock, 0}); b.clock > 0 && !d.has(n) {
				d.miss(v, n)
			}
			d.missOps(v, &b)
		}
	}
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
