package transport

import (
	"time"

	"coedit/transport/wire"
)

const (
	presenceFastest = 50 * time.Millisecond // between two presences of ours, in a small room
	presenceBudget  = 200                   // presences a second everybody is willing to receive
	maxCounted      = 1000                  // participants counted towards the rate
)

// write sends what waits until the connection ends; the error says why.
func (l *link) write() error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		f, again := l.c.nextMessage(time.Now())
		if f != nil {
			if err := l.send(f); err != nil {
				return err
			}
			continue
		}
		timer.Reset(again)
		select {
		case <-timer.C:
		case <-l.c.wake:
		case <-l.dead:
			return l.err
		}
	}
}

// nextMessage is what to send now; or nil, and how long until there may be something
// without anybody calling signal. Small and urgent things come first; edits come
// before the chunks of a snapshot.
func (c *Client) nextMessage(now time.Time) (*wire.ClientFrame, time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	again := c.pingNext.Sub(now)
	if again <= 0 {
		c.pingNext = now.Add(pingInterval)
		ping := &wire.Ping{ClientTime: c.clock.ping(c.o.Now())}
		return &wire.ClientFrame{Kind: &wire.ClientFrame_Ping{Ping: ping}}, 0
	}
	if c.resync {
		c.resync = false
		r := &wire.Resync{NextCounter: c.out.first()}
		return &wire.ClientFrame{Kind: &wire.ClientFrame_Resync{Resync: r}}, 0
	}
	if c.confirm != 0 {
		f := &wire.ClientFrame_SnapshotConfirm{SnapshotConfirm: &wire.SnapshotConfirm{Generation: c.confirm}}
		c.confirm = 0
		return &wire.ClientFrame{Kind: f}, 0
	}
	if c.closing && c.version >= 2 {
		c.closing = false
		return &wire.ClientFrame{Kind: &wire.ClientFrame_CloseRoom{CloseRoom: &wire.CloseRoom{}}}, 0
	}
	if c.fetch {
		c.fetch = false
		return &wire.ClientFrame{Kind: &wire.ClientFrame_Fetch{Fetch: &wire.Fetch{}}}, 0
	}
	if c.presenceDirty {
		if wait := c.presenceNext.Sub(now); wait > 0 {
			again = min(again, wait)
		} else {
			return c.presenceMessage(now), 0
		}
	}
	if !c.restoring {
		if wait := max(c.holdUntil.Sub(now), c.bucket.wait(1, now)); wait > 0 {
			again = min(again, wait)
		} else if f, ok := c.out.next(publishWindow); ok {
			c.bucket.take()
			c.quality.sent(f.Counter, c.out.flying, now)
			p := &wire.Publish{Frame: f.Wire()}
			return &wire.ClientFrame{Kind: &wire.ClientFrame_Publish{Publish: p}}, 0
		}
	}
	return c.put.nextChunk(), again
}

// presenceMessage sends the newest presence. In a room of n everybody receives n-1
// presences per interval, so the interval grows with n.
func (c *Client) presenceMessage(now time.Time) *wire.ClientFrame {
	c.presenceDirty = false
	n := time.Duration(len(c.others) + 1)
	c.presenceNext = now.Add(max(presenceFastest, n*time.Second/presenceBudget))
	p := &wire.PresenceUpdate{Replica: c.o.Replica, Payload: c.presence}
	return &wire.ClientFrame{Kind: &wire.ClientFrame_Presence{Presence: p}}
}

// nextChunk is the next chunk of the snapshot, or nil while there is none to be sent.
func (p *snapshotPut) nextChunk() *wire.ClientFrame {
	if p == nil || p.next >= p.granted || p.next >= Chunks(len(p.payload)) {
		return nil
	}
	chunk := &wire.SnapshotPut{
		Generation: p.generation,
		Covers:     &wire.Cursor{Incarnation: p.covers.Incarnation, Number: p.covers.Number},
		Restore:    p.restore,
		Size:       uint64(len(p.payload)),
		Index:      p.next,
		Of:         Chunks(len(p.payload)),
		Payload:    Chunk(p.payload, p.next),
	}
	p.next++
	return &wire.ClientFrame{Kind: &wire.ClientFrame_SnapshotPut{SnapshotPut: chunk}}
}

// Chunks is into how many chunks a snapshot of size bytes is cut; an empty one is one chunk.
func Chunks(size int) uint32 {
	return uint32(max(1, (size+SnapshotChunk-1)/SnapshotChunk))
}

// Chunk is the part of a snapshot with the given index, below Chunks; it shares memory with payload.
func Chunk(payload []byte, index uint32) []byte {
	begin := int(index) * SnapshotChunk
	return payload[begin:min(len(payload), begin+SnapshotChunk)]
}
