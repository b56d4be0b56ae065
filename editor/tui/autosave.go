package tui

import tea "charm.land/bubbletea/v2"

// autosave saves the file if it is time to, without a word unless it fails.
func (m *Model) autosave() tea.Cmd {
	idle := !m.saving && !m.reading && m.question == nil && m.input == nil && !m.gone && m.file != nil
	if !m.autosaves.Due(m.now(), m.ed.Revision(), m.ed.Dirty()) || !idle {
		return nil
	}
	return m.write(byItself, false)
}
