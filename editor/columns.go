package editor

import (
	"slices"

	"coedit/rga"
)

// Columns of long lines. To know the column of a place, its line is measured from the start; that is remembered for some
// long lines every few kilobytes, and kept up to the place of a change, so that typing far out in a line of megabytes
// measures a few kilobytes a key.

const (
	longLine      = 4 << 10 // bytes; shorter lines are measured anew each time
	markEvery     = 4 << 10 // bytes between remembered places
	rememberLines = 64      // long lines at most, about one screen
)

// mark is a boundary with its column; off counts from the line's start.
type mark struct{ off, column int }

// measured is what is known of one long line.
type measured struct {
	start int    // offset of the line
	marks []mark // ascending; the first would be {0, 0} and is left out
}

// columnCache remembers the columns of long lines of the present text, the last used line first.
type columnCache struct{ lines []measured }

func (c *columnCache) forget() { c.lines = nil }

// line returns what is known of the line at start, to be added to; it moves to the front.
func (c *columnCache) line(start int) *measured {
	i := slices.IndexFunc(c.lines, func(m measured) bool { return m.start == start })
	if i < 0 {
		if len(c.lines) == rememberLines {
			c.lines = c.lines[:rememberLines-1]
		}
		c.lines = slices.Insert(c.lines, 0, measured{start: start})
		return &c.lines[0]
	}
	m := c.lines[i]
	copy(c.lines[1:i+1], c.lines[:i])
	c.lines[0] = m
	return &c.lines[0]
}

// follow keeps what changes leave valid.
func (c *columnCache) follow(changes []rga.Change) {
	for _, ch := range changes {
		if len(c.lines) == 0 {
			return
		}
		keep := c.lines[:0]
		for _, m := range c.lines {
			switch end := ch.Offset + ch.Deleted; {
			case end < m.start || end == m.start && ch.Deleted == 0 && endsLine(ch.Inserted):
				m.start += len(ch.Inserted) - ch.Deleted
			case ch.Offset < m.start: // the line's start itself changed
				continue
			default:
				// What stands before the change by more than a stride is segmented as before.
				limit := ch.Offset - m.start - 2*stride
				n := 0
				for n < len(m.marks) && m.marks[n].off < limit {
					n++
				}
				m.marks = m.marks[:n]
			}
			keep = append(keep, m)
		}
		c.lines = keep
	}
}

// endsLine says whether an insertion at a line's start leaves that line whole behind it.
func endsLine(inserted []byte) bool {
	return len(inserted) > 0 && inserted[len(inserted)-1] == '\n'
}

// measure walks a line from its start until stop says so, or to its end, and returns where it stopped with the column.
// stop is asked with the offset and column of each cluster and the column behind it; near lets it skip: it returns the last
// known mark from which to begin.
func (e *Editor) measure(start, end int, near func(mark) bool, stop func(off, column, behind int) bool) (off, column int) {
	off = start
	var line *measured
	if end-start > longLine {
		line = e.columns.line(start)
		for _, m := range line.marks {
			if !near(mark{start + m.off, m.column}) {
				break
			}
			off, column = start+m.off, m.column
		}
	}
	last := off - start
	done := false
	e.scan.clusters(off, end, func(at int, cluster []byte) bool {
		if line != nil && at-start >= last+markEvery {
			last = at - start
			if n := len(line.marks); n == 0 || line.marks[n-1].off < last {
				line.marks = append(line.marks, mark{last, column})
			}
		}
		cells := e.metrics.cells(cluster, column)
		if stop(at, column, column+cells) {
			off, done = at, true
			return false
		}
		column += cells
		return true
	})
	if !done {
		off = end
	}
	return off, column
}

// Position returns the line of an offset, from 0, and the column of the cluster there, in cells from the line's start.
func (e *Editor) Position(off int) (line, column int) {
	off = min(max(off, 0), e.view.Len())
	line = e.view.LineAt(off)
	start, end := e.scan.bounds(line)
	_, column = e.measure(start, end,
		func(m mark) bool { return m.off <= off },
		func(at, _, _ int) bool { return at >= off })
	return line, column
}

// OffsetAt returns the boundary in a line nearest to a column, at or before it; beyond the line its end. A line beyond
// the text is the last one.
func (e *Editor) OffsetAt(line, column int) int {
	line = min(max(line, 0), e.view.Lines()-1)
	start, end := e.scan.bounds(line)
	if column <= 0 {
		return start
	}
	off, _ := e.measure(start, end,
		func(m mark) bool { return m.column <= column },
		func(_, _, behind int) bool { return behind > column })
	return off
}

// Line appends the text of a line without its newline. Of a line that may be long, Clusters reads less.
func (e *Editor) Line(dst []byte, line int) []byte {
	if line < 0 || line >= e.view.Lines() {
		return dst
	}
	start, end := e.scan.bounds(line)
	return e.view.Append(dst, start, end)
}

// LineBounds returns the offsets of a line's start and end, without its newline.
func (e *Editor) LineBounds(line int) (start, end int) {
	return e.scan.bounds(min(max(line, 0), e.view.Lines()-1))
}

// Clusters calls f for each grapheme cluster of a line from the one that covers column from on, with its offset, bytes and
// column, until f returns false. The bytes are valid during the call, in which the editor must not be used.
func (e *Editor) Clusters(line, from int, f func(off int, cluster []byte, column int) bool) {
	if line < 0 || line >= e.view.Lines() {
		return
	}
	start, end := e.scan.bounds(line)
	off, column := e.measure(start, end,
		func(m mark) bool { return m.column <= from },
		func(_, _, behind int) bool { return behind > from })
	e.scan.clusters(off, end, func(at int, cluster []byte) bool {
		if !f(at, cluster, column) {
			return false
		}
		column += e.metrics.cells(cluster, column)
		return true
	})
}

// Next and Prev return the cluster boundary after and before a boundary.
func (e *Editor) Next(off int) int { return e.scan.next(off) }

// Prev returns the cluster boundary before off.
func (e *Editor) Prev(off int) int { return e.scan.prev(off) }
