package tui

import (
	"coedit/rga"

	tea "charm.land/bubbletea/v2"
)

// Following shows what somebody else looks at. The own caret stays where it is, and nobody sees it move; a key of one's own
// ends it, and goes on where one looks: who takes over means that place and not one that is off the screen.

// followNext follows who asked everybody to come, or the next participant: the one after who is followed, or whom was jumped to.
func (m *Model) followNext() tea.Cmd {
	if !m.others() {
		return nil
	}
	if who := m.people.caller; who != 0 {
		m.people.caller = 0
		return m.follow(who)
	}
	if who := m.people.jumped; who != 0 && m.people.followed == 0 && m.peer(who) != nil {
		return m.follow(who)
	}
	all, at := m.status.Peers, -1
	for i := range all {
		if all[i].Replica == m.people.followed {
			at = i
		}
	}
	return m.follow(all[(at+1)%len(all)].Replica)
}

// follow begins to show what somebody looks at.
func (m *Model) follow(id rga.ReplicaID) tea.Cmd {
	if m.peer(id) == nil {
		m.say("Where " + m.nameOf(id) + " is, is not known here yet.")
		return nil
	}
	m.people.followed = id
	m.say("You follow " + m.nameOf(id) + ". Any key of yours ends that; Esc only ends it.")
	m.keepUp()
	return nil
}

// keepUp shows what who is followed looks at: the same first line, and, where the screen here is smaller, the caret if they see it.
func (m *Model) keepUp() {
	id := m.people.followed
	if id == 0 {
		return
	}
	p := m.peer(id)
	if p == nil {
		m.people.followed = 0
		if _, here := m.person(id); !here {
			m.notice(topicOthers, "you follow nobody any more")
		}
		return
	}
	text := m.ed.View()
	if top, ok := m.ed.PeerTop(p.State); ok {
		m.view.place(text, m.view.spot(m.ed.Position(top)))
	}
	line, column := m.ed.Position(p.Head)
	if rows := int(p.State.Rows); rows == 0 || line >= m.view.line && line < m.view.line+rows {
		m.view.show(text, m.view.spot(line, column), 0)
		m.view.revealColumn(line, column)
	}
}

// takeOver ends following when the user does something. To go on there the own caret goes to theirs if it is not on the screen.
func (m *Model) takeOver(goOn bool) {
	id := m.people.followed
	if id == 0 {
		return
	}
	m.people.followed = 0
	m.say("You no longer follow " + m.nameOf(id) + ".")
	if !goOn || m.caretShown() {
		return
	}
	text, off := m.ed.View(), m.view.top
	if p := m.peer(id); p != nil && m.view.contains(text.LineAt(p.Head)) {
		off = p.Head
	}
	m.ed.Select(off, off)
}

// interrupts says whether a key ends following: any but those about the others. done: ending it is all the key is for.
func (m *Model) interrupts(key string) (ends, done bool) {
	if m.people.followed == 0 || m.over() {
		return false, false
	}
	if c := bindings[key]; c != nil && c.group == groupPeople {
		return false, false
	}
	return true, key == "esc"
}

// followSegment says in the status line whose view is shown.
func (m *Model) followSegment() *segment {
	if m.people.followed == 0 {
		return &segment{forms: []string{""}}
	}
	name, _ := plain(m.ed.Metrics(), m.nameOf(m.people.followed), nameWidth)
	return &segment{forms: []string{"  following " + name, " =" + m.people.letters[m.people.followed]}, look: m.theme.warn}
}
