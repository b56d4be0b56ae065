package tui

import (
	"coedit/rga"

	tea "charm.land/bubbletea/v2"
)

// Another program may write the file while it is edited here. What it made is an edit of the text that the file held when it
// was last read or written here, and is merged as one: what was typed since stays.

// onDisk is the text that the file is known to have held.
type onDisk struct {
	version rga.Version
	view    *rga.View // nil: none is known
}

// rereadMsg brings what another program changed in the file.
type rereadMsg struct {
	base   onDisk
	edits  []rga.Edit
	accept func()
	err    error
}

// canMerge says whether what another program wrote can be merged.
func (m *Model) canMerge() bool {
	_, ok := m.file.(Rereader)
	return ok && m.disk.view != nil
}

// merge reads the file again.
func (m *Model) merge() tea.Cmd {
	if m.saving || !m.canMerge() {
		return nil
	}
	m.saving = true
	file, base := m.file.(Rereader), m.disk
	return func() tea.Msg {
		edits, accept, err := file.Changes(base.view)
		return rereadMsg{base, edits, accept, err}
	}
}

// reread merges what was read and saves the result. Until that is done no text of the file is known.
func (m *Model) reread(msg rereadMsg) tea.Cmd {
	m.saving, m.saveAgain = false, false
	if msg.err != nil {
		m.say("Not merged: " + msg.err.Error())
		return nil
	}
	if len(msg.edits) > 0 {
		if err := m.ed.ReplaceAt(m.now().UnixMilli(), msg.base.version, msg.edits...); err != nil {
			m.alert("Not merged: " + err.Error()) // the file's text is not in this one: saving asks again
			return nil
		}
	}
	msg.accept()
	m.disk = onDisk{}
	return m.save()
}
