package relay

import (
	"errors"
	"fmt"
	"time"

	"coedit/transport"
)

// Log is where rooms are kept. NewMemoryLog is one; a durable one commits groups of
// appends, of all rooms, at once. Implementations are safe for concurrent use, read no
// clock, and pass the tests of package logtest.
type Log interface {
	// Open gives a room that is not open yet. Where there is none and manifest is not
	// nil the room is made; else the error wraps ErrNoRoom, or ErrClosed for one that was removed.
	//
	// grew is called after the room's head grew, whoever appended, and after it was removed, with no lock of the
	// log's held. It must not block. It may be called too often, never too seldom: acknowledgements wait for it.
	Open(room string, manifest []byte, grew func()) (RoomLog, error)
	// Manifest is that of a room that is there, open or not, and nothing of it changes by that; the errors are those of Open
	// without a manifest.
	Manifest(room string) ([]byte, error)
	// Rooms is how many rooms there are, open or not.
	Rooms() int
	// Expire removes the rooms that are not open and were released before the given time, and says how many.
	Expire(before time.Time) (int, error)
	// Settle takes the snapshots that were put before the given time for good ones, as if somebody had confirmed
	// them, and says how many.
	Settle(before time.Time) (int, error)
	// Remove ends a room for good, open or not: what is in it is gone, and Open, and
	// every use of the open room, fails with ErrClosed. The ids of the last MaxRemoved rooms
	// removed are remembered. It returns when that is as durable as this log makes it. A room that is not there is
	// remembered all the same.
	Remove(room string) error
	// Durable says whether what was stored outlives the process.
	Durable() bool
}

// MaxRemoved is how many removed rooms a log remembers.
const MaxRemoved = 100_000

// RoomLog is one open room.
//
// Frames are numbered 1, 2, 3, ... without holes, within one incarnation. Payloads are
// shared, never copied: neither side changes one.
//
// A snapshot replaces the frames up to the number it covers. Nobody but its readers can tell whether it is any good,
// so what it replaced is kept until one of them said so, or a time of grace has passed: the last confirmed snapshot
// and all frames after it, however many unconfirmed ones came since. What is kept is left out of Read and Snapshot;
// ReadKept and Previous give it.
type RoomLog interface {
	// State is the room now.
	State() State
	// LastCounter is the counter of the last frame stored of a replica, 0 for none. It
	// survives truncation.
	LastCounter(replica uint64) uint64
	// Append stores f, with the next number, as one of the replica's in order: its
	// counter is one more than the replica's last, or than baseline if that is higher
	// (the replica has given up, or knows as stored, all up to baseline).
	//
	// done is called once, when the frame is as durable as this log makes it, perhaps
	// before Append returns, with no lock of the log's held; in the order of the calls. Its error is nil also when
	// the same frame is there already (number is 0 when it is not known any more), a
	// *GapError, or wraps ErrConflict, ErrFull, ErrClosed or something else that may pass.
	// Several may be under way; a frame after one that failed is a gap.
	Append(f transport.Frame, baseline uint64, done func(number uint64, err error))
	// Read gives the frames after a number, at most so many of at most so many bytes
	// together, but at least one; none at the head. The error wraps ErrTruncated when
	// the next one has been replaced by the snapshot. The slice is the caller's.
	Read(after uint64, maxFrames, maxBytes int) ([]transport.Frame, error)
	// ReadKept is Read that reaches back to the frames behind Previous.
	ReadKept(after uint64, maxFrames, maxBytes int) ([]transport.Frame, error)
	// Snapshot is the room's snapshot; its Generation is 0 when there is none.
	Snapshot() Snapshot
	// Previous is what was replaced and is kept: a snapshot, to be followed by ReadKept from what it covers; its
	// Generation is 0 when all frames from the first are kept. kept is false when nothing is, because Snapshot is a
	// confirmed one.
	Previous() (s Snapshot, kept bool)
	// ReadSnapshot gives at most n bytes of the payload of Snapshot or Previous, from an offset. The error
	// wraps ErrTruncated when the snapshot of that generation is not there any more.
	ReadSnapshot(generation uint64, offset, n int) ([]byte, error)
	// PutSnapshot stores s, whose Generation is that of the one it replaces and has
	// merged, as the next generation, and truncates the log by the frames it covers, in one step.
	// With Restore it takes the next number: a frame with counter 0 marks the place, the
	// stored snapshot's Number is that, and what it covers is at least what the one before did.
	// Size and Number are the log's to set.
	//
	// done is called like Append's. Its error is a *StaleError when there is another
	// generation by now, or s covers numbers that are not in this log, or (without
	// Restore) less than the Number of the one before; it wraps ErrFull when the room
	// has no place for it.
	PutSnapshot(s Snapshot, payload []byte, done func(generation uint64, err error))
	// Confirm says that a replica has read the snapshot of that generation and found it right; what it replaced is
	// dropped. It changes nothing when there is a newer one by now, or the replica is its maker. It does not wait:
	// a crash may undo it.
	Confirm(generation, replica uint64)
	// Release ends the use of the room, at a time by the relay's clock; grew is not
	// called afterwards.
	Release(now time.Time)
}

// State is what a room's log holds.
type State struct {
	Incarnation uint64
	Head        uint64 // number of the last frame, 0 for none
	Generation  uint64 // of the snapshot, 0 for none
	Manifest    []byte
	TailFrames  uint64 // that the snapshot does not cover
	TailBytes   int64  // of these frames, as Frame.Size counts them
}

// Snapshot replaces the frames up to the number it covers.
type Snapshot struct {
	Generation uint64
	Covers     transport.Cursor
	Number     uint64    // place in the log of one who has merged it: Covers.Number, or its mark's
	Restore    bool      // holds what the log lacks
	Maker      uint64    // replica
	Put        time.Time // by the relay's clock; see Settle
	Size       int       // of the payload, in bytes
}

// Errors of a Log.
var (
	ErrNoRoom    = errors.New("relay: no such room")
	ErrClosed    = errors.New("relay: the room was closed for good")
	ErrConflict  = errors.New("relay: the counter was used for another frame")
	ErrFull      = errors.New("relay: the room has reached its limit")
	ErrTruncated = errors.New("relay: replaced by the snapshot")
	ErrStale     = errors.New("relay: not the room's newest snapshot")
)

// GapError says that a frame came too early.
type GapError struct{ Expected, Got uint64 }

func (e *GapError) Error() string {
	return fmt.Sprintf("relay: frame %d came where %d was expected", e.Got, e.Expected)
}

// StaleError says that a snapshot was made for another state of the room. It wraps ErrStale.
type StaleError struct{ Generation uint64 } // the room's

func (e *StaleError) Error() string {
	return fmt.Sprintf("%v: the room is at generation %d", ErrStale, e.Generation)
}

// Unwrap gives ErrStale.
func (e *StaleError) Unwrap() error { return ErrStale }

// mark reports whether f only marks the place of a restoring snapshot.
func mark(f transport.Frame) bool { return f.Counter == 0 }
