package relay

import (
	"sync"

	"coedit/transport/wire"
)

// room is a room with connections. What is said in it is in its log, which every
// connection reads at its own speed; the room wakes them.
type room struct {
	// Static after construction (log: after opening).
	id    string
	relay *Relay
	log   RoomLog

	mu       sync.Mutex       // guards the following fields; taken after Relay.mu, before conn.mu
	conns    map[uint64]*conn // by replica
	presence map[uint64]presence
	seq      uint64 // of the last change to presence
}

// presence is the newest presence of a replica, or that it left.
type presence struct {
	seq     uint64
	payload []byte // shared, never changed
	left    bool
}

func newRoom(r *Relay, id string) *room {
	return &room{id: id, relay: r, conns: make(map[uint64]*conn), presence: make(map[uint64]presence)}
}

// join adds a connection. One of the same replica is told that it was replaced.
func (r *room) join(c *conn, most int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	old := r.conns[c.replica]
	if old == nil && len(r.conns) >= most {
		return false
	}
	if old != nil {
		old.sayGoodbye(&wire.Goodbye{
			Code: wire.Goodbye_REPLACED,
			Text: "another connection of this participant took over: is it running twice?",
		})
	}
	r.conns[c.replica] = c
	c.leftBefore = r.seq
	return true
}

// leave removes a connection, unless another took its place, and reports whether it was the last.
func (r *room) leave(c *conn) (empty bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.conns[c.replica] != c {
		return false
	}
	delete(r.conns, c.replica)
	r.seq++
	r.presence[c.replica] = presence{seq: r.seq, left: true}
	r.forgetLeft()
	r.wake(c)
	return len(r.conns) == 0
}

// forgetLeft drops what everybody knows: replicas that left before the slowest
// connection's last look.
func (r *room) forgetLeft() {
	slowest := r.seq
	for _, c := range r.conns {
		slowest = min(slowest, c.presenceSeen.Load())
	}
	for replica, p := range r.presence {
		if p.left && p.seq <= slowest {
			delete(r.presence, replica)
		}
	}
}

// setPresence replaces a connection's presence.
func (r *room) setPresence(c *conn, payload []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.conns[c.replica] != c {
		return
	}
	r.seq++
	r.presence[c.replica] = presence{seq: r.seq, payload: payload}
	r.wake(c)
}

// nextPresence is the oldest change of others that c has not seen, as a message; or nil.
func (r *room) nextPresence(c *conn) *wire.RelayFrame {
	r.mu.Lock()
	defer r.mu.Unlock()
	seen := c.presenceSeen.Load()
	if seen == r.seq {
		return nil
	}
	var of uint64
	var next presence
	for replica, p := range r.presence {
		news := p.seq > seen && replica != c.replica && (!p.left || p.seq > c.leftBefore)
		if news && (next.seq == 0 || p.seq < next.seq) {
			of, next = replica, p
		}
	}
	if next.seq == 0 {
		c.presenceSeen.Store(r.seq)
		return nil
	}
	c.presenceSeen.Store(next.seq)
	if next.left {
		return &wire.RelayFrame{Kind: &wire.RelayFrame_Left{Left: &wire.Left{Replica: of}}}
	}
	p := &wire.PresenceUpdate{Replica: of, Payload: next.payload}
	return &wire.RelayFrame{Kind: &wire.RelayFrame_Presence{Presence: p}}
}

// wakeAll is called when the log grew.
func (r *room) wakeAll() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.wake(nil)
}

// wake tells every connection but one to look for news. mu is held.
func (r *room) wake(except *conn) {
	for _, c := range r.conns {
		if c != except {
			c.wake()
		}
	}
}
