package store

import (
	"fmt"
	"sync"
	"time"

	"coedit/transport"
	"coedit/transport/relay"

	bolt "go.etcd.io/bbolt"
)

// room is a room of a Store: where its frames are, but not what is in them.
type room struct {
	// Static after construction.
	store *Store
	key   uint64
	id    string

	// Guarded by store.mu.
	open     bool
	released time.Time // zero: open
	stored   bool      // its record is on disk, or on its way there

	// Owned by the committer.
	durable bool     // its record is on disk
	stage   *staging // what the transaction under way has of it; nil: nothing
	// Bytes of the newest snapshot, the frames after it and what is known of writers; and of what is kept beside.
	// Both are in store.live.
	live, keptBytes int64

	mu          sync.Mutex // guards the following fields, which only the committer changes (but for grew and recent)
	grew        func()     // nil: not open
	incarnation uint64
	manifest    []byte
	removed     bool
	entries     []position // Invariant: entries[i] is of number base+1+i
	base        uint64     // number of the last frame that is gone
	newest      head
	kept        *head // what newest replaced; nil when it is confirmed. Invariant: (kept or newest).Covers.Number == base
	tail        int64 // Frame.Size of the frames after newest.Covers.Number
	writers     map[uint64]*writer

	recent      []transport.Frame // the last frames, up to the head; empty when the room is not open
	recentBytes int64
}

// position is where a frame is: its key in the log.
type position struct {
	seq  uint64
	size int // Frame.Size
}

// writer is what is known of one replica.
type writer struct {
	last    uint64   // counter of its last frame
	numbers []uint64 // of its frames that are there, ascending
}

// newRoom makes a room of what is known of it. A new one has no frames and no snapshots.
func newRoom(s *Store, in *roomImage) *room {
	r := &room{store: s, key: in.key, id: in.id, released: in.released}
	r.load(in)
	return r
}

// load sets the room's state to what is on disk. Only the committer calls it for a room that others know.
func (r *room) load(in *roomImage) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.incarnation, r.manifest = in.incarnation, in.manifest
	r.newest, r.kept, r.base = in.newest(), in.kept(), in.base()
	r.newest.Covers.Incarnation = r.incarnation
	if r.newest.Generation == 0 {
		r.newest.Covers = transport.Cursor{}
	}
	r.entries = make([]position, 0, len(in.frames))
	r.writers = make(map[uint64]*writer, len(in.counters))
	for replica, counter := range in.counters {
		r.writers[replica] = &writer{last: counter}
	}
	r.tail = 0
	r.live, r.keptBytes = int64(len(in.manifest))+entryOverhead, 0
	for _, f := range in.frames {
		r.entries = append(r.entries, position{f.seq, f.size})
		if f.counter != 0 {
			r.wrote(f.replica, f.counter, f.number)
		}
		if f.number > r.newest.Covers.Number {
			r.tail += int64(f.size)
			r.live += frameBytes(f.size)
		} else {
			r.keptBytes += frameBytes(f.size)
		}
	}
	r.live += int64(r.newest.Size) + int64(len(r.writers))*entryOverhead
	if r.kept != nil {
		r.keptBytes += int64(r.kept.Size)
	}
	r.stored, r.durable = in.stored, in.stored
}

// frameBytes is what a frame counts against the limits.
func frameBytes(size int) int64 { return int64(size) + entryOverhead }

// wrote notes a frame of a replica.
func (r *room) wrote(replica, counter, number uint64) {
	w := r.writers[replica]
	if w == nil {
		w = new(writer)
		r.writers[replica] = w
	}
	w.last = max(w.last, counter)
	w.numbers = append(w.numbers, number)
}

func (r *room) head() uint64    { return r.base + uint64(len(r.entries)) }
func (r *room) covered() uint64 { return r.newest.Covers.Number }

func (r *room) State() relay.State {
	r.mu.Lock()
	defer r.mu.Unlock()
	return relay.State{
		Incarnation: r.incarnation, Head: r.head(), Generation: r.newest.Generation, Manifest: r.manifest,
		TailFrames: r.head() - r.covered(), TailBytes: r.tail,
	}
}

func (r *room) LastCounter(replica uint64) uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	if w := r.writers[replica]; w != nil {
		return w.last
	}
	return 0
}

func (r *room) Read(after uint64, maxFrames, maxBytes int) ([]transport.Frame, error) {
	return r.read(after, (*room).covered, maxFrames, maxBytes)
}

func (r *room) ReadKept(after uint64, maxFrames, maxBytes int) ([]transport.Frame, error) {
	return r.read(after, func(r *room) uint64 { return r.base }, maxFrames, maxBytes)
}

