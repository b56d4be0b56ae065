package transport

import (
	"context"
	"fmt"
	"time"

	"coedit/transport/wire"
)

// noteHeard notes that something arrived, or that the reader is ready again.
func (l *link) noteHeard() { l.heard.Store(int64(time.Since(l.start))) }

// read takes messages until the connection ends; the error says why.
func (l *link) read(ctx context.Context) error {
	for {
		b, err := l.conn.ReadMessage()
		if err != nil {
			return err
		}
		l.noteHeard()
		f, err := decodeRelayFrame(b)
		if err != nil {
			return err
		}
		l.busy.Store(true)
		err = l.handle(ctx, f)
		l.noteHeard()
		l.busy.Store(false)
		if err != nil {
			return err
		}
	}
}

// handle takes one message. A kind of a later version is skipped.
func (l *link) handle(ctx context.Context, f *wire.RelayFrame) error {
	c := l.c
	switch k := f.GetKind().(type) {
	case *wire.RelayFrame_Deliver:
		return c.delivered(ctx, k.Deliver)
	case *wire.RelayFrame_Ack:
		return c.acked(ctx, k.Ack.GetCounter())
	case *wire.RelayFrame_Nack:
		return c.nacked(ctx, k.Nack)
	case *wire.RelayFrame_Presence:
		c.present(k.Presence.GetReplica(), true)
		c.emit(ctx, PresenceOf{Replica: k.Presence.GetReplica(), Payload: k.Presence.GetPayload()})
	case *wire.RelayFrame_Left:
		c.present(k.Left.GetReplica(), false)
		c.emit(ctx, Gone{Replica: k.Left.GetReplica()})
	case *wire.RelayFrame_Snapshot:
		return c.snapshotChunk(ctx, k.Snapshot)
	case *wire.RelayFrame_SnapshotStored:
		c.putAnswered()
		c.emit(ctx, SnapshotStored{Generation: k.SnapshotStored.GetGeneration()})
	case *wire.RelayFrame_SnapshotMore:
		c.grant(k.SnapshotMore.GetNext())
	case *wire.RelayFrame_SnapshotWanted:
		c.emit(ctx, SnapshotWanted{Generation: k.SnapshotWanted.GetGeneration(), Head: k.SnapshotWanted.GetHead()})
	case *wire.RelayFrame_Rewound:
		c.in.rewound(k.Rewound.GetHead(), k.Rewound.GetGeneration())
		c.reached(ctx)
	case *wire.RelayFrame_Pong:
		c.ponged(k.Pong)
	case *wire.RelayFrame_Goodbye:
		return goodbye(k.Goodbye)
	case *wire.RelayFrame_Welcome:
		return fmt.Errorf("%w: a second Welcome", ErrProtocol)
	}
	return nil
}

func (c *Client) delivered(ctx context.Context, d *wire.Deliver) error {
	frames, err := c.in.deliver(d)
	if err != nil {
		return err
	}
	if len(frames) > 0 {
		c.emit(ctx, Delivered{Frames: frames})
	}
	c.reached(ctx)
	return nil
}

// reached tells the consumer once that all there was has been delivered.
func (c *Client) reached(ctx context.Context) {
	if c.in.caughtUp() {
		c.emit(ctx, CaughtUp{Cursor: c.in.cursor, Generation: c.in.generation})
	}
}

func (c *Client) snapshotChunk(ctx context.Context, w *wire.Snapshot) error {
	s, err := c.in.snapshot(w)
	if err != nil {
		return err
	}
	c.mu.Lock()
	c.status.Received, c.status.Size = c.in.arriving()
	c.mu.Unlock()
	if s != nil {
		c.emit(ctx, *s)
		c.reached(ctx)
	}
	return nil
}

func (c *Client) acked(ctx context.Context, counter uint64) error {
	c.mu.Lock()
	flying := c.out.flying
	some, err := c.out.ack(counter)
	if some {
		c.quality.got(counter, flying-c.out.flying, c.out.flying, time.Now())
	}
	if some && c.status.Online {
		c.status.LastError = nil
	}
	c.mu.Unlock()
	if err != nil {
		return err
	}
	if some {
		c.signal() // the window has room
		c.emit(ctx, Acked{Counter: counter})
	}
	return nil
}

// nacked goes back, waits, or gives up, as the relay says.
func (c *Client) nacked(ctx context.Context, n *wire.Nack) error {
	if n.GetSnapshot() {
		return c.putNacked(ctx, n)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	defer c.signal()
	switch n.GetCode() {
	case wire.Nack_GAP:
		c.quality.interrupted()
		return c.out.rewind(n.GetExpected())
	case wire.Nack_RESOURCE_EXHAUSTED, wire.Nack_UNAVAILABLE:
		wait := time.Duration(min(n.GetRetryAfterMs(), 60_000)) * time.Millisecond
		c.holdUntil = time.Now().Add(wait)
		c.quality.interrupted()
		c.status.LastError = fmt.Errorf("%w: %s", ErrBacklog, n.GetText())
		return c.out.rewind(n.GetExpected())
	case wire.Nack_TOO_LARGE:
		return &Refusal{Code: RefusedLimit, Text: n.GetText()}
	case wire.Nack_RIGHTS:
		return &Refusal{Code: RefusedRights, Text: n.GetText()}
	case wire.Nack_CONFLICT:
		return &Refusal{Code: RefusedConflict, Text: n.GetText()}
	}
	return fmt.Errorf("%w: Nack code %v", ErrProtocol, n.GetCode())
}

// putNacked ends the snapshot under way.
func (c *Client) putNacked(ctx context.Context, n *wire.Nack) error {
	c.putAnswered()
	switch n.GetCode() {
	case wire.Nack_CONFLICT:
		c.emit(ctx, SnapshotConflict{Generation: n.GetGeneration()})
	case wire.Nack_TOO_LARGE:
		c.emit(ctx, SnapshotRefused{Err: fmt.Errorf("%w: %s", ErrTooLarge, n.GetText())})
	case wire.Nack_RIGHTS:
		c.emit(ctx, SnapshotRefused{Err: &Refusal{Code: RefusedRights, Text: n.GetText()}})
	default:
		c.emit(ctx, SnapshotRefused{Err: fmt.Errorf("%w: %s", ErrBacklog, n.GetText())})
	}
	return nil
}

func (c *Client) putAnswered() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.put = nil
}

// grant lets more chunks of the snapshot be sent.
func (c *Client) grant(next uint32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.put != nil && next <= c.put.next {
		c.put.granted = max(c.put.granted, next+SnapshotWindow)
		c.signal()
	}
}

// present counts who is here.
func (c *Client) present(replica uint64, here bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case !here:
		delete(c.others, replica)
	case len(c.others) < maxCounted:
		if c.others == nil {
			c.others = make(map[uint64]struct{})
		}
		c.others[replica] = struct{}{}
	}
}

func (c *Client) ponged(p *wire.Pong) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.clock.pong(c.o.Now(), p.GetClientTime(), p.GetRelayTime())
}
