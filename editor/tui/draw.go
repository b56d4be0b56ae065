package tui

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"coedit/rga"

	tea "charm.land/bubbletea/v2"
)

// longLine is the length in bytes from which on a line is not compared with what was drawn before, but drawn anew with every change.
const longLine = 4096

// nameWidth is the longest name in cells beside the text.
const nameWidth = 16

// narrow is the width in cells below which line numbers are left out.
const narrow = 24

// View returns the screen. It is the former one unless something happened since.
func (m *Model) View() tea.View {
	if m.stale {
		m.stale = false
		m.draw()
	}
	return m.frame
}

// layout divides the screen between line numbers, text and status line.
func (m *Model) layout() {
	m.view.width = max(m.width-m.gutterWidth()-m.barCells(), 0)
	m.view.wrap.width = 0
	if m.looks.Wrap && m.view.width > 1 {
		m.view.wrap.width = m.view.width - 1 // the caret has room at the end of a full row
	}
	m.view.height = m.height - m.findRows()
	if m.height > 1 {
		m.view.height--
	}
}

// gutterWidth is the number of cells of the line numbers with the blank behind them.
func (m *Model) gutterWidth() int {
	if m.width < narrow || m.looks.HideNumbers {
		return 0
	}
	width := max(len(strconv.Itoa(m.ed.View().Lines())), 3) + 1
	if m.people.authors {
		width++ // a letter between number and text would read as a part of the text
	}
	return width
}

// draw makes the frame.
func (m *Model) draw() {
	m.layout()
	m.frame.AltScreen = true
	m.frame.MouseMode = tea.MouseModeCellMotion
	if m.mouseOff {
		m.frame.MouseMode = tea.MouseModeNone
	}
	m.frame.KeyboardEnhancements.ReportAlternateKeys = true // see keystroke
	m.frame.WindowTitle = m.title()
	m.frame.Cursor = nil
	if m.width <= 0 || m.height <= 0 {
		m.frame.Content = ""
		return
	}
	rows := make([]string, 0, m.height)
	if m.sheet != nil && m.sheet.full {
		rows = m.sheetRows(rows, m.view.height)
	} else {
		m.findPair()
		m.findVisible()
		rows = m.textRows(rows)
		m.frame.Cursor = m.caret()
	}
	if n := m.findRows(); n > 0 {
		rows = append(rows, make([]string, n)...)
		m.drawFind(rows[len(rows)-n:], len(rows)-n)
	}
	if m.height > 1 {
		rows = append(rows, m.statusLine(m.width))
	}
	if m.sheet != nil && !m.sheet.full {
		m.overlay(rows[:m.view.height], m.sheetRows(nil, 1<<10))
	}
	if m.palette != nil {
		m.drawPalette(rows)
	}
	if m.people.panel != nil {
		m.drawPanel(rows[:m.view.height])
	}
	m.drawPrompt(rows)
	m.frame.Content = strings.Join(rows, "\n")
}

func (m *Model) title() string {
	name, _ := plain(m.ed.Metrics(), m.name, 60)
	if name == "" {
		return "coedit"
	}
	return name + " - coedit"
}

// caret is the real cursor, on the caret's cell; nil where that is not on the screen.
func (m *Model) caret() *tea.Cursor {
	line, column := m.ed.Position(m.ed.Selection().Head)
	at := m.view.spot(line, column)
	left, _ := m.view.columns(at)
	x := column - left
	if m.view.isWrapped(line) {
		x = min(x, m.view.width-1) // behind a blank in the last cell
	}
	y, shown := m.view.y(at)
	if !shown || x < 0 || x >= m.view.width {
		return nil
	}
	c := tea.NewCursor(m.gutterWidth()+x, y)
	c.Shape = tea.CursorBar
	return c
}

