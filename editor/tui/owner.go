package tui

import (
	"time"

	"coedit/rga"

	tea "charm.land/bubbletea/v2"
)

// Owner is a [Session] of who opened the room, and may end it or move it. A room's links cannot be taken back; so whoever is to go is
// left behind when everybody else moves to a new room with new links, which they do by themselves.
type Owner interface {
	Kick(now time.Time, out rga.ReplicaID) error // moves without one
	Relink(now time.Time) error                  // moves with everybody
	CloseRoom() error                            // ends the room for everybody, for good
}

// Identified is a [Session] whose participants have keys.
type Identified interface {
	// Words stand for a participant's keys, to be read aloud; empty: it has none.
	Words(id rga.ReplicaID) string
}

// ownerCommands are those of who opened the room.
func ownerCommands() []command {
	return []command{
		{groupPeople, "remove somebody", nil, nil, (*Model).removeSomebody},
		{groupPeople, "make new links; the old ones end", nil, nil, (*Model).askRelink},
		{groupPeople, "close the room for everybody", nil, nil, (*Model).askCloseRoom},
	}
}

// owner is the session of an owner, and tells the user if it is none.
func (m *Model) owner() (Owner, bool) {
	o, ok := m.session.(Owner)
	if !ok || !m.status.Host {
		m.say("Only the one who shared the file can do this.")
		return nil, false
	}
	return o, true
}

// removeSomebody asks about the only other one, or has one chosen.
func (m *Model) removeSomebody() tea.Cmd {
	if _, ok := m.owner(); !ok || !m.others() {
		return nil
	}
	if len(m.status.Peers) == 1 {
		m.askRemove(m.status.Peers[0].Replica)
		return nil
	}
	m.people.panel = &panel{}
	m.say("Choose who is to go, and press X.")
	return nil
}

func (m *Model) askRemove(id rga.ReplicaID) {
	o, ok := m.owner()
	if !ok {
		return
	}
	name := m.nameOf(id)
	m.question = &question{
		text: "Remove " + name + "? The document moves to a new room with new links, and everybody else follows. " + name + " keeps what was there till now.",
		choices: []choice{
			{"r", "remove", func(m *Model) tea.Cmd {
				return m.moved(o.Kick(m.now(), id), "Everybody but "+name+" moves to a new room. F2 shows its links.")
			}},
			{"esc", "do not", nil},
		},
	}
}

func (m *Model) askRelink() tea.Cmd {
	if o, ok := m.owner(); ok {
		m.question = &question{
			text: "Make new links? The document moves to a new room, and everybody who is here follows; the old links lead nowhere then.",
			choices: []choice{
				{"n", "new links", func(m *Model) tea.Cmd {
					return m.moved(o.Relink(m.now()), "Everybody moves to a new room. F2 shows its links.")
				}},
				{"esc", "do not", nil},
			},
		}
	}
	return nil
}

func (m *Model) askCloseRoom() tea.Cmd {
	if o, ok := m.owner(); ok {
		m.question = &question{
			text: "Close the room for everybody, for good? The relay forgets it, and its links open nothing any more. Each keeps the text on its own screen.",
			choices: []choice{
				{"c", "close the room", func(m *Model) tea.Cmd { return m.moved(o.CloseRoom(), "The room is closed. The text stays here.") }},
				{"esc", "do not", nil},
			},
		}
	}
	return nil
}

// moved says how that went.
func (m *Model) moved(err error, done string) tea.Cmd {
	if err != nil {
		m.alert("That was not possible: " + err.Error())
		return nil
	}
	m.say(done)
	return nil
}
