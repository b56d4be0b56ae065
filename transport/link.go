package transport

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"coedit/transport/wire"
)

// link is one connection of a client.
type link struct {
	c    *Client
	conn Conn

	start time.Time
	heard atomic.Int64 // time of the last message, as nanoseconds since start
	busy  atomic.Bool  // the reader waits for the consumer of the events, not for the relay

	dead    chan struct{} // closed with the connection
	closing sync.Once
	err     error // why; set before dead is closed
}

// connect makes one connection and serves it until it ends; the error says why, and is never nil.
func (c *Client) connect(ctx context.Context) error {
	dialing, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	conn, err := c.o.Dial(dialing)
	if err != nil {
		return err
	}
	l := &link{c: c, conn: conn, start: time.Now(), dead: make(chan struct{})}
	stop := context.AfterFunc(ctx, func() { l.close(ctx.Err()) })
	defer stop()
	defer l.close(ErrLost)
	welcome, err := l.handshake()
	if err != nil {
		return l.cause(err)
	}
	if err := c.admitted(ctx, welcome); err != nil {
		return err
	}
	began := time.Now()
	l.noteHeard()
	var others sync.WaitGroup
	others.Go(l.watch)
	others.Go(func() { l.close(l.read(ctx)) })
	l.close(l.write())
	others.Wait()
	if time.Since(began) >= stableAfter {
		c.backoff.reset()
	}
	return l.err
}

// close ends the connection; the first reason given counts.
func (l *link) close(why error) {
	l.closing.Do(func() {
		l.err = why
		close(l.dead)
		_ = l.conn.Close()
	})
}

// cause is why the connection was closed, if it was, else err.
func (l *link) cause(err error) error {
	select {
	case <-l.dead:
		return l.err
	default:
		return err
	}
}

// handshake says Hello and waits for the Welcome.
func (l *link) handshake() (*wire.Welcome, error) {
	expired := time.AfterFunc(handshakeTimeout, func() {
		l.close(fmt.Errorf("%w: the relay did not answer the handshake in %v", ErrLost, handshakeTimeout))
	})
	defer expired.Stop()
	hello := &wire.ClientFrame{Kind: &wire.ClientFrame_Hello{Hello: l.c.hello()}}
	if err := l.send(hello); err != nil {
		return nil, err
	}
	return l.welcomed()
}

// hello is what we ask for now.
func (c *Client) hello() *wire.Hello {
	c.mu.Lock()
	defer c.mu.Unlock()
	h := &wire.Hello{
		MinVersion: MinVersion, MaxVersion: c.o.MaxVersion,
		Room: c.o.Room, Replica: c.o.Replica, NextCounter: c.out.first(),
		Manifest: c.manifest, ReadOnly: c.o.ReadOnly, Agent: c.o.Agent,
	}
	if cur := c.in.cursor; cur.Incarnation != 0 {
		h.Resume = &wire.Cursor{Incarnation: cur.Incarnation, Number: cur.Number}
	}
	return h
}

// admitted takes the Welcome in and tells the consumer.
func (c *Client) admitted(ctx context.Context, w *wire.Welcome) error {
	if v := w.GetVersion(); v < MinVersion || v > c.o.MaxVersion {
		return versionRefusal(v, v)
	}
	if w.GetIncarnation() == 0 {
		return fmt.Errorf("%w: incarnation 0", ErrProtocol)
	}
	lost := c.in.welcome(w.GetIncarnation(), w.GetHead(), w.GetGeneration()) || c.o.Restore
	c.o.Restore = false
	acked, restore, err := c.begin(w, lost)
	if err != nil {
		return err
	}
	c.emit(ctx, Online{
		Incarnation: w.GetIncarnation(), Head: w.GetHead(), Generation: w.GetGeneration(),
		LastCounter: w.GetLastCounter(), Manifest: w.GetManifest(), Restore: restore, Lost: lost,
		Version: w.GetVersion(), Durable: w.GetDurable(),
	})
	if acked {
		c.emit(ctx, Acked{Counter: w.GetLastCounter()})
	}
	c.reached(ctx)
	return nil
}

