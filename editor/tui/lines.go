package tui

import (
	"errors"
	"fmt"
	"strings"

	"coedit/editor"
	"coedit/rga"

	tea "charm.land/bubbletea/v2"
)

// The commands on lines and words. What they do is the editor's business; here are their keys, and what is said about them.

func lineCommands() []command {
	return []command{
		{groupEdit, "move the line up", []string{"alt+up"}, nil, moveLines(false)},
		{groupEdit, "move the line down", []string{"alt+down"}, nil, moveLines(true)},
		{groupEdit, "duplicate the line, or the selection", []string{"ctrl+d"}, nil, edit((*editor.Editor).Duplicate)},
		{groupEdit, "join the line with the next", []string{"alt+j"}, nil, edit((*editor.Editor).JoinLines)},
		{groupEdit, "comment, or not", []string{"ctrl+/"}, []string{"ctrl+_"}, (*Model).toggleComment},
		{groupEdit, "upper case", nil, nil, convert(strings.ToUpper)},
		{groupEdit, "lower case", nil, nil, convert(strings.ToLower)},
		{groupEdit, "remove blanks at the ends of all lines", nil, nil, (*Model).trimBlanks},
		{groupEdit, "revert somebody's last change", nil, nil, (*Model).askRevert},
		{groupMove, "to the matching bracket", []string{"ctrl+]"}, nil, (*Model).jumpToBracket},
		{groupSelect, "select the word", nil, nil, reselect((*editor.Editor).SelectWords)},
		{groupSelect, "select the line", []string{"alt+l"}, nil, reselect((*editor.Editor).SelectLines)},
		{groupSelect, "select more: word, line, between brackets", []string{"alt+o"}, nil, reselect((*editor.Editor).ExpandSelections)},
	}
}

// edit returns the command of an edit at the carets.
func edit(f func(e *editor.Editor, at int64) error) func(*Model) tea.Cmd {
	return func(m *Model) tea.Cmd { return m.edited(f(m.ed, m.at())) }
}

func moveLines(down bool) func(*Model) tea.Cmd {
	return func(m *Model) tea.Cmd { return m.edited(m.ed.MoveLines(m.at(), down)) }
}

func convert(f func(string) string) func(*Model) tea.Cmd {
	return func(m *Model) tea.Cmd { return m.edited(m.ed.Convert(m.at(), f)) }
}

// reselect returns the command of a change of the selections alone.
func reselect(f func(*editor.Editor)) func(*Model) tea.Cmd {
	return func(m *Model) tea.Cmd {
		f(m.ed)
		m.reveal()
		return nil
	}
}

// usualIndent tells the editor what files of this name are indented with, if the text does not show it.
func (m *Model) usualIndent() { m.ed.SetIndentation(editor.LanguageOf(m.name).Indent) }

// indent inserts what the file indents with, or indents the selected lines.
func (m *Model) indent() tea.Cmd {
	m.usualIndent()
	return m.edited(m.ed.Indent(m.at()))
}

// outdent takes one unit of indentation away from the selected lines, or from the caret's.
func (m *Model) outdent() tea.Cmd {
	m.usualIndent()
	return m.edited(m.ed.Outdent(m.at()))
}

func (m *Model) toggleComment() tea.Cmd {
	err := m.ed.ToggleComment(m.at(), editor.LanguageOf(m.name))
	if errors.Is(err, editor.ErrNoComment) {
		m.say("How comments are written in a file of this kind is not known here.")
		return nil
	}
	return m.edited(err)
}

func (m *Model) jumpToBracket() tea.Cmd {
	if !m.ed.JumpToBracket() {
		m.say("There is no bracket at the caret, or none that matches it.")
		return nil
	}
	m.reveal()
	return nil
}

// manyEdits is the most edits that one command makes in places that it found: making them takes some tenths of a second, in which
// no key is answered.
const manyEdits = 50_000

// foundMsg brings edits that were found in a view of the text.
type foundMsg struct {
	job     *findJob    // that found them; nil: it cannot be called off
	version rga.Version // of the view
	edits   []rga.Edit
	more    bool   // there were too many
	done    string // what is said when they are made
	none    string // what is said when there are none
}

// trimBlanks takes blanks away from the ends of lines. They are looked for outside the goroutine that owns the text.
func (m *Model) trimBlanks() tea.Cmd {
	if m.ed.ReadOnly() {
		return m.edited(editor.ErrReadOnly)
	}
	view, version := m.ed.View(), m.ed.Doc().Version()
	return func() tea.Msg {
		edits, more := editor.TrailingBlanks(view, manyEdits)
		done := "Removed blanks at the ends of " + count(len(edits), "line") + "."
		return foundMsg{version: version, edits: edits, more: more, done: done, none: "No line ends with blanks."}
	}
}

// found makes edits that were found, in the text as it is now.
func (m *Model) found(msg foundMsg) tea.Cmd {
	if msg.job != nil && m.find.job != msg.job {
		return nil
	}
	m.stopJob()
	switch {
	case msg.more:
		m.say(fmt.Sprintf("That would be more than %d places at once: nothing was changed.", manyEdits))
		return nil
	case len(msg.edits) == 0:
		m.say(msg.none)
		return nil
	}
	var err error
	if m.ed.Doc().Version().Equal(msg.version) {
		err = m.ed.Replace(m.at(), msg.edits...)
	} else {
		err = m.ed.ReplaceAt(m.at(), msg.version, msg.edits...)
	}
	if err != nil {
		return m.edited(err)
	}
	m.say(msg.done)
	return m.edited(nil)
}
