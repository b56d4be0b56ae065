package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"coedit/transport/wire"
)

// Client keeps one participant connected to one room. It owns its goroutines; methods may be called from any goroutine and never block.
type Client struct {
	// Static after construction, but for o.Restore, which is Run's.
	o      Options
	events chan Event
	wake   chan struct{} // capacity 1; tells the writer of the current connection that there is something to send

	// Owned by Run's goroutine, which lends in to the reader of the current connection.
	in      inbox
	backoff backoff

	mu sync.Mutex // guards the following fields; never held over I/O or while an event is handed over
	outgoing
	status   Status
	limits   wire.Limits // the relay's; before the first Welcome the defaults
	manifest []byte      // Options.Manifest, or what a relay told: whoever comes back first makes a lost room again
	ended    bool
}

// outgoing is what waits to be sent.
type outgoing struct {
	out       outbox
	holdUntil time.Time // after a Nack RESOURCE_EXHAUSTED nothing is published before
	bucket    bucket    // of this connection
	quality   quality

	restoring bool // between Online{Restore} and Restored: nothing is published
	resync    bool // tell the relay that frames below out.first() were given up
	fetch     bool
	closing   bool         // ask the relay to end the room
	put       *snapshotPut // or nil
	version   uint32       // of the protocol on this connection
	confirm   uint64       // generation of a snapshot to be confirmed, 0 for none

	presence      []byte
	presenceDirty bool
	presenceNext  time.Time           // not before
	others        map[uint64]struct{} // participants whose presence was received: their number sets the rate

	clock    clock
	pingNext time.Time
}

// snapshotPut is a snapshot on its way to the relay.
type snapshotPut struct {
	generation uint64
	covers     Cursor
	payload    []byte
	restore    bool
	next       uint32 // chunk to be sent next
	granted    uint32 // chunks before this one may be sent
}

// NewClient makes a client; Run starts it. It panics when Options lacks Dial or Replica.
func NewClient(o Options) *Client {
	o = o.withDefaults()
	c := &Client{
		o:      o,
		events: make(chan Event, eventsBuffer),
		wake:   make(chan struct{}, 1),
		in:     inbox{cursor: o.Resume, maxSnapshot: o.MaxSnapshot},
	}
	c.out.last, c.manifest = o.Counter, o.Manifest
	c.limits.MaxFrame = DefaultMaxMessage - FrameOverhead
	c.limits.MaxPresence = DefaultMaxPresence
	return c
}

// Events is bounded: a consumer that does not read delays its own connection only.
func (c *Client) Events() <-chan Event { return c.events }

// Publish queues a frame whose Counter must be one more than the last; it is kept and sent again verbatim until acknowledged. Payload is not to be changed after.
//
// Errors wrap ErrBacklog (try again when less is waiting), ErrTooLarge, ErrOrder, ErrProtocol (a target or trace
// over the protocol's limits), ErrRefused (a read-only participant) or ErrClosed; the frame was not taken then.
func (c *Client) Publish(f Frame) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.ended:
		return ErrClosed
	case c.o.ReadOnly:
		return &Refusal{Code: RefusedRights, Text: "this participant may read only"}
	case f.Replica != c.o.Replica:
		return fmt.Errorf("%w: frame of replica %d published by %d", ErrOrder, f.Replica, c.o.Replica)
	case c.out.bytes > 0 && c.out.bytes+f.Size() > c.o.MaxUnacked:
		return fmt.Errorf("%w: %d bytes, limit %d", ErrBacklog, c.out.bytes+f.Size(), c.o.MaxUnacked)
	}
	if err := f.Check(int(c.limits.MaxFrame)); err != nil {
		return err
	}
	f.Number = 0
	if err := c.out.push(f); err != nil {
		return err
	}
	c.signal()
	return nil
}

// SetPresence replaces the presence payload to be sent; newest wins, the rate is bounded (20 a second for two, falling with the room's size); sent again after a reconnect.
// One over the relay's limit is not sent; Status.LastError says so.
func (c *Client) SetPresence(payload []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if uint64(len(payload)) > c.limits.MaxPresence {
		c.status.LastError = fmt.Errorf("%w: presence of %d bytes, limit %d", ErrTooLarge, len(payload), c.limits.MaxPresence)
		return
	}
	if c.presence != nil && bytes.Equal(c.presence, payload) {
		return
	}
	c.presence = append([]byte{}, payload...)
	c.presenceDirty = true
	c.signal()
}

