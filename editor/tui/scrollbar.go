package tui

import (
	"strings"

	"coedit/rga"

	tea "charm.land/bubbletea/v2"
)

// barWidth is the width in cells from which on the scrollbar is shown.
const barWidth = 30

// scrollbar is the last column of the screen: which part of the text is shown, where in it the others are, and where there are matches
// while something is looked for. Each of the others stands in it with the letter that stands for it everywhere, and a match is a dash, so that
// they are told without colours, too. nil: none is shown, because all of the text is.
type scrollbar struct {
	cells []string // one for each row; empty: blank
}

// barCells is the number of columns that the scrollbar takes.
func (m *Model) barCells() int {
	if m.looks.Scrollbar && m.width >= barWidth {
		return 1
	}
	return 0
}

func (m *Model) scrollbar(text *rga.View) *scrollbar {
	height, lines := m.view.height, text.Lines()
	if m.barCells() == 0 || height < 1 || lines <= height {
		return nil
	}
	m.scroll.cells = append(m.scroll.cells[:0], make([]string, height)...)
	thumb := string(m.theme.thumb) + " " + sgrReset
	size := max(height*height/lines, 1)
	top := min(m.view.line*height/lines, height-size)
	for y := range size {
		m.scroll.cells[top+y] = thumb
	}
	for y, found := range m.matchRows(text) {
		look := m.theme.match
		if m.scroll.cells[y] != "" { // where the text shown is stays to be seen
			look = m.theme.thumb
		}
		if found {
			m.scroll.cells[y] = string(look) + "-" + sgrReset
		}
	}
	for i := len(m.peers) - 1; i >= 0; i-- {
		p := &m.peers[i]
		y := text.LineAt(p.Head) * height / lines
		letter := m.people.letters[p.State.Replica]
		if letter == "" {
			letter = "*"
		}
		m.scroll.cells[y] = string(m.theme.peer(p.State.Colour).label) + letter + sgrReset
	}
	return &m.scroll
}

// beside puts the cell of a row of the screen behind what is drawn in it.
func (b *scrollbar) beside(y int, row string, cells, width int) string {
	if b == nil || b.cells[y] == "" {
		return row
	}
	return row + strings.Repeat(" ", max(width-1-cells, 0)) + b.cells[y]
}

// onBar says whether a click is on the scrollbar.
func (m *Model) onBar(mouse tea.Mouse) bool {
	return m.barCells() > 0 && m.ed.View().Lines() > m.view.height && mouse.Button == tea.MouseLeft && mouse.X == m.width-1 && mouse.Y < m.view.height
}

// scrollToBar brings the part of the text that belongs to a row of the scrollbar to the middle of the screen.
func (m *Model) scrollToBar(y int) {
	text := m.ed.View()
	m.view.scrollTo(text, m.barLine(y))
	m.view.scrollBy(text, -m.view.height/2)
}

// barLine is the line that belongs to a row of the scrollbar.
func (m *Model) barLine(y int) int {
	return min(max(y, 0), m.view.height-1) * m.ed.View().Lines() / m.view.height
}
