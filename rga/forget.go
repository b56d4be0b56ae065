package rga

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"
)

// ErrGeneration: two documents have forgotten different things, neither after the other.
var ErrGeneration = errors.New("rga: documents of different generations")

// ErrShown: a document of a later generation has forgotten text that is shown here.
var ErrShown = errors.New("rga: forgotten text is shown here")

// forgotten is the deleter, with counter 1, of elements whose bytes are forgotten: no op can name it,
// so that they are hidden for ever. It is greater than any replica's index.
const forgotten = ^uint32(0)

// forgets reports whether the bytes of elements in a state are forgotten.
func (v *visibility) forgets(state uint32) bool {
	n := &v.nodes[state>>1]
	return n.bit == 1<<31 || n.bit == 0 && n.key == forgotten
}

// Generation is how often text was forgotten in the making of this document; see Forget.
func (d *Doc) Generation() uint64 { return d.generation }

// Forgotten says before which version deleted text was forgotten, and how many bytes of it.
func (d *Doc) Forgotten() (before Version, size int) {
	if d.generation == 0 {
		return Version{}, 0
	}
	for _, s := range d.forgottenRanges() {
		size += int(s.n)
	}
	return d.forgottenAt.Clone(), size
}

// Forget returns a copy of the document without the bytes of text that was deleted at a version and
// still is. The version must be one of the document's. What is left of such text is its place: ids,
// order, the log of who did what, and anchors in it are kept, and edits that know nothing of it merge
// as ever. Its bytes are gone: ops that would make it visible again, by anybody, are counted and
// change nothing, and the past shows without it.
//
// The copy is of the next generation. Ops pass between documents of different generations, but not all of the
// history can: a document that has not forgotten becomes of the later generation when it merges a document of that.
// Of two documents that were made to forget apart from each other, neither can merge the other
// (ErrGeneration): who may call this is to be settled between people. A document cannot show whether what it has forgotten
// was still deleted when that was done. So merging one never takes away text that is shown (ErrShown); Renew does.
//
// It takes time in proportion to the history. The document itself does not change.
func (d *Doc) Forget(before Version) (*Doc, error) {
	c, err := d.cut(before)
	if err != nil {
		return nil, err
	}
	out, err := Decode(d.Encode(), d.self.id)
	if err != nil {
		return nil, fmt.Errorf("rga: internal error: %w", err)
	}
	for i, r := range d.tree.reps {
		for _, h := range hiddenBy(c.sets[i]) {
			out.forget(out.byID[r.id], h.from, h.to)
		}
	}
	out.generation++
	if _, size := out.Forgotten(); size > maxForgotten || out.generation > maxGeneration {
		return nil, fmt.Errorf("%w: %d bytes would be forgotten", ErrLimit, size)
	}
	out.forgottenAt = before.Clone()
	for id, clock := range d.forgottenAt {
		out.forgottenAt[id] = max(out.forgottenAt[id], clock)
	}
	out.held = d.held.clone()
	out.refused = maps.Clone(d.refused)
	return out, nil
}

const (
	maxForgotten  = expansionFree // the most bytes that a document may have forgotten
	maxGeneration = 1 << 32
)

// forget forgets those of the elements [from, to) of r that are hidden. No view may have been made yet.
func (d *Doc) forget(r *replica, from, to uint32) {
	for from < to {
		p := d.tree.find(r.self, from)
		s := d.tree.leaves[p.leaf].p.spans[p.i]
		n := min(to-from, s.n-p.k)
		if s.hidden() {
			d.paint(p, s, n, d.vis.raise(s.state, forgotten, 1))
			blank(r.arena.text[from : from+n])
		}
		from += n
	}
}

// forgetLike hides what d, of which past is an earlier version, has forgotten of r's elements from one on.
func (past *Doc) forgetLike(d *Doc, r *replica, from uint32) []Change {
	if d.generation == 0 {
		return nil
	}
	past.begin()
	past.generation = d.generation
	for mine := past.byID[r.id]; from < mine.seq; {
		p := d.tree.find(r.self, from)
		s := d.tree.leaves[p.leaf].p.spans[p.i]
		n := min(s.end(), mine.seq) - from
		if d.vis.forgets(s.state) {
			past.set(mine, from, n, forgotten, 1)
		}
		from += n
	}
	return past.changed()
}

