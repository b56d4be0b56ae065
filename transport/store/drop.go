package store

import (
	"coedit/transport/relay"
)

// recordOp writes down whose room it is and since when nobody is in it.
func (s *Store) recordOp(r *room) *op {
	r.mu.Lock()
	size := roomRecord{id: r.id, manifest: r.manifest}.size()
	r.mu.Unlock()
	return &op{
		room:   r,
		logged: size + walEntry,
		stage: func(b *batch) error {
			if r.removed {
				return nil
			}
			b.touch(r).recorded = false
			b.record(r)
			return nil
		},
		finish: func(error) {},
	}
}

// record stages a room's record, unless it is there. A room that could not be stored when it was made is stored with
// the first thing in it.
func (b *batch) record(r *room) {
	st := b.touch(r)
	if st.recorded {
		return
	}
	b.store.mu.Lock()
	rec := roomRecord{incarnation: r.incarnation, released: r.released, id: r.id, manifest: r.manifest}
	b.store.mu.Unlock()
	b.putRoom(r.key, rec)
	st.recorded = true
}

// dropOp removes a room; for good, its id is remembered.
func (s *Store) dropOp(r *room, forGood bool) (o *op, done chan error) {
	done = make(chan error, 1)
	var remembered removedRoom
	var forgotten []removedRoom
	o = &op{room: r, whole: true}
	o.stage = func(b *batch) error {
		if r.key != 0 {
			b.dropRoom(r)
		}
		if forGood {
			remembered, forgotten = b.rememberRemoved(r.id)
		}
		return nil
	}
	o.finish = func(err error) {
		if err == nil {
			r.emptied()
			s.removedOrder = append(s.removedOrder[len(forgotten):], remembered)
			if !forGood {
				s.removedOrder = s.removedOrder[:len(s.removedOrder)-1]
			}
			s.forget(forgotten)
			r.say()
		} else if forGood {
			r.close()
		}
		done <- err
	}
	return o, done
}

// dropRoom stages the end of a room: its record goes, and with it all meaning of the others.
func (b *batch) dropRoom(r *room) {
	b.remove(bucketRooms, key1(r.key))
	for _, h := range []*head{&r.newest, r.kept} {
		if h != nil && h.Generation > 0 {
			b.remove(bucketHeads, key2(r.key, h.Generation))
		}
	}
	if err := b.reserve(r, -r.live, -r.keptBytes); err != nil {
		panic(err) // giving back cannot fail
	}
}

// rememberRemoved stages that a room's id is never to be used again, and which ones are forgotten for it.
func (b *batch) rememberRemoved(id string) (remembered removedRoom, forgotten []removedRoom) {
	s := b.store
	s.lastRemoved++
	remembered = removedRoom{s.lastRemoved, id}
	key := key1(remembered.key)
	b.put(bucketRemoved, key, sealed(key, []byte(id)))
	for _, old := range s.removedOrder {
		if len(s.removedOrder)-len(forgotten) < relay.MaxRemoved {
			break
		}
		b.remove(bucketRemoved, key1(old.key))
		forgotten = append(forgotten, old)
	}
	return remembered, forgotten
}

// forget makes removed rooms' ids usable again, unless they were removed once more.
func (s *Store) forget(removed []removedRoom) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, old := range removed {
		delete(s.removed, old.id)
	}
}

// emptied makes a removed room empty in memory. The file is cleared of it bit by bit.
func (r *room) emptied() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.removed = true
	g := &r.store.garbage
	for _, at := range r.entries {
		g.frames = append(g.frames, at.seq)
	}
	g.blob(r.newest)
	if r.kept != nil {
		g.blob(*r.kept)
	}
	for replica := range r.writers {
		g.counters = append(g.counters, [2]uint64{r.key, replica})
	}
	r.base, r.entries = r.head(), nil
	r.newest.Covers.Number, r.newest.blob, r.newest.Size = r.base, 0, 0
	r.kept, r.writers, r.tail = nil, nil, 0
	r.forgetRecent(0)
}

// close makes a room of no use although it could not be removed from the file.
func (r *room) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.removed = true
}

// swept is how much of the garbage a transaction deletes.
type swept struct {
	frames, heads, counters int
	chunks                  uint32 // of the first blob
	blobs                   int    // whole ones; or none, and chunks
}

// forget takes what was deleted off the garbage.
func (d swept) forget(g *garbage) {
	g.frames, g.heads, g.counters = rest(g.frames, d.frames), rest(g.heads, d.heads), rest(g.counters, d.counters)
	g.blobs = rest(g.blobs, d.blobs)
	if d.chunks > 0 {
		g.blobs[0].chunks -= d.chunks
	}
}

// rest is what follows the first n; nil when nothing does, so that the memory is free.
func rest[T any](s []T, n int) []T {
	if n == len(s) {
		return nil
	}
	return s[n:]
}

// sweep deletes some of what nobody needs.
func (b *batch) sweep() error {
	g, d := &b.store.garbage, &b.swept
	for _, seq := range g.frames[:min(len(g.frames), sweepFrames)] {
		b.must(b.log.Delete(key1(seq)))
		d.frames++
	}
	for _, h := range g.heads[:min(len(g.heads), sweepFrames)] {
		b.remove(bucketHeads, key2(h[0], h[1]))
		d.heads++
	}
	for _, c := range g.counters[:min(len(g.counters), sweepFrames)] {
		b.remove(bucketCounters, key2(c[0], c[1]))
		d.counters++
	}
	if len(g.blobs) == 0 {
		return nil
	}
	blobs, first := b.tx.Bucket(bucketBlobs), g.blobs[0]
	n := min(first.chunks, sweepChunks)
	for i := range n { // from the end: what is left is whole up to its number of chunks
		b.must(blobs.Delete(blobKey(first.blob, first.chunks-1-i)))
	}
	if d.chunks = n; n == first.chunks {
		d.chunks, d.blobs = 0, 1
	}
	return nil
}
