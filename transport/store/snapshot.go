package store

import (
	"fmt"
	"time"

	"coedit/transport"
	"coedit/transport/relay"

	bolt "go.etcd.io/bbolt"
)

func (r *room) Snapshot() relay.Snapshot {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.newest.Snapshot
}

func (r *room) Previous() (relay.Snapshot, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.kept == nil {
		return relay.Snapshot{}, false
	}
	return r.kept.Snapshot, true
}

// ReadSnapshot reads a part of a payload, at most to the end of the chunk it begins in.
func (r *room) ReadSnapshot(generation uint64, offset, n int) ([]byte, error) {
	h, err := r.snapshotOf(generation)
	if err != nil || offset < 0 || offset >= h.Size {
		return nil, err
	}
	var part []byte
	index := uint32(offset / chunkBytes)
	err = r.store.view(func(tx *bolt.Tx) error {
		key := blobKey(h.blob, index)
		chunk, err := unsealed(key, tx.Bucket(bucketBlobs).Get(key))
		if err == nil && len(chunk) != min(chunkBytes, h.Size-int(index)*chunkBytes) {
			err = fmt.Errorf("%w: a part of %d bytes", errRecord, len(chunk))
		}
		if err != nil {
			return fileError(r.store.path(), fmt.Errorf("%w: part %d of a snapshot: %w", ErrDamaged, index, err))
		}
		chunk = chunk[offset-int(index)*chunkBytes:]
		part = append([]byte(nil), chunk[:min(n, len(chunk))]...)
		return nil
	})
	if err == nil {
		return part, nil
	}
	if _, gone := r.snapshotOf(generation); gone != nil {
		return nil, gone
	}
	return nil, err
}

// snapshotOf is the snapshot of a generation, if it is there.
func (r *room) snapshotOf(generation uint64) (head, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.removed:
		return head{}, relay.ErrClosed
	case generation != 0 && generation == r.newest.Generation:
		return r.newest, nil
	case generation != 0 && r.kept != nil && generation == r.kept.Generation:
		return *r.kept, nil
	}
	return head{}, fmt.Errorf("%w: snapshot %d", relay.ErrTruncated, generation)
}

// PutSnapshot stores the payload first, part by part between other commits, then the rest in one transaction.
func (r *room) PutSnapshot(s relay.Snapshot, payload []byte, done func(uint64, error)) {
	p := &putting{room: r, snapshot: s, payload: payload, done: done}
	for i := range chunks(len(payload)) {
		chunk := payload[int(i)*chunkBytes : min(len(payload), int(i+1)*chunkBytes)]
		r.store.enqueue(&op{
			room: r, slow: true, bytes: len(chunk),
			stage:  func(b *batch) error { return p.stageChunk(b, i, chunk) },
			finish: p.finishChunk,
		})
	}
	r.store.enqueue(&op{room: r, slow: true, whole: true, stage: p.stage, finish: p.finish})
}

// putting is a snapshot being stored. Owned by the committer.
type putting struct {
	room     *room
	snapshot relay.Snapshot
	payload  []byte
	done     func(uint64, error)

	blob    uint64 // 0: none of its chunks were written
	written uint32 // chunks
	failed  error  // the first

	next head
	mark *staged // of a restoring one
}

func (p *putting) stageChunk(b *batch, index uint32, chunk []byte) error {
	if p.failed == nil {
		p.failed = p.judge()
	}
	if p.failed != nil {
		return p.failed
	}
	if p.blob == 0 {
		b.store.lastBlob++
		p.blob = b.store.lastBlob
	}
	key := blobKey(p.blob, index)
	b.put(bucketBlobs, key, sealed(key, append(make([]byte, 0, len(chunk)+4), chunk...)))
	return nil
}

func (p *putting) finishChunk(err error) {
	if err != nil {
		p.failed = err
		return
	}
	p.written++
}

// judge reports why the snapshot does not fit the room as it is.
func (p *putting) judge() error {
	r, s := p.room, &p.snapshot
	covers := s.Covers.Number
	if s.Restore {
		covers = max(covers, r.covered())
	}
	switch {
	case r.removed:
		return relay.ErrClosed
	case s.Generation != r.newest.Generation || s.Covers.Incarnation != r.incarnation || covers > r.head() ||
		!s.Restore && covers < r.newest.Number:
		return &relay.StaleError{Generation: r.newest.Generation}
	}
	return nil
}