// blanks are what stands in arenas in place of forgotten runes, by their length: the rune of that
// length with the least number. So each element still begins, goes on, or ends a rune.
var blanks = [utf8.UTFMax + 1]string{1: "\x00", 2: "\u0080", 3: "\u0800", 4: "\U00010000"}

// blank replaces all runes of text.
func blank(text []byte) {
	for len(text) > 0 {
		_, n := utf8.DecodeRune(text)
		copy(text, blanks[n])
		text = text[n:]
	}
}

// forgottenRanges returns the forgotten elements, each range as long as it can be, by replica index and seq.
func (d *Doc) forgottenRanges() []span {
	var out []span
	for _, r := range d.tree.reps {
		for seq := uint32(0); seq < r.seq; {
			p := d.tree.find(r.self, seq)
			s := d.tree.leaves[p.leaf].p.spans[p.i]
			if d.vis.forgets(s.state) {
				if n := len(out); n > 0 && out[n-1].rep == s.rep && out[n-1].end() == s.seq {
					out[n-1].n += s.n
				} else {
					out = append(out, span{seq: s.seq, n: s.n, rep: s.rep})
				}
			}
			seq = s.end()
		}
	}
	return out
}

// forgottenKey is equal for documents that have forgotten the same elements.
func (d *Doc) forgottenKey() []byte {
	ranges := d.forgottenRanges()
	slices.SortStableFunc(ranges, func(a, b span) int {
		if x, y := d.tree.reps[a.rep].id, d.tree.reps[b.rep].id; x != y {
			if x < y {
				return -1
			}
			return 1
		}
		return int(a.seq) - int(b.seq)
	})
	key := binary.AppendUvarint(nil, d.generation)
	key = d.forgottenAt.AppendBinary(key)
	for _, s := range ranges {
		key = binary.BigEndian.AppendUint64(key, uint64(d.tree.reps[s.rep].id))
		key = binary.BigEndian.AppendUint32(key, s.seq)
		key = binary.BigEndian.AppendUint32(key, s.n)
	}
	return key
}

// generations decides how d and other go together. With renew, d is to become of other's generation.
func (d *Doc) generations(other *Doc) (renew bool, err error) {
	switch {
	case other.generation < d.generation && d.forgottenAt.Includes(other.forgottenAt):
		return false, nil
	case other.generation > d.generation && other.forgottenAt.Includes(d.forgottenAt):
		return true, nil
	case other.generation == d.generation &&
		(d.generation == 0 || bytes.Equal(d.forgottenKey(), other.forgottenKey())):
		return false, nil
	}
	return false, fmt.Errorf("%w: %d and %d", ErrGeneration, d.generation, other.generation)
}

// shown counts the bytes that are visible in d and forgotten in other.
func (d *Doc) shown(other *Doc) int {
	n := 0
	for _, f := range other.forgottenRanges() {
		r := d.byID[other.tree.reps[f.rep].id]
		if r == nil {
			continue
		}
		for seq, end := f.seq, min(f.end(), r.seq); seq < end; {
			p := d.tree.find(r.self, seq)
			s := d.tree.leaves[p.leaf].p.spans[p.i]
			to := min(end, s.end())
			if !s.hidden() {
				n += int(to - seq)
			}
			seq = to
		}
	}
	return n
}

// renew makes d the merge of itself and other, which is of a later generation and has d's own replica
// as its own, and reports that as one replacement of the whole text.
func (d *Doc) renew(other *Doc, maxBytes int) (Result, error) {
	var failed error
	apply := func(raw []byte) {
		if _, err := other.Apply(raw); err != nil && failed == nil {
			failed = err
		}
	}
	gained := !d.Version().Includes(other.Version())
	other.refused = maps.Clone(d.refused)
	for raw := range d.Since(other.Version(), maxBytes) {
		apply(raw)
	}
	d.held.all(func(h *heldBatch) { apply(h.raw) })
	before := d.tree.len
	res := d.become(other)
	res.Duplicate = !gained
	if before > 0 {
		res.Changes = append([]Change{{Deleted: before}}, res.Changes...)
	}
	return res, failed
}

// clone returns a copy that shares only the bytes of batches.
func (h *held) clone() held {
	var out held
	h.all(func(b *heldBatch) {
		c := *b
		out.add(&c)
	})
	return out
}
