package rga

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// ErrVersion: a version is none that this document ever had: it holds ticks that are not here, lacks
// causes of ticks it holds, or ends inside a rune.
var ErrVersion = errors.New("rga: no version of this document")

// Past is the document as it was at a version. It is immutable and may be used from any goroutine.
type Past struct {
	version Version
	view    *View
	meta    map[string]metaValue
}

// Version returns a copy of the version.
func (p *Past) Version() Version { return p.version.Clone() }

// View is the text.
func (p *Past) View() *View { return p.view }

// Meta reads a metadata register.
func (p *Past) Meta(key string) (value string, ok bool) {
	m, ok := p.meta[key]
	return m.value, ok
}

// At returns the document as it was at a version, which must be one that a replica can have had:
// with every tick its causes. It takes time in proportion to the history.
//
// An element was there when its tick is in the version, and visible when the ops of the version alone
// leave none of its counters odd. Where it stands never changes; so the text is a walk over the present spans.
func (d *Doc) At(v Version) (*Past, error) {
	c, err := d.cut(v)
	if err != nil {
		return nil, err
	}
	return &Past{v.Clone(), viewOf(d.tree.reps, c.visible()), c.meta}, nil
}

// cut is a version of a document, with what its logs say up to there.
type cut struct {
	d      *Doc
	clocks []uint32 // by replica index: the ticks in the version
	seqs   []uint32 // the elements among them
	sets   [][]set  // by replica index: what was done to the visibility of its elements
	meta   map[string]metaValue
}

// set says that the deleter's counter was set to counter on the elements [from, to).
type set struct{ deleter, counter, from, to uint32 }

