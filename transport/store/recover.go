package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// comeBack tries to work again after a failure. Nothing that was in memory or in the system's cache is believed: the
// file is read anew, and everything that was acknowledged must be in it.
func (s *Store) comeBack() {
	s.retry = nil
	err := s.tryAgain()
	if err == nil {
		s.o.Logger.Info("the store works again")
		return
	}
	s.retryIn = min(2*s.retryIn, maxRetry)
	s.retry = time.NewTimer(s.retryIn)
	s.o.Logger.Error("the store does not work yet", "error", err)
}

func (s *Store) tryAgain() error {
	if s.fatal {
		return s.Err()
	}
	if err := writable(s.dir); err != nil {
		return fileError(s.path(), err)
	}
	for _, path := range []string{s.path(), filepath.Join(s.dir, walName)} {
		if f, err := os.Open(path); err == nil {
			forgetCached(f)
			f.Close()
		}
	}
	f, err := openFiles(s.dir, nil)
	if err != nil {
		return err
	}
	if err := s.compare(f.img); err != nil {
		return fileError(s.path(), errors.Join(err, f.db.Close(), f.wal.close()))
	}
	s.dbMu.Lock()
	s.db = f.db
	s.dbMu.Unlock()
	s.wal = f.wal
	s.pending.clear()
	s.broken.Store(nil)
	s.resume(f.img)
	return nil
}

// compare reports what was acknowledged and is not in the file.
func (s *Store) compare(img *image) error {
	for _, r := range s.all() {
		if !r.durable {
			continue
		}
		in := img.rooms[r.key]
		if in == nil {
			return fmt.Errorf("%w: room %s is gone", ErrDamaged, r.id)
		}
		if head := in.base() + uint64(len(in.frames)); head < r.head() || in.newest().Generation < r.newest.Generation || in.incarnation != r.incarnation {
			return fmt.Errorf("%w: room %s has %d frames and snapshot %d, and had %d and %d", ErrDamaged, r.id,
				head, in.newest().Generation, r.head(), r.newest.Generation)
		}
	}
	return nil
}

// resume takes over what is in the file, which may be more than is known: what was stored although it seemed not to
// be. What the file lacks, because it could not be written, is written now.
func (s *Store) resume(img *image) {
	s.lastSeq, s.lastBlob, s.lastRemoved = img.nextSeq, img.nextBlob, img.nextRemoved
	s.garbage, s.removedOrder = img.garbage, img.removed
	var grown []*room
	s.mu.Lock()
	recorded := make(map[string]bool)
	for _, removed := range img.removed {
		recorded[removed.id] = true
		s.removed[removed.id] = struct{}{}
	}
	for key, in := range img.rooms {
		r := s.rooms[in.id]
		_, removed := s.removed[in.id]
		switch {
		case r != nil && r.key == key:
			r.load(in)
			r.mu.Lock()
			r.forgetRecent(0)
			r.mu.Unlock()
			grown = append(grown, r)
		case r == nil && !removed: // it was to expire, and may try again
			s.rooms[in.id] = newRoom(s, in)
		default: // it was removed, or another one took its place
			o, _ := s.dropOp(newRoom(s, in), removed && !recorded[in.id])
			s.enqueue(o)
			recorded[in.id] = true
		}
	}
	for id := range s.removed {
		if !recorded[id] {
			o, _ := s.dropOp(&room{store: s, id: id}, true)
			s.enqueue(o)
		}
	}
	var live int64
	for _, r := range s.rooms {
		if img.rooms[r.key] == nil {
			s.enqueue(s.recordOp(r))
		}
		live += r.live + r.keptBytes
	}
	s.mu.Unlock()
	s.live.Store(live)
	for _, r := range grown {
		r.say()
	}
}
