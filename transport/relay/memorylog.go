package relay

import (
	"fmt"
	"sync"
	"time"

	"coedit/transport"
)

// MemoryLimits bound a memory log; zero means the default.
type MemoryLimits struct {
	RoomBytes  int64 // of frames and snapshot of one room (default 256 MiB)
	TotalBytes int64 // of all rooms (default 2 GiB)
}

const (
	defaultRoomBytes  = 256 << 20
	defaultTotalBytes = 2 << 30
	// entryOverhead is what a frame, or a replica known, counts beside its payload: about what it takes.
	entryOverhead = 128
)

// NewMemoryLog keeps rooms in memory, with the default limits: they end with the
// process. incarnation seeds the rooms' incarnations and should be random: another
// process, and a room made again after it expired, must have other ones.
func NewMemoryLog(incarnation uint64) Log {
	return NewLimitedMemoryLog(incarnation, MemoryLimits{})
}

// NewLimitedMemoryLog is NewMemoryLog with limits.
func NewLimitedMemoryLog(incarnation uint64, l MemoryLimits) Log {
	if l.RoomBytes == 0 {
		l.RoomBytes = defaultRoomBytes
	}
	if l.TotalBytes == 0 {
		l.TotalBytes = defaultTotalBytes
	}
	return &memoryLog{seed: incarnation, limits: l, rooms: make(map[string]*memoryRoom)}
}

type memoryLog struct {
	seed   uint64
	limits MemoryLimits

	mu    sync.Mutex // guards the following fields; taken after a room's
	rooms map[string]*memoryRoom
	made  uint64 // rooms ever made
	total int64  // bytes of all rooms
}

func (l *memoryLog) Open(id string, manifest []byte, grew func()) (RoomLog, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	room := l.rooms[id]
	if room == nil {
		if manifest == nil {
			return nil, fmt.Errorf("%w: %s", ErrNoRoom, id)
		}
		l.made++
		room = &memoryRoom{
			log: l, incarnation: mixIncarnation(l.seed + l.made), manifest: manifest,
			writers: make(map[uint64]*memoryWriter),
		}
		room.bytes = int64(len(manifest)) + entryOverhead
		l.total += room.bytes
		l.rooms[id] = room
	}
	if room.open {
		panic(fmt.Sprintf("relay: room %s opened twice", id))
	}
	room.open, room.grew = true, grew
	return room, nil
}

func (l *memoryLog) Rooms() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.rooms)
}

func (l *memoryLog) Expire(before time.Time) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for id, room := range l.rooms {
		if !room.open && room.released.Before(before) {
			delete(l.rooms, id)
			l.total -= room.bytes
			n++
		}
	}
	return n, nil
}

// reserve takes n bytes, or gives them back when n is negative.
func (l *memoryLog) reserve(n int64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n > 0 && l.total+n > l.limits.TotalBytes {
		return false
	}
	l.total += n
	return true
}

// mixIncarnation spreads consecutive seeds over all 64-bit numbers but 0 (splitmix64).
func mixIncarnation(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return max(1, x^x>>31)
}

// memoryRoom is a room of a memoryLog.
type memoryRoom struct {
	// Static after construction.
	log         *memoryLog
	incarnation uint64
	manifest    []byte

	// Guarded by log.mu.
	open     bool
	released time.Time

	mu       sync.Mutex // guards the following fields
	grew     func()
	frames   []transport.Frame // Invariant: frames[i].Number == dropped+1+i
	dropped  uint64            // number of the last frame replaced by the snapshot
	bytes    int64             // counted against the limits; changed together with log.total
	snapshot Snapshot
	writers  map[uint64]*memoryWriter
}

// memoryWriter is what is known of one replica.
type memoryWriter struct {
	last    uint64   // counter of its last frame
	numbers []uint64 // of its frames that are retained, ascending
}

func (r *memoryRoom) head() uint64 { return r.dropped + uint64(len(r.frames)) }

func (r *memoryRoom) State() State {
	r.mu.Lock()
	defer r.mu.Unlock()
	return State{Incarnation: r.incarnation, Head: r.head(), Generation: r.snapshot.Generation, Manifest: r.manifest}
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
	size := int64(f.Size()) + entryOverhead
	if w == nil {
		size += entryOverhead
	}
	if err := r.grow(size); err != nil {
		return 0, nil, err
	}
	if w == nil {
		w = new(memoryWriter)
		r.writers[f.Replica] = w
	}
	f.Number = r.head() + 1
	r.frames = append(r.frames, f)
	w.last = f.Counter
	w.numbers = append(w.numbers, f.Number)
	return f.Number, r.grew, nil
}

