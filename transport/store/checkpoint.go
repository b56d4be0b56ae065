package store

import (
	"errors"
	"os"
	"path/filepath"
	"time"
)

// mustCheckpoint reports whether operations are to go into rooms.db, together with what is in the log: because they are
// none that the log has a place for, or because it is time.
func (s *Store) mustCheckpoint(ops []*op) bool {
	if len(ops) == 0 || !s.garbage.empty() || s.wal.bytes() >= s.o.LogBytes || len(s.pending.puts) >= walPuts {
		return true
	}
	for _, o := range ops {
		if o.logged == 0 || o.logged > walBatch || !o.room.durable && len(o.room.manifest) > walBatch {
			return true
		}
	}
	select {
	case <-s.pending.overdue():
		return true
	default:
		return false
	}
}

// begin begins a checkpoint with what is in the log: the operations are judged by what rooms.db has then.
func (b *batch) begin() error {
	tx, err := b.store.db.Begin(true)
	if err != nil {
		return err
	}
	b.tx, b.log = tx, tx.Bucket(bucketLog)
	b.log.FillPercent = 0.95 // keys ascend
	for _, put := range b.store.pending.puts {
		b.put(put.bucket(), key1(put.key), put.value)
	}
	return nil
}

// commitCheckpoint writes the transaction. That rooms.db has all of this generation of the log, so that what comes next
// is in another one, is part of it: there is no moment at which both have something, or none.
func (b *batch) commitCheckpoint() error {
	if !b.dirty && !b.shut {
		return b.tx.Rollback()
	}
	b.mark = b.store.wal.mark
	b.mark.generation++
	b.mark.shut = b.shut
	b.put(bucketStore, keyWal, b.mark.encode())
	return b.tx.Commit()
}

// logged is called when a group commit is on disk.
func (b *batch) logged() {
	s := b.store
	switch {
	case b.mark.id != 0:
		s.wal.reset(b.mark)
		s.pending.clear()
	case !b.checkpoint && b.dirty:
		s.pending.add(b.entries.puts())
	}
}

// putRoom and putFrame change the bucket of rooms and the log, there or in the write-ahead log.
func (b *batch) putRoom(room uint64, rec roomRecord) {
	key := key1(room)
	if b.checkpoint {
		b.put(bucketRooms, key, rec.encode(key))
		return
	}
	b.dirty = true
	b.entries.add(walRoom, room, func(to []byte) []byte { return append(to, rec.encode(key)...) })
}

func (b *batch) putFrame(seq uint64, rec frameRecord) {
	key := key1(seq)
	if b.checkpoint {
		b.must(b.log.Put(key, rec.encode(key)))
		return
	}
	b.dirty = true
	b.entries.add(walFrame, seq, func(to []byte) []byte { return rec.append(to, key) })
}

// shut makes the last checkpoint. Then the log is empty, and its file may go.
func (s *Store) shut() {
	if s.retry != nil {
		s.retry.Stop()
		return
	}
	b := &batch{store: s, began: time.Now(), checkpoint: true, shut: true}
	if b.do(nil); s.Err() != nil {
		s.retry.Stop()
		return
	}
	if err := errors.Join(s.wal.close(), os.Remove(filepath.Join(s.dir, walName))); err != nil {
		s.o.Logger.Warn("cannot remove the write-ahead log, which is empty", "error", err)
	}
}

// settled returns when all that was stored before is in rooms.db.
func (s *Store) settled() error {
	done := make(chan error, 1)
	s.enqueue(&op{stage: func(*batch) error { return nil }, finish: func(err error) { done <- err }})
	return <-done
}
