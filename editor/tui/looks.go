package tui

import (
	tea "charm.land/bubbletea/v2"
)

// Looks say how the text is shown. Each of them is a command, too.
type Looks struct {
	Theme       Theme
	Wrap        bool // long lines take several rows instead of being scrolled sideways
	Highlight   bool // words in the colours of their language
	Scrollbar   bool
	Whitespace  bool // spaces and tabs are visible
	Guides      bool // a line at every step of the indentation
	CurrentLine bool // the caret's line has a background of its own
	HideNumbers bool // no line numbers
	ASCII       bool // the program's own signs are ASCII, where others are not in the terminal's font or not one cell wide
}

func lookCommands() []command {
	flag := func(name, on, off string, of func(*Looks) *bool) command {
		return command{groupLook, name, nil, nil, toggle(on, off, func(m *Model) bool {
			f := of(&m.looks)
			*f = !*f
			return *f
		})}
	}
	return []command{
		{groupLook, "wrap long lines, or scroll them sideways", []string{"alt+z"}, nil, toggle("Long lines are wrapped.", "Long lines are scrolled sideways.", (*Model).toggleWrap)},
		flag("colours of the language, or not", "Words are coloured.", "Words are not coloured.", func(l *Looks) *bool { return &l.Highlight }),
		flag("show spaces and tabs, or not", "Spaces and tabs are shown.", "Spaces and tabs are not shown.", func(l *Looks) *bool { return &l.Whitespace }),
		flag("show guides for the indentation, or not", "The indentation has guides.", "The indentation has no guides.", func(l *Looks) *bool { return &l.Guides }),
		flag("highlight the caret's line, or not", "The caret's line is highlighted.", "The caret's line is not highlighted.", func(l *Looks) *bool { return &l.CurrentLine }),
		flag("hide line numbers, or show them", "Line numbers are hidden.", "Line numbers are shown.", func(l *Looks) *bool { return &l.HideNumbers }),
		flag("show the scrollbar, or not", "The scrollbar is shown.", "The scrollbar is hidden.", func(l *Looks) *bool { return &l.Scrollbar }),
		{groupLook, "the next theme, of dark, light and others", nil, nil, (*Model).nextTheme},
	}
}

// toggle returns the command that switches a look on or off and says what it is now.
func toggle(on, off string, change func(*Model) bool) func(*Model) tea.Cmd {
	return func(m *Model) tea.Cmd {
		now := change(m)
		m.cache.drop()
		m.layout()
		if now {
			m.say(on)
		} else {
			m.say(off)
		}
		return nil
	}
}

// toggleWrap keeps the caret on the screen if it was.
func (m *Model) toggleWrap() bool {
	shown := m.caretShown()
	m.looks.Wrap = !m.looks.Wrap
	m.view.left = 0
	m.layout()
	m.view.settle(m.ed.View())
	if shown {
		m.reveal()
	}
	return m.looks.Wrap
}

func (m *Model) nextTheme() tea.Cmd {
	m.looks.Theme = (m.looks.Theme + 1) % themes
	m.setTheme(m.dark, m.profile)
	m.say("Theme: " + m.looks.Theme.String() + ".")
	return nil
}
