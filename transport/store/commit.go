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
			if s.retry != nil {
				s.retry.Stop()
			}
			return
		case len(ops) > 0:
			s.process(ops)
		case s.retry == nil && !s.garbage.empty():
			s.process(nil)
		case s.retry == nil:
			<-s.queue.more
		default:
			select {
			case <-s.queue.more:
			case <-s.retry.C:
				s.comeBack()
			}
		}
	}
}

// process does operations in as few transactions as it can.
func (s *Store) process(ops []*op) {
	for first := true; first || len(ops) > 0; first = false {
		if err := s.Err(); err != nil {
			for _, o := range ops {
				o.finish(fmt.Errorf("%w: %w", ErrUnavailable, err))
				s.queue.done(o)
			}
			return
		}
		b := &batch{store: s, began: time.Now()}
		err := guarded(func() error { return b.fill(ops) })
		if err == nil {
			err = guarded(b.commit)
		}
		if err != nil {
			s.breakOff(err)
			err = fmt.Errorf("%w: %w", ErrUnavailable, s.Err())
		}
		b.answer(err)
		ops = ops[len(b.ops):]
	}
}

// batch is one transaction.
type batch struct {
	store *Store
	began time.Time
	tx    *bolt.Tx
	log   *bolt.Bucket
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

// staging is what a transaction has of a room.
type staging struct {
	whole           bool
	recorded        bool // its record is in this transaction
	frames          []staged
	last            map[uint64]uint64 // counters of the frames
	live, keptBytes int64             // more than before
}

// fill begins the transaction and stages operations, as many as go together; at least one.
func (b *batch) fill(ops []*op) error {
	tx, err := b.store.db.Begin(true)
	if err != nil {
		return err
	}
	b.tx, b.log = tx, tx.Bucket(bucketLog)
	b.log.FillPercent = 0.95 // keys ascend
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
	return b.sweep()
}

// takes reports whether an operation may be in the same transaction as those before.
func (b *batch) takes(o *op) bool {
	switch {
	case b.alone || b.bytes+o.bytes > batchBytes:
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

// put and remove change a bucket. The error is about the file, and ends the transaction.
func (b *batch) put(bucket, key, value []byte) { b.must(b.tx.Bucket(bucket).Put(key, value)) }

func (b *batch) remove(bucket, key []byte) { b.must(b.tx.Bucket(bucket).Delete(key)) }

// must is for what cannot fail but by a mistake of ours or a damaged page.
func (b *batch) must(err error) {
	b.dirty = true
	if err != nil {
		panic(err)
	}
}

// commit writes the transaction to disk.
func (b *batch) commit() error {
	if !b.dirty {
		return b.tx.Rollback()
	}
	return b.tx.Commit()
}

// answer publishes what was stored, if err is nil, and answers every operation, in order.
func (b *batch) answer(err error) {
	s := b.store
	if err == nil {
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
	err = fileError(s.path(), err)
	s.o.Logger.Error("cannot store: nothing is acknowledged until it works again", "error", err)
	s.broken.Store(&err)
	s.fatal = s.fatal || errors.Is(err, errPanic)
	s.dbMu.Lock()
	db := s.db
	s.db = nil
	s.dbMu.Unlock()
	if s.fatal {
		s.o.Logger.Error("this relay has to be started again; see `coedit store check`")
	} else if err := db.Close(); err != nil {
		s.o.Logger.Error("cannot close the store", "error", err)
	}
	s.retryIn = s.o.Retry
	s.retry = time.NewTimer(s.retryIn)
}
