package tui

import (
	tea "charm.land/bubbletea/v2"
)

// Looks say how the text is shown. Each of them is a command, too.
type Looks struct {
	Wrap bool // long lines take several rows instead of being scrolled sideways
}

func lookCommands() []command {
	return []command{
		{groupLook, "wrap long lines, or scroll them sideways", []string{"alt+z"}, nil, toggle("Long lines are wrapped.", "Long lines are scrolled sideways.", (*Model).toggleWrap)},
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
