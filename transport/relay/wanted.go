package relay

import (
	"slices"
	"sync/atomic"
	"time"

	"coedit/transport/wire"
)

// The relay cannot read a room's log, so it cannot make the snapshot that replaces it. When the log behind the snapshot
// has grown past a limit it asks one participant: a present writer of version 2 that is up to date. One that
// does not answer in time, refuses or leaves is followed by the next.

// wanting is what a room knows of the snapshot it wants. Guarded by room.mu, but for the estimates.
type wanting struct {
	frames atomic.Int64 // appended since the tail was looked at last; an estimate that spares looking
	bytes  atomic.Int64

	asked   uint64        // replica that was asked last, 0 for none; the next one is asked after it
	waiting bool          // for its answer
	tries   int           // participants asked for this snapshot
	until   *time.Timer   // the patience with it; nil: nobody was ever asked
	pause   time.Duration // after nobody could: before anybody is asked again
	notBy   int64         // on the relay's clock: not before
}

// noteAppended looks at the tail now and then, and wants a snapshot when it is long.
func (r *room) noteAppended(bytes int) {
	cfg := &r.relay.cfg
	frames, all := r.want.frames.Add(1), r.want.bytes.Add(int64(bytes))
	if frames < int64(cfg.TailFrames)/8+1 && all < cfg.TailBytes/8+1 {
		return
	}
	r.want.frames.Store(0)
	r.want.bytes.Store(0)
	r.wantSnapshot()
}

// long says whether the log is to be replaced by a snapshot.
func (r *room) long(s State) bool {
	return s.TailFrames >= uint64(r.relay.cfg.TailFrames) || s.TailBytes >= r.relay.cfg.TailBytes
}

// wantSnapshot asks somebody, if the tail is long and nobody was asked.
func (r *room) wantSnapshot() {
	state := r.log.State()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.want.waiting || !r.long(state) || r.relay.clock() < r.want.notBy {
		return
	}
	r.want.tries = 0
	r.askNext(state)
}

// askNext asks the next participant in turn. mu is held.
func (r *room) askNext(state State) {
	w := &r.want
	w.waiting = false
	if w.until != nil {
		w.until.Stop()
	}
	able := slices.DeleteFunc(slices.Clone(r.conns), func(c *conn) bool { return !c.canSnapshot() })
	if w.tries++; len(able) == 0 || w.tries > len(able) {
		w.pause = min(max(2*w.pause, r.relay.cfg.SnapshotPatience), time.Hour)
		w.notBy = r.relay.clock() + int64(w.pause)
		return
	}
	next := able[0]
	if at := slices.IndexFunc(able, func(c *conn) bool { return c.replica == w.asked }); at >= 0 {
		next = able[(at+1)%len(able)]
	}
	w.asked, w.waiting = next.replica, true
	next.update(func() { next.wanted = &wire.SnapshotWanted{Generation: state.Generation, Head: state.Head} })
	r.relay.stats.wanted.Inc()
	if w.until == nil {
		w.until = time.AfterFunc(r.relay.cfg.SnapshotPatience, r.askAnother)
	} else {
		w.until.Reset(r.relay.cfg.SnapshotPatience)
	}
}

// canSnapshot says whether a participant may be asked.
func (c *conn) canSnapshot() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.version >= 2 && !c.readOnly && c.joined && !c.ended && c.goodbye == nil
}

// askAnother is called when the one asked did not answer, or cannot.
func (r *room) askAnother() {
	state := r.log.State()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.want.waiting && len(r.conns) > 0 {
		r.askNext(state)
	}
}

// answering gives the one asked more time: chunks of its snapshot arrive.
func (r *room) answering(replica uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.want.waiting && r.want.asked == replica {
		r.want.until.Reset(r.relay.cfg.SnapshotPatience)
	}
}

// refused is called when the snapshot of a participant was not taken, or when it left: if it was the one asked,
// another is.
func (r *room) refused(replica uint64, left bool) {
	r.mu.Lock()
	asked := r.want.waiting && r.want.asked == replica
	if asked && left {
		r.want.tries = 0 // those who are still here may be asked again
	}
	r.mu.Unlock()
	if asked {
		r.askAnother()
	}
}

// satisfied is called when there is a new snapshot, whoever made it.
func (r *room) satisfied() {
	r.mu.Lock()
	defer r.mu.Unlock()
	w := &r.want
	w.waiting, w.pause, w.notBy = false, 0, 0
	if w.until != nil {
		w.until.Stop()
	}
}
