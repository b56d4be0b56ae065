package rga

import (
	"errors"
	"fmt"
)

// Result says what Apply did.
type Result struct {
	Changes   []Change    // what became visible, including batches that had been held
	Ops       int         // runs and ranges applied now
	Held      bool        // causes are missing: kept until they come
	Duplicate bool        // nothing new in it
	Refused   []ReplicaID // authors found invalid among batches released by this one
}

// Apply merges one encoded op batch. A duplicate is a no-op, part of a batch that is known already is skipped, a batch whose causes are
// missing is held. An error means that nothing changed.
func (d *Doc) Apply(raw []byte) (Result, error) {
	var res Result
	d.begin()
	b := &d.parsed
	outcome, err := d.take(b, raw, &res)
	switch {
	case err != nil:
		return Result{}, err
	case outcome == taken:
		d.release(b.author, &res)
	case outcome == known:
		res.Duplicate = true
	default:
		res.Held = true
		if err := d.hold(b, raw); err != nil {
			return Result{}, err
		}
	}
	res.Changes = d.changed()
	return res, nil
}

type outcome uint8

const (
	taken   outcome = iota
	known           // nothing new in it
	waiting         // causes are missing
)

// take decodes and applies a batch if it can be applied now. An author whose batch is invalid is
// refused from there on.
func (d *Doc) take(b *batch, raw []byte, res *Result) (outcome, error) {
	err := b.read(raw)
	if errors.Is(err, ErrEncoding) {
		return known, err
	}
	have := uint32(0)
	if r := d.byID[b.author]; r != nil {
		have = r.clock
	}
	if err == nil && b.end <= have {
		return known, nil
	}
	if err := d.refuses(b); err != nil {
		return known, err
	}
	if err != nil {
		d.refuse(b.author, b.clock)
		return known, err
	}
	d.resolve(b)
	if b.clock > have || d.lacks(b) {
		return waiting, nil
	}
	if err := d.judge(b); err != nil {
		if errors.Is(err, ErrInvalid) {
			d.refuse(b.author, max(have, b.clock))
		}
		return known, err
	}
	d.integrate(b, res)
	return taken, nil
}

// refuses says why a batch is not taken although it may be good.
func (d *Doc) refuses(b *batch) error {
	if len(d.refused) == 0 {
		return nil
	}
	if from, ok := d.refused[b.author]; ok && (b.end > from || b.clock >= from) {
		return fmt.Errorf("%w: %x from tick %d on", ErrRefused, uint64(b.author), from)
	}
	return nil
}

// maxRefused bounds the authors remembered as refused; more can only be forged.
const maxRefused = 1 << 16

// refuse refuses an author's ops from tick clock on.
func (d *Doc) refuse(author ReplicaID, clock uint32) {
	if from, ok := d.refused[author]; ok && from <= clock || !ok && len(d.refused) == maxRefused {
		return
	}
	d.refused[author] = clock
	d.held.drop(author, clock)
}

// resolve looks up the replicas that a batch names.
func (d *Doc) resolve(b *batch) {
	b.reps = b.reps[:0]
	for _, id := range b.table {
		b.reps = append(b.reps, d.byID[id])
	}
}

// lacks reports whether something that b names is missing. The author's own ticks are not looked at.
func (d *Doc) lacks(b *batch) bool {
	for i := range b.ops {
		if _, ok := d.cause(b, &b.ops[i]); ok {
			return true
		}
	}
	return false
}

// need is a cause: the first clock ticks, and the first seq elements, of a replica.
type need struct {
	replica    ReplicaID
	clock, seq uint32
}

func (d *Doc) has(n need) bool {
	r := d.byID[n.replica]
	return r != nil && r.clock >= n.clock && r.seq >= n.seq
}

// cause returns the first missing cause of an op. Elements of the author are no cause: its ticks
// before this one are there, so that they exist or the op is invalid.
func (d *Doc) cause(b *batch, o *wireOp) (need, bool) {
	switch o.kind {
	case kindInsert:
		if o.ref == fromStart {
			return need{}, false
		}
		return d.missing(b, o.ref, 1, o.seq+1)
	case kindSet, kindSetBack:
		if n, ok := d.missing(b, o.deleter, 1, 0); ok {
			return n, true
		}
		return d.missing(b, o.ref, 1, o.seq+o.n)
	case kindSeen:
		for _, s := range b.seen[o.from:o.to] {
			if n, ok := d.missing(b, s.ref, s.clock, 0); ok {
				return n, true
			}
		}
	}
	return need{}, false
}

func (d *Doc) missing(b *batch, ref, clock, seq uint32) (need, bool) {
	r := b.reps[ref]
	if b.table[ref] == b.author || r != nil && r.clock >= clock && r.seq >= seq {
		return need{}, false
	}
	return need{b.table[ref], clock, seq}, true
}

// judge cuts off what of b is known already, and decides whether the rest is valid. Its causes are
// here. The verdict depends on the batch and its causes only. When it is good, the inserted text
// stands in the author's arena, behind its elements; otherwise nothing has changed.
func (d *Doc) judge(b *batch) error {
	r := b.reps[b.own()]
	if r == nil {
		r = newReplica(b.author)
		b.reps[b.own()] = r
	}
	if r.seqAt(b.clock) != b.seq {
		return fmt.Errorf("%w: %x says it has %d elements at tick %d", ErrInvalid, uint64(b.author), b.seq, b.clock)
	}
	if err := b.trim(r); err != nil {
		return err
	}
	lamport := r.latest()
	for i := range b.ops {
		if err := d.judgeOp(b, &b.ops[i], r, &lamport); err != nil {
			r.arena.text = r.arena.text[:r.seq]
			return fmt.Errorf("batch of %x from tick %d: %w", uint64(b.author), b.clock, err)
		}
	}
	if added := len(r.arena.text) - int(r.seq); added > MaxElements-d.elements {
		r.arena.text = r.arena.text[:r.seq]
		return fmt.Errorf("%w: %d bytes more than the %d ever inserted", ErrLimit, added, d.elements)
	}
	return nil
}