// begin resets what belongs to a connection. It reports whether the Welcome
// acknowledged frames, and whether the room is to be restored.
func (c *Client) begin(w *wire.Welcome, lost bool) (acked, restore bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if last := w.GetLastCounter(); last > c.out.last {
		return false, false, &Refusal{Code: RefusedBehind, Text: fmt.Sprintf(
			"the relay holds edits of this participant (up to %d) that this computer does not remember (up to %d): join again as a new participant", last, c.out.last)}
	}
	if acked, err = c.out.ack(w.GetLastCounter()); err != nil {
		return false, false, err
	}
	if err := c.takeLimits(w.GetLimits()); err != nil {
		return false, false, err
	}
	if err := c.out.rewind(c.out.first()); err != nil {
		return false, false, err
	}
	if len(c.manifest) == 0 && len(w.GetManifest()) <= MaxManifest {
		c.manifest = w.GetManifest()
	}
	c.restoring = c.restoring || lost
	c.resync = false // the Hello said it
	c.put, c.confirm, c.holdUntil = nil, 0, time.Time{}
	c.version = w.GetVersion()
	c.presenceDirty, c.presenceNext = c.presence != nil, time.Time{}
	c.others, c.pingNext = nil, time.Time{}
	c.status = Status{Online: true}
	return acked, c.restoring, nil
}

// takeLimits checks that what was published fits the relay's limits.
func (c *Client) takeLimits(l *wire.Limits) error {
	if l.GetMaxFrame() == 0 || l.GetMaxMessage() > HardMaxMessage {
		return fmt.Errorf("%w: limits of %d bytes a frame and %d a message", ErrProtocol, l.GetMaxFrame(), l.GetMaxMessage())
	}
	c.limits.MaxFrame, c.limits.MaxPresence = l.GetMaxFrame(), l.GetMaxPresence()
	c.bucket = newBucket(l.GetFramesPerSecond(), l.GetBurst(), time.Now())
	for i := range c.out.frames {
		if size := c.out.frames[i].Size(); uint64(size) > l.GetMaxFrame() {
			return &Refusal{Code: RefusedLimit, Text: fmt.Sprintf(
				"an edit of %d bytes is waiting, and this relay takes at most %d bytes at once", size, l.GetMaxFrame())}
		}
	}
	return nil
}

// watch closes the connection when nothing was heard for too long. It is a goroutine
// of its own because reader and writer may both be stuck in the network.
func (l *link) watch() {
	timer := time.NewTimer(silenceLimit)
	defer timer.Stop()
	for {
		select {
		case <-l.dead:
			return
		case <-timer.C:
		}
		left := l.patience() - l.idle()
		if l.busy.Load() {
			left = max(left, time.Second)
		}
		if left <= 0 {
			l.close(errSilent)
			return
		}
		timer.Reset(left)
	}
}

// idle is how long nothing was heard.
func (l *link) idle() time.Duration {
	idle := time.Since(l.start) - time.Duration(l.heard.Load())
	if r, ok := l.conn.(idleReader); ok {
		idle = min(idle, r.ReadIdle())
	}
	return idle
}

// patience is how long nothing need be heard: longer when much of ours is under way,
// because the answers to our pings wait behind it on a slow link.
func (l *link) patience() time.Duration {
	l.c.mu.Lock()
	defer l.c.mu.Unlock()
	flying := l.c.out.flying
	if l.c.put != nil {
		flying += SnapshotWindow * SnapshotChunk
	}
	excess := max(0, flying-silenceFree)
	return silenceLimit + time.Duration(excess)*time.Second/silenceRate
}

// send writes one message.
func (l *link) send(f *wire.ClientFrame) error {
	b := wire.Marshal(f)
	if err := l.conn.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return fmt.Errorf("%w: %w", ErrLost, err)
	}
	if err := l.conn.WriteMessage(b); err != nil {
		if errors.Is(err, ErrLost) {
			return err
		}
		return fmt.Errorf("%w: %w", ErrLost, err)
	}
	return nil
}
