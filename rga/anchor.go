package rga

// Bias says which neighbour an anchor sticks to.
type Bias uint8

const (
	After  Bias = iota // just after the element before it: text inserted here by others comes after the anchor
	Before             // just before the element behind it: text inserted here comes before the anchor
)

// Anchor is a position that survives edits. The zero Anchor is the beginning of the document.
// {ID{}, Before} is its end.
type Anchor struct {
	ID   ID
	Bias Bias
}

// AnchorAt returns an anchor for an offset, which is brought into the document if it is outside.
func (d *Doc) AnchorAt(off int, b Bias) Anchor {
	off = min(max(off, 0), d.tree.len)
	if b == After {
		off--
	} else {
		b = Before
	}
	if off < 0 || off == d.tree.len {
		return Anchor{Bias: b}
	}
	p := d.tree.at(off)
	s := d.tree.leaves[p.leaf].p.spans[p.i]
	return Anchor{ID{d.tree.reps[s.rep].id, uint64(s.seq + p.k)}, b}
}

// Resolve returns an anchor's present offset, always between two runes. Where the element was
// deleted, it is where the element was. ok is false where the element is not known (yet).
func (d *Doc) Resolve(a Anchor) (off int, ok bool) {
	if a.ID.Replica == 0 {
		if a.Bias == After {
			return 0, true
		}
		return d.tree.len, true
	}
	r := d.byID[a.ID.Replica]
	if r == nil || a.ID.Seq >= uint64(r.seq) {
		return 0, false
	}
	seq := r.arena.runeStart(uint32(a.ID.Seq))
	p := d.tree.find(r.self, seq)
	if a.Bias == After {
		p.k += r.arena.runeLen(seq)
	}
	return d.tree.offset(p), true
}
