package tui

import "coedit/editor"

// rowGoal is the cell of a row that going up and down in wrapped lines keeps. It holds while the caret is where the last such motion
// left it.
type rowGoal struct {
	revision uint64
	head     int
	cell     int
}

// moveByRows does the vertical motions where lines are wrapped: they go by rows of the screen. It does nothing, and says so, for
// others, and while there are several carets, which go by lines.
func (m *Model) moveByRows(motion editor.Motion, extend bool, page int) (done bool) {
	by := 0
	switch motion {
	case editor.LineUp:
		by = -1
	case editor.LineDown:
		by = 1
	case editor.PageUp:
		by = -page
	case editor.PageDown:
		by = page
	}
	if by == 0 || m.view.wrap.width <= 0 || m.ed.Carets() > 1 {
		return false
	}
	sel, text := m.ed.Selection(), m.ed.View()
	line, column := m.ed.Position(sel.Head)
	from := m.view.spot(line, column)
	to := m.view.wrap.move(from, by, text.Lines())
	if to == from { // the first or the last row: on to the text's start or end
		return false
	}
	left, _ := m.view.columns(from)
	goal := rowGoal{m.ed.Revision(), sel.Head, column - left}
	if g := m.goal; g.revision == goal.revision && g.head == goal.head {
		goal.cell = g.cell
	}
	goal.head = m.ed.OffsetAt(to.line, m.view.columnAt(to, goal.cell))
	m.ed.Move(motion, extend, 1) // closes the undo step, as every motion does
	anchor := goal.head
	if extend {
		anchor = sel.Anchor
	}
	m.ed.Select(anchor, goal.head)
	goal.head = m.ed.Selection().Head
	m.goal = goal
	return true
}
