package relay

import "coedit/transport/wire"

// Stats count what the relay did since it was made. They are the metrics' numbers, for programs and tests.
type Stats struct {
	Connections uint64 // taken, admitted or not
	Present     int    // connections now
	Rooms       int    // rooms now, with connections or without
	Frames      uint64 // stored
	FrameBytes  uint64 // of their payloads
	Snapshots   uint64 // stored
	BadProofs   uint64 // participants refused because they could not prove a right
	BadSuites   uint64 // and because of Config.RequireSuite
	Wanted      uint64 // snapshots asked for
	Slow        uint64 // times that a participant fell behind and was given the log at its own speed
	// PresenceDropped counts what was replaced before it was shown, once for each that would have been told.
	PresenceDropped uint64
	// Goodbyes said, by reason ("PROTOCOL", "LIMIT", "NO_ROOM", ...; the names of wire.Goodbye_Code).
	Goodbyes map[string]uint64
	// Nacks said, by reason (the names of wire.Nack_Code).
	Nacks map[string]uint64
	// Limited counts what was refused because of a limit, by the limit's name.
	Limited map[string]uint64
}

// Stats is a copy of the counters.
func (r *Relay) Stats() Stats {
	m := &r.stats
	s := Stats{
		Connections: m.connections.Get(), Present: r.present(), Rooms: r.cfg.Log.Rooms(),
		Frames: m.frames.Get(), FrameBytes: m.frameBytes.Get(), Snapshots: m.snapshots.Get(),
		BadProofs: m.proofs.Get(), BadSuites: m.suites.Get(), Wanted: m.wanted.Get(),
		Slow: m.slow.Get(), PresenceDropped: m.presenceDropped.Get(),
		Goodbyes: make(map[string]uint64), Nacks: make(map[string]uint64), Limited: make(map[string]uint64),
	}
	for code, c := range m.goodbyes {
		note(s.Goodbyes, wire.Goodbye_Code(code).String(), c.Get())
	}
	for code, c := range m.nacks {
		note(s.Nacks, wire.Nack_Code(code).String(), c.Get())
	}
	for l, c := range m.limits {
		note(s.Limited, limit(l).String(), c.Get())
	}
	return s
}

func note(in map[string]uint64, name string, n uint64) {
	if n > 0 {
		in[name] = n
	}
}

// present is how many connections there are.
func (r *Relay) present() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.conns)
}

// openRooms is how many rooms have connections.
func (r *Relay) openRooms() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.rooms)
}
