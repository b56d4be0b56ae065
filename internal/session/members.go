package session

import (
	"cmp"
	"sort"
	"strings"

	"coedit/rga"
	"coedit/transport/seal"
)

// Member is a participant as the room's keys know it. A name is what somebody calls itself; the fingerprint is of its
// keys, and is the same for whoever looks.
type Member struct {
	Replica     rga.ReplicaID
	Name        string // "" for somebody who is not here and left no name
	Right       string // "write" or "read"
	Here        bool
	Self        bool
	Host        bool
	Fingerprint string // in hexadecimal; "" in a room that is not encrypted
	Words       string // its beginning, to be read aloud
}

// Members are those whose keys this participant has seen, and in a room that is not encrypted those who are here: first
// itself, then who is here, by name.
func (p *Participant) Members() []Member {
	all := map[rga.ReplicaID]Member{}
	if room := p.sealer.sealed(); room != nil {
		for _, c := range room.Members() {
			f := c.Fingerprint()
			all[rga.ReplicaID(c.Replica)] = Member{Right: c.Right.String(), Fingerprint: f.String(), Words: f.Words()}
		}
	}
	for _, s := range append(p.roster.Present(), p.me.state) {
		m := all[s.Replica]
		m.Name, m.Here, m.Host, m.Self = s.Name, true, s.Host, s.Replica == p.id
		if m.Right == "" {
			m.Right = seal.Write.String()
			if s.ReadOnly {
				m.Right = seal.Read.String()
			}
		}
		all[s.Replica] = m
	}
	members := make([]Member, 0, len(all))
	for id, m := range all {
		if m.Replica = id; m.Name == "" {
			m.Name, _ = AuthorName(p.ed.Doc(), id)
		}
		members = append(members, m)
	}
	sort.Slice(members, func(i, j int) bool {
		a, b := &members[i], &members[j]
		return cmp.Or(first(a.Self, b.Self), first(a.Here, b.Here), strings.Compare(a.Name, b.Name), cmp.Compare(a.Replica, b.Replica)) < 0
	})
	return members
}

// first orders what is before what is not.
func first(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}
