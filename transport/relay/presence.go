package relay

import (
	"slices"
	"time"

	"coedit/transport/wire"
)

// Presence is worth little and there may be much of it: in a room of n each of n participants is told of the n-1
// others. So what is newest of everybody is shown to all at once, at most 20 times a second, and so seldom that
// nobody is sent more than presenceBudget a second. What was replaced before it was shown is never sent.
const (
	presenceFastest = 50 * time.Millisecond
	presenceBudget  = 250 // presences a second to one participant
)

// presenceEvery is the time between two showings in a room of n.
func presenceEvery(n int) time.Duration {
	return max(presenceFastest, time.Duration(n-1)*time.Second/presenceBudget)
}

// setPresence replaces a connection's presence.
func (r *room) setPresence(c *conn, payload []byte) {
	message := wire.Marshal(&wire.RelayFrame{Kind: &wire.RelayFrame_Presence{Presence: &wire.PresenceUpdate{
		Replica: c.replica, Payload: payload,
	}}})
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.Contains(r.conns, c) {
		return
	}
	if c.presenceSeq > r.shown {
		r.relay.stats.presenceDropped.Add(len(r.conns) - 1)
	}
	r.seq++
	c.presence, c.presenceSeq = message, r.seq
	r.show()
}

// show lets everybody see what changed, now or when it is time again. mu is held.
func (r *room) show() {
	if r.changedAt == 0 {
		r.changedAt = r.relay.clock()
	}
	if r.showWait {
		return
	}
	every := presenceEvery(len(r.conns))
	if r.relay.lanes.late() {
		every *= 2 // edits first
	}
	wait := every - time.Since(r.shownAt)
	if wait <= 0 || r.shownAt.IsZero() {
		r.showNow()
		return
	}
	r.showWait = true
	if r.showing == nil {
		r.showing = time.AfterFunc(wait, r.showLater)
	} else {
		r.showing.Reset(wait)
	}
}

func (r *room) showLater() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.showWait = false
	r.showNow()
}

func (r *room) showNow() {
	if r.changedAt != 0 {
		r.relay.noteDelay(lanePresence, r.changedAt)
		r.changedAt = 0
	}
	r.shown, r.shownAt = r.seq, time.Now()
	for _, c := range r.conns {
		if c.presenceSeen < r.shown && !(c.presenceSeq == r.shown && c.presenceSeen == r.shown-1) {
			c.wake()
		}
	}
}

// forgetLeft drops what everybody knows. mu is held.
func (r *room) forgetLeft() {
	slowest := r.seq
	for _, c := range r.conns {
		slowest = min(slowest, c.presenceSeen)
	}
	n := 0
	for n < len(r.left) && r.left[n].seq <= slowest {
		n++
	}
	r.left = slices.Delete(r.left, 0, n)
	if extra := len(r.left) - maxDepartures; extra > 0 {
		r.left = slices.Delete(r.left, 0, extra)
	}
}

// maxDepartures is how many may wait for one who does not read. Left is a hint: one may be missed.
const maxDepartures = 1000

// change is one thing that happened to presence.
type change struct {
	seq     uint64
	message []byte // nil: the replica left
	replica uint64
}

// takePresence adds to the batch what others changed and c was not told, the oldest first. After a showing that is all
// there is, also what came since: the newest counts.
func (r *room) takePresence(c *conn, b *batch) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if c.presenceSeen >= r.shown {
		return
	}
	changes := make([]change, 0, 8)
	for _, d := range r.left {
		if d.seq > max(c.presenceSeen, c.leftBefore) && r.connOf(d.replica) == nil {
			changes = append(changes, change{seq: d.seq, replica: d.replica})
		}
	}
	for _, o := range r.conns {
		if o != c && o.presenceSeq > c.presenceSeen {
			changes = append(changes, change{seq: o.presenceSeq, message: o.presence})
		}
	}
	slices.SortFunc(changes, func(x, y change) int { return int(x.seq) - int(y.seq) })
	for _, ch := range changes {
		if b.full() {
			return // the rest comes with the next batch
		}
		if c.presenceSeen = ch.seq; ch.message == nil {
			ch.message = wire.Marshal(&wire.RelayFrame{Kind: &wire.RelayFrame_Left{Left: &wire.Left{Replica: ch.replica}}})
		}
		b.add(lanePresence, ch.message)
	}
	c.presenceSeen = r.seq
}
