package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"coedit/transport/relay"

	bolt "go.etcd.io/bbolt"
)

// Store is a relay.Log in a folder. All methods may be called from any goroutine.
type Store struct {
	// Static after construction.
	dir    string
	o      Options
	queue  queue
	ended  chan struct{} // closed when the committer is
	closed atomic.Bool

	// Owned by the committer.
	committer

	dbMu sync.RWMutex // guards db; held for reading while db is used, by the committer only while it exchanges it
	db   *bolt.DB     // nil while the store does not work

	broken atomic.Pointer[error] // why it does not work; nil when it does
	live   atomic.Int64          // bytes that count against the limits; changed by the committer

	mu      sync.Mutex // guards the following fields; taken before a room's
	rooms   map[string]*room
	removed map[string]struct{}
	lastKey uint64 // of a room
	made    uint64 // rooms made by this process
}

// Open opens the store in a folder, which is made if need be. The error is a *FileError, which wraps ErrInUse,
// ErrDamaged or a *VersionError, or is the system's.
func Open(dir string, o Options) (*Store, error) {
	if o.Seed == 0 {
		var err error
		if o.Seed, err = randomNumber(); err != nil {
			return nil, err
		}
	}
	f, err := openFiles(dir, o.Progress)
	if err != nil {
		return nil, err
	}
	s := &Store{
		dir: dir, o: o.withDefaults(), db: f.db, ended: make(chan struct{}),
		rooms: make(map[string]*room), removed: make(map[string]struct{}),
	}
	s.queue.init(s.o.QueueBytes)
	s.wal = f.wal
	s.adopt(f.img)
	go s.run()
	return s, nil
}

// adopt takes over what is in the file.
func (s *Store) adopt(img *image) {
	s.lastKey, s.lastSeq, s.lastBlob, s.lastRemoved = img.nextRoom, img.nextSeq, img.nextBlob, img.nextRemoved
	s.garbage = img.garbage
	for _, r := range img.removed {
		s.removed[r.id] = struct{}{}
	}
	s.removedOrder = img.removed
	var live int64
	for _, in := range img.rooms {
		r := newRoom(s, in)
		s.rooms[r.id] = r
		live += r.live + r.keptBytes
		if r.released.IsZero() && !s.o.Started.IsZero() { // so it is also for the process after this one
			r.released = s.o.Started
			s.enqueue(s.recordOp(r))
		}
	}
	s.live.Store(live)
}

// Close stores what waits and lets go of the file. What is called afterwards fails with ErrShut.
func (s *Store) Close() error {
	if s.closed.Swap(true) {
		<-s.ended
		return nil
	}
	s.queue.close()
	<-s.ended
	s.dbMu.Lock()
	defer s.dbMu.Unlock()
	if s.db == nil {
		return nil
	}
	err := s.db.Close()
	s.db = nil
	return err
}

// Durable is true: an acknowledged frame is on disk.
func (s *Store) Durable() bool { return true }

// Err is nil while the store works, else why it does not.
func (s *Store) Err() error {
	if err := s.broken.Load(); err != nil {
		return *err
	}
	return nil
}

// Stats are sizes, for metrics.
type Stats struct {
	Rooms     int
	LiveBytes int64 // that count against TotalBytes
	FileBytes int64 // of rooms.db and the write-ahead log
	Queued    int64 // bytes that wait to be stored
}

// Stats gives the sizes now.
func (s *Store) Stats() Stats {
	st := Stats{Rooms: s.Rooms(), LiveBytes: s.live.Load(), Queued: s.queue.size()}
	for _, path := range []string{s.path(), filepath.Join(s.dir, walName)} {
		if info, err := os.Stat(path); err == nil {
			st.FileBytes += info.Size()
		}
	}
	return st
}

func (s *Store) path() string { return filepath.Join(s.dir, fileName) }

// Open gives a room that is not open yet; see relay.Log. It does not wait for the disk: a room that is new is stored
// before anything in it is.
func (s *Store) Open(id string, manifest []byte, grew func()) (relay.RoomLog, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, removed := s.removed[id]; removed {
		return nil, fmt.Errorf("%w: %s", relay.ErrClosed, id)
	}
	r := s.rooms[id]
	if r == nil {
		if manifest == nil {
			return nil, fmt.Errorf("%w: %s", relay.ErrNoRoom, id)
		}
		if err := s.Err(); err != nil {
			return nil, err
		}
		s.lastKey++
		s.made++
		r = newRoom(s, &roomImage{key: s.lastKey, roomRecord: roomRecord{
			incarnation: relay.MixIncarnation(s.o.Seed + s.made), id: id, manifest: manifest,
		}})
		s.rooms[id] = r
		s.live.Add(r.live)
	}
	if r.open {
		panic(fmt.Sprintf("store: room %s opened twice", id))
	}
	r.setGrew(grew)
	r.open = true
	if !r.stored || !r.released.IsZero() {
		r.stored, r.released = true, time.Time{}
		s.enqueue(s.recordOp(r))
	}
	return r, nil
}

// Manifest is that of a room that is there; see relay.Log.
func (s *Store) Manifest(id string) ([]byte, error) {
	s.mu.Lock()
	_, removed := s.removed[id]
	r := s.rooms[id]
	s.mu.Unlock()
	switch {
	case removed:
		return nil, fmt.Errorf("%w: %s", relay.ErrClosed, id)
	case r == nil:
		return nil, fmt.Errorf("%w: %s", relay.ErrNoRoom, id)
	}
	return r.State().Manifest, nil
}

// Rooms is how many rooms there are.
func (s *Store) Rooms() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.rooms)
}

// Expire removes rooms nobody was in since a time; see relay.Log.
func (s *Store) Expire(before time.Time) (int, error) {
	s.mu.Lock()
	var waits []<-chan error
	for id, r := range s.rooms {
		if !r.open && r.released.Before(before) {
			delete(s.rooms, id)
			op, done := s.dropOp(r, false)
			s.enqueue(op)
			waits = append(waits, done)
		}
	}
	s.mu.Unlock()
	n := 0
	var failed error
	for _, done := range waits {
		if err := <-done; err != nil {
			failed = err
		} else {
			n++
		}
	}
	return n, failed
}

// Settle takes snapshots put before a time for confirmed; see relay.Log.
func (s *Store) Settle(before time.Time) (int, error) {
	op, done, settled := s.settleOp(before)
	s.enqueue(op)
	err := <-done
	return *settled, err
}

// Remove ends a room for good; see relay.Log.
func (s *Store) Remove(id string) error {
	s.mu.Lock()
	r := s.rooms[id]
	delete(s.rooms, id)
	s.removed[id] = struct{}{}
	if r == nil {
		r = &room{store: s, id: id}
	}
	op, done := s.dropOp(r, true)
	s.enqueue(op)
	s.mu.Unlock()
	return <-done
}

// all are the rooms there are now.
func (s *Store) all() []*room {
	s.mu.Lock()
	defer s.mu.Unlock()
	rooms := make([]*room, 0, len(s.rooms))
	for _, r := range s.rooms {
		rooms = append(rooms, r)
	}
	return rooms
}

// view reads from the file.
func (s *Store) view(f func(tx *bolt.Tx) error) error {
	s.dbMu.RLock()
	defer s.dbMu.RUnlock()
	if s.db == nil {
		if s.closed.Load() {
			return ErrShut
		}
		return errors.Join(ErrUnavailable, s.Err())
	}
	err := guarded(func() error { return s.db.View(f) })
	if errors.Is(err, ErrDamaged) {
		return fileError(s.path(), err)
	}
	return err
}
