package presence

import (
	"bytes"
	"cmp"
	"maps"
	"sort"
	"strings"
	"sync"

	"coedit/rga"
)

// Roster is a last-writer-wins element set of States keyed by replica. Safe for concurrent use.
//
// For each replica it keeps the newest state put and the newest removal. The replica is present while the state's stamp
// is the greater; on a tie it is removed. Both are joined by taking the maximum (states by stamp, then by their
// encoding), so merging is commutative, associative and idempotent. Removals are kept: one that was forgotten would let an
// older state come back.
type Roster struct {
	mu      sync.Mutex
	members map[rga.ReplicaID]member
	gone    map[rga.ReplicaID]bool // local hints, never merged
}

// member is what is known of one replica.
type member struct {
	put, removed bool   // whether there is a state, a removal
	state        State  // the newest
	removal      uint64 // stamp of the newest removal
}

// NewRoster returns an empty roster.
func NewRoster() *Roster {
	return &Roster{members: map[rga.ReplicaID]member{}, gone: map[rga.ReplicaID]bool{}}
}

// present says whether the state is newer than the removal.
func (m member) present() bool { return m.put && !(m.removed && m.removal >= m.state.Stamp) }

// newer says whether a wins over b, of the same replica.
func newer(a, b State) bool {
	if a.Stamp != b.Stamp {
		return a.Stamp > b.Stamp
	}
	return bytes.Compare(a.Encode(), b.Encode()) > 0
}

// same says whether two members of one replica hold the same. States of one stamp may differ.
func (m member) same(o member) bool {
	return m.put == o.put && m.removed == o.removed && m.removal == o.removal && m.state.Equal(o.state)
}

// join returns the maximum of both.
func (m member) join(o member) member {
	if o.put && (!m.put || newer(o.state, m.state)) {
		m.state, m.put = o.state, true
	}
	m.removed = m.removed || o.removed
	m.removal = max(m.removal, o.removal)
	return m
}

// Put adds a state, one's own or another's; the newest wins. It says whether what is present changed. A state that said
// goodbye takes its replica out of Present, until a newer one.
func (r *Roster) Put(s State) (changed bool) {
	if s.Replica == 0 {
		return false
	}
	s.Name, s.File, s.Says = SanitizeName(s.Name), sanitizeFile(s.File), SanitizeChat(s.Says)
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.join(s.Replica, member{state: s, put: true})
}

// join needs the lock.
func (r *Roster) join(id rga.ReplicaID, o member) (changed bool) {
	was := r.members[id]
	now := was.join(o)
	if now.same(was) {
		return false
	}
	r.members[id] = now
	hinted := r.gone[id]
	if now.put && (!was.put || now.state.Stamp > was.state.Stamp) {
		delete(r.gone, id) // it lives
	}
	return now.present() != was.present() || now.present() && !now.state.Equal(was.state) || hinted != r.gone[id]
}

// Remove takes a replica out, unless a state newer than stamp is put, before or after.
func (r *Roster) Remove(id rga.ReplicaID, stamp uint64) {
	if id == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.join(id, member{removed: true, removal: stamp})
}

// Forget drops all that is known of a replica, to bound what is kept. An older state may come back afterwards, if somebody
// still sends it.
func (r *Roster) Forget(id rga.ReplicaID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.members, id)
	delete(r.gone, id)
}

// Hint notes what the relay or a timeout says about a replica: gone leaves it out of Present here, until a newer state of it
// comes. It is never merged. A hint about a replica of which nothing is known says nothing and is not kept.
func (r *Roster) Hint(id rga.ReplicaID, gone bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, known := r.members[id]; gone && known {
		r.gone[id] = true
	} else {
		delete(r.gone, id)
	}
}

// Merge takes in what another roster knows; hints stay where they are.
func (r *Roster) Merge(o *Roster) {
	if r == o {
		return
	}
	o.mu.Lock()
	members := maps.Clone(o.members) // both locks at once could deadlock
	o.mu.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, m := range members {
		r.join(id, m)
	}
}

// Get returns the newest state of a replica that was not removed, also of one that left or is hinted to be gone.
func (r *Roster) Get(id rga.ReplicaID) (State, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m := r.members[id]
	if !m.present() {
		return State{}, false
	}
	return m.state, true
}

// Present returns the states of those who are here, sorted by name, then replica.
func (r *Roster) Present() []State {
	r.mu.Lock()
	defer r.mu.Unlock()
	here := make([]State, 0, len(r.members))
	for id, m := range r.members {
		if m.present() && !m.state.Left && !r.gone[id] {
			here = append(here, m.state)
		}
	}
	sort.Slice(here, func(i, j int) bool {
		a, b := &here[i], &here[j]
		return cmp.Or(strings.Compare(a.Name, b.Name), cmp.Compare(a.Replica, b.Replica)) < 0
	})
	return here
}
