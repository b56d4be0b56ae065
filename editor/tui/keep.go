package tui

import (
	tea "charm.land/bubbletea/v2"
)

// keepCommands are those that save elsewhere.
func keepCommands() []command {
	return []command{
		{groupFile, "save under another name", nil, nil, (*Model).saveElsewhere},
		{groupFile, "save a copy of your own", []string{"alt+s"}, nil, (*Model).saveCopy},
	}
}

// saveElsewhere asks for another name for the file, which is the file from then on.
func (m *Model) saveElsewhere() tea.Cmd {
	if m.saveAs == nil {
		m.say("The file is somebody else's. Save a copy of your own with Alt+S.")
		return nil
	}
	m.askName()
	return nil
}

// keptMsg says how writing a copy went.
type keptMsg struct {
	name string
	err  error
}

// saveCopy asks for a name and writes a copy of the text as it is then. The file stays what it was.
func (m *Model) saveCopy() tea.Cmd {
	if m.copyTo == nil {
		m.say("No copy can be saved here.")
		return nil
	}
	m.input = &lineInput{
		prompt: "Save a copy as (Esc: do not): ",
		accept: func(m *Model, name string) tea.Cmd {
			write := m.copyTo(m.ed.View(), name)
			return func() tea.Msg { return keptMsg{name, write()} }
		},
	}
	return nil
}

func (m *Model) kept(msg keptMsg) tea.Cmd {
	if msg.err != nil {
		m.alert("No copy was saved: " + msg.err.Error())
		return nil
	}
	m.say("Saved a copy as " + msg.name + ".")
	return nil
}
