package tui

import (
	"bytes"
	"errors"
	"path/filepath"
	"unicode"

	"coedit/editor"
	"coedit/rga"

	tea "charm.land/bubbletea/v2"
)

// clipboardLimit is the longest text in bytes that is offered to the terminal's clipboard: terminals refuse or cut longer ones.
const clipboardLimit = 74 << 10

// key takes one key press: what lies over the text has it first, then the table of commands, then the text.
func (m *Model) key(k tea.KeyPressMsg) tea.Cmd {
	m.pressed()
	if typed, ok := behindEscape(k); ok && (m.over() || bindings[keystroke(k)] == nil) {
		return tea.Batch(m.key(tea.KeyPressMsg{Code: tea.KeyEscape}), m.key(typed))
	}
	m.people.clicked, m.people.stroke = 0, keystroke(k)
	if ends, done := m.interrupts(m.people.stroke); ends {
		if m.takeOver(!done); done {
			return nil
		}
	}
	switch {
	case m.question != nil:
		return m.answer(k)
	case m.input != nil:
		return m.inputKey(k)
	case m.palette != nil:
		return m.paletteKey(k)
	case m.people.panel != nil:
		if cmd, done := m.panelKey(k); done {
			return cmd
		}
	case m.sheet != nil:
		if cmd, done := m.sheetKey(k); done {
			return cmd
		}
	}
	if c := bindings[keystroke(k)]; c != nil {
		return c.run(m)
	}
	if k.Text != "" && !k.Mod.Contains(tea.ModCtrl) {
		return m.edited(m.ed.Insert(m.at(), k.Text))
	}
	if k.Mod.Contains(tea.ModCtrl) && k.Code > ' ' && k.Code < 0x7f {
		m.say(keyName(keystroke(k)) + " does nothing here. F1 shows the keys.")
	}
	return nil
}

// over says whether something that Escape closes lies over the text.
func (m *Model) over() bool {
	return m.question != nil || m.input != nil || m.palette != nil || m.people.panel != nil || m.sheet != nil
}

// behindEscape finds the character in a key that came as Alt and a character. Terminals send the same bytes for that as for
// Escape followed at once by the character, so where the two together mean nothing here they are taken one after the other, and what
// was typed is not lost.
func behindEscape(k tea.KeyPressMsg) (typed tea.KeyPressMsg, ok bool) {
	if k.Mod&^tea.ModShift != tea.ModAlt || k.Code > unicode.MaxRune || !unicode.IsPrint(k.Code) {
		return typed, false
	}
	typed = k
	typed.Mod = k.Mod &^ tea.ModAlt
	r := k.Code
	if typed.Mod != 0 && k.ShiftedCode != 0 {
		r = k.ShiftedCode
	} else if typed.Mod != 0 {
		r = unicode.ToUpper(r)
	}
	typed.Text = string(r)
	return typed, true
}

// keystroke names a key as the table of commands does. Terminals report Ctrl+Shift+Z with either letter. A layout without
// Latin letters is told by the key's place on a US keyboard, if the terminal reports it; others are not, because their
// letters stand elsewhere.
func keystroke(k tea.KeyPressMsg) string {
	if k.Code < unicode.MaxASCII {
		k.Code, k.BaseCode = unicode.ToLower(k.Code), 0
	}
	return k.Keystroke()
}

// at is the time put into edits, in unix milliseconds.
func (m *Model) at() int64 { return m.now().UnixMilli() }

// edited ends every edit: it shows the caret, or why nothing happened.
func (m *Model) edited(err error) tea.Cmd {
	switch {
	case err == nil:
		m.reveal()
	case errors.Is(err, editor.ErrReadOnly):
		m.say("You joined by a read-only link: you can read along, move and copy, but not type.")
	default:
		m.say("That edit is not possible: " + err.Error())
	}
	return nil
}

func (m *Model) paste(text string) tea.Cmd {
	m.pressed()
	switch {
	case m.question != nil || text == "":
		return nil
	case m.input != nil:
		m.input.add(text)
		return nil
	case m.palette != nil:
		m.palette.query.insert(text)
		m.palette.search(m.recent)
		return nil
	}
	m.sheet, m.people.panel = nil, nil
	m.takeOver(true)
	return m.edited(m.ed.Paste(m.at(), text))
}

func (m *Model) pasteOwn() tea.Cmd {
	text := m.ed.Clipboard()
	if text == "" {
		m.say("Nothing was copied here yet. To paste from elsewhere use your terminal's own key, often Ctrl+Shift+V.")
		return nil
	}
	return m.edited(m.ed.Paste(m.at(), text))
}

