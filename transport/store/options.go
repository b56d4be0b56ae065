package store

import (
	"log/slog"
	"math/bits"
	"runtime"
	"time"
)

// Options of a Store; zero values mean defaults.
type Options struct {
	// RoomBytes of the snapshot of one room and the frames after it; as much again may be kept of what an
	// unconfirmed snapshot replaced (default 256 MiB).
	RoomBytes int64
	// TotalBytes of all rooms (default 16 GiB). The file may be somewhat larger.
	TotalBytes int64
	// QueueBytes may wait to be stored; beyond, appends fail with ErrBusy (default 64 MiB).
	QueueBytes int64
	// RecentBytes of the frames stored last, of all open rooms, are kept in memory for their readers (default 32
	// MiB).
	RecentBytes int64
	// LogBytes of the write-ahead log are moved into rooms.db together, and that much is kept in memory until then
	// (default 2 MiB).
	LogBytes int64
	// Retry is how long after a failure the store tries to work again; it doubles up to half a minute (default 1 s).
	Retry time.Duration
	// Started is when the process started, by the relay's clock: rooms that were open when the one before ended count
	// as released then. Zero: they count as released long ago.
	Started time.Time
	// Seed makes the incarnations of new rooms. It must be another one in each process; 0 draws one.
	Seed uint64
	// Logger is told of failures; nil: nobody. It is never given content.
	Logger *slog.Logger
	// Committed, if not nil, is called after each commit, by the goroutine that commits.
	Committed func(Commit)
	// Progress, if not nil, is called while Open reads the file, with bytes.
	Progress func(done, total int64)
}

// Commit is what a commit was like, for metrics.
type Commit struct {
	Operations int           // that it holds
	Bytes      int           // of frames and snapshots
	Took       time.Duration // from its beginning to the disk's answer
	Waited     time.Duration // of its first operation, before it began
	Err        error
}

const (
	fileName = "rooms.db" // in the folder

	entryOverhead = 128 // what a frame, a room, or a replica known, counts against the limits beside its content

	batchBytes  = 4 << 20   // of frames in one commit, or one frame
	slowBytes   = 512 << 10 // of snapshots in one commit
	sweepFrames = 2000      // deleted in one commit
	sweepChunks = 64

	roomRecent = 512 << 10 // of recent frames of one room, or one frame

	lockTimeout = 200 * time.Millisecond
	maxRetry    = 30 * time.Second
)

func (o Options) withDefaults() Options {
	setDefault(&o.RoomBytes, 256<<20)
	setDefault(&o.TotalBytes, 16<<30)
	setDefault(&o.QueueBytes, 64<<20)
	setDefault(&o.RecentBytes, 32<<20)
	setDefault(&o.LogBytes, walBytes)
	o.LogBytes = min(o.LogBytes, maxWalFile/2)
	setDefault(&o.Retry, time.Second)
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

func setDefault[T int64 | time.Duration](field *T, value T) {
	if *field == 0 {
		*field = value
	}
}

// addressSpace is how much of the address space the file is mapped to at once. While somebody reads, a larger file
// cannot be mapped anew and commits would wait; so it is mapped large from the start, where that costs nothing.
func addressSpace() int {
	if bits.UintSize < 64 || runtime.GOOS == "windows" {
		return 0
	}
	return 64 << 30
}
