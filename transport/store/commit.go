package store

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	bolt "go.etcd.io/bbolt"
)

// op is something to be stored.
type op struct {
	room    *room // nil: all rooms
	whole   bool  // wants the room without what the same transaction has of it, and nothing after itself in it
	slow    bool
	bytes   int   // that count for the queue
	logged  int   // bytes it takes in the write-ahead log, about; 0: it goes into rooms.db at once
	refused error // it is only to be answered with that

	queued time.Time // for metrics

	// stage judges, and writes to the transaction. Its error answers this operation alone; then nothing was written.
	stage func(b *batch) error
	// finish answers when it is on disk, or will not be. It is called once, in the order of the operations.
	finish func(err error)
}

// committer is what belongs to the goroutine that commits.
type committer struct {
	lastSeq, lastBlob, lastRemoved uint64
	removedOrder                   []removedRoom // in the file, the oldest first
	garbage                        garbage
	wal                            *wal // open while db is
	pending                        pending

	fatal   bool          // bbolt gave up; only another process can go on
	retryIn time.Duration // to the next attempt to work again
	retry   *time.Timer   // runs while the store does not work; else nil

	recentBytes atomic.Int64 // of all rooms' recent frames
}

func (s *Store) enqueue(o *op) {
	o.queued = time.Now()
	s.queue.add(o)
}

// run commits until the store is closed: at once when there is something, and together with it all that came
// meanwhile.
func (s *Store) run() {
	defer close(s.ended)
	for {
		if s.retry != nil { // also when there is always something to refuse
			select {
			case <-s.retry.C:
				s.comeBack()
			default:
			}
		}
		ops, open := s.queue.take()
		switch {
		case !open:
			s.shut()
			return
		case len(ops) > 0:
			s.process(ops)
		case s.retry == nil && !s.garbage.empty():
			s.process(nil)
		case s.retry == nil:
			select {
			case <-s.queue.more:
			case <-s.pending.overdue():
				s.process(nil)
			}
		default:
			select {
			case <-s.queue.more:
			case <-s.retry.C:
				s.comeBack()
			}
		}
	}
}

// process does operations in as few group commits as it can; without any it makes a checkpoint, and deletes some of
// what nobody needs.
func (s *Store) process(ops []*op) {
	for first := true; first || len(ops) > 0; first = false {
		if err := s.Err(); err != nil {
			for _, o := range ops {
				o.finish(fmt.Errorf("%w: %w", ErrUnavailable, err))
				s.queue.done(o)
			}
			return
		}
		b := &batch{store: s, began: time.Now(), checkpoint: s.mustCheckpoint(ops)}
		b.do(ops)
		ops = ops[len(b.ops):]
	}
}

// do stores operations, as many as go together, and answers them.
func (b *batch) do(ops []*op) {
	err := guarded(func() error { return b.fill(ops) })
	if err == nil {
		err = guarded(b.commit)
	}
	if err != nil {
		b.store.breakOff(err)
		err = fmt.Errorf("%w: %w", ErrUnavailable, b.store.Err())
	}
	b.answer(err)
}

// batch is one group commit: a record of the write-ahead log, or else a transaction, which is a checkpoint, too.
type batch struct {
	store *Store
	began time.Time

	checkpoint bool
	shut       bool         // the last checkpoint
	tx         *bolt.Tx     // of a checkpoint
	log        *bolt.Bucket // likewise
	mark       walMark      // likewise: what rooms.db says afterwards
	entries    walBuilder   // of one that is none

	ops   []*op
	errs  []error // of the operations alone
	rooms []*room // that have something staged
	grown []*room
	live  int64 // bytes staged, of all rooms
	bytes int
	swept swept
	dirty bool
	alone bool // holds an operation after which nothing else may come
}

// staging is what a group commit has of a room.
type staging struct {
	whole           bool
	recorded        bool // its record is in it
	frames          []staged
	last            map[uint64]uint64 // counters of the frames
	live, keptBytes int64             // more than before
}

// fill stages operations, as many as go together; at least one.
func (b *batch) fill(ops []*op) error {
	if b.checkpoint {
		if err := b.begin(); err != nil {
			return err
		}
	}
	for _, o := range ops {
		if len(b.ops) > 0 && !b.takes(o) {
			break
		}
		b.ops = append(b.ops, o)
		b.bytes += o.bytes
		err := o.refused
		if err == nil {
			if o.whole {
				b.touch(o.room).whole = true
			}
			err = o.stage(b)
		}
		b.errs = append(b.errs, err)
	}
	if b.checkpoint {
		return b.sweep()
	}
	return nil
}

