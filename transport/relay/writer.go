package relay

import (
	"errors"
	"time"

	"coedit/transport"
	"coedit/transport/wire"
)

// Deliver messages hold at most so much, but always one frame. Bytes are few enough that
// a link of 20 kbit/s takes one within writeTimeout.
const (
	deliverFrames = 256
	deliverBytes  = 64 << 10
)

// sending is a snapshot on its way to a participant.
type sending struct {
	Snapshot
	next uint32 // chunk
}

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
	for {
		f := c.next()
		if f == nil {
			return
		}
		if err := c.send(f); err != nil {
			_ = c.conn.Close() // the reader ends with it
			return
		}
		if bye := f.GetGoodbye(); bye != nil {
			c.countGoodbye(bye)
			c.mu.Lock()
			c.goodbye, c.byeSent = bye, true
			c.lingerTimer = time.AfterFunc(lingerTime, func() { _ = c.conn.Close() })
			c.mu.Unlock()
			return
		}
	}
}

// next is the next message; nil ends the writer, and a later wake starts another.
func (c *conn) next() *wire.RelayFrame {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		c.dirty = false
		if f := c.nextControl(); f != nil {
			return f
		}
		rewind := c.rewind
		c.rewind = false
		c.mu.Unlock()
		f := c.nextOfRoom(rewind)
		c.mu.Lock()
		if f != nil {
			return f
		}
		if !c.dirty {
			c.writing = false
			return nil
		}
	}
}

// nextControl is an answer to what the participant said, or the Goodbye. mu is held.
func (c *conn) nextControl() *wire.RelayFrame {
	switch {
	case len(c.replies) > 0:
		f := c.replies[0]
		c.replies = c.replies[1:]
		if len(c.replies) == 0 {
			c.replies = nil
		}
		return f
	case c.ackDue:
		c.ackDue = false
		return &wire.RelayFrame{Kind: &wire.RelayFrame_Ack{Ack: &wire.Ack{Counter: c.ackTo}}}
	case c.pong != nil:
		pong := c.pong
		c.pong = nil
		return &wire.RelayFrame{Kind: &wire.RelayFrame_Pong{Pong: pong}}
	case c.goodbye != nil:
		return &wire.RelayFrame{Kind: &wire.RelayFrame_Goodbye{Goodbye: c.goodbye}}
	}
	return nil
}

// nextOfRoom is news of the room: log and presence in turn, so that neither starves the other.
func (c *conn) nextOfRoom(rewind bool) *wire.RelayFrame {
	if rewind {
		state := c.room.log.State()
		c.cursor, c.generation, c.sending = 0, 0, nil
		c.mu.Lock()
		c.stored = 0
		c.mu.Unlock()
		return &wire.RelayFrame{Kind: &wire.RelayFrame_Rewound{Rewound: &wire.Rewound{
			Head: state.Head, Generation: state.Generation,
		}}}
	}
	c.logsTurn = !c.logsTurn
	if c.logsTurn {
		if f := c.nextOfLog(); f != nil {
			return f
		}
		return c.room.nextPresence(c)
	}
	if f := c.room.nextPresence(c); f != nil {
		return f
	}
	return c.nextOfLog()
}

// nextOfLog is the next part of the log: frames, or a chunk of the snapshot that replaced them.
func (c *conn) nextOfLog() *wire.RelayFrame {
	if c.sending != nil {
		return c.nextChunk()
	}
	frames, err := c.room.log.Read(c.cursor, deliverFrames, deliverBytes)
	if errors.Is(err, ErrTruncated) {
		return c.beginSnapshot()
	}
	if err != nil {
		c.relay.cfg.Logger.Error("cannot read the log", "error", err)
		return &wire.RelayFrame{Kind: &wire.RelayFrame_Goodbye{Goodbye: unavailable()}}
	}
	deliver := &wire.Deliver{After: c.cursor}
	for _, f := range frames {
		if mark(f) && !c.has(f) {
			if len(deliver.Frames) > 0 {
				break
			}
			return c.beginSnapshot()
		}
		deliver.Frames = append(deliver.Frames, f.Wire())
	}
	if len(deliver.Frames) == 0 {
		return nil
	}
	c.cursor += uint64(len(deliver.Frames))
	return &wire.RelayFrame{Kind: &wire.RelayFrame_Deliver{Deliver: deliver}}
}

// has reports whether the participant has the restoring snapshot marked by f: it was
// sent, or the participant made it.
func (c *conn) has(f transport.Frame) bool {
	s := c.room.log.Snapshot()
	if s.Number != f.Number {
		return true // an older mark: a later snapshot has what that one had
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.generation >= s.Generation || c.stored >= s.Generation || (c.putting && s.Maker == c.replica)
}

func (c *conn) beginSnapshot() *wire.RelayFrame {
	c.sending = &sending{Snapshot: c.room.log.Snapshot()}
	return c.nextChunk()
}

// nextChunk is the next chunk of the snapshot on its way. Frames between what it covers
// and its mark are still to be sent to one who stands before them. A snapshot that was replaced
// and dropped meanwhile is given up for the one that is there now.
func (c *conn) nextChunk() *wire.RelayFrame {
	s := c.sending
	payload, err := c.room.log.ReadSnapshot(s.Generation, int(s.next)*transport.SnapshotChunk, transport.SnapshotChunk)
	if errors.Is(err, ErrTruncated) && c.room.log.Snapshot().Generation != s.Generation {
		return c.beginSnapshot()
	}
	if err != nil {
		c.relay.cfg.Logger.Error("cannot read the snapshot", "error", err)
		return &wire.RelayFrame{Kind: &wire.RelayFrame_Goodbye{Goodbye: unavailable()}}
	}
	number := max(c.cursor, s.Covers.Number)
	if c.cursor+1 == s.Number {
		number = s.Number
	}
	chunk := &wire.Snapshot{
		Generation: s.Generation, Covers: s.Covers.Number, Number: number,
		Size: uint64(s.Size), Index: s.next, Of: transport.Chunks(s.Size), Payload: payload,
	}
	if s.next++; s.next == chunk.Of {
		c.cursor, c.generation, c.sending = number, s.Generation, nil
	}
	return &wire.RelayFrame{Kind: &wire.RelayFrame_Snapshot{Snapshot: chunk}}
}
