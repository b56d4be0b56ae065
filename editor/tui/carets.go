package tui

import (
	"fmt"

	"coedit/editor"

	tea "charm.land/bubbletea/v2"
)

// Several carets: the commands that make them. What every other key does with them is the editor's business.

func caretCommands() []command {
	return []command{
		{groupCarets, "select the word, then its next occurrence", []string{"alt+n"}, nil, (*Model).addOccurrence},
		{groupCarets, "another caret in the line above", []string{"alt+shift+up"}, nil, addCaret((*editor.Editor).AddCaretAbove)},
		{groupCarets, "another caret in the line below", []string{"alt+shift+down"}, nil, addCaret((*editor.Editor).AddCaretBelow)},
	}
}

func (m *Model) addOccurrence() tea.Cmd {
	switch m.ed.AddNextOccurrence() {
	case editor.OccurrenceNone:
		m.say("There is no word here to look for.")
	case editor.OccurrenceNoMore:
		m.say("There is no other occurrence. Esc leaves one caret.")
	case editor.OccurrenceLimit:
		m.tooManyCarets()
	case editor.OccurrenceWord:
		m.reveal()
	case editor.OccurrenceAdded:
		m.reveal()
		m.sayCarets()
	}
	return nil
}

// addCaret returns the command that adds a caret beside the others.
func addCaret(add func(*editor.Editor) bool) func(*Model) tea.Cmd {
	return func(m *Model) tea.Cmd {
		switch {
		case add(m.ed):
			m.reveal()
			m.sayCarets()
		case m.ed.Carets() >= editor.MaxCarets:
			m.tooManyCarets()
		}
		return nil
	}
}

func (m *Model) sayCarets() {
	if n := m.ed.Carets(); n > 1 {
		m.say(fmt.Sprintf("%d carets; Esc leaves one.", n))
	}
}

func (m *Model) tooManyCarets() {
	m.say(fmt.Sprintf("There are %d carets already, which is the limit.", editor.MaxCarets))
}

// ownMarks adds what the user has selected in the line [start, end], and the carets but the primary one, which is the
// terminal's own.
func (m *Model) ownMarks(start, end int, span func(a, b int, look style)) {
	m.own = m.ed.SelectionsIn(m.own[:0], start, end)
	primary := m.ed.Selection()
	for _, s := range m.own {
		if s != primary && s.Head >= start && s.Head <= end {
			m.marks = append(m.marks, mark{from: s.Head - start, look: m.theme.caret, caret: true})
		}
	}
	for _, s := range m.own {
		span(s.Anchor, s.Head, m.theme.selection)
	}
	m.bracketMarks(span)
	m.matchMarks(start, end, span)
}