// takes reports whether an operation may be in the same group commit as those before.
func (b *batch) takes(o *op) bool {
	switch {
	case b.alone || b.bytes+o.bytes > batchBytes || !b.checkpoint && len(b.entries.record)+o.logged > walBatch:
		return false
	case o.room == nil:
		return false
	case o.room.stage == nil:
		return true
	default:
		return !o.whole && !o.room.stage.whole
	}
}

// touch is what is staged of a room. Without a room it is all of them.
func (b *batch) touch(r *room) *staging {
	if r == nil {
		b.alone = true
		return new(staging)
	}
	if r.stage == nil {
		r.stage = &staging{last: make(map[uint64]uint64)}
		b.rooms = append(b.rooms, r)
	}
	return r.stage
}

// put and remove change a bucket, in a checkpoint. The error is about the file, and ends the transaction.
func (b *batch) put(bucket, key, value []byte) { b.must(b.tx.Bucket(bucket).Put(key, value)) }

func (b *batch) remove(bucket, key []byte) { b.must(b.tx.Bucket(bucket).Delete(key)) }

// must is for what cannot fail but by a mistake of ours or a damaged page.
func (b *batch) must(err error) {
	b.dirty = true
	if err != nil {
		panic(err)
	}
}

// commit writes it to disk.
func (b *batch) commit() error {
	switch {
	case b.checkpoint:
		return b.commitCheckpoint()
	case b.dirty:
		return b.store.wal.append(&b.entries)
	}
	return nil
}

// answer publishes what was stored, if err is nil, and answers every operation, in order.
func (b *batch) answer(err error) {
	s := b.store
	if err == nil {
		b.logged()
		s.live.Add(b.live)
		for _, r := range b.rooms {
			r.live += r.stage.live
			r.keptBytes += r.stage.keptBytes
			r.durable = r.durable || r.stage.recorded
		}
		b.swept.forget(&s.garbage)
	}
	for _, r := range b.rooms {
		r.stage = nil
	}
	for i, o := range b.ops {
		if err != nil {
			o.finish(err)
		} else {
			o.finish(b.errs[i])
		}
		s.queue.done(o)
	}
	for _, r := range b.grown {
		r.say()
	}
	s.trimRecent()
	if s.o.Committed != nil && (b.dirty || err != nil) {
		c := Commit{Operations: len(b.ops), Bytes: b.bytes, Took: time.Since(b.began), Err: err}
		if len(b.ops) > 0 {
			c.Waited = b.began.Sub(b.ops[0].queued)
		}
		s.o.Committed(c)
	}
}

// say tells the room's readers that it grew.
func (r *room) say() {
	r.mu.Lock()
	grew := r.grew
	r.mu.Unlock()
	if grew != nil {
		grew()
	}
}

// trimRecent makes place when all rooms together remember too much: each keeps its share of half of it.
func (s *Store) trimRecent() {
	if s.recentBytes.Load() <= s.o.RecentBytes {
		return
	}
	rooms := s.all()
	share := s.o.RecentBytes / 2 / int64(max(1, len(rooms)))
	for _, r := range rooms {
		r.mu.Lock()
		r.forgetRecent(share)
		r.mu.Unlock()
	}
}

// breakOff stops using a file that could not be written.
func (s *Store) breakOff(err error) {
	if !errors.As(err, new(*FileError)) {
		err = fileError(s.path(), err)
	}
	s.o.Logger.Error("cannot store: nothing is acknowledged until it works again", "error", err)
	s.broken.Store(&err)
	s.fatal = s.fatal || errors.Is(err, errPanic)
	s.dbMu.Lock()
	db := s.db
	s.db = nil
	s.dbMu.Unlock()
	closing := s.wal.close()
	if s.fatal {
		s.o.Logger.Error("this relay has to be started again; see `coedit store check`")
	} else {
		closing = errors.Join(closing, db.Close())
	}
	if closing != nil {
		s.o.Logger.Error("cannot close the store", "error", closing)
	}
	s.retryIn = s.o.Retry
	s.retry = time.NewTimer(s.retryIn)
}