// repeated judges a frame whose counter is not new: it must be the same as before, as
// far as that is still known.
func (r *memoryRoom) repeated(w *memoryWriter, f transport.Frame) (uint64, error) {
	if w == nil {
		return 0, nil
	}
	for lo, hi := 0, len(w.numbers); lo < hi; {
		mid := (lo + hi) / 2
		old := r.frames[w.numbers[mid]-r.dropped-1]
		switch {
		case old.Counter < f.Counter:
			lo = mid + 1
		case old.Counter > f.Counter:
			hi = mid
		case !sameContent(old, f):
			return 0, fmt.Errorf("%w: replica %d, counter %d", ErrConflict, f.Replica, f.Counter)
		default:
			return old.Number, nil
		}
	}
	return 0, nil
}

func sameContent(a, b transport.Frame) bool {
	return a.Target == b.Target && a.Class == b.Class && string(a.Payload) == string(b.Payload) && string(a.Extra) == string(b.Extra)
}

// grow counts n more bytes (fewer, when negative), or refuses.
func (r *memoryRoom) grow(n int64) error {
	if n > 0 && r.bytes+n > r.log.limits.RoomBytes {
		return fmt.Errorf("%w: it holds %d bytes, and %d more are over %d", ErrFull, r.bytes, n, r.log.limits.RoomBytes)
	}
	if !r.log.reserve(n) {
		return fmt.Errorf("%w: all rooms of this relay together are at %d bytes", ErrFull, r.log.limits.TotalBytes)
	}
	r.bytes += n
	return nil
}

func (r *memoryRoom) Read(after uint64, maxFrames, maxBytes int) ([]transport.Frame, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if after < r.dropped {
		return nil, fmt.Errorf("%w: frame %d, the log begins after %d", ErrTruncated, after+1, r.dropped)
	}
	if after >= r.head() {
		return nil, nil
	}
	rest := r.frames[after-r.dropped:]
	n, size := 0, 0
	for n < len(rest) && n < maxFrames && (n == 0 || size+rest[n].Size() <= maxBytes) {
		size += rest[n].Size()
		n++
	}
	return append([]transport.Frame(nil), rest[:n]...), nil
}

func (r *memoryRoom) Snapshot() (Snapshot, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.snapshot, nil
}

func (r *memoryRoom) PutSnapshot(s Snapshot, done func(uint64, error)) {
	generation, grew, err := r.putSnapshot(s)
	done(generation, err)
	if grew != nil {
		grew()
	}
}

func (r *memoryRoom) putSnapshot(s Snapshot) (generation uint64, grew func(), err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	old := r.snapshot
	if s.Restore {
		s.Covers.Number = max(s.Covers.Number, r.dropped) // what the old one covers
	}
	if s.Generation != old.Generation || s.Covers.Incarnation != r.incarnation || s.Covers.Number > r.head() ||
		!s.Restore && s.Covers.Number < old.Number {
		return 0, nil, &StaleError{Generation: old.Generation}
	}
	covered := r.frames[:s.Covers.Number-r.dropped]
	change := int64(len(s.Payload)) - int64(len(old.Payload))
	for _, f := range covered {
		change -= int64(f.Size()) + entryOverhead
	}
	if s.Restore {
		change += entryOverhead
	}
	if err := r.grow(change); err != nil {
		return 0, nil, err
	}
	r.truncate(s.Covers.Number)
	s.Generation++
	s.Number = s.Covers.Number
	if s.Restore {
		s.Number = r.head() + 1
		r.frames = append(r.frames, transport.Frame{Number: s.Number, Replica: s.Maker, Class: transport.ClassSnapshot})
	}
	r.snapshot = s
	return s.Generation, r.grew, nil
}

// truncate drops the frames up to a number. Readers may hold the old slice's frames,
// never the slice.
func (r *memoryRoom) truncate(through uint64) {
	r.frames = append([]transport.Frame(nil), r.frames[through-r.dropped:]...)
	r.dropped = through
	for _, w := range r.writers {
		n := 0
		for n < len(w.numbers) && w.numbers[n] <= through {
			n++
		}
		w.numbers = append([]uint64(nil), w.numbers[n:]...)
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
