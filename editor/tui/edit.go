package tui

import (
	"errors"
	"unicode"

	"coedit/editor"

	tea "charm.land/bubbletea/v2"
)

// clipboardLimit is the longest text in bytes that is offered to the terminal's clipboard: terminals refuse or cut longer ones.
const clipboardLimit = 74 << 10

// key takes one key press: what lies over the text has it first, then the table of commands, then the text.
func (m *Model) key(k tea.KeyPressMsg) tea.Cmd {
	m.pressed()
	if keystroke(k) == "esc" {
		m.toasts = nil
	}
	if m.find.focused && !m.over() {
		if cmd, done := m.findKey(k); done {
			m.takeOver(false)
			return cmd
		}
	}
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
		return m.edited(m.ed.Type(m.at(), k.Text))
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
	case errors.Is(err, editor.ErrTooMany):
		m.say("Too many lines are selected for that.")
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
	if m.find.focused {
		return m.findPaste(text)
	}
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

func (m *Model) newline() tea.Cmd {
	m.usualIndent()
	return m.edited(m.ed.Newline(m.at()))
}

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
