package relay

import (
	"sync/atomic"
	"time"

	"coedit/transport/wire"
)

// Stats count what the relay did since it was made.
type Stats struct {
	Connections uint64 // taken, admitted or not
	Present     int    // connections now
	Rooms       int    // rooms now, with connections or without
	Frames      uint64 // stored
	FrameBytes  uint64 // of their payloads
	Snapshots   uint64 // stored
	BadProofs   uint64 // participants refused because they could not prove a right
	BadSuites   uint64 // and because of Config.RequireSuite
	Wanted      uint64 // asked for
	Slow        uint64 // times that a participant fell behind and was given the log at its own speed
	// PresenceDropped counts what was replaced before it was shown, once for each that would have been told.
	PresenceDropped uint64
	// Goodbyes said, by reason ("PROTOCOL", "LIMIT", "NO_ROOM", ...; the names of wire.Goodbye_Code).
	Goodbyes map[string]uint64
	// Nacks said, by reason (the names of wire.Nack_Code).
	Nacks map[string]uint64
}

type counters struct {
	connections     atomic.Uint64
	frames          atomic.Uint64
	frameBytes      atomic.Uint64
	snapshots       atomic.Uint64
	wanted          atomic.Uint64
	slow            atomic.Uint64
	presenceDropped atomic.Uint64
	proofs          atomic.Uint64
	suites          atomic.Uint64
	goodbyes        [maxCode]atomic.Uint64
	nacks           [maxCode]atomic.Uint64
}

// maxCode is above every code of Goodbye and Nack.
const maxCode = 32

// Stats is a copy of the counters.
func (r *Relay) Stats() Stats {
	s := Stats{
		Connections:     r.stats.connections.Load(),
		Rooms:           r.cfg.Log.Rooms(),
		Frames:          r.stats.frames.Load(),
		FrameBytes:      r.stats.frameBytes.Load(),
		Snapshots:       r.stats.snapshots.Load(),
		Wanted:          r.stats.wanted.Load(),
		Slow:            r.stats.slow.Load(),
		PresenceDropped: r.stats.presenceDropped.Load(),
		BadProofs:       r.stats.proofs.Load(),
		BadSuites:       r.stats.suites.Load(),
		Goodbyes:        make(map[string]uint64),
		Nacks:           make(map[string]uint64),
	}
	r.mu.Lock()
	s.Present = len(r.conns)
	r.mu.Unlock()
	for i := range maxCode {
		if n := r.stats.goodbyes[i].Load(); n > 0 {
			s.Goodbyes[wire.Goodbye_Code(i).String()] = n
		}
		if n := r.stats.nacks[i].Load(); n > 0 {
			s.Nacks[wire.Nack_Code(i).String()] = n
		}
	}
	return s
}

// noteDelay says how long something waited, since a time on the relay's clock, before it was written.
func (r *Relay) noteDelay(lane, int64) {}

// noteWritten counts what was written.
func (r *Relay) noteWritten(*batch) {}

// noteCommit says how long the log took to answer an edit.
func (r *Relay) noteCommit(began int64, err error) {
	if err == nil {
		r.backlog.noteCommit(time.Duration(r.clock() - began))
	}
}
