package tui

import "coedit/rga"

// viewport is the part of the text that is shown.
type viewport struct {
	// top is the offset of the first row shown. Between two calls of settle it follows the text through changes and may
	// stand inside the row.
	top  int
	line int // number of the line of the first row shown
	skip int // rows of that line above it; 0 unless lines are wrapped
	left int // first column shown of lines that are not wrapped

	width, height int // of the text, in cells and rows; may be 0
	wrap          *wrapper
}

// Distance in cells or rows that the caret keeps from the edges where there is room.
const (
	marginRows    = 3
	marginColumns = 6
)

// follow moves top with the text: the row shown first stays the first, whatever is typed above it or before it.
func (v *viewport) follow(changes []rga.Change) {
	for i := range changes {
		c := &changes[i]
		switch {
		case c.Offset > v.top:
		case c.Offset+c.Deleted <= v.top:
			v.top += len(c.Inserted) - c.Deleted
		default: // the beginning of the first row was deleted
			v.top = c.Offset + len(c.Inserted)
		}
	}
}

// settle brings top to the start of its row and line and skip up to date.
func (v *viewport) settle(text *rga.View) {
	v.top = min(max(v.top, 0), text.Len())
	v.line = text.LineAt(v.top)
	v.skip = v.wrap.rowOf(v.line, v.top-text.LineStart(v.line))
	v.place(text, spot{v.line, v.skip})
}

// place makes a row the first one shown.
func (v *viewport) place(text *rga.View, s spot) {
	v.line, v.skip = s.line, s.row
	v.top = text.LineStart(s.line) + v.wrap.starts(s.line)[s.row].off
}

// first is the first row shown.
func (v *viewport) first() spot { return spot{v.line, v.skip} }

// scrollTo makes a line the first one shown, as far as there are so many.
func (v *viewport) scrollTo(text *rga.View, line int) {
	v.place(text, spot{line: min(max(line, 0), text.Lines()-1)})
}

// scrollBy scrolls down by rows, or up if by is negative, as far as there are so many.
func (v *viewport) scrollBy(text *rga.View, by int) {
	v.place(text, v.wrap.move(v.first(), by, text.Lines()))
}

// contains says whether a line, or a part of it, is shown.
func (v *viewport) contains(line int) bool {
	if line < v.line {
		return false
	}
	_, ok := v.y(spot{line, 0})
	return ok || line == v.line && v.height > 0
}

// y is the row of the screen in which a row of the text is shown, counted from 0.
func (v *viewport) y(s spot) (y int, ok bool) {
	if s.before(v.first()) || s.line-v.line > v.height+v.skip {
		return 0, false
	}
	y = s.row - v.skip
	for line := v.line; line < s.line && y < v.height; line++ {
		y += len(v.wrap.starts(line))
	}
	return y, y < v.height
}

// spot is the row in which a column of a line is shown.
func (v *viewport) spot(line, column int) spot {
	starts := v.wrap.starts(line)
	row := 0
	for row+1 < len(starts) && starts[row+1].column <= column {
		row++
	}
	return spot{line, row}
}

// reveal scrolls as little as needed to show a place with its margin.
func (v *viewport) reveal(text *rga.View, line, column int) {
	v.show(text, v.spot(line, column), min(marginRows, (v.height-1)/2))
	v.revealColumn(line, column)
}

// show scrolls as little as needed to have a row on the screen, with so many rows above and below it.
func (v *viewport) show(text *rga.View, s spot, margin int) {
	if v.height <= 0 {
		return
	}
	top := v.first()
	if high := v.wrap.move(s, -margin, text.Lines()); high.before(top) {
		top = high
	}
	if low := v.wrap.move(s, margin-(v.height-1), text.Lines()); top.before(low) {
		top = low
	}
	v.place(text, top)
}

// revealColumn scrolls sideways to show a column of a line.
func (v *viewport) revealColumn(line, column int) {
	columns := min(marginColumns, (v.width-1)/2)
	if v.isWrapped(line) {
		v.left = 0
		return
	}
	switch {
	case v.width <= 0:
	case column < v.width-1 && v.left > 0 && column < v.width-columns:
		v.left = 0 // all of a short line is shown again
	case column < v.left+columns:
		v.left = max(column-columns, 0)
	case column > v.left+v.width-1-columns:
		if column > v.width-1 || v.left > 0 {
			v.left = max(column-(v.width-1-columns), 0)
		}
	}
}

// isWrapped says whether a line is not scrolled sideways, because all of it is shown, in as many rows as it takes.
func (v *viewport) isWrapped(line int) bool {
	if v.wrap.width <= 0 {
		return false
	}
	start, end := v.wrap.ed.LineBounds(line)
	return end-start < wrapLimit
}

// columns are the columns of a line that a row shows, and behind which byte of the line it ends; 0: at the line's end.
func (v *viewport) columns(s spot) (left, stop int) {
	if !v.isWrapped(s.line) {
		return v.left, 0
	}
	starts := v.wrap.starts(s.line)
	if s.row+1 < len(starts) {
		return starts[s.row].column, starts[s.row+1].off
	}
	return starts[s.row].column, 0
}

// columnAt is the column of a line that is drawn at a cell of one of its rows.
func (v *viewport) columnAt(s spot, x int) int {
	left, stop := v.columns(s)
	if stop > 0 {
		return min(left+x, v.wrap.starts(s.line)[s.row+1].column-1)
	}
	return left + x
}
