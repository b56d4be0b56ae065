package store

import (
	"fmt"

	"coedit/transport"
	"coedit/transport/relay"
)

// staged is a frame in a transaction.
type staged struct {
	transport.Frame
	seq uint64
}

func (r *room) Append(f transport.Frame, baseline uint64, done func(uint64, error)) {
	var number uint64
	var fresh *staged // nil when there is nothing new
	o := &op{room: r, bytes: f.Size() + entryOverhead, logged: frameRecord{Frame: f}.size() + walEntry}
	o.stage = func(b *batch) (err error) {
		number, fresh, err = b.append(r, f, baseline)
		return err
	}
	o.finish = func(err error) {
		if err != nil {
			done(0, err)
			return
		}
		if fresh != nil {
			r.publish(*fresh)
		}
		done(number, nil)
	}
	r.store.enqueue(o)
}

// append judges a frame by what is stored and what is staged, and stages it.
func (b *batch) append(r *room, f transport.Frame, baseline uint64) (number uint64, fresh *staged, err error) {
	if r.removed {
		return 0, nil, relay.ErrClosed
	}
	st := b.touch(r)
	last, known := st.last[f.Replica]
	w := r.writers[f.Replica]
	if !known && w != nil {
		last = w.last
	}
	switch next := max(last, baseline) + 1; {
	case f.Counter > next:
		return 0, nil, &relay.GapError{Expected: next, Got: f.Counter}
	case f.Counter < next:
		number, err = b.repeated(r, f)
		return number, nil, err
	case !fits(f):
		return 0, nil, fmt.Errorf("%w: frame %d of %d bytes", transport.ErrTooLarge, f.Counter, f.Size())
	}
	size := frameBytes(f.Size())
	if w == nil && !known {
		size += entryOverhead
	}
	if err := b.reserve(r, size, 0); err != nil {
		return 0, nil, err
	}
	st.last[f.Replica] = f.Counter
	fresh = b.log1(r, f)
	return fresh.Number, fresh, nil
}

// log1 writes, after the room itself, a frame with the room's next number.
func (b *batch) log1(r *room, f transport.Frame) *staged {
	st := b.touch(r)
	if !r.durable {
		b.record(r)
	}
	b.store.lastSeq++
	f.Number = r.head() + uint64(len(st.frames)) + 1
	b.putFrame(b.store.lastSeq, frameRecord{r.key, f})
	if len(st.frames) == 0 {
		b.grown = append(b.grown, r)
	}
	st.frames = append(st.frames, staged{f, b.store.lastSeq})
	return &st.frames[len(st.frames)-1]
}

// repeated judges a frame whose counter is not new: it must be the same as before, as far as that is still there.
func (b *batch) repeated(r *room, f transport.Frame) (uint64, error) {
	old, found, err := b.lookUp(r, f.Replica, f.Counter)
	switch {
	case err != nil:
		return 0, err
	case !found:
		return 0, nil
	case !relay.SameContent(old, f):
		return 0, fmt.Errorf("%w: replica %d, counter %d", relay.ErrConflict, f.Replica, f.Counter)
	}
	return old.Number, nil
}

// lookUp finds a frame by its author's counter.
func (b *batch) lookUp(r *room, replica, counter uint64) (f transport.Frame, found bool, err error) {
	for _, f := range r.stage.frames {
		if f.Replica == replica && f.Counter == counter {
			return f.Frame, true, nil
		}
	}
	w := r.writers[replica]
	if w == nil {
		return f, false, nil
	}
	for lo, hi := 0, len(w.numbers); lo < hi; {
		mid := (lo + hi) / 2
		f, err := b.frame(r, w.numbers[mid])
		switch {
		case err != nil:
			return f, false, err
		case f.Counter < counter:
			lo = mid + 1
		case f.Counter > counter:
			hi = mid
		default:
			return f, true, nil
		}
	}
	return f, false, nil
}

// frame reads a stored frame.
func (b *batch) frame(r *room, number uint64) (transport.Frame, error) {
	r.mu.Lock()
	if len(r.recent) > 0 && number >= r.recent[0].Number {
		f := r.recent[number-r.recent[0].Number]
		r.mu.Unlock()
		return f, nil
	}
	r.mu.Unlock()
	where := r.entries[number-r.base-1]
	if !b.checkpoint {
		frames, err := r.store.frames(r.key, number, []position{where})
		if err != nil {
			return transport.Frame{}, err
		}
		return frames[0], nil
	}
	key := key1(where.seq)
	f, err := decodeFrame(key, b.log.Get(key))
	if err != nil {
		return f.Frame, fileError(b.store.path(), fmt.Errorf("%w: frame %d of room %s: %w", ErrDamaged, number, r.id, err))
	}
	return f.Frame, nil
}

// reserve counts more bytes (fewer, when negative), of what is live and what is kept, or refuses.
func (b *batch) reserve(r *room, live, kept int64) error {
	st, o := b.touch(r), &b.store.o
	haveLive, haveKept := r.live+st.live, r.keptBytes+st.keptBytes
	switch {
	case live > 0 && haveLive+live > o.RoomBytes:
		return fmt.Errorf("%w: it holds %d bytes, and %d more are over %d", relay.ErrFull, haveLive, live, o.RoomBytes)
	case kept > 0 && haveKept+kept > o.RoomBytes:
		return fmt.Errorf("%w: its snapshot is not confirmed, and %d bytes kept with %d more are over %d", relay.ErrFull, haveKept, kept, o.RoomBytes)
	case live+kept > 0 && b.store.live.Load()+b.live+live+kept > o.TotalBytes:
		return fmt.Errorf("%w: all rooms of this relay together are at %d bytes", relay.ErrFull, o.TotalBytes)
	}
	st.live += live
	st.keptBytes += kept
	b.live += live + kept
	return nil
}

// publish makes a stored frame known.
func (r *room) publish(f staged) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.entries = append(r.entries, position{f.seq, f.Size()})
	r.tail += int64(f.Size())
	if f.Counter != 0 {
		r.wrote(f.Replica, f.Counter, f.Number)
	}
	r.remember(f.Frame)
}
