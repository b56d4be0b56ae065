package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"
)

// rollTime is the time between two lines that a drag held at the edge of the text scrolls by.
const rollTime = 50 * time.Millisecond

// dragMsg goes on with a drag that is held at the edge.
type dragMsg struct{}

// dragTo extends the selection to where the mouse is. At the edge of the text it scrolls, and goes on with that while the
// mouse is held there.
func (m *Model) dragTo(mouse tea.Mouse) tea.Cmd {
	c := &m.clicks
	c.drag, c.count = mouse, 0
	edge := m.dragEdge()
	if edge != 0 {
		m.view.scrollBy(m.ed.View(), edge)
	}
	off := m.offsetAtCell(mouse.X, min(max(mouse.Y, 0), max(m.view.height-1, 0)))
	m.ed.SelectPrimary(m.ed.Selection().Anchor, off)
	m.view.revealColumn(m.ed.Position(m.ed.Selection().Head))
	if edge == 0 || c.rolling {
		return nil
	}
	c.rolling = true
	return m.after(rollTime, dragMsg{})
}

// dragEdge says in which direction the text is to be scrolled; 0: the mouse is not at an edge.
func (m *Model) dragEdge() int {
	switch y := m.clicks.drag.Y; {
	case y <= 0 && m.clicks.y > 0: // not while selecting within the first row
		return -1
	case y >= m.view.height:
		return 1
	}
	return 0
}

// roll scrolls on, if the mouse is still held at the edge.
func (m *Model) roll() tea.Cmd {
	m.clicks.rolling = false
	if !m.clicks.dragging || m.dragEdge() == 0 {
		return nil
	}
	return m.dragTo(m.clicks.drag)
}
