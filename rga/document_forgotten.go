package rga

import (
	"errors"
	"fmt"
)

// forgottenColumns writes what was forgotten: which elements, and how long the runes were.
func (w *columnWriter) forgottenColumns() {
	d := w.d
	ranges := make([][]span, len(w.reps))
	for _, s := range d.forgottenRanges() {
		ranges[w.place[s.rep]] = append(ranges[w.place[s.rep]], s)
	}
	same, count := 0, uint64(0)
	flush := func() {
		if count > 0 {
			w.uvarint(sectionShapes, count<<2|uint64(same-1))
		}
	}
	for i, r := range w.reps {
		w.uvarint(sectionForgotten, d.forgottenAt[r.id])
		w.uvarint(sectionForgotten, uint64(len(ranges[i])))
		end := uint32(0)
		for _, s := range ranges[i] {
			w.uvarint(sectionForgotten, uint64(s.seq-end))
			w.uvarint(sectionForgotten, uint64(s.n))
			end = s.end()
			for seq := s.seq; seq < end; seq += uint32(same) {
				if n := int(r.arena.runeLen(seq)); n != same {
					flush()
					same, count = n, 0
				}
				count++
			}
		}
	}
	flush()
}

var errForgotten = errors.New("forgotten ranges")

// forgottenColumns reads what was forgotten. It is not known yet which elements there are.
func (c *columnReader) forgottenColumns() error {
	if c.d.generation == 0 {
		return nil
	}
	c.d.forgottenAt = Version{}
	for _, r := range c.reps {
		clock, n := c.uvarint(sectionForgotten), c.uvarint(sectionForgotten)
		if clock > uint64(r.clock) || n > uint64(len(c.sections[sectionForgotten])) {
			return errForgotten
		}
		if clock > 0 {
			c.d.forgottenAt[r.id] = clock
		}
		end := uint64(0)
		for i := range n {
			step, size := c.uvarint(sectionForgotten), c.uvarint(sectionForgotten)
			if step > MaxElements || size == 0 || size > uint64(maxForgotten-c.lost) || i > 0 && step == 0 {
				return errForgotten
			}
			s := span{seq: uint32(end + step), n: uint32(size), rep: r.self}
			end += step + size
			if end > MaxElements {
				return errForgotten
			}
			c.forgotten = append(c.forgotten, s)
			c.lost += int(size)
		}
	}
	return nil
}

// shapes makes blanks where elements are forgotten, in the order of the columns.
func (c *columnReader) shapes() error {
	same, count := 0, uint64(0)
	for _, s := range c.forgotten {
		text := c.d.tree.reps[s.rep].arena.text[s.seq:s.end()]
		for len(text) > 0 {
			if count == 0 {
				x := c.uvarint(sectionShapes)
				next := int(x&3) + 1
				count = x >> 2
				if count == 0 || next == same {
					return errForgotten
				}
				same = next
			}
			if same > len(text) {
				return errForgotten
			}
			copy(text, blanks[same])
			text = text[same:]
			count--
		}
	}
	if count > 0 || len(c.sections[sectionShapes]) > 0 || c.bad {
		return fmt.Errorf("%w: shapes of runes", errForgotten)
	}
	return nil
}
