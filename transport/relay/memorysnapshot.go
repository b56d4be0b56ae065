package relay

import (
	"fmt"
	"time"

	"coedit/transport"
)

func (r *memoryRoom) Snapshot() Snapshot {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.newest.Snapshot
}

func (r *memoryRoom) Previous() (Snapshot, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.kept == nil {
		return Snapshot{}, false
	}
	return r.kept.Snapshot, true
}

func (r *memoryRoom) ReadSnapshot(generation uint64, offset, n int) ([]byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var payload []byte
	switch {
	case r.removed:
		return nil, ErrClosed
	case generation != 0 && generation == r.newest.Generation:
		payload = r.newest.payload
	case generation != 0 && r.kept != nil && generation == r.kept.Generation:
		payload = r.kept.payload
	default:
		return nil, fmt.Errorf("%w: snapshot %d", ErrTruncated, generation)
	}
	from := min(max(0, offset), len(payload))
	return payload[from:min(len(payload), from+n)], nil
}

func (r *memoryRoom) PutSnapshot(s Snapshot, payload []byte, done func(uint64, error)) {
	generation, grew, err := r.putSnapshot(s, payload)
	done(generation, err)
	if grew != nil {
		grew()
	}
}

func (r *memoryRoom) putSnapshot(s Snapshot, payload []byte) (generation uint64, grew func(), err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.removed {
		return 0, nil, ErrClosed
	}
	old := r.newest
	if s.Restore {
		s.Covers.Number = max(s.Covers.Number, r.covered()) // what the old one covers
	}
	if s.Generation != old.Generation || s.Covers.Incarnation != r.incarnation || s.Covers.Number > r.head() ||
		!s.Restore && s.Covers.Number < old.Number {
		return 0, nil, &StaleError{Generation: old.Generation}
	}
	live, kept := int64(len(payload)-len(old.payload)), int64(0)
	tail := r.tail
	for _, f := range r.between(r.covered(), s.Covers.Number) {
		live -= frameBytes(f)
		kept += frameBytes(f)
		tail -= int64(f.Size())
	}
	if s.Restore {
		live += entryOverhead
	}
	if r.kept == nil {
		kept += int64(len(old.payload))
	}
	if err := r.grow(live, kept); err != nil {
		return 0, nil, err
	}
	if r.kept == nil {
		r.kept = &old
	}
	s.Generation++
	s.Number, s.Size = s.Covers.Number, len(payload)
	if s.Restore {
		s.Number = r.head() + 1
		r.frames = append(r.frames, transport.Frame{Number: s.Number, Replica: s.Maker, Class: transport.ClassSnapshot})
	}
	r.newest, r.tail = storedSnapshot{s, payload}, tail
	return s.Generation, r.grew, nil
}

func (r *memoryRoom) Confirm(generation, replica uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if generation == r.newest.Generation && replica != r.newest.Maker {
		r.dropKept()
	}
}

// settle takes a snapshot put before a time for confirmed.
func (r *memoryRoom) settle(before time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.kept == nil || !r.newest.Put.Before(before) {
		return false
	}
	r.dropKept()
	return true
}

// dropKept drops what the snapshot replaced. Readers may hold the old slice's frames,
// never the slice.
func (r *memoryRoom) dropKept() {
	if r.kept == nil {
		return
	}
	r.log.reserve(-r.keptBytes)
	r.keptBytes, r.kept = 0, nil
	through := r.covered()
	r.frames = append([]transport.Frame(nil), r.between(through, r.head())...)
	r.base = through
	for _, w := range r.writers {
		n := 0
		for n < len(w.numbers) && w.numbers[n] <= through {
			n++
		}
		w.numbers = append([]uint64(nil), w.numbers[n:]...)
	}
}