// textRows draws the visible lines; rows behind the end of the text are empty.
func (m *Model) textRows(rows []string) []string {
	text := m.ed.View()
	here := text.LineAt(m.ed.Selection().Head)
	gutter := m.gutterWidth()
	at := m.view.first()
	bar := m.scrollbar(text)
	toasts := m.placeToasts()
	for y := range m.view.height {
		if over, ok := toasts.row(y); ok {
			row, cells := "", 0
			if at.line < text.Lines() {
				row, cells = m.row(text, at, gutter, toasts.left-gutter, at.line == here)
				at = m.below(at)
			}
			rows = append(rows, row+strings.Repeat(" ", max(toasts.left-cells, 0))+over)
			continue
		}
		if at.line >= text.Lines() {
			rows = append(rows, bar.beside(y, "", 0, m.width))
			continue
		}
		row, cells := m.row(text, at, gutter, m.view.width, at.line == here)
		rows = append(rows, bar.beside(y, row, cells, m.width))
		at = m.below(at)
	}
	return rows
}

// below is the row of the text under another.
func (m *Model) below(at spot) spot {
	if at.row++; at.row >= len(m.view.wrap.starts(at.line)) {
		return spot{line: at.line + 1}
	}
	return at
}

// overlayRows is the number of rows that a sheet takes from the text.
func (m *Model) overlayRows() int {
	if m.sheet == nil || m.sheet.full {
		return 0
	}
	return min(len(m.sheet.lines(m, max(m.width-1, 1)))+1, m.view.height)
}

// number is a line number with the blank behind it; rows of the line behind its first have none.
func (m *Model) number(at spot, width int, here, scoped bool, author authorMark) string {
	if width == 0 {
		return ""
	}
	tail := m.numberTail(author, scoped)
	if m.people.authors {
		tail += " "
		width--
	}
	if at.row > 0 {
		return strings.Repeat(" ", width-1) + tail
	}
	look := m.theme.gutter
	if here {
		look = m.theme.gutterHere
	}
	n := strconv.Itoa(at.line + 1)
	return string(look) + strings.Repeat(" ", max(width-1-len(n), 0)) + n + sgrReset + tail
}

// row is one row of the text with its number, from the cache where nothing about it changed. The text takes width cells.
func (m *Model) row(text *rga.View, at spot, gutter, width int, here bool) (out string, cells int) {
	start, end := m.ed.LineBounds(at.line)
	marks := m.marksIn(start, end)
	slot := m.cache.slot(at)
	left, stop := m.view.columns(at)
	if end-start > longLine && !m.view.isWrapped(at.line) {
		marks = m.marksShown(marks, at.line, start, left, left+width)
	}
	key := rowKey{spot: at, gutter: gutter, here: here, left: left, stop: stop, width: width, length: end - start, unit: m.indentUnit()}
	if gutter > 0 {
		key.scoped = m.inScope(start, end)
	}
	if gutter > 0 && at.row == 0 {
		key.author = m.authorMark(at.line)
	}
	m.rowBytes = m.rowBytes[:0]
	if key.length > longLine {
		key.revision = m.ed.Revision()
	} else {
		m.rowBytes = text.Append(m.rowBytes, start, end)
	}
	if m.looks.Highlight && key.length < plainLine {
		states := m.colours.before(text, m.ed.Revision(), m.view.line, m.view.height)
		if i := at.line - m.view.line; i < len(states) {
			key.state, key.coloured = states[i], true
		}
	}
	if slot.matches(key, m.rowBytes, marks) {
		return slot.out, slot.cells
	}
	p := painter{
		metrics: m.ed.Metrics(), left: key.left, stop: key.stop, width: key.width, marks: marks,
		edges: !m.view.isWrapped(at.line), theme: &m.theme, looks: &m.looks,
	}
	m.dress(&p, key)
	out = m.number(at, gutter, here, key.scoped, key.author) + p.paint(m.ed, at.line, start, end)
	slot.keep(key, m.rowBytes, marks, out, gutter+p.cells)
	return out, gutter + p.cells
}

// dress gives a row what it is shown in besides its marks: the colours of the language, and the look of the caret's line.
func (m *Model) dress(p *painter, key rowKey) {
	if key.length <= longLine { // rowBytes is the line
		p.indented = len(m.rowBytes) - len(bytes.TrimLeft(m.rowBytes, " \t"))
		p.trailing = len(bytes.TrimRight(m.rowBytes, " \t"))
	}
	p.unit = key.unit
	if key.here && m.looks.CurrentLine {
		p.base = m.theme.line
	}
	if key.coloured {
		line := m.rowBytes
		if key.length > longLine {
			start, end := m.ed.LineBounds(key.line)
			line = m.ed.View().Append(nil, start, end)
		}
		m.tokens, _ = m.colours.lang.Tokens(m.tokens[:0], line, key.state)
		p.tokens = m.tokens
	}
}