func (m *Model) copy() tea.Cmd { return m.toClipboard(m.ed.Copy()) }

func (m *Model) cut() tea.Cmd {
	text, err := m.ed.Cut(m.at())
	if err != nil {
		return m.edited(err)
	}
	m.reveal()
	return m.toClipboard(text)
}

func (m *Model) cutLine() tea.Cmd {
	m.ed.Collapse()
	return m.cut()
}

// toClipboard offers a copied text to the terminal. Whether it took it cannot be known, so nothing is claimed.
func (m *Model) toClipboard(text string) tea.Cmd {
	switch {
	case text == "":
		return nil
	case len(text) > clipboardLimit:
		m.say("Copied here; too long for the terminal's clipboard.")
		return nil
	}
	return tea.SetClipboard(text)
}

func (m *Model) newline() tea.Cmd { return m.edited(m.ed.Newline(m.at())) }

// erase returns the command that deletes a cluster or a word backwards or forwards.
func erase(forward, word bool) func(*Model) tea.Cmd {
	return func(m *Model) tea.Cmd {
		if forward {
			return m.edited(m.ed.DeleteForward(m.at(), word))
		}
		return m.edited(m.ed.Backspace(m.at(), word))
	}
}

func (m *Model) undo() tea.Cmd {
	done, err := m.ed.Undo(m.at())
	if err == nil && !done {
		m.say("Nothing left to undo. Undo takes back your own edits only.")
		return nil
	}
	return m.edited(err)
}

func (m *Model) redo() tea.Cmd {
	done, err := m.ed.Redo(m.at())
	if err == nil && !done {
		m.say("Nothing to redo.")
		return nil
	}
	return m.edited(err)
}

// indentLimit bounds the lines that one Tab indents.
const indentLimit = 20000

// indent inserts what the file indents with, or indents the selected lines.
func (m *Model) indent() tea.Cmd {
	unit := m.ed.Indentation()
	if first, last, many := m.selectedLines(); many {
		return m.editLines(first, last, func(line []byte) (int, string) {
			if len(line) == 0 {
				return 0, ""
			}
			return 0, unit
		})
	}
	if unit != "\t" {
		from, _ := m.ed.Selection().Span()
		_, column := m.ed.Position(from)
		unit = unit[column%len(unit):]
	}
	return m.edited(m.ed.Insert(m.at(), unit))
}

// outdent takes one unit of indentation away from the selected lines, or from the caret's.
func (m *Model) outdent() tea.Cmd {
	unit := m.ed.Indentation()
	first, last, _ := m.selectedLines()
	return m.editLines(first, last, func(line []byte) (int, string) {
		if len(line) > 0 && line[0] == '\t' {
			return 1, ""
		}
		n := 0
		for n < len(line) && n < max(len(unit), 2) && line[n] == ' ' {
			n++
		}
		return n, ""
	})
}

// selectedLines are the lines that the selection touches; many says that there are several.
func (m *Model) selectedLines() (first, last int, many bool) {
	from, to := m.ed.Selection().Span()
	text := m.ed.View()
	first, last = text.LineAt(from), text.LineAt(to)
	if last > first && text.LineStart(last) == to {
		last-- // the selection ends before the line's first character
	}
	return first, last, last > first
}

// editLines changes the beginning of each line, all in one undo step: f says how many bytes go and what takes their place.
func (m *Model) editLines(first, last int, f func(line []byte) (int, string)) tea.Cmd {
	if last-first >= indentLimit {
		m.say("Too many lines are selected for that.")
		return nil
	}
	text := m.ed.View()
	var edits []rga.Edit
	var line []byte
	for i := first; i <= last; i++ {
		from := text.LineStart(i)
		line = text.Append(line[:0], from, min(from+64, text.Len()))
		if j := bytes.IndexByte(line, '\n'); j >= 0 {
			line = line[:j]
		}
		if n, s := f(line); n > 0 || s != "" {
			edits = append(edits, rga.Edit{Offset: from, Delete: n, Insert: s})
		}
	}
	if len(edits) == 0 {
		return nil
	}
	return m.edited(m.ed.Replace(m.at(), edits...))
}

// usualIndent is one level of indentation where the text does not show any; empty: no guess.
func usualIndent(name string) string {
	switch ext := filepath.Ext(name); {
	case ext == ".go" || ext == ".mk" || filepath.Base(name) == "Makefile":
		return "\t"
	case ext == ".yaml" || ext == ".yml" || ext == ".json" || ext == ".js" || ext == ".ts" || ext == ".html" || ext == ".css":
		return "  "
	}
	return ""
}
