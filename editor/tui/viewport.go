package tui

import "coedit/rga"

// viewport is the part of the text that is shown.
type viewport struct {
	// top is the offset of the first line shown. Between two calls of settle it follows the text through changes and may
	// stand inside the line.
	top  int
	line int // number of the first line shown
	left int // first column shown

	width, height int // of the text, in cells and rows; may be 0
}

// Distance in cells or rows that the caret keeps from the edges where there is room.
const (
	marginRows    = 3
	marginColumns = 6
)

// follow moves top with the text: the line shown first stays the first, whatever is typed above it or before it.
func (v *viewport) follow(changes []rga.Change) {
	for i := range changes {
		c := &changes[i]
		switch {
		case c.Offset > v.top:
		case c.Offset+c.Deleted <= v.top:
			v.top += len(c.Inserted) - c.Deleted
		default: // the beginning of the first line was deleted
			v.top = c.Offset + len(c.Inserted)
		}
	}
}

// settle brings top to the start of its line and line up to date.
func (v *viewport) settle(text *rga.View) {
	v.line = text.LineAt(min(max(v.top, 0), text.Len()))
	v.top = text.LineStart(v.line)
}

// scrollTo makes a line the first one shown, as far as there are so many.
func (v *viewport) scrollTo(text *rga.View, line int) {
	v.line = min(max(line, 0), text.Lines()-1)
	v.top = text.LineStart(v.line)
}

// contains says whether a line is shown.
func (v *viewport) contains(line int) bool {
	return line >= v.line && line < v.line+v.height
}

// reveal scrolls as little as needed to show a place with its margin.
func (v *viewport) reveal(text *rga.View, line, column int) {
	rows := min(marginRows, (v.height-1)/2)
	switch {
	case v.height <= 0:
	case line < v.line+rows:
		v.scrollTo(text, line-rows)
	case line > v.line+v.height-1-rows:
		v.scrollTo(text, line-(v.height-1-rows))
	}
	v.revealColumn(column)
}

// revealRow scrolls as little as needed to show a line, without margin.
func (v *viewport) revealRow(text *rga.View, line int) {
	switch {
	case v.height <= 0:
	case line < v.line:
		v.scrollTo(text, line)
	case line >= v.line+v.height:
		v.scrollTo(text, line-v.height+1)
	}
}

func (v *viewport) revealColumn(column int) {
	columns := min(marginColumns, (v.width-1)/2)
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
