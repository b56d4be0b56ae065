package transport

import (
	"fmt"

	"coedit/transport/wire"
)

// inbox knows how far the log was received. It turns what the relay sends into
// frames without hole or double. Pure; owned by the goroutine of Run, which lends
// it to the reader of the current connection.
type inbox struct {
	cursor      Cursor
	seen        map[uint64]uint64 // replica -> counter of its last frame received
	head        uint64            // caught up when cursor.Number reaches it
	catching    bool
	maxSnapshot int

	// A snapshot's content is here when it was received, or when everything up to the head of a log that holds it was.
	generation uint64 // of the newest snapshot whose content is here
	promised   uint64 // generation of the log whose head is to be reached

	chunks *chunks // of the snapshot arriving, or nil
}

// chunks is a snapshot that has not wholly arrived.
type chunks struct {
	first   *wire.Snapshot // chunk 0, without its payload
	next    uint32
	payload []byte
}

// welcome begins a connection: it compares the log with the cursor, and reports
// whether the relay lacks what we had. Then the log is read from its beginning.
func (b *inbox) welcome(incarnation, head, generation uint64) (lost bool) {
	lost = b.cursor.Incarnation != 0 && (b.cursor.Incarnation != incarnation || head < b.cursor.Number)
	if lost || b.cursor.Incarnation == 0 {
		b.cursor, b.generation, b.seen = Cursor{Incarnation: incarnation}, 0, nil
	}
	b.head, b.promised, b.catching, b.chunks = head, generation, true, nil
	return lost
}

// rewound begins the log anew, after Fetch; frames come again.
func (b *inbox) rewound(head, generation uint64) {
	b.cursor.Number, b.generation, b.seen = 0, 0, nil
	b.head, b.promised, b.catching, b.chunks = head, generation, true, nil
}

// caughtUp is true once, when the head of the welcome, or of the rewind, has been reached.
func (b *inbox) caughtUp() bool {
	if !b.catching || b.cursor.Number < b.head {
		return false
	}
	b.catching = false
	b.generation = max(b.generation, b.promised)
	return true
}

// deliver checks that d continues at the cursor without a hole, advances it, and
// gives the frames not received before.
func (b *inbox) deliver(d *wire.Deliver) ([]Frame, error) {
	if d.GetAfter() != b.cursor.Number {
		return nil, fmt.Errorf("%w: frames after %d, expected after %d", ErrProtocol, d.GetAfter(), b.cursor.Number)
	}
	frames := make([]Frame, 0, len(d.GetFrames()))
	for _, w := range d.GetFrames() {
		if w.GetNumber() != b.cursor.Number+1 {
			return nil, fmt.Errorf("%w: frame %d after %d", ErrProtocol, w.GetNumber(), b.cursor.Number)
		}
		b.cursor.Number++
		if w.GetCounter() == 0 || w.GetCounter() <= b.seen[w.GetReplica()] {
			continue
		}
		if b.seen == nil {
			b.seen = make(map[uint64]uint64)
		}
		b.seen[w.GetReplica()] = w.GetCounter()
		frames = append(frames, FrameOf(w))
	}
	return frames, nil
}

// arriving says how much of a snapshot has arrived, and how much it is; zeros: none is arriving.
func (b *inbox) arriving() (have, size int) {
	if b.chunks == nil {
		return 0, 0
	}
	return len(b.chunks.payload), int(b.chunks.first.GetSize())
}

// snapshot takes one chunk and gives the whole snapshot with the last one.
func (b *inbox) snapshot(s *wire.Snapshot) (*Snapshot, error) {
	if s.GetIndex() == 0 {
		if s.GetOf() == 0 || s.GetSize() > uint64(b.maxSnapshot) {
			return nil, fmt.Errorf("%w: snapshot of %d bytes in %d chunks, limit %d bytes", ErrTooLarge, s.GetSize(), s.GetOf(), b.maxSnapshot)
		}
		b.chunks = &chunks{first: s}
	}
	c := b.chunks
	switch {
	case c == nil || s.GetIndex() != c.next || s.GetGeneration() != c.first.GetGeneration():
		return nil, fmt.Errorf("%w: chunk %d of snapshot %d is out of order", ErrProtocol, s.GetIndex(), s.GetGeneration())
	case uint64(len(c.payload))+uint64(len(s.GetPayload())) > c.first.GetSize():
		return nil, fmt.Errorf("%w: snapshot %d is longer than its %d bytes", ErrProtocol, s.GetGeneration(), c.first.GetSize())
	}
	c.payload = append(c.payload, s.GetPayload()...)
	if c.next++; c.next < c.first.GetOf() {
		return nil, nil
	}
	b.chunks = nil
	if uint64(len(c.payload)) != c.first.GetSize() {
		return nil, fmt.Errorf("%w: snapshot %d has %d bytes, not %d", ErrProtocol, s.GetGeneration(), len(c.payload), c.first.GetSize())
	}
	whole := b.catching && b.cursor.Number == 0
	b.cursor.Number = max(b.cursor.Number, c.first.GetNumber())
	b.generation = max(b.generation, c.first.GetGeneration())
	return &Snapshot{Generation: c.first.GetGeneration(), Whole: whole, Covers: b.cursor, Payload: c.payload}, nil
}