// read gives frames after a number that is at least from(r).
func (r *room) read(after uint64, from func(*room) uint64, maxFrames, maxBytes int) ([]transport.Frame, error) {
	frames, where, err := r.find(after, from, maxFrames, maxBytes)
	if err != nil || frames != nil || where == nil {
		return frames, err
	}
	if frames, err = r.store.frames(r.key, after+1, where); err == nil {
		return frames, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return nil, r.gone(after, from(r), err) // they may have been dropped meanwhile
}

// gone is why a frame is not there: otherwise, or what became of the room.
func (r *room) gone(after, from uint64, otherwise error) error {
	switch {
	case r.removed:
		return relay.ErrClosed
	case after < from:
		return fmt.Errorf("%w: frame %d, the log begins after %d", relay.ErrTruncated, after+1, from)
	}
	return otherwise
}

// find gives the frames wanted, if they are in memory, or where they are on disk.
func (r *room) find(after uint64, from func(*room) uint64, maxFrames, maxBytes int) ([]transport.Frame, []position, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.gone(after, from(r), nil); err != nil || after >= r.head() {
		return nil, nil, err
	}
	rest := r.entries[after-r.base:]
	n, size := 0, 0
	for n < len(rest) && n < maxFrames && (n == 0 || size+rest[n].size <= maxBytes) {
		size += rest[n].size
		n++
	}
	if len(r.recent) > 0 && r.recent[0].Number <= after+1 {
		first := after + 1 - r.recent[0].Number
		return append([]transport.Frame(nil), r.recent[first:first+uint64(n)]...), nil, nil
	}
	return nil, append([]position(nil), rest[:n]...), nil
}

// frames reads frames of a room that are on disk; the first has the given number. The last of them are perhaps in the
// write-ahead log only.
func (s *Store) frames(room, number uint64, where []position) ([]transport.Frame, error) {
	logged := s.pending.logged()
	frames := make([]transport.Frame, 0, len(where))
	read := func(at position, value []byte) error {
		f, err := decodeFrame(key1(at.seq), value)
		if want := number + uint64(len(frames)); err == nil && (f.room != room || f.Number != want) {
			err = fmt.Errorf("%w: frame %d of room %d where %d of room %d should be", errRecord, f.Number, f.room, want, room)
		}
		if err != nil {
			return fileError(s.path(), fmt.Errorf("%w: frame at %d: %w", ErrDamaged, at.seq, err))
		}
		frames = append(frames, f.Frame)
		return nil
	}
	inFile := 0
	for inFile < len(where) && (len(logged) == 0 || where[inFile].seq < logged[0].key) {
		inFile++
	}
	if inFile > 0 {
		err := s.view(func(tx *bolt.Tx) error {
			log := tx.Bucket(bucketLog)
			for _, at := range where[:inFile] {
				if err := read(at, log.Get(key1(at.seq))); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	for _, at := range where[inFile:] {
		value, _ := logged.value(at.seq)
		if err := read(at, value); err != nil {
			return nil, err
		}
	}
	return frames, nil
}

// Release ends the use of the room.
func (r *room) Release(now time.Time) {
	r.setGrew(nil)
	r.store.mu.Lock()
	defer r.store.mu.Unlock()
	r.open, r.released = false, now
	if r.store.rooms[r.id] == r {
		r.store.enqueue(r.store.recordOp(r))
	}
}

// setGrew opens the room, or closes it: then nothing of it stays in memory that is on disk.
func (r *room) setGrew(grew func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.grew = grew
	if grew == nil {
		r.forgetRecent(0)
	}
}

// remember keeps a frame for the room's readers. mu is held.
func (r *room) remember(f transport.Frame) {
	if r.grew == nil {
		return
	}
	r.recent = append(r.recent, f)
	n := frameBytes(f.Size())
	r.recentBytes += n
	r.store.recentBytes.Add(n)
	r.forgetRecent(max(n, roomRecent))
}

// forgetRecent drops the oldest recent frames until they take at most so many bytes. mu is held.
func (r *room) forgetRecent(most int64) {
	n, freed := 0, int64(0)
	for n < len(r.recent) && r.recentBytes-freed > most {
		freed += frameBytes(r.recent[n].Size())
		r.recent[n] = transport.Frame{} // the array outlives the frame
		n++
	}
	r.recentBytes -= freed
	r.store.recentBytes.Add(-freed)
	if r.recent = r.recent[n:]; len(r.recent) == 0 {
		r.recent = nil
	}
}
