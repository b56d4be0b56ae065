package transport

import "time"

// Event is one of the types below.
type Event interface{ event() }

type (
	// Online: connected and admitted. Restore is set when the relay has not what we had: another incarnation than Resume's (when that was not zero), or a head behind our cursor;
	// and again on every Online until Restored was called.
	// Every participant with a document then restores the room (DESIGN section 4, Incarnation).
	// Lost is set on the first of them: the log is not the one read before, and is delivered from its beginning.
	Online struct {
		Incarnation uint64
		Head        uint64 // number of the last frame in the log
		Generation  uint64 // of its snapshot, 0 none
		LastCounter uint64 // of our replica; frames up to it are acknowledged
		Manifest    []byte
		Restore     bool
		Lost        bool
		Version     uint32 // of the protocol on this connection
		Durable     bool   // what is acknowledged survives the relay's process
	}
	// Offline: the connection is gone, or could not be made.
	Offline struct {
		Err     error
		RetryIn time.Duration
	}
	// Delivered: frames in the order of their numbers, never twice (but after Fetch and after Lost, which begin anew). Own frames come back too (so that a cursor has no holes).
	Delivered struct{ Frames []Frame }
	// CaughtUp: everything that was in the log when we came online (or when the relay read the Fetch) has been delivered.
	// What a snapshot put next covers, and replaces, is this Cursor and this Generation: no frame and no snapshot beyond
	// them has been delivered.
	CaughtUp struct {
		Cursor     Cursor // marks of snapshots, which are never delivered, counted in
		Generation uint64 // of the newest snapshot whose content was delivered; 0: none
	}
	// Acked: own frames up to Counter are as durable as this relay makes them.
	Acked struct{ Counter uint64 }
	// PresenceOf: newest presence of another participant.
	PresenceOf struct {
		Replica uint64
		Payload []byte
	}
	// Gone: the relay saw that participant leave (a hint).
	Gone struct{ Replica uint64 }
	// Snapshot: the room's snapshot, to be merged. Covers is the place in the log reached with it. Whole: the room is read from
	// its beginning, so that this and the frames that follow up to CaughtUp are all that it holds.
	Snapshot struct {
		Generation uint64
		Whole      bool
		Covers     Cursor
		Payload    []byte
	}
	// SnapshotWanted: the relay asks for a snapshot that replaces the one of Generation and covers as much as is merged
	// here; the log's head is Head. Answered by PutSnapshot, or not at all: then another participant is asked.
	SnapshotWanted struct{ Generation, Head uint64 }
	// SnapshotStored: the snapshot put last is the room's, with this generation.
	SnapshotStored struct{ Generation uint64 }
	// SnapshotConflict: there is one of this generation already: Fetch, merge, decide again.
	SnapshotConflict struct{ Generation uint64 }
	// SnapshotRefused: the snapshot put last was not taken, for another reason than a conflict. Err wraps ErrTooLarge
	// when no snapshot of that size ever will be.
	SnapshotRefused struct{ Err error }
)

func (Online) event()           {}
func (Offline) event()          {}
func (Delivered) event()        {}
func (CaughtUp) event()         {}
func (Acked) event()            {}
func (PresenceOf) event()       {}
func (Gone) event()             {}
func (Snapshot) event()         {}
func (SnapshotWanted) event()   {}
func (SnapshotStored) event()   {}
func (SnapshotConflict) event() {}
func (SnapshotRefused) event()  {}
