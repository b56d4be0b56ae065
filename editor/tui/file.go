package tui

import (
	"errors"
	"fmt"
	"strings"

	"coedit/editor"
	"coedit/presence"
	"coedit/rga"

	tea "charm.land/bubbletea/v2"
)

type savedMsg struct {
	version rga.Version // that was written
	view    *rga.View
	lines   int
	bytes   int
	err     error
	by      asker
}

// asker is whose wish a save is. Of several the one that comes later here counts.
type asker int

const (
	nobody   asker = iota // it is none, or there is none
	byItself              // the time has come: it is said only if it fails
	byGuest               // who is told how it went; nobody is asked, for who types at the moment would answer unawares
	byUser                // who waits for it, and can be asked
)

// save writes the file, or asks the host to.
func (m *Model) save() tea.Cmd { return m.write(byUser, false) }

func (m *Model) write(by asker, force bool) tea.Cmd {
	if m.file == nil && m.saveAs != nil {
		m.askName()
		return nil
	}
	if m.file == nil {
		m.askHost()
		return nil
	}
	if m.saving || m.reading {
		m.nextSave = max(m.nextSave, by)
		return nil
	}
	m.saving = true
	file, view, version := m.file, m.ed.View(), m.ed.Doc().Version()
	return func() tea.Msg {
		err := file.Save(view, force)
		return savedMsg{version: version, view: view, lines: view.Lines(), bytes: view.Len(), err: err, by: by}
	}
}

// askHost is what saving means without a file.
func (m *Model) askHost() {
	if m.session == nil {
		m.say("There is no file to save to.")
		return
	}
	host, ok := m.host()
	if !ok {
		m.say("Nobody who has the file is here, so it cannot be saved now. Your edits are kept in the session.")
		return
	}
	if m.status.ReadOnly {
		m.say("You may read only: " + presence.SanitizeName(host.Name) + " saves the file. Alt+S keeps a copy of your own.")
		return
	}
	m.session.AskSave()
	m.say("Asked " + presence.SanitizeName(host.Name) + " to save.")
}

// askName asks for the name of the file to save to: of a text that has none, or of another one than it has.
func (m *Model) askName() {
	if m.saving {
		return
	}
	m.input = &lineInput{
		prompt: "Save as (Esc: do not save): ",
		accept: func(m *Model, name string) tea.Cmd {
			m.saving = true
			saveAs := m.saveAs
			return func() tea.Msg {
				file, err := saveAs(name)
				return namedMsg{file, err}
			}
		},
		cancel: func(m *Model) { m.quitting, m.leaving = false, false },
	}
}

type namedMsg struct {
	file File
	err  error
}

// named takes the file made for the text, and writes it.
func (m *Model) named(msg namedMsg) tea.Cmd {
	m.saving = false
	if msg.err != nil {
		m.notSaved(msg.err, byUser)
		return m.saveNext()
	}
	m.file, m.name = msg.file, msg.file.Name()
	m.disk, m.gone, m.trouble = editor.Disk{}, false, ""
	if m.session != nil {
		m.session.Named(m.name)
	}
	return tea.Batch(m.save(), m.watch())
}

// notSaved says to everybody that saving failed. A user who wanted it before something else has to think again.
func (m *Model) notSaved(err error, by asker) {
	if by == byUser {
		m.quitting, m.leaving = false, false
		m.question = nil
	}
	m.alert("Not saved: " + err.Error())
	if m.session != nil {
		m.session.SaveFailed(err)
	}
}

// saved takes the result of a save.
func (m *Model) saved(msg savedMsg) tea.Cmd {
	m.saving = false
	if msg.err != nil {
		by := max(msg.by, m.nextSave) // who asked meanwhile waits for this one
		m.nextSave = nobody
		return m.unsaved(msg.err, by)
	}
	m.merges, m.gone, m.trouble, m.autosaves.Failed = 0, false, "", false
	m.forget(topicDisk)
	m.ed.MarkSaved(msg.version)
	m.disk = editor.Disk{Version: msg.version, View: msg.view}
	if m.session != nil {
		m.session.Saved()
	}
	if msg.by >= byGuest {
		m.say(fmt.Sprintf("Saved %s: %s, %s.", m.name, count(msg.lines, "line"), count(msg.bytes, "byte")))
	}
	return tea.Batch(m.saveNext(), m.again())
}

// saveNext saves if somebody asked for that while something else was done with the file.
func (m *Model) saveNext() tea.Cmd {
	by := m.nextSave
	if m.nextSave = nobody; by == nobody {
		return nil
	}
	return m.write(by, false)
}

// unsaved goes on after a save that failed: what another program wrote is merged where that is possible; else it asks.
func (m *Model) unsaved(err error, by asker) tea.Cmd {
	if errors.Is(err, ErrChanged) && m.canMerge() && m.merges < mergesInOneSave {
		m.merges++
		return m.readDisk(by)
	}
	m.merges = 0
	m.notSaved(err, by)
	m.autosaves.Failed = true
	if by < byUser {
		return m.again()
	}
	switch {
	case errors.Is(err, ErrGone):
		m.gone = true
		m.askRecreate(err)
	case errors.Is(err, ErrChanged):
		m.askOverwrite()
	case errors.Is(err, ErrDenied) && m.saveAs != nil:
		m.question = m.orElsewhere(&question{text: m.name + " may not be written here."})
	}
	return m.again()
}