// stage writes the snapshot itself: from then on the log is truncated.
func (p *putting) stage(b *batch) error {
	r := p.room
	if p.failed == nil {
		p.failed = p.judge()
	}
	if p.failed == nil {
		p.failed = p.reserve(b)
	}
	if p.failed != nil {
		return p.failed
	}
	if !r.durable {
		b.record(r)
	}
	p.next = head{Snapshot: p.snapshot, blob: p.blob}
	h := &p.next
	if h.Restore {
		h.Covers.Number = max(h.Covers.Number, r.covered())
	}
	h.Generation++
	h.Number, h.Size = h.Covers.Number, len(p.payload)
	if h.Restore {
		p.mark = b.log1(r, transport.Frame{Replica: h.Maker, Class: transport.ClassSnapshot})
		h.Number = p.mark.Number
	}
	if r.kept != nil && r.newest.Generation > 0 { // unconfirmed: it makes way
		b.remove(bucketHeads, key2(r.key, r.newest.Generation))
	}
	key := key2(r.key, h.Generation)
	b.put(bucketHeads, key, h.encode(key))
	return nil
}

// reserve counts what changes by the snapshot.
func (p *putting) reserve(b *batch) error {
	r := p.room
	covers := p.snapshot.Covers.Number
	if p.snapshot.Restore {
		covers = max(covers, r.covered())
	}
	live, kept := int64(len(p.payload)-r.newest.Size), int64(0)
	for _, at := range r.entries[r.covered()-r.base : covers-r.base] {
		live -= frameBytes(at.size)
		kept += frameBytes(at.size)
	}
	if p.snapshot.Restore {
		live += entryOverhead
	}
	if r.kept == nil {
		kept += int64(r.newest.Size)
	}
	return b.reserve(r, live, kept)
}

func (p *putting) finish(err error) {
	r := p.room
	if err != nil {
		if p.written > 0 {
			r.store.garbage.blobs = append(r.store.garbage.blobs, blobRange{p.blob, p.written})
		}
		p.done(0, err)
		return
	}
	if p.mark != nil {
		r.publish(*p.mark)
	}
	r.mu.Lock()
	if r.kept == nil {
		old := r.newest
		r.kept = &old
	} else {
		r.store.garbage.blob(r.newest)
	}
	for _, at := range r.entries[r.covered()-r.base : p.next.Covers.Number-r.base] {
		r.tail -= int64(at.size)
	}
	r.newest = p.next
	r.mu.Unlock()
	p.done(p.next.Generation, nil)
}

// blob gives up a snapshot's payload.
func (g *garbage) blob(h head) {
	if h.Size > 0 {
		g.blobs = append(g.blobs, blobRange{h.blob, chunks(h.Size)})
	}
}

func (r *room) Confirm(generation, replica uint64) {
	confirmed := false
	r.store.enqueue(&op{
		room: r, whole: true,
		stage: func(b *batch) error {
			confirmed = !r.removed && r.kept != nil && generation == r.newest.Generation && replica != r.newest.Maker
			if confirmed {
				b.confirm(r)
			}
			return nil
		},
		finish: func(err error) {
			if err == nil && confirmed {
				r.dropKept()
			}
		},
	})
}

// settleOp confirms the snapshots put before a time.
func (s *Store) settleOp(before time.Time) (o *op, done chan error, settled *int) {
	var rooms []*room
	done, settled = make(chan error, 1), new(int)
	o = &op{whole: true}
	o.stage = func(b *batch) error {
		for _, r := range s.all() {
			if !r.removed && r.kept != nil && r.newest.Put.Before(before) {
				b.confirm(r)
				rooms = append(rooms, r)
			}
		}
		return nil
	}
	o.finish = func(err error) {
		if err == nil {
			for _, r := range rooms {
				r.dropKept()
			}
			*settled = len(rooms)
		}
		done <- err
	}
	return o, done, settled
}

// confirm writes that the newest snapshot is confirmed. The counters of those whose frames go are written down, for
// they must not be used again.
func (b *batch) confirm(r *room) {
	h := r.newest
	h.confirmed = true
	key := key2(r.key, h.Generation)
	b.put(bucketHeads, key, h.encode(key))
	if r.kept.Generation > 0 {
		b.remove(bucketHeads, key2(r.key, r.kept.Generation))
	}
	for replica, w := range r.writers {
		if len(w.numbers) > 0 && w.numbers[0] <= h.Covers.Number {
			key := key2(r.key, replica)
			b.put(bucketCounters, key, encodeCounter(key, w.last))
		}
	}
	if err := b.reserve(r, 0, -r.keptBytes); err != nil {
		panic(err) // giving back cannot fail
	}
}

// dropKept drops what the newest snapshot replaced. The file is cleared of it bit by bit.
func (r *room) dropKept() {
	r.mu.Lock()
	defer r.mu.Unlock()
	g := &r.store.garbage
	through := r.covered()
	for _, at := range r.entries[:through-r.base] {
		g.frames = append(g.frames, at.seq)
	}
	g.blob(*r.kept)
	r.entries = append([]position(nil), r.entries[through-r.base:]...)
	r.base, r.kept, r.newest.confirmed = through, nil, true
	for _, w := range r.writers {
		n := 0
		for n < len(w.numbers) && w.numbers[n] <= through {
			n++
		}
		w.numbers = append([]uint64(nil), w.numbers[n:]...)
	}
}
