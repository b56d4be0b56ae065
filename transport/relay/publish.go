package relay

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"coedit/transport"
	"coedit/transport/wire"
)

// An edit may be refused for the moment in three places, each a queue that is not to grow over all bounds: it came too
// fast (bucket), its participant has too much under way, or all participants together have. The answer is
// Nack RESOURCE_EXHAUSTED with the time to wait; the participant goes back to that edit, so nothing is lost or reordered.
// What it sends before is dropped without a word.

// bucket holds tokens for edits: so many a second flow in, and at most a burst of them stays. It is kept as the time at
// which it would be full again.
type bucket struct{ full int64 } // on the relay's clock, nanoseconds

// take takes a token; where there is none it says how long until half a burst is there: coming back for every single one
// would cost a message each.
func (b *bucket) take(now int64, perSecond, burst int) (wait time.Duration, ok bool) {
	each := int64(time.Second) / int64(perSecond)
	full := max(b.full, now) + each
	if full-now > int64(burst)*each {
		return time.Duration(int64(burst) * each / 2), false
	}
	b.full = full
	return 0, true
}

// backlog is what all connections together have given to the log and is not answered.
type backlog struct {
	bytes  atomic.Int64
	commit atomic.Int64 // how long an answer takes, smoothed, nanoseconds
}

// noteCommit smooths as TCP does its round trips.
func (b *backlog) noteCommit(took time.Duration) {
	old := b.commit.Load()
	b.commit.Store(old + (int64(took)-old)/8)
}

// retry is when there may be room again: after some commits.
func (b *backlog) retry() time.Duration {
	return min(max(4*time.Duration(b.commit.Load()), 50*time.Millisecond), busyRetry)
}

// nearlyFull is the share of a queue above which nothing is added to it: what is under way already must fit.
const nearlyFull = 0.8

func over(n, most int) bool { return float64(n) > nearlyFull*float64(most) }

// publish appends a frame, or says what is wrong with it.
func (c *conn) publish(f transport.Frame) error {
	switch {
	case c.readOnly:
		return c.nack(&wire.Nack{Code: wire.Nack_RIGHTS, Counter: f.Counter, Text: "this participant may read only"})
	case f.Replica != c.replica:
		return fmt.Errorf("%w: a frame of another participant", transport.ErrProtocol)
	}
	if err := f.Check(c.relay.cfg.maxFrame()); errors.Is(err, transport.ErrTooLarge) {
		c.relay.limited(limitFrame)
		return c.nack(&wire.Nack{Code: wire.Nack_TOO_LARGE, Counter: f.Counter, Text: fmt.Sprintf(
			"an edit of %d bytes is over the relay's limit of %d", f.Size(), c.relay.cfg.maxFrame())})
	} else if err != nil {
		return err
	}
	if c.awaited(f.Counter) {
		return nil
	}
	if wait, text := c.crowded(f.Size()); wait > 0 {
		c.asks(f.Counter)
		return c.nack(&wire.Nack{
			Code: wire.Nack_RESOURCE_EXHAUSTED, Counter: f.Counter, Expected: f.Counter,
			RetryAfterMs: uint64(max(wait.Milliseconds(), 1)), Text: text,
		})
	}
	f.Number = 0
	began := c.relay.clock()
	c.weigh(f.Size())
	c.room.log.Append(f, c.baseline, func(number uint64, err error) {
		c.weigh(-f.Size())
		c.relay.noteCommit(began, err)
		c.appended(f, number, err)
	})
	return nil
}

// awaited reports whether an earlier frame was asked for, so that this one is dropped.
func (c *conn) awaited(counter uint64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.nacked == counter {
		c.nacked = 0
	}
	return c.nacked != 0 && counter > c.nacked
}

// crowded says how long to wait when one of the queues is nearly full.
func (c *conn) crowded(size int) (wait time.Duration, text string) {
	cfg := &c.relay.cfg
	c.mu.Lock()
	pending := c.pending
	c.mu.Unlock()
	switch {
	case pending > 0 && over(pending+size, maxPending+cfg.maxFrame()),
		over(int(c.relay.backlog.bytes.Load())+size, cfg.MaxBacklog):
		c.relay.limited(limitBacklog)
		return c.relay.backlog.retry(), "the relay's store is slower than the edits come: they wait here"
	}
	if wait, ok := c.bucket.take(c.relay.clock(), cfg.FramesPerSecond, cfg.Burst); !ok {
		c.relay.limited(limitRate)
		return wait, fmt.Sprintf("more than %d edits a second: they wait here", cfg.FramesPerSecond)
	}
	if !c.relay.mayStore(c, size) {
		c.relay.limited(limitAddressBytes)
		return time.Minute, "your address has stored as much as this relay lets one store in a day: edits wait here"
	}
	return 0, ""
}

// maxPending is how many bytes of edits one participant may have in the log's queue, beside one edit of the largest size.
const maxPending = 1 << 20

// weigh counts bytes that the log got, or answered.
func (c *conn) weigh(n int) {
	c.relay.backlog.bytes.Add(int64(n))
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pending += n
}

// acknowledge notes that a frame is stored. When the log is still to say that it grew by it, the writer is woken then, as
// everybody is: so the participant gets the answer and what is new in one write.
func (c *conn) acknowledge(counter, number uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ackDue, c.ackTo = true, max(c.ackTo, counter)
	if counter == c.nacked {
		c.nacked = 0
	}
	if number <= c.room.seen.Load() { // it was there already, or the log has said so
		c.wakeLocked()
	}
}

// appended answers a publish. It may run in a goroutine of the log's.
func (c *conn) appended(f transport.Frame, number uint64, err error) {
	var gap *GapError
	switch {
	case err == nil:
		c.relay.stats.frames.Inc()
		c.relay.stats.frameBytes.Add(len(f.Payload))
		c.acknowledge(f.Counter, number)
		c.room.noteAppended(f.Size())
	case errors.As(err, &gap):
		if c.asks(gap.Expected) {
			_ = c.nack(&wire.Nack{Code: wire.Nack_GAP, Counter: f.Counter, Expected: gap.Expected, Text: gap.Error()})
		}
	case errors.Is(err, ErrConflict):
		_ = c.nack(&wire.Nack{Code: wire.Nack_CONFLICT, Counter: f.Counter, Text: fmt.Sprintf(
			"the relay has another edit under this number (%d): this participant's state is damaged, join again as a new one", f.Counter)})
	case errors.Is(err, ErrClosed):
		c.sayGoodbye(closedGoodbye())
	default:
		c.asks(f.Counter)
		n := &wire.Nack{
			Code: wire.Nack_UNAVAILABLE, Counter: f.Counter, Expected: f.Counter,
			RetryAfterMs: uint64(busyRetry.Milliseconds()), Text: "the relay cannot use its store at the moment",
		}
		if errors.Is(err, ErrFull) {
			c.relay.limited(limitRoomBytes)
			n.Code, n.Text = wire.Nack_RESOURCE_EXHAUSTED, "the room has reached the relay's limit: edits wait here until there is place"
		} else {
			c.relay.cfg.Logger.Error("cannot append", "error", err)
		}
		_ = c.nack(n)
	}
}

// asks notes that a counter is asked for, and reports whether that is new.
func (c *conn) asks(counter uint64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	was := c.nacked
	c.nacked = counter
	return was != counter
}