// quit ends the program, or asks when that would lose something.
func (m *Model) quit() tea.Cmd {
	m.sheet, m.input, m.palette = nil, nil, nil
	m.quitting = true
	m.question = m.quitQuestion()
	return m.quitWhenSafe()
}

// quitWhenSafe quits once the user has asked for it and nothing speaks against it any more.
func (m *Model) quitWhenSafe() tea.Cmd {
	if !m.quitting || m.saving || m.reading || m.input != nil {
		return nil
	}
	if m.leaving && !m.ed.Dirty() && !m.gone {
		return tea.Quit
	}
	m.leaving = false
	before := m.question
	m.question = m.quitQuestion()
	if m.question != nil {
		return nil
	}
	if before != nil && !before.passes { // that somebody left is no answer
		m.quitting = false
		m.say("Nothing speaks against quitting any more: Ctrl+Q quits.")
		return nil
	}
	return tea.Quit
}

// quitQuestion says what quitting now would cost; nil: nothing.
func (m *Model) quitQuestion() *question {
	var reasons []string
	unsaved := m.hosts() && !m.scratch && (m.ed.Dirty() || m.gone)
	if unsaved {
		reasons = append(reasons, m.name+" has changes that are not saved.")
	}
	n, lost, keeps := m.status.Unacked, m.lost(), m.keepCopy != nil && !m.hosts()
	if m.session != nil && n > 0 && m.ended {
		reasons = append(reasons, have(n)+" not reached the others.")
	} else if m.session != nil && n > 0 {
		reasons = append(reasons, have(n)+" not reached the others yet; this quits by itself when they have.")
	}
	vanished := keeps && !lost && m.unsavedThere()
	if vanished {
		reasons = append(reasons, m.people.host.name+", who has the file, is gone, and the text was not saved there.")
	}
	if keeps && lost {
		reasons = append(reasons, "The session may have ended, and nobody else may have this text.")
	}
	if n := len(m.status.Peers); n > 0 && m.endsSession {
		reasons = append(reasons, fmt.Sprintf("%s still here; quitting ends the session for them.", m.names()))
	}
	if len(reasons) == 0 {
		return nil
	}
	q := &question{text: strings.Join(reasons, " "), cancel: func(m *Model) { m.quitting = false }}
	q.passes = len(m.status.Peers) == 0 || !m.endsSession
	switch {
	case unsaved:
		q.choices = append(q.choices, choice{"s", "save and quit", (*Model).saveAndQuit})
		q.choices = append(q.choices, choice{"y", "quit without saving", quitNow})
	case keeps && (n > 0 || lost || vanished):
		q.choices = append(q.choices, choice{"k", "keep a copy in this folder and quit", (*Model).copyAndQuit})
		q.choices = append(q.choices, choice{"y", "quit without a copy", quitNow})
	default:
		q.choices = append(q.choices, choice{"y", "quit now", quitNow})
	}
	q.choices = append(q.choices, choice{"esc", "stay", nil})
	return q
}

// hosts says whether the text is saved from here.
func (m *Model) hosts() bool { return m.file != nil || m.saveAs != nil }

func quitNow(*Model) tea.Cmd { return tea.Quit }

// saveAndQuit saves and then quits, unless the text has changed again meanwhile. The other reasons were shown beside this one
// and are answered, too.
func (m *Model) saveAndQuit() tea.Cmd {
	m.quitting, m.leaving = true, true
	return m.save()
}

type copiedMsg struct {
	version rga.Version // that the copy holds
	err     error
}

// copyAndQuit keeps a copy of the text and then quits.
func (m *Model) copyAndQuit() tea.Cmd {
	m.saving = true
	write, version := m.keepCopy(m.ed.View()), m.ed.Doc().Version()
	return func() tea.Msg { return copiedMsg{version, write()} }
}

// copied quits once the copy is written, unless it is older than what was typed meanwhile.
func (m *Model) copied(msg copiedMsg) tea.Cmd {
	m.saving = false
	if msg.err != nil {
		m.quitting = false
		m.alert("No copy was kept: " + msg.err.Error())
		return nil
	}
	if own := m.ed.Doc().Replica(); m.ed.Doc().Version()[own] != msg.version[own] {
		return nil // the question is asked again
	}
	return tea.Quit
}

// names lists the others: "ann is", "ann and bob are", "ann, bob and 3 more are".
func (m *Model) names() string {
	var names []string
	for _, p := range m.status.Peers {
		names = append(names, presence.SanitizeName(p.Name))
	}
	switch n := len(names); {
	case n == 1:
		return names[0] + " is"
	case n == 2:
		return names[0] + " and " + names[1] + " are"
	default:
		return fmt.Sprintf("%s, %s and %d more are", names[0], names[1], n-2)
	}
}

func have(n int) string {
	if n == 1 {
		return "1 edit has"
	}
	return fmt.Sprintf("%d edits have", n)
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
