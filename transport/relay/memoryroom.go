package relay

import (
	"fmt"
	"sync"
	"time"

	"coedit/transport"
)

// memoryRoom is a room of a memoryLog.
type memoryRoom struct {
	// Static after construction.
	log         *memoryLog
	incarnation uint64
	manifest    []byte

	// Guarded by log.mu.
	open     bool
	released time.Time

	mu      sync.Mutex // guards the following fields
	grew    func()
	removed bool
	frames  []transport.Frame // Invariant: frames[i].Number == base+1+i
	base    uint64            // number of the last frame dropped. Invariant: base <= newest.Covers.Number
	newest  storedSnapshot
	kept    *storedSnapshot // what newest replaced; nil when it is confirmed. Invariant: kept.Covers.Number == base, or nil and base == newest.Covers.Number
	tail    int64           // Frame.Size of the frames after newest.Covers.Number
	writers map[uint64]*memoryWriter

	live      int64 // bytes of newest, the frames after it and what is known of writers
	keptBytes int64 // bytes of kept and the frames up to newest.Covers.Number; both are in log.total
}

// storedSnapshot is a snapshot with its payload.
type storedSnapshot struct {
	Snapshot
	payload []byte
}

// memoryWriter is what is known of one replica.
type memoryWriter struct {
	last    uint64   // counter of its last frame
	numbers []uint64 // of its frames that are there, ascending
}

func newMemoryRoom(l *memoryLog, incarnation uint64, manifest []byte) *memoryRoom {
	return &memoryRoom{
		log: l, incarnation: incarnation, manifest: manifest, writers: make(map[uint64]*memoryWriter),
		live: int64(len(manifest)) + entryOverhead,
	}
}

func (r *memoryRoom) head() uint64 { return r.base + uint64(len(r.frames)) }

// covered is the number of the last frame that the snapshot replaced.
func (r *memoryRoom) covered() uint64 { return r.newest.Covers.Number }

// between are the frames after one number up to another.
func (r *memoryRoom) between(after, through uint64) []transport.Frame {
	return r.frames[after-r.base : through-r.base]
}

func (r *memoryRoom) State() State {
	r.mu.Lock()
	defer r.mu.Unlock()
	return State{
		Incarnation: r.incarnation, Head: r.head(), Generation: r.newest.Generation, Manifest: r.manifest,
		TailFrames: r.head() - r.covered(), TailBytes: r.tail,
	}
}

func (r *memoryRoom) LastCounter(replica uint64) uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	if w := r.writers[replica]; w != nil {
		return w.last
	}
	return 0
}

func (r *memoryRoom) Append(f transport.Frame, baseline uint64, done func(uint64, error)) {
	number, grew, err := r.append(f, baseline)
	done(number, err)
	if grew != nil {
		grew()
	}
}

func (r *memoryRoom) append(f transport.Frame, baseline uint64) (number uint64, grew func(), err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.removed {
		return 0, nil, ErrClosed
	}
	w := r.writers[f.Replica]
	var last uint64
	if w != nil {
		last = w.last
	}
	switch next := max(last, baseline) + 1; {
	case f.Counter > next:
		return 0, nil, &GapError{Expected: next, Got: f.Counter}
	case f.Counter < next:
		number, err = r.repeated(w, f)
		return number, nil, err
	}
	size := frameBytes(f)
	if w == nil {
		size += entryOverhead
	}
	if err := r.grow(size, 0); err != nil {
		return 0, nil, err
	}
	if w == nil {
		w = new(memoryWriter)
		r.writers[f.Replica] = w
	}
	f.Number = r.head() + 1
	r.frames = append(r.frames, f)
	r.tail += int64(f.Size())
	w.last = f.Counter
	w.numbers = append(w.numbers, f.Number)
	return f.Number, r.grew, nil
}

// frameBytes is what a frame counts against the limits.
func frameBytes(f transport.Frame) int64 { return int64(f.Size()) + entryOverhead }

// repeated judges a frame whose counter is not new: it must be the same as before, as
// far as that is still known.
func (r *memoryRoom) repeated(w *memoryWriter, f transport.Frame) (uint64, error) {
	if w == nil {
		return 0, nil
	}
	for lo, hi := 0, len(w.numbers); lo < hi; {
		mid := (lo + hi) / 2
		old := r.frames[w.numbers[mid]-r.base-1]
		switch {
		case old.Counter < f.Counter:
			lo = mid + 1
		case old.Counter > f.Counter:
			hi = mid
		case !SameContent(old, f):
			return 0, fmt.Errorf("%w: replica %d, counter %d", ErrConflict, f.Replica, f.Counter)
		default:
			return old.Number, nil
		}
	}
	return 0, nil
}

// SameContent reports whether two frames say the same, wherever and by whomever they are stored.
func SameContent(a, b transport.Frame) bool {
	return a.Target == b.Target && a.Class == b.Class && string(a.Payload) == string(b.Payload) && string(a.Extra) == string(b.Extra)
}

// grow counts more bytes (fewer, when negative), of what is live and what is kept, or refuses.
func (r *memoryRoom) grow(live, kept int64) error {
	limit := r.log.limits.RoomBytes
	switch {
	case live > 0 && r.live+live > limit:
		return fmt.Errorf("%w: it holds %d bytes, and %d more are over %d", ErrFull, r.live, live, limit)
	case kept > 0 && r.keptBytes+kept > limit:
		return fmt.Errorf("%w: its snapshot is not confirmed, and %d bytes kept with %d more are over %d", ErrFull, r.keptBytes, kept, limit)
	case !r.log.reserve(live + kept):
		return fmt.Errorf("%w: all rooms of this relay together are at %d bytes", ErrFull, r.log.limits.TotalBytes)
	}
	r.live += live
	r.keptBytes += kept
	return nil
}

func (r *memoryRoom) Read(after uint64, maxFrames, maxBytes int) ([]transport.Frame, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.read(after, r.covered(), maxFrames, maxBytes)
}

func (r *memoryRoom) ReadKept(after uint64, maxFrames, maxBytes int) ([]transport.Frame, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.read(after, r.base, maxFrames, maxBytes)
}

// read gives frames after a number that is at least `from`.
func (r *memoryRoom) read(after, from uint64, maxFrames, maxBytes int) ([]transport.Frame, error) {
	switch {
	case r.removed:
		return nil, ErrClosed
	case after < from:
		return nil, fmt.Errorf("%w: frame %d, the log begins after %d", ErrTruncated, after+1, from)
	case after >= r.head():
		return nil, nil
	}
	rest := r.between(after, r.head())
	n, size := 0, 0
	for n < len(rest) && n < maxFrames && (n == 0 || size+rest[n].Size() <= maxBytes) {
		size += rest[n].Size()
		n++
	}
	return append([]transport.Frame(nil), rest[:n]...), nil
}

// remove empties the room for good.
func (r *memoryRoom) remove() {
	r.mu.Lock()
	r.log.reserve(-r.live - r.keptBytes)
	r.live, r.keptBytes, r.removed = 0, 0, true
	r.frames, r.base, r.kept, r.writers = nil, r.head(), nil, nil
	r.newest.payload, r.newest.Covers.Number, r.tail = nil, r.base, 0
	grew := r.grew
	r.mu.Unlock()
	if grew != nil {
		grew()
	}
}

func (r *memoryRoom) Release(now time.Time) {
	r.mu.Lock()
	r.grew = nil
	r.mu.Unlock()
	r.log.mu.Lock()
	defer r.log.mu.Unlock()
	r.open, r.released = false, now
}