// cut reads the logs up to a version.
func (d *Doc) cut(v Version) (*cut, error) {
	n := len(d.tree.reps)
	c := &cut{d: d, clocks: make([]uint32, n), seqs: make([]uint32, n), sets: make([][]set, n), meta: map[string]metaValue{}}
	for id, ticks := range v {
		r := d.byID[id]
		if ticks == 0 {
			continue
		}
		if r == nil || ticks > uint64(r.clock) {
			return nil, fmt.Errorf("%w: not all of the %d ticks of %x are here", ErrVersion, ticks, uint64(id))
		}
		c.clocks[r.self], c.seqs[r.self] = uint32(ticks), r.seqAt(uint32(ticks))
	}
	for _, r := range d.tree.reps {
		if err := c.read(r); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// read takes in the log of r up to the version, and checks that the causes are in the version, too.
func (c *cut) read(r *replica) error {
	end := c.clocks[r.self]
	if !r.arena.boundary(c.seqs[r.self]) {
		return fmt.Errorf("%w: tick %d of %x is inside a rune", ErrVersion, end, uint64(r.id))
	}
	for _, p := range r.log.parents {
		if p.clock >= end {
			break
		}
		if c.clocks[p.rep] < p.seen {
			return c.lacks(r, p.clock, p.rep)
		}
	}
	for i := range r.log.ops.len() {
		o := *r.log.ops.at(i)
		if o.clock >= end {
			break
		}
		switch o.kind() {
		case opInsert:
			if o.rep != fromStart && o.seq0 >= c.seqs[o.rep] {
				return c.lacks(r, o.clock, o.rep)
			}
		case opMeta:
			c.register(r, &o)
		default:
			if err := c.set(r, &o, r.opEnd(i)-o.clock, min(r.opEnd(i), end)-o.clock); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *cut) lacks(r *replica, clock, rep uint32) error {
	return fmt.Errorf("%w: %d ticks of %x are too few for tick %d of %x",
		ErrVersion, c.clocks[rep], uint64(c.d.tree.reps[rep].id), clock, uint64(r.id))
}

// set takes in the first n of the all ticks of a visibility op.
func (c *cut) set(r *replica, o *logOp, all, n uint32) error {
	from := o.seq0
	if o.backwards() {
		from += all - n
	}
	target := c.d.tree.reps[o.rep]
	switch {
	case c.seqs[o.rep] < from+n:
		return c.lacks(r, o.clock, o.rep)
	case c.clocks[o.deleter] == 0:
		return c.lacks(r, o.clock, o.deleter)
	case !target.arena.boundary(from) || !target.arena.boundary(from+n):
		return fmt.Errorf("%w: tick %d of %x is inside a rune", ErrVersion, o.clock+n, uint64(r.id))
	}
	c.sets[o.rep] = append(c.sets[o.rep], set{o.deleter, o.value(), from, from + n})
	return nil
}

// register takes in a metadata set.
func (c *cut) register(r *replica, o *logOp) {
	m := r.log.metas[o.seq0]
	now := metaValue{m.value, r.lamportAt(o.clock + 1), r.id}
	if old, ok := c.meta[m.key]; !ok || old.before(now) {
		c.meta[m.key] = now
	}
}

// before reports whether m loses against o.
func (m metaValue) before(o metaValue) bool {
	return m.lamport < o.lamport || m.lamport == o.lamport && m.replica < o.replica
}

// lamport is the greatest Lamport time in the version.
func (c *cut) lamport() uint64 {
	latest := uint64(0)
	for i, r := range c.d.tree.reps {
		latest = max(latest, r.lamportAt(c.clocks[i]))
	}
	return latest
}

// stretch is the elements [from, to) of some replica.
type stretch struct{ from, to uint32 }

// visible returns the spans that were visible, in document order, in state 0.
func (c *cut) visible() []span {
	hidden := make([][]stretch, len(c.sets))
	for i := range c.sets {
		hidden[i] = hiddenBy(c.sets[i])
	}
	var out []span
	t := &c.d.tree
	for num := t.start().leaf; num != noNode; num = t.leaves[num].next {
		l := t.leaves[num].p
		for _, s := range l.spans[:l.n] {
			if there := c.seqs[s.rep]; s.seq < there && !c.d.vis.forgets(s.state) {
				out = c.clear(out, s.rep, s.seq, min(s.end(), there), hidden[s.rep])
			}
		}
	}
	return out
}

// clear appends the elements [from, to) of a replica without those in hidden, which is sorted.
func (c *cut) clear(out []span, rep, from, to uint32, hidden []stretch) []span {
	i, _ := slices.BinarySearchFunc(hidden, from, func(h stretch, from uint32) int {
		return cmp.Compare(h.to, from+1)
	})
	for ; from < to; i++ {
		end, next := to, to
		if i < len(hidden) && hidden[i].from < to {
			end, next = max(hidden[i].from, from), hidden[i].to
		}
		if from < end {
			s := span{seq: from, n: end - from, rep: rep}
			if last := len(out) - 1; last >= 0 && out[last].joins(s) {
				out[last].n += s.n
			} else {
				out = append(out, s)
			}
		}
		from = next
	}
	return out
}

// hiddenBy returns the elements that some deleter's counter hides, sorted and apart. It reorders sets.
func hiddenBy(sets []set) []stretch {
	slices.SortFunc(sets, func(a, b set) int {
		return cmp.Or(cmp.Compare(a.deleter, b.deleter), cmp.Compare(a.from, b.from))
	})
	var out []stretch
	for i := 0; i < len(sets); {
		j := i + 1
		for j < len(sets) && sets[j].deleter == sets[i].deleter {
			j++
		}
		out = oddMaximum(out, sets[i:j])
		i = j
	}
	slices.SortFunc(out, func(a, b stretch) int { return cmp.Compare(a.from, b.from) })
	n := 0
	for _, h := range out {
		if n > 0 && out[n-1].to >= h.from {
			out[n-1].to = max(out[n-1].to, h.to)
		} else {
			out[n] = h
			n++
		}
	}
	return out[:n]
}

// oddMaximum appends the elements on which the greatest counter is odd. The sets are one deleter's
// in ascending order of from.
func oddMaximum(out []stretch, sets []set) []stretch {
	var open counterHeap // those that began before at or there
	at, next := uint32(0), 0
	for next < len(sets) || len(open) > 0 {
		if len(open) == 0 {
			at = sets[next].from
		}
		for next < len(sets) && sets[next].from == at {
			open.push(sets[next])
			next++
		}
		end := open[0].to
		if next < len(sets) {
			end = min(end, sets[next].from)
		}
		if open[0].counter&1 != 0 {
			out = append(out, stretch{at, end})
		}
		at = end
		for len(open) > 0 && open[0].to <= at {
			open.pop()
		}
	}
	return out
}

// counterHeap has the set with the greatest counter first.
type counterHeap []set

func (h *counterHeap) push(s set) {
	a := append(*h, s)
	i := len(a) - 1
	for i > 0 && a[(i-1)/2].counter < s.counter {
		a[i] = a[(i-1)/2]
		i = (i - 1) / 2
	}
	a[i] = s
	*h = a
}

func (h *counterHeap) pop() {
	last := len(*h) - 1
	a, s := (*h)[:last], (*h)[last]
	for i := 0; i < last; {
		child := 2*i + 1
		if child+1 < last && a[child+1].counter > a[child].counter {
			child++
		}
		if child >= last || a[child].counter <= s.counter {
			a[i] = s
			break
		}
		a[i], i = a[child], child
	}
	*h = a
}
