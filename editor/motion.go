package editor

// Motion moves carets.
type Motion uint8

// The motions. Words are runs of letters, digits and underscores, or of punctuation.
const (
	Left Motion = iota
	Right
	WordLeft
	WordRight
	LineUp
	LineDown
	LineStart // first to the first non-blank, then to column 0
	LineEnd
	PageUp
	PageDown
	DocStart
	DocEnd
)

// noGoal stands for a goal column that is not set: the next vertical motion takes the caret's.
const noGoal = -1

// Move moves every caret; extend keeps the selections' other ends. page is the number of lines of PageUp and PageDown.
// Without extend, Left and Right only collapse a selection. Vertical motion keeps the column it began in; from the first
// line it goes up to the text's start, from the last one down to its end. It ends the undo group.
func (e *Editor) Move(m Motion, extend bool, page int) {
	e.open.close()
	for i := range e.carets {
		e.carets[i] = e.move(e.carets[i], m, extend, page)
	}
	e.arrange()
}

// move is where a motion brings a caret.
func (e *Editor) move(c caret, m Motion, extend bool, page int) caret {
	from, to := c.Span()
	collapse := from != to && !extend
	goal := noGoal
	head := c.Head
	switch m {
	case Left:
		if head = from; !collapse {
			head = e.scan.prev(c.Head)
		}
	case Right:
		if head = to; !collapse {
			head = e.scan.next(c.Head)
		}
	case LineUp, PageUp, LineDown, PageDown:
		if collapse && (m == LineUp || m == PageUp) {
			c.Head = from
		} else if collapse {
			c.Head = to
		}
		head, goal = e.vertical(c, m, page)
	case WordLeft:
		head = e.scan.wordLeft(head)
	case WordRight:
		head = e.scan.wordRight(head)
	case LineStart:
		head = e.lineStart(head)
	case LineEnd:
		_, head = e.scan.line(head)
	case DocStart:
		head = 0
	case DocEnd:
		head = e.view.Len()
	}
	s := Selection{head, head}
	if extend {
		s.Anchor = c.Anchor
	}
	return caret{Selection: s, goal: goal, end: !extend && (m == LineEnd || m == DocEnd)}
}

// vertical returns where a vertical motion brings a caret, and the goal column it kept.
func (e *Editor) vertical(c caret, m Motion, page int) (head, goal int) {
	goal = c.goal
	line := e.view.LineAt(c.Head)
	if goal == noGoal {
		_, goal = e.Position(c.Head)
	}
	by := max(page, 1)
	if m == LineUp || m == LineDown {
		by = 1
	}
	if m == LineUp || m == PageUp {
		by = -by
	}
	target := line + by
	if last := e.view.Lines() - 1; by > 0 && target > last {
		if line == last {
			return e.view.Len(), goal
		}
		target = last
	}
	if target < 0 {
		if line == 0 {
			return 0, goal
		}
		target = 0
	}
	return e.OffsetAt(target, goal), goal
}

// lineStart is the first non-blank of the line, or its start where off stands there already.
func (e *Editor) lineStart(off int) int {
	start, _ := e.scan.line(off)
	text := e.scan.floor(e.scan.skipRight(start, isBlank))
	if off == text || text < start {
		return start
	}
	return text
}

// SelectAll selects the whole text.
func (e *Editor) SelectAll() { e.Select(0, e.view.Len()) }

// SelectWord selects the word, or the run of blanks or punctuation, around an offset.
func (e *Editor) SelectWord(off int) {
	off = min(max(off, 0), e.view.Len())
	e.Select(e.scan.wordAt(off))
}

// SelectLine selects the line around an offset with its newline; the caret is at the start of the next line.
func (e *Editor) SelectLine(off int) {
	start, end := e.scan.line(min(max(off, 0), e.view.Len()))
	e.Select(start, min(end+1, e.view.Len()))
}
