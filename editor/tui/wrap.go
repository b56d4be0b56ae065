package tui

import (
	"coedit/editor"
)

// wrapLimit is the length in bytes from which on a line is not wrapped but stays one row, to be scrolled sideways: to find its rows
// all of it would have to be measured with every change.
const wrapLimit = 16 << 10

// rowStart is where a row of a line begins, in bytes and in cells from the line's start.
type rowStart struct{ off, column int }

// whole is the one row of a line that is not wrapped.
var whole = []rowStart{{}}

// wrapper breaks lines into rows, between words where it can. It remembers the lines it was asked for last.
type wrapper struct {
	ed    *editor.Editor
	width int // cells of a row; 0: lines are not wrapped

	rows [256]wrappedLine // by line number modulo its length
}

// wrappedLine is what is known of a line; revision and width say for what text and width.
type wrappedLine struct {
	line     int
	revision uint64
	width    int
	starts   []rowStart // empty: nothing is known
}

// forget drops what is remembered, because the widths of clusters changed.
func (w *wrapper) forget() {
	for i := range w.rows {
		w.rows[i].starts = w.rows[i].starts[:0]
	}
}

// starts returns where the rows of a line begin; the first at its start. The result is valid until the next call.
func (w *wrapper) starts(line int) []rowStart {
	if w.width <= 0 {
		return whole
	}
	start, end := w.ed.LineBounds(line)
	if !w.wraps(end - start) {
		return whole
	}
	known := &w.rows[line%len(w.rows)]
	if len(known.starts) == 0 || known.line != line || known.revision != w.ed.Revision() || known.width != w.width {
		known.line, known.revision, known.width = line, w.ed.Revision(), w.width
		known.starts = w.split(append(known.starts[:0], rowStart{}), line, start)
	}
	return known.starts
}

// wraps says whether a line of that many bytes may take more than one row and is broken into them.
func (w *wrapper) wraps(length int) bool {
	widest := max(w.ed.Metrics().Tab, 4) // cells of one byte: a tab, or \xFF
	return w.width > 0 && length < wrapLimit && length*widest > w.width
}

// split appends the rows of a line behind the first.
func (w *wrapper) split(rows []rowStart, line, start int) []rowStart {
	metrics := w.ed.Metrics()
	row, word := rowStart{}, rowStart{} // where this row, and the word that may go to the next one, begin
	w.ed.Clusters(line, 0, func(off int, cluster []byte, column int) bool {
		here := rowStart{off - start, column}
		n := metrics.Cells(cluster, column)
		blank := cluster[0] == ' ' || cluster[0] == '\t'
		room := w.width
		if blank {
			room++ // a blank may stand in the cell for the caret, so that the next row begins with a word
		}
		for column+n-row.column > room && column > row.column {
			next := here
			if !blank && word.column > row.column {
				next = word
			}
			rows = append(rows, next)
			row = next
		}
		if blank || n > 1 { // a line may be broken behind every wide character
			word = rowStart{here.off + len(cluster), column + n}
		}
		return true
	})
	return rows
}

// rowOf returns the row of a line in which a byte, counted from the line's start, is.
func (w *wrapper) rowOf(line, off int) int {
	starts := w.starts(line)
	row := 0
	for row+1 < len(starts) && starts[row+1].off <= off {
		row++
	}
	return row
}

// spot is a row of the text: one of a line's rows.
type spot struct{ line, row int }

func (s spot) before(t spot) bool {
	return s.line < t.line || s.line == t.line && s.row < t.row
}

// move goes down by rows, or up if by is negative, and stops at the first and at the last row.
func (w *wrapper) move(s spot, by, lines int) spot {
	if w.width <= 0 {
		return spot{line: min(max(s.line+by, 0), lines-1)}
	}
	s.row += by
	for s.row < 0 && s.line > 0 {
		s.line--
		s.row += len(w.starts(s.line))
	}
	for s.row > 0 {
		n := len(w.starts(s.line))
		if s.row < n {
			break
		}
		if s.line == lines-1 {
			s.row = n - 1
			break
		}
		s.row -= n
		s.line++
	}
	return spot{s.line, max(s.row, 0)}
}
