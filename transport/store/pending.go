package store

import (
	"sync"
	"time"
)

// pending is what is in the write-ahead log and not in rooms.db yet. There is at most Options.LogBytes of it and one record more.
type pending struct {
	// Owned by the committer.
	puts []walPut    // in the order of the log
	due  *time.Timer // runs out when the first of them has waited for walAge; nil: there are none

	mu     sync.Mutex // guards the following field, which only the committer changes
	frames loggedFrames
}

// loggedFrames are entries of frames. Invariant: their keys ascend by one. What is in such a slice does not change any
// more, so it may be read without a lock.
type loggedFrames []walPut

// value is the record of a frame, if it is here.
func (l loggedFrames) value(seq uint64) (value []byte, found bool) {
	if len(l) == 0 || seq < l[0].key || seq-l[0].key >= uint64(len(l)) {
		return nil, false
	}
	return l[seq-l[0].key].value, true
}

// logged are the frames that are perhaps not in rooms.db yet. Who looks for one here, and then begins to read rooms.db,
// finds it in one of them.
func (p *pending) logged() loggedFrames {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.frames
}

// add takes what was written to the log.
func (p *pending) add(puts []walPut) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, put := range puts {
		p.puts = append(p.puts, put)
		if put.kind == walFrame {
			p.frames = append(p.frames, put)
		}
	}
	if p.due == nil {
		p.due = time.NewTimer(walAge)
	}
}

// clear is called when all of it is in rooms.db.
func (p *pending) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.puts, p.frames = nil, nil
	if p.due != nil {
		p.due.Stop()
		p.due = nil
	}
}

// overdue is ready when the first has waited long enough; nil, and never ready, when there is nothing.
func (p *pending) overdue() <-chan time.Time {
	if p.due == nil {
		return nil
	}
	return p.due.C
}
