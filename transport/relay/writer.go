package relay

import (
	"fmt"
	"time"

	"coedit/transport"
	"coedit/transport/wire"
)

// Deliver messages hold at most so much, but always one frame. Bytes are few enough that
// a link of 20 kbit/s takes one within the write timeout.
const (
	deliverFrames = 256
	deliverBytes  = 64 << 10
)

// wake starts the writer, or lets it look again.
func (c *conn) wake() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wakeLocked()
}

func (c *conn) wakeLocked() {
	c.dirty = true
	if !c.joined || c.writing || c.ended || c.byeSent {
		return
	}
	c.writing = true
	c.writers.Go(c.write)
}

// sayGoodbye ends the connection with a reason; the first one given is said.
func (c *conn) sayGoodbye(bye *wire.Goodbye) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.goodbye != nil {
		return
	}
	c.goodbye = bye
	if !c.admitted { // there is nobody to say it to yet
		_ = c.conn.Close()
		return
	}
	c.wakeLocked()
}

func (c *conn) saidGoodbye() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.goodbye != nil
}

// write writes until there is nothing to write.
func (c *conn) write() {
	b := batches.Get().(*batch)
	defer batches.Put(b)
	defer b.reset()
	b.fresh = true
	for c.gather(b) {
		if err := c.sendBatch(b); err != nil {
			_ = c.conn.Close() // the reader ends with it
			return
		}
		if b.bye != nil {
			c.countGoodbye(b.bye)
			c.mu.Lock()
			c.goodbye, c.byeSent = b.bye, true
			c.lingerTimer = time.AfterFunc(lingerTime, func() { _ = c.conn.Close() })
			c.mu.Unlock()
			return
		}
		b.reset()
	}
}

// gather collects what is to be written next. When that is nothing the writer ends, and a later wake starts another.
func (c *conn) gather(b *batch) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		c.dirty = false
		c.takeControl(b)
		if c.goodbye != nil {
			b.addGoodbye(c.goodbye)
			return true
		}
		rewind := c.rewind
		if c.rewind = false; rewind {
			c.stored = 0
		}
		c.mu.Unlock()
		c.takeRoom(b, rewind)
		c.mu.Lock()
		if len(b.messages) > 0 {
			return true
		}
		if !c.dirty {
			c.writing = false
			return false
		}
	}
}

// takeControl adds the answers to what the participant said. mu is held.
func (c *conn) takeControl(b *batch) {
	for _, f := range c.replies {
		b.add(laneControl, wire.Marshal(f))
	}
	c.replies = nil
	if c.wanted != nil {
		b.add(laneControl, wire.Marshal(&wire.RelayFrame{Kind: &wire.RelayFrame_SnapshotWanted{SnapshotWanted: c.wanted}}))
		c.wanted = nil
	}
	if c.ackDue {
		c.ackDue = false
		b.add(laneControl, wire.Marshal(&wire.RelayFrame{Kind: &wire.RelayFrame_Ack{Ack: &wire.Ack{Counter: c.ackTo}}}))
	}
	if c.pongDue {
		c.pongDue = false
		pong := &wire.Pong{ClientTime: c.pingTime, RelayTime: c.relay.cfg.Now().UnixMicro()}
		b.add(laneControl, wire.Marshal(&wire.RelayFrame{Kind: &wire.RelayFrame_Pong{Pong: pong}}))
	}
}

// takeRoom adds news of the room: what is live first, then presence, then what is to be caught up. A part of each fits
// a batch, so that none starves the others.
func (c *conn) takeRoom(b *batch, rewind bool) {
	if rewind {
		state := c.room.log.State()
		c.cursor, c.generation, c.sending, c.live = 0, 0, nil, false
		b.add(laneControl, wire.Marshal(&wire.RelayFrame{Kind: &wire.RelayFrame_Rewound{Rewound: &wire.Rewound{
			Head: state.Head, Generation: state.Generation,
		}}}))
	}
	behind := c.takeLive(b)
	c.room.takePresence(c, b)
	if behind && b.bye == nil {
		c.takeHistory(b)
	}
}

// takeLive adds frames from the log's head, and reports whether there are others before those.
func (c *conn) takeLive(b *batch) (behind bool) {
	for c.sending == nil && !b.full() {
		n := c.room.feed.next(c.room.log, c.cursor, c.live, c.room.size())
		if n.behind {
			c.live = false
			return true
		}
		c.live, c.wasLive = true, true
		if n.message == nil {
			return false
		}
		if b.grewAt == 0 {
			b.grewAt = n.grewAt
		}
		c.cursor = n.through
		b.add(laneEdit, n.message)
	}
	return c.sending != nil
}

// sendBatch writes what was gathered.
func (c *conn) sendBatch(b *batch) error {
	began := c.relay.clock()
	if b.grewAt != 0 && b.fresh {
		c.relay.lanes.noteEdit(time.Duration(began - b.grewAt))
		c.relay.noteDelay(laneEdit, b.grewAt)
	}
	if err := c.conn.SetWriteDeadline(time.Now().Add(c.relay.cfg.WriteTimeout)); err != nil {
		return fmt.Errorf("%w: %w", transport.ErrLost, err)
	}
	if err := transport.WriteMessages(c.conn, b.messages); err != nil {
		return err
	}
	c.relay.noteWritten(b)
	return nil
}

// send writes one message. During the handshake the reader calls it, then only the writer.
func (c *conn) send(f *wire.RelayFrame) error {
	if err := c.conn.SetWriteDeadline(time.Now().Add(c.relay.cfg.WriteTimeout)); err != nil {
		return fmt.Errorf("%w: %w", transport.ErrLost, err)
	}
	return c.conn.WriteMessage(wire.Marshal(f))
}
