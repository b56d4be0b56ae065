package tui

import (
	"fmt"
	"slices"
	"strings"

	"coedit/editor"

	tea "charm.land/bubbletea/v2"
)

// findKey takes a key while the bar has them. done is false for keys that are not the bar's: they do what they always do.
func (m *Model) findKey(k tea.KeyPressMsg) (cmd tea.Cmd, done bool) {
	f := &m.find
	switch keystroke(k) {
	case "esc":
		if f.job != nil {
			m.stopJob()
		} else {
			m.closeFind()
		}
	case "enter":
		if f.inWith {
			return m.replaceOne(), true
		}
		return m.findNext(false), true
	case "down", "ctrl+j":
		return m.findNext(false), true
	case "shift+enter", "up":
		return m.findNext(true), true
	case "tab", "shift+tab":
		f.inWith = f.replacing && !f.inWith
	case "alt+r":
		return m.toggleRegex(), true
	case "alt+w":
		return m.toggleWord(), true
	case "alt+c":
		return m.toggleCase(), true
	case "alt+l":
		return m.toggleScope(), true
	case "alt+a":
		if !f.replacing {
			return m.openFind(true), true
		}
		return m.replaceAll(), true
	default:
		return m.findFieldKey(k)
	}
	return nil, true
}

// findFieldKey passes a key to the field that has them; a changed query is looked for at once.
func (m *Model) findFieldKey(k tea.KeyPressMsg) (cmd tea.Cmd, done bool) {
	f := &m.find
	if f.inWith {
		return nil, f.with.key(k)
	}
	before := f.query.text
	if !f.query.key(k) {
		return nil, false
	}
	if f.query.text == before {
		return nil, true
	}
	return m.searchAnew(true), true
}

// findPaste puts pasted text into the bar.
func (m *Model) findPaste(text string) tea.Cmd {
	f := &m.find
	if f.inWith {
		f.with.insert(text)
		return nil
	}
	f.query.insert(text)
	return m.searchAnew(true)
}

// findRows is how many rows the bar takes.
func (m *Model) findRows() int {
	if !m.find.open {
		return 0
	}
	rows := 2
	if m.find.replacing {
		rows++
	}
	return max(min(rows, m.height-2), 0)
}

// drawFind puts the bar into rows, which are those between the text and the status line, and the cursor into its field.
func (m *Model) drawFind(rows []string, y int) {
	f := &m.find
	label := m.findLabel()
	for i := range rows {
		switch {
		case i == 0:
			m.drawField(rows, y, i, " Find: ", label, &f.query, f.focused && !f.inWith)
		case i == 1 && f.replacing:
			m.drawField(rows, y, i, " With: ", "Enter: replace  Alt+A: all", &f.with, f.focused && f.inWith)
		default:
			rows[i] = m.padded(m.theme.sheet, "", m.findOptions())
		}
	}
}

// drawField draws a row with a field and a label at its right end.
func (m *Model) drawField(rows []string, y, i int, prompt, label string, f *field, focused bool) {
	label, n := plain(m.ed.Metrics(), label, max(m.width-len(prompt)-12, 0))
	room := max(m.width-len(prompt)-n-3, 0)
	text, caret := m.shown(f, room)
	gap := max(room-width(m.ed.Metrics(), text), 0)
	look := m.theme.sheetTitle
	if f.all && focused {
		look = m.theme.selection
	}
	rows[i] = m.pieces(piece{m.theme.sheetTitle, prompt}, piece{look, text},
		piece{m.theme.sheetTitle, strings.Repeat(" ", gap) + "  " + label})
	if focused {
		m.frame.Cursor = tea.NewCursor(min(len(prompt)+caret, m.width-1), y+i)
	}
}

// findOptions are the options with their keys, and what the keys do, in the longest form that fits.
func (m *Model) findOptions() string {
	f := &m.find
	box := func(on bool) string {
		if on {
			return "[x]"
		}
		return "[ ]"
	}
	kind := map[editor.Case]string{editor.CaseSmart: "[~]", editor.CaseExact: "[x]", editor.CaseIgnored: "[ ]"}[f.caseOf]
	keys := "Enter: next  Up: before  Esc: close"
	if f.replacing {
		keys = "Tab: other field  Alt+A: replace all  Esc: close"
		if f.inWith {
			keys = "Enter: replace  Alt+A: replace all  Esc: close"
		}
	}
	long := fmt.Sprintf(" %s regex Alt+R  %s word Alt+W  %s case Alt+C  %s selection Alt+L", box(f.regex), box(f.word), kind, box(f.scoped))
	middle := fmt.Sprintf(" %s regex  %s word  %s case  %s selection", box(f.regex), box(f.word), kind, box(f.scoped))
	short := fmt.Sprintf(" %s.* %s W %s Aa %s Sel", box(f.regex), box(f.word), kind, box(f.scoped))
	for _, form := range []string{long + "   " + keys, long, middle, short} {
		if len(form) <= m.width {
			return form
		}
	}
	return short
}

func percent(n int32) string { return fmt.Sprintf("%d %%", n) }

// text says which of the matches is selected, or how many there are.
func (c *matchCount) text(s editor.Selection, revision uint64) string {
	n := fmt.Sprint(len(c.starts))
	if c.more {
		n += "+"
	}
	from, _ := s.Span()
	i, found := slices.BinarySearch(c.starts, from)
	switch {
	case c.revision != revision:
		return "about " + n
	case len(c.starts) == 0:
		return "no match"
	case found && !s.Empty():
		return fmt.Sprintf("%d of %s", i+1, n)
	case len(c.starts) == 1:
		return "1 match"
	}
	return n + " matches"
}

// clickFind gives the keys to what was clicked at: a field of the bar, or the text.
func (m *Model) clickFind(y int) {
	i := y - m.view.height
	m.find.focused = m.find.open && i >= 0 && i < m.findRows()
	if m.find.focused {
		m.find.inWith = m.find.replacing && i == 1
		m.find.query.all, m.find.with.all = false, false
	}
}

// piece is a part of a row with its look. The text is plain.
type piece struct {
	look style
	text string
}

// pieces is one row over the whole width; the look of the last piece goes on to its end.
func (m *Model) pieces(parts ...piece) string {
	var sb strings.Builder
	used := 0
	for i, p := range parts {
		text, n, _ := fit(m.ed.Metrics(), p.text, m.width-used)
		if used += n; i == len(parts)-1 {
			text += strings.Repeat(" ", m.width-used)
		}
		if text != "" {
			sb.WriteString(string(p.look) + text + sgrReset)
		}
	}
	return sb.String()
}