// indentUnit is one level of indentation in columns.
func (m *Model) indentUnit() int {
	if u := m.ed.Indentation(); len(u) > 0 && u[0] == ' ' {
		return len(u)
	}
	return max(m.ed.Metrics().Tab, 1)
}

// marksShown keeps of a long line's marks the carets, and what is marked in columns [left, right): a search may mark very many.
func (m *Model) marksShown(marks []mark, line, start, left, right int) []mark {
	if len(marks) == 0 {
		return marks
	}
	from, to := m.ed.OffsetAt(line, left)-start, m.ed.OffsetAt(line, right)-start
	return slices.DeleteFunc(marks, func(k mark) bool { return !k.caret && (k.to <= from || k.from > to) })
}

// marksIn collects what is marked in the line [start, end]: carets of others, own carets and selections, selections of others.
func (m *Model) marksIn(start, end int) []mark {
	m.marks = m.marks[:0]
	span := func(a, b int, look style) {
		from, to := min(a, b), max(a, b)
		if from < to && from <= end && to > start {
			m.marks = append(m.marks, mark{from: max(from, start) - start, to: min(to, end+1) - start, look: look})
		}
	}
	m.caretsIn(start, end)
	m.ownMarks(start, end, span)
	for i := range m.peers {
		p := &m.peers[i]
		look := m.theme.peer(p.State.Colour).selection
		span(p.Tail, p.Head, look)
		for _, s := range p.Others {
			span(s.Anchor, s.Head, look)
		}
	}
	m.scopeMark(span)
	return m.marks
}

// sheetRows draws a sheet in at most height rows.
func (m *Model) sheetRows(rows []string, height int) []string {
	s := m.sheet
	lines := s.lines(m, max(m.width-1, 1))
	if !s.full {
		height = len(lines) + 1
	}
	title := s.title
	if s.full {
		s.top = max(min(s.top, len(lines)-(height-1)), 0)
		title += "   (Esc closes"
		if len(lines) > height-1 {
			title += ", Up and Down scroll"
		}
		title += ")"
	}
	rows = append(rows, m.padded(m.theme.sheetTitle, "", " "+title))
	for i := s.top; i < s.top+height-1; i++ {
		if i >= len(lines) {
			rows = append(rows, m.padded(m.theme.sheet, "", ""))
			continue
		}
		rows = append(rows, m.padded(m.theme.sheet, lines[i].key, lines[i].text))
	}
	return rows
}

// padded is one row of a sheet over the whole width.
func (m *Model) padded(look style, key, text string) string {
	metrics := m.ed.Metrics()
	k, n, _ := fit(metrics, key, m.width)
	t, n2, _ := fit(metrics, text, m.width-n)
	out := ""
	if k != "" {
		out = string(m.theme.key) + k + sgrReset
	}
	return out + string(look) + t + strings.Repeat(" ", max(m.width-n-n2, 0)) + sgrReset
}

// overlay puts over into the last of rows.
func (m *Model) overlay(rows, over []string) {
	if len(over) > len(rows) {
		over = over[:len(rows)]
	}
	copy(rows[len(rows)-len(over):], over)
	if c := m.frame.Cursor; c != nil && c.Y >= len(rows)-len(over) {
		m.frame.Cursor = nil
	}
}

// drawPrompt puts the open question or input into the last rows, with the cursor behind it.
func (m *Model) drawPrompt(rows []string) {
	var lines []string
	switch {
	case m.question != nil:
		lines = wrap(m.ed.Metrics(), m.question.line(), max(m.width-1, 1))
	case m.input != nil:
		lines = wrap(m.ed.Metrics(), m.input.prompt+m.input.text, max(m.width-1, 1))
	default:
		return
	}
	if len(lines) > len(rows) {
		lines = lines[len(lines)-len(rows):]
	}
	last := lines[len(lines)-1]
	for i, l := range lines {
		rows[len(rows)-len(lines)+i] = m.padded(m.theme.sheetTitle, "", l)
	}
	_, x, _ := fit(m.ed.Metrics(), last, m.width)
	m.frame.Cursor = tea.NewCursor(min(x, m.width-1), len(rows)-1)
}