// PutSnapshot offers a snapshot that covers the log up to covers.Number and replaces the room's snapshot of the given generation (0: there is none);
// the answer is a SnapshotStored, SnapshotConflict or SnapshotRefused event. restore marks one that holds what the log lacks: the relay then sends it to the others at once.
//
// There is one at a time: another call replaces one that was not answered. One that is not answered before the next
// Offline event, or is put while offline, is dropped without an answer: put it again after Online if it is still right.
func (c *Client) PutSnapshot(generation uint64, covers Cursor, payload []byte, restore bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.status.Online {
		return
	}
	c.put = &snapshotPut{
		generation: generation, covers: covers, payload: payload, restore: restore,
		granted: SnapshotWindow,
	}
	c.signal()
}

// Fetch asks for the room from its beginning (snapshot, then frames): used to restore. Frames delivered before
// are delivered again; CaughtUp follows when all there was has been. Offline it waits for the next connection.
func (c *Client) Fetch() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fetch = true
	c.signal()
}

// ConfirmSnapshot tells the relay that the snapshot of this generation was read and merged, and that nothing is missing
// in it: the relay may then drop the one before. A relay of protocol version 1 has no use for it and is not told.
func (c *Client) ConfirmSnapshot(generation uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.status.Online || c.version < 2 {
		return
	}
	c.confirm = max(c.confirm, generation)
	c.signal()
}

// CloseRoom asks the relay to end the room for everybody, which it does for the owner; a Refusal RefusedClosed follows.
func (c *Client) CloseRoom() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closing = true
	c.signal()
}

// Restored ends a restore: frames published before it and not acknowledged are forgotten (their content was put in a snapshot or published anew by the caller).
// Between an Online event with Restore set and this call nothing of the old queue is sent. Counters go on: the next Publish has the one after the last.
func (c *Client) Restored() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.restoring {
		return
	}
	c.out.forget()
	c.restoring, c.resync = false, true
	c.signal()
}

// Status is a snapshot of the link's state.
type Status struct {
	Online       bool
	RTT          time.Duration // smoothed; 0 unknown
	Offset       time.Duration // relay clock minus ours
	UnackedCount int
	UnackedBytes int
	Received     int       // bytes of the snapshot that is arriving
	Size         int       // of that snapshot; 0: none is
	RetryAt      time.Time // when offline: next attempt
	LastError    error     // why we are offline, or what the relay could not take last; nil when all is well
}

// Status is the link's state now.
func (c *Client) Status() Status {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.status
	s.RTT, s.Offset = c.clock.rtt, c.clock.offset()
	s.UnackedCount, s.UnackedBytes = len(c.out.frames), c.out.bytes
	return s
}

// Quality is how good the way to the relay is.
func (c *Client) Quality() Quality {
	c.mu.Lock()
	defer c.mu.Unlock()
	return Quality{
		RTT: c.clock.rtt, Ack: c.quality.ack, Goodput: int(c.quality.goodput), Losses: c.quality.lossesBy(time.Now()),
	}
}

// PublishIn is how long a frame published now would wait before it is sent, because the relay takes only so many in a
// second or has asked for a pause. Until then it is better to gather more into one frame.
func (c *Client) PublishIn() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	waiting := len(c.out.frames) - c.out.sent
	return max(0, c.holdUntil.Sub(now), c.bucket.wait(waiting+1, now))
}

// Run connects, resumes and reconnects (exponential backoff with full jitter, Goodbye's retry_after honoured) until ctx ends (nil) or the relay refuses for good
// (an error wrapping ErrRefused). Events is closed when it returns. It is called once.
func (c *Client) Run(ctx context.Context) error {
	defer close(c.events)
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.ended = true
		c.status.Online = false
	}()
	for {
		err := c.connect(ctx)
		switch {
		case errors.Is(err, ErrRefused):
			c.offline(err, time.Time{})
			return err
		case ctx.Err() != nil:
			return nil
		}
		delay := c.delay(err)
		c.offline(err, time.Now().Add(delay))
		c.emit(ctx, Offline{Err: err, RetryIn: delay})
		select {
		case <-time.After(delay):
		case <-ctx.Done():
			return nil
		}
	}
}

// delay is how long to wait after err.
func (c *Client) delay(err error) time.Duration {
	var bye *goodbyeError
	if !errors.As(err, &bye) || bye.retryAfter+bye.jitter == 0 {
		return c.backoff.next(c.o.Rand)
	}
	d := bye.retryAfter
	if bye.jitter > 0 {
		d += time.Duration(c.o.Rand.Int64N(int64(bye.jitter)))
	}
	return d
}

// offline notes that there is no connection, and drops what belongs to one.
func (c *Client) offline(err error, retryAt time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.status.Online {
		c.quality.lost(time.Now())
	}
	c.status.Online = false
	c.status.LastError, c.status.RetryAt = err, retryAt
	c.put = nil
}

// signal wakes the writer; a signal that waits already is enough.
func (c *Client) signal() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// emit hands an event to the consumer, however long that takes.
func (c *Client) emit(ctx context.Context, e Event) bool {
	select {
	case c.events <- e:
		return true
	case <-ctx.Done():
		return false
	}
}
