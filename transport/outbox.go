package transport

import "fmt"

// outbox keeps published frames until they are acknowledged, and says which is to
// be sent next: go-back-N with a window in bytes. Pure; guarded by Client.mu.
type outbox struct {
	frames []Frame // unacknowledged; counters contiguous, the last one is `last`
	last   uint64  // counter of the last frame pushed
	bytes  int     // of all frames
	sent   int     // frames[:sent] are under way on this connection
	flying int     // bytes of frames[:sent]
}

// first is the counter of the oldest frame that may still be sent.
func (b *outbox) first() uint64 { return b.last + 1 - uint64(len(b.frames)) }

// push adds the next frame. Invariant: f.Counter is last+1.
func (b *outbox) push(f Frame) error {
	if f.Counter != b.last+1 {
		return fmt.Errorf("%w: counter %d after %d", ErrOrder, f.Counter, b.last)
	}
	b.frames = append(b.frames, f)
	b.bytes += f.Size()
	b.last++
	return nil
}

// ack drops the frames up to counter and reports whether there were any.
func (b *outbox) ack(counter uint64) (bool, error) {
	if counter > b.last {
		return false, fmt.Errorf("%w: counter %d acknowledged, %d published", ErrProtocol, counter, b.last)
	}
	if counter < b.first() {
		return false, nil
	}
	n := int(counter - b.first() + 1)
	for i := range b.frames[:n] {
		size := b.frames[i].Size()
		b.bytes -= size
		if i < b.sent {
			b.flying -= size
		}
		b.frames[i] = Frame{} // the array outlives the frame
	}
	b.frames = b.frames[n:]
	b.sent = max(0, b.sent-n)
	if len(b.frames) == 0 {
		b.frames = nil
	}
	return true, nil
}

// next gives the next frame to send while less than window bytes are under way
// (or nothing is), and counts it as sent.
func (b *outbox) next(window int) (Frame, bool) {
	if b.sent == len(b.frames) {
		return Frame{}, false
	}
	f := b.frames[b.sent]
	if b.sent > 0 && b.flying+f.Size() > window {
		return Frame{}, false
	}
	b.sent++
	b.flying += f.Size()
	return f, true
}

// rewind makes counter the next frame to be sent. It fails when that frame is not
// there: acknowledged before, or never published.
func (b *outbox) rewind(counter uint64) error {
	if counter < b.first() || counter > b.first()+uint64(b.sent) {
		return fmt.Errorf("%w: asked to go back to counter %d, have %d to %d", ErrProtocol, counter, b.first(), b.last)
	}
	b.sent = int(counter - b.first())
	b.flying = 0
	for _, f := range b.frames[:b.sent] {
		b.flying += f.Size()
	}
	return nil
}

// forget gives up every frame; their counters are never used again.
func (b *outbox) forget() {
	*b = outbox{last: b.last}
}
