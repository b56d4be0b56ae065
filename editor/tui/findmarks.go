package tui

import (
	"slices"

	"coedit/rga"
)

// What of a search is marked beside the matches in the text: where in the whole text there are matches, in the scrollbar, and what
// is searched, if that is not all of it.

// barMatches are the rows of the scrollbar in whose part of the text a match begins.
type barMatches struct {
	starts   []int // of the count they were made from
	revision uint64
	height   int
	rows     []bool
}

// matchRows says for each row of the scrollbar whether there is a match in its part of the text; nil: that is not known, or there are more
// matches than are counted. While somebody edits, the places are those of the last count.
func (m *Model) matchRows(text *rga.View) []bool {
	c, b := &m.find.count, &m.find.bar
	if !m.find.open || !c.known || c.more || len(c.starts) == 0 {
		return nil
	}
	height, revision := m.view.height, m.ed.Revision()
	same := len(b.starts) == len(c.starts) && &b.starts[0] == &c.starts[0]
	if same && b.revision == revision && b.height == height {
		return b.rows
	}
	b.starts, b.revision, b.height = c.starts, revision, height
	b.rows = append(b.rows[:0], make([]bool, height)...)
	lines := text.Lines()
	first := func(y int) int { // where the part of a row begins
		line := (y*lines + height - 1) / height
		if line >= lines {
			return text.Len() + 1
		}
		return text.LineStart(line)
	}
	from := first(0)
	for y := range b.rows {
		to := first(y + 1)
		i, _ := slices.BinarySearch(c.starts, from)
		b.rows[y] = i < len(c.starts) && c.starts[i] < to
		from = to
	}
	return b.rows
}

// scopeMark marks the part of the line that is searched, if not everything is.
func (m *Model) scopeMark(span func(a, b int, look style)) {
	if f := &m.find; f.open && f.scoped {
		span(f.scope.Anchor, f.scope.Head, m.theme.scope)
	}
}

// inScope says whether something of the line [start, end] is searched, where not everything is. The line then has a mark beside its
// number, which is seen without colours.
func (m *Model) inScope(start, end int) bool {
	if f := &m.find; f.open && f.scoped {
		from, to := f.scope.Span()
		return from <= end && to > start
	}
	return false
}
