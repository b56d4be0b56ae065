package tui

import (
	"errors"
	"fmt"

	"coedit/editor"

	tea "charm.land/bubbletea/v2"
)

// Another program may write the file while it is edited here. What it made is an edit of the text that the file held when it
// was last read or written here, and is merged as one, at once and as a step of its own for undo: what was typed since stays.

// watchMsg says that another program may have changed the file.
type watchMsg struct{ file Watched }

// rereadMsg brings what another program changed in the file.
type rereadMsg struct {
	was    editor.Disk
	change editor.DiskChange
	accept func()
	err    error
	by     asker // whose wish it is that the text is saved when it is merged
}

// mergesInOneSave is how often a save reads the file again because yet another change was made before it was written.
const mergesInOneSave = 3

// canMerge says whether what another program wrote can be merged.
func (m *Model) canMerge() bool {
	_, ok := m.file.(Rereader)
	return ok && m.disk.Known()
}

// watch returns the command that waits for other programs. One is under way for the present file.
func (m *Model) watch() tea.Cmd {
	file, ok := m.file.(Watched)
	if !ok {
		return nil
	}
	ctx := m.ctx
	return func() tea.Msg {
		if file.Watch(ctx) != nil {
			return nil
		}
		return watchMsg{file}
	}
}

// diskNews looks what another program did to the file, once nothing else is done with it.
func (m *Model) diskNews(msg watchMsg) tea.Cmd {
	if msg.file != m.file {
		return nil // it was saved under another name
	}
	return tea.Batch(m.lookAgain(), m.watch())
}

func (m *Model) lookAgain() tea.Cmd {
	if m.saving || m.reading {
		m.readAgain = true
		return nil
	}
	return m.readDisk(nobody)
}

// readDisk reads the file again, and merges what it finds; then it saves the text if somebody asked for that. Nothing else is being
// done with the file.
func (m *Model) readDisk(by asker) tea.Cmd {
	if !m.canMerge() {
		return nil
	}
	m.reading, m.readAgain = true, false
	file, was, shown, version := m.file.(Rereader), m.disk, m.ed.View(), m.ed.Doc().Version()
	return func() tea.Msg {
		change, accept, err := file.Changes(was, shown, version)
		return rereadMsg{was, change, accept, err, by}
	}
}

// reread merges what was read.
func (m *Model) reread(msg rereadMsg) tea.Cmd {
	m.reading = false
	by := max(msg.by, m.nextSave)
	m.nextSave = nobody
	if msg.err != nil {
		m.diskTrouble(msg.err, by)
		return m.again()
	}
	if msg.change.Text != nil {
		disk, err := m.ed.MergeDisk(m.at(), msg.change)
		if err != nil {
			m.diskTrouble(err, by) // the file's text is not in this one
			return m.again()
		}
		m.disk = disk
		if n := len(msg.change.Edits); n > 0 {
			m.notice(topicDisk, fmt.Sprintf("%s was changed by another program and is merged: %s. Ctrl+Z takes that back", m.name, count(n, "change")))
		}
	}
	msg.accept()
	m.gone, m.trouble, m.autosaves.Failed = false, "", false
	if by != nobody {
		return tea.Batch(m.write(by, false), m.again())
	}
	return m.again()
}

// again reads the file once more if there was news meanwhile.
func (m *Model) again() tea.Cmd {
	if !m.readAgain {
		return nil
	}
	return m.lookAgain()
}

// diskTrouble says that what another program did cannot be merged; each trouble once, because it may be found again and again. It
// asks what to do if the user is waiting for the file to be saved; a guest is told that it was not.
func (m *Model) diskTrouble(err error, by asker) {
	m.autosaves.Failed = m.autosaves.Failed || by != nobody
	said := m.trouble == err.Error()
	m.trouble = err.Error()
	if errors.Is(err, ErrGone) {
		m.gone = true
		if !said {
			m.warn(topicDisk, m.name+" is gone: "+whereGone(err)+". Ctrl+S asks before it is written anew.")
		}
	} else if !said || by != nobody {
		m.warn(topicDisk, "Not merged: "+err.Error())
	}
	switch {
	case by == byUser:
		m.askAbout(err)
	case by != nobody && m.session != nil:
		m.session.SaveFailed(err)
	}
}

// askAbout asks what to do about a file that cannot simply be saved.
func (m *Model) askAbout(err error) {
	m.quitting, m.leaving = false, false
	if m.session != nil {
		m.session.SaveFailed(err)
	}
	switch {
	case errors.Is(err, ErrGone):
		m.askRecreate(err)
	default:
		m.askOverwrite()
	}
}

func (m *Model) askOverwrite() {
	q := &question{text: m.name + " was changed on disk by another program. Overwrite it with the text shown here?"}
	q.choices = append(q.choices, choice{"o", "overwrite", func(m *Model) tea.Cmd { return m.write(byUser, true) }})
	m.question = m.orElsewhere(q)
}

// whereGone says what is known of a file that is not there any more.
func whereGone(err error) string {
	if renamed, ok := errors.AsType[*Renamed](err); ok {
		return "another program renamed it to " + renamed.To
	}
	return "another program deleted or renamed it"
}

func (m *Model) askRecreate(err error) {
	q := &question{text: m.name + " is gone: " + whereGone(err) + ". Write it anew?"}
	q.choices = append(q.choices, choice{"w", "write it anew", func(m *Model) tea.Cmd { return m.write(byUser, true) }})
	m.question = m.orElsewhere(q)
}

// orElsewhere completes a question of what to do instead of saving.
func (m *Model) orElsewhere(q *question) *question {
	if m.saveAs != nil {
		q.choices = append(q.choices, choice{"a", "save under another name", func(m *Model) tea.Cmd { m.askName(); return nil }})
	}
	q.choices = append(q.choices, choice{"esc", "do not save", nil})
	return q
}
