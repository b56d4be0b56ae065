package transport

import (
	"fmt"
	"unicode/utf8"

	"coedit/transport/wire"
)

// Class says what a payload is; the relay uses it for priority only.
type Class uint8

// The classes; their numbers are those of the protocol.
const (
	ClassManifest Class = iota + 1
	ClassEdit
	ClassPresence
	ClassSnapshot
	_          // kept free: see the protocol
	ClassMoved // the owner moved the room
)

// Frame is one published frame. (Replica, Counter) is its op_id; Payload is sealed.
type Frame struct {
	Number  uint64 // place in the room's log; 0 before the relay gave one
	Replica uint64
	Counter uint64 // from 1; 0 marks, in a log, the place where a restoring snapshot was stored
	Target  string // the document; "" is the room's first
	Class   Class
	Payload []byte
	Trace   string // W3C trace context, or ""
	Extra   []byte // fields of a later protocol version, carried on verbatim
}

// Cursor is a place in a room's log.
type Cursor struct {
	Incarnation uint64
	Number      uint64 // last frame received
}

// Size is what a frame counts against limits, in bytes.
func (f Frame) Size() int { return len(f.Payload) + len(f.Extra) }

// Check reports the first of the protocol's limits f breaks: ErrTooLarge for a
// payload over max, ErrProtocol for anything else.
func (f Frame) Check(max int) error {
	switch {
	case f.Counter == 0:
		return fmt.Errorf("%w: frame counter 0", ErrProtocol)
	case f.Size() > max:
		return fmt.Errorf("%w: frame %d of %d bytes, limit %d", ErrTooLarge, f.Counter, f.Size(), max)
	case len(f.Target) > MaxTarget || !utf8.ValidString(f.Target):
		return fmt.Errorf("%w: frame %d: target of %d bytes, limit %d, UTF-8", ErrProtocol, f.Counter, len(f.Target), MaxTarget)
	case len(f.Trace) > MaxTrace || !utf8.ValidString(f.Trace):
		return fmt.Errorf("%w: frame %d: trace of %d bytes, limit %d, UTF-8", ErrProtocol, f.Counter, len(f.Trace), MaxTrace)
	}
	return nil
}

// Wire is the frame as the protocol writes it; it shares the payload.
func (f Frame) Wire() *wire.Frame {
	w := &wire.Frame{
		Number: f.Number, Replica: f.Replica, Counter: f.Counter,
		Target: f.Target, Class: wire.Class(f.Class), Payload: f.Payload, Trace: f.Trace, Unknown: f.Extra,
	}
	return w
}

// FrameOf is the reverse of Wire. A nil w gives the zero Frame.
func FrameOf(w *wire.Frame) Frame {
	f := Frame{
		Number: w.GetNumber(), Replica: w.GetReplica(), Counter: w.GetCounter(),
		Target: w.GetTarget(), Class: classOf(w.GetClass()), Payload: w.GetPayload(), Trace: w.GetTrace(),
	}
	if w != nil {
		f.Extra = w.Unknown
	}
	return f
}

// classOf keeps a class of a later version recognisable as none of ours.
func classOf(c wire.Class) Class {
	if c < 0 || c > 255 {
		return 0
	}
	return Class(c)
}

// decodeRelayFrame reads one message of a relay.
func decodeRelayFrame(b []byte) (*wire.RelayFrame, error) {
	var f wire.RelayFrame
	if err := wire.Unmarshal(b, &f); err != nil {
		return nil, fmt.Errorf("%w: a message of %d bytes does not parse: %w", ErrProtocol, len(b), err)
	}
	return &f, nil
}
