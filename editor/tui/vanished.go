package tui

import (
	"coedit/presence"
	"coedit/rga"
)

// A host that goes away takes the file along: the text goes on in the room, but nobody can save it. A guest is told, can keep a copy at
// any time, and is asked before quitting while what is here was not saved there.

// lastHost is what a guest remembers of who has the file.
type lastHost struct {
	id    rga.ReplicaID // 0: nobody was seen to have it
	name  string
	dirty bool
	gone  bool
	since uint64 // revision of the text when it went
}

// missHost notices that who has the file went, or came back.
func (m *Model) missHost() {
	h := &m.people.host
	if m.hosts() || m.status.State != Online {
		return // while the connection is lost nothing is known about anybody
	}
	if host, here := m.host(); here {
		*h = lastHost{id: host.Replica, name: presence.SanitizeName(host.Name), dirty: host.Dirty}
		return
	}
	if h.id == 0 || h.gone {
		return
	}
	h.gone, h.since = true, m.ed.Revision()
	text := h.name + ", who has the file, is gone: nobody can save it now. Your edits are kept in the session"
	if m.copyTo != nil {
		text += "; Alt+S keeps a copy of your own"
	}
	m.warn(topicOthers, text+".")
}

// unsavedThere says whether the text was not saved before its host went.
func (m *Model) unsavedThere() bool {
	h := &m.people.host
	return h.gone && (h.dirty || m.ed.Revision() != h.since)
}
