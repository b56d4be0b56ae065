package relay

import (
	"errors"

	"coedit/transport"
	"coedit/transport/wire"
)

// sending is a snapshot on its way to a participant.
type sending struct {
	Snapshot
	next uint32 // chunk
}

// takeHistory adds the next part of what a connection has not read that is not live: frames, or a chunk of the
// snapshot that replaced them. Its turn may be some time in coming.
func (c *conn) takeHistory(b *batch) {
	asked := c.relay.clock()
	leave := c.relay.lanes.enter()
	defer leave()
	c.relay.noteDelay(laneHistory, asked)
	if c.sending != nil {
		c.takeChunk(b)
		return
	}
	frames, err := c.room.log.Read(c.cursor, deliverFrames, deliverBytes)
	switch {
	case errors.Is(err, ErrTruncated):
		c.beginSnapshot(b)
		return
	case err != nil:
		c.failed(b, "cannot read the log", err)
		return
	case len(frames) == 0:
		c.live = true
		return
	}
	deliver := &wire.Deliver{After: c.cursor}
	bytes := 0
	for _, f := range frames {
		if mark(f) && !c.has(f) {
			if len(deliver.Frames) > 0 {
				break
			}
			c.beginSnapshot(b)
			return
		}
		deliver.Frames = append(deliver.Frames, f.Wire())
		bytes += f.Size()
	}
	c.noteLag(len(deliver.Frames), bytes)
	c.cursor += uint64(len(deliver.Frames))
	b.add(laneHistory, wire.Marshal(&wire.RelayFrame{Kind: &wire.RelayFrame_Deliver{Deliver: deliver}}))
}

// noteLag counts a participant that was live and does not read as fast as the others write.
func (c *conn) noteLag(frames, bytes int) {
	if c.wasLive && (frames == deliverFrames || bytes > deliverBytes/2) {
		c.wasLive = false
		c.relay.stats.slow.Inc()
	}
}

// failed ends the connection because the log cannot be used.
func (c *conn) failed(b *batch, what string, err error) {
	if !errors.Is(err, ErrClosed) {
		c.relay.cfg.Logger.Error(what, "error", err)
	}
	b.addGoodbye(goodbyeOf(err))
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

func (c *conn) beginSnapshot(b *batch) {
	c.sending = &sending{Snapshot: c.room.log.Snapshot()}
	c.takeChunk(b)
}

// takeChunk adds the next chunk of the snapshot on its way. Frames between what it covers
// and its mark are still to be sent to one who stands before them. A snapshot that was replaced
// and dropped meanwhile is given up for the one that is there now.
func (c *conn) takeChunk(b *batch) {
	s := c.sending
	payload, err := c.room.log.ReadSnapshot(s.Generation, int(s.next)*transport.SnapshotChunk, transport.SnapshotChunk)
	if errors.Is(err, ErrTruncated) && c.room.log.Snapshot().Generation != s.Generation {
		c.beginSnapshot(b)
		return
	}
	if err != nil {
		c.failed(b, "cannot read the snapshot", err)
		return
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
	b.add(laneHistory, wire.Marshal(&wire.RelayFrame{Kind: &wire.RelayFrame_Snapshot{Snapshot: chunk}}))
}
