package relay

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"coedit/transport/wire"
)

// room is a room with connections. What is said in it is in its log, which every
// connection reads at its own speed; the room wakes them.
type room struct {
	// Static after construction (log: after opening).
	id    string
	relay *Relay
	log   RoomLog

	opened atomic.Pointer[RoomLog] // log, for the goroutine of its own that says it grew; nil until it is opened
	seen   atomic.Uint64           // a head of the log; everybody was woken, or is being woken, for what is up to it

	feed feed
	want wanting

	mu        sync.Mutex  // guards the following fields; taken after Relay.mu, before conn.mu
	conns     []*conn     // one of each replica, in the order of joining
	left      []departure // since the slowest connection looked, in order
	seq       uint64      // of the last change to presence
	shown     uint64      // changes up to this one may be sent
	shownAt   time.Time   // when shown was changed last
	showing   *time.Timer // shows what came too soon after; nil: was never needed
	changedAt int64       // when the first change was made that is not shown, on the relay's clock; 0: there is none
	showWait  bool        // showing is running
}

// departure is that a replica left.
type departure struct {
	replica uint64
	seq     uint64
}

func newRoom(r *Relay, id string) *room { return &room{id: id, relay: r} }

// connOf is the connection of a replica, or nil. mu is held.
func (r *room) connOf(replica uint64) *conn {
	for _, c := range r.conns {
		if c.replica == replica {
			return c
		}
	}
	return nil
}

// join adds a connection. One of the same replica is told that it was replaced.
func (r *room) join(c *conn, most int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	c.leftBefore = r.seq
	old := r.connOf(c.replica)
	switch {
	case old == nil && len(r.conns) >= most:
		return false
	case old == nil:
		r.conns = append(r.conns, c)
	default:
		old.sayGoodbye(&wire.Goodbye{
			Code: wire.Goodbye_REPLACED,
			Text: "another connection of this participant took over: is it running twice?",
		})
		c.presence, c.presenceSeq = old.presence, old.presenceSeq
		r.conns[slices.Index(r.conns, old)] = c
	}
	return true
}

// leave removes a connection, unless another took its place, and reports whether it was the last.
func (r *room) leave(c *conn) (empty bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	at := slices.Index(r.conns, c)
	if at < 0 {
		return false
	}
	r.conns = slices.Delete(r.conns, at, at+1)
	r.seq++
	r.left = append(r.left, departure{c.replica, r.seq})
	r.forgetLeft()
	if len(r.conns) == 0 {
		if r.showing != nil {
			r.showing.Stop()
		}
		if r.want.until != nil {
			r.want.until.Stop()
		}
		return true
	}
	r.show()
	return false
}

// setLog is called when the log was opened.
func (r *room) setLog(log RoomLog) {
	r.log = log
	r.opened.Store(&log)
	r.see(log)
}

// see notes the log's head.
func (r *room) see(log RoomLog) {
	for head := log.State().Head; ; {
		if old := r.seen.Load(); head <= old || r.seen.CompareAndSwap(old, head) {
			return
		}
	}
}

// wakeAll is called when the log grew.
func (r *room) wakeAll() {
	if log := r.opened.Load(); log != nil {
		r.see(*log)
	}
	r.feed.noteGrown(r.relay.clock())
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.conns {
		c.wake()
	}
}

// size is how many connections there are.
func (r *room) size() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.conns)
}
