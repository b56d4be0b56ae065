package tui

import (
	"strconv"
	"strings"
	"time"

	"coedit/editor"

	tea "charm.land/bubbletea/v2"
)

// move returns the command of one motion of the caret.
func move(motion editor.Motion, extend bool) func(*Model) tea.Cmd {
	return func(m *Model) tea.Cmd {
		page := max(m.view.height-1, 1)
		y, shown := m.view.y(m.caretSpot())
		if !m.moveByRows(motion, extend, page) {
			m.ed.Move(motion, extend, page)
		}
		if shown && (motion == editor.PageUp || motion == editor.PageDown) {
			text := m.ed.View()
			m.view.place(text, m.view.wrap.move(m.caretSpot(), -y, text.Lines())) // the caret keeps its row
		}
		m.reveal()
		return nil
	}
}

func (m *Model) selectAll() tea.Cmd {
	m.ed.SelectAll()
	return nil
}

// escape drops what can be dropped: first the carets but one, then the selection. It never quits.
func (m *Model) escape() tea.Cmd {
	m.message = message{}
	if m.find.open {
		m.closeFind()
		return nil
	}
	if !m.ed.DropCarets() {
		m.ed.Collapse()
	}
	return nil
}

// scroll returns the command that scrolls by lines; the caret stays where it is in the text.
func scroll(lines int) func(*Model) tea.Cmd {
	return func(m *Model) tea.Cmd {
		m.view.scrollBy(m.ed.View(), lines)
		return nil
	}
}

func (m *Model) askLine() tea.Cmd {
	m.input = &lineInput{prompt: "Go to line: ", accept: func(m *Model, text string) tea.Cmd { m.goTo(text); return nil }}
	return nil
}

// goTo places the caret at "line" or "line:column", counted from 1.
func (m *Model) goTo(text string) {
	lineText, columnText, hasColumn := strings.Cut(strings.TrimSpace(text), ":")
	line, err := strconv.Atoi(lineText)
	column := 1
	if err == nil && hasColumn {
		column, err = strconv.Atoi(columnText)
	}
	if err != nil {
		m.say("That is no line number: write 12, or 12:5 for the fifth column.")
		return
	}
	line = min(max(line, 1), m.ed.View().Lines())
	off := m.ed.OffsetAt(line-1, max(column-1, 0))
	m.ed.Select(off, off)
	text0 := m.ed.View()
	if !m.view.contains(line - 1) {
		m.view.scrollTo(text0, line-1)
		m.view.scrollBy(text0, -m.view.height/2)
	}
	m.reveal()
}

// clicks tells single, double and triple clicks apart, and what is being dragged.
type clicks struct {
	x, y     int
	count    int
	at       time.Time
	dragging bool
	bar      bool      // the scrollbar is held
	drag     tea.Mouse // where the mouse was last while dragging
	rolling  bool      // a dragMsg is on its way
}

// clickTime is the longest time between the clicks of a double click.
const clickTime = 400 * time.Millisecond

// wheelLines is how far one notch of the wheel scrolls.
const wheelLines = 3

func (m *Model) mouse(msg tea.MouseMsg) tea.Cmd {
	mouse := msg.Mouse()
	if m.palette != nil {
		if _, ok := msg.(tea.MouseClickMsg); ok {
			return m.paletteMouse(mouse)
		}
		return nil
	}
	if _, ok := msg.(tea.MouseWheelMsg); ok {
		m.people.followed = 0
		m.wheel(mouse.Button)
		return nil
	}
	if m.question != nil || m.input != nil {
		return nil
	}
	switch msg.(type) {
	case tea.MouseClickMsg:
		m.lastKey = m.now()
		if m.sheet != nil {
			m.sheet = nil
			return nil
		}
		if m.people.panel != nil && mouse.Button == tea.MouseLeft {
			if cmd, done := m.panelClick(mouse.Y); done {
				return cmd
			}
			m.people.panel = nil
		}
		if mouse.Button == tea.MouseLeft && m.height > 1 && mouse.Y == m.height-1 {
			return m.statusClick(mouse.X)
		}
		m.clickFind(mouse.Y)
		if m.clicks.bar = m.onBar(mouse); m.clicks.bar {
			m.scrollToBar(mouse.Y)
			return nil
		}
		if mouse.Button == tea.MouseLeft && mouse.Y < m.view.height {
			m.people.followed = 0
			m.click(mouse)
		}
	case tea.MouseMotionMsg:
		if m.clicks.bar {
			m.scrollToBar(mouse.Y)
			return nil
		}
		if m.clicks.dragging && mouse.Button == tea.MouseLeft {
			return m.dragTo(mouse)
		}
	case tea.MouseReleaseMsg:
		m.clicks.dragging, m.clicks.bar = false, false
	}
	return nil
}

func (m *Model) wheel(b tea.MouseButton) {
	lines := 0
	switch b {
	case tea.MouseWheelUp:
		lines = -wheelLines
	case tea.MouseWheelDown:
		lines = wheelLines
	case tea.MouseWheelLeft:
		m.view.left = max(m.view.left-wheelLines, 0)
	case tea.MouseWheelRight:
		m.view.left += wheelLines
	}
	if m.sheet != nil && m.sheet.full {
		m.sheet.top += lines
		return
	}
	if lines != 0 {
		m.view.scrollBy(m.ed.View(), lines)
	}
}

func (m *Model) click(mouse tea.Mouse) {
	now := m.now()
	c := &m.clicks
	if c.count > 0 && c.count < 3 && c.x == mouse.X && c.y == mouse.Y && now.Sub(c.at) <= clickTime {
		c.count++
	} else {
		c.count = 1
	}
	c.x, c.y, c.at = mouse.X, mouse.Y, now
	off := m.offsetAtCell(mouse.X, mouse.Y)
	switch {
	case c.count == 2:
		m.ed.SelectWord(off)
	case c.count == 3:
		m.ed.SelectLine(off)
	case mouse.Mod.Contains(tea.ModShift):
		m.ed.SelectPrimary(m.ed.Selection().Anchor, off)
	case mouse.Mod.Contains(tea.ModCtrl):
		if !m.ed.ToggleCaret(off) {
			m.tooManyCarets()
		}
	default:
		m.ed.Select(off, off)
	}
	c.dragging = true
}

// offsetAtCell is the place in the text that is drawn at a cell of the screen.
func (m *Model) offsetAtCell(x, y int) int {
	text := m.ed.View()
	at := m.view.first()
	if y > 0 {
		at = m.view.wrap.move(at, y, text.Lines())
	}
	return m.ed.OffsetAt(at.line, m.view.columnAt(at, max(x-m.gutterWidth(), 0)))
}
