package relay

import (
	"errors"
	"fmt"
	"time"

	"coedit/transport"
	"coedit/transport/wire"
)

// assembly is a snapshot arriving in chunks. Owned by the reader.
type assembly struct {
	first   *wire.SnapshotPut // chunk 0, for all but its payload
	next    uint32            // chunk expected
	heard   time.Time         // when the last one came that was no crumb
	payload []byte
}

// crumb is a chunk of so few bytes that it buys no time: a snapshot that comes in crumbs would keep others' from coming.
const crumb = 1 << 10

// reserve makes room for a part of a snapshot in memory: of what all may have there, and of the quarter of it that one address may
// have, but for one whole snapshot. Who has reserved releases, when it is stored or dropped.
func (r *Relay) reserve(c *conn, n int) bool {
	most := int64(r.cfg.MaxAssembling)
	if r.assembling.Add(int64(n)) <= most && r.addresses.takeHere(c.usage, n, max(most/4, int64(r.cfg.MaxSnapshot))) {
		return true
	}
	r.assembling.Add(-int64(n))
	return false
}

func (r *Relay) release(c *conn, n int) {
	r.assembling.Add(-int64(n))
	r.addresses.giveHere(c.usage, n)
}

// snapshotChunk takes one chunk, and stores the snapshot with the last one.
func (c *conn) snapshotChunk(p *wire.SnapshotPut) error {
	if p.GetIndex() == 0 {
		c.dropAssembly()
		if n := c.judgeSnapshot(p); n != nil {
			c.room.refused(c.replica, false)
			return c.nack(n)
		}
		c.assembly = &assembly{first: p, heard: c.relay.cfg.Now()}
	}
	a := c.assembly
	switch {
	case a == nil:
		return nil // of one that was refused
	case p.GetIndex() != a.next || p.GetOf() != a.first.GetOf() || len(p.GetPayload()) > transport.MaxSnapshotChunk:
		return fmt.Errorf("%w: snapshot chunk %d of %d with %d bytes, chunk %d expected", transport.ErrProtocol,
			p.GetIndex(), p.GetOf(), len(p.GetPayload()), a.next)
	case uint64(len(a.payload)+len(p.GetPayload())) > a.first.GetSize():
		return fmt.Errorf("%w: a snapshot longer than the %d bytes it announced", transport.ErrProtocol, a.first.GetSize())
	}
	if !c.relay.reserve(c, len(p.GetPayload())) {
		c.dropAssembly()
		c.relay.limited(limitSnapshots)
		return c.nack(&wire.Nack{
			Snapshot: true, Code: wire.Nack_RESOURCE_EXHAUSTED, RetryAfterMs: uint64(busyRetry.Milliseconds()),
			Text: "too many snapshots arrive at once",
		})
	}
	if !c.relay.mayStore(c, len(p.GetPayload())) {
		c.relay.release(c, len(p.GetPayload()))
		c.dropAssembly()
		c.relay.limited(limitAddressBytes)
		return c.nack(&wire.Nack{
			Snapshot: true, Code: wire.Nack_RESOURCE_EXHAUSTED, RetryAfterMs: uint64(time.Minute.Milliseconds()),
			Text: "your address has stored as much as this relay lets one store in a day",
		})
	}
	a.payload = append(a.payload, p.GetPayload()...)
	if len(p.GetPayload()) > crumb {
		a.heard = c.relay.cfg.Now()
	}
	c.room.answering(c.replica)
	if a.next++; a.next < a.first.GetOf() {
		return c.reply(&wire.RelayFrame{Kind: &wire.RelayFrame_SnapshotMore{SnapshotMore: &wire.SnapshotMore{Next: a.next}}})
	}
	return c.storeSnapshot(a)
}

// judgeSnapshot refuses early what would be refused at the end.
func (c *conn) judgeSnapshot(p *wire.SnapshotPut) *wire.Nack {
	most := uint64(c.relay.cfg.MaxSnapshot)
	switch generation := c.room.log.State().Generation; {
	case c.storing():
		return &wire.Nack{
			Snapshot: true, Code: wire.Nack_RESOURCE_EXHAUSTED, RetryAfterMs: uint64(busyRetry.Milliseconds()),
			Text: "the snapshot before this one is still being stored",
		}
	case c.readOnly:
		return &wire.Nack{Snapshot: true, Code: wire.Nack_RIGHTS, Text: "this participant may read only"}
	case p.GetSize() > most || uint64(p.GetOf()) > most:
		c.relay.limited(limitSnapshot)
		return &wire.Nack{Snapshot: true, Code: wire.Nack_TOO_LARGE, Text: fmt.Sprintf("a snapshot of %d bytes is over the relay's limit of %d", p.GetSize(), most)}
	case p.GetGeneration() != generation:
		return &wire.Nack{Snapshot: true, Code: wire.Nack_CONFLICT, Generation: generation, Text: fmt.Sprintf("the room is at generation %d", generation)}
	}
	return nil
}

func (c *conn) storeSnapshot(a *assembly) error {
	if uint64(len(a.payload)) != a.first.GetSize() {
		return fmt.Errorf("%w: a snapshot of %d bytes that announced %d", transport.ErrProtocol, len(a.payload), a.first.GetSize())
	}
	c.assembly = nil // what it has reserved is released when it is stored
	c.update(func() { c.putting = true })
	c.room.log.PutSnapshot(Snapshot{
		Generation: a.first.GetGeneration(),
		Covers:     transport.Cursor{Incarnation: a.first.GetCovers().GetIncarnation(), Number: a.first.GetCovers().GetNumber()},
		Restore:    a.first.GetRestore(),
		Maker:      c.replica,
		Put:        c.relay.cfg.Now(),
	}, a.payload, func(generation uint64, err error) {
		c.relay.release(c, len(a.payload))
		c.snapshotStored(generation, err)
	})
	return nil
}

// storing says whether a snapshot of this connection is being stored.
func (c *conn) storing() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.putting
}

// hurry drops a snapshot whose next chunk does not come: what it holds is others' to use.
func (c *conn) hurry() error {
	if c.assembly == nil || c.relay.cfg.Now().Sub(c.assembly.heard) <= c.relay.cfg.SnapshotPatience {
		return nil
	}
	c.dropAssembly()
	return c.nack(&wire.Nack{
		Snapshot: true, Code: wire.Nack_RESOURCE_EXHAUSTED, RetryAfterMs: uint64(busyRetry.Milliseconds()),
		Text: "the rest of the snapshot did not come in time",
	})
}

// snapshotStored answers. It may run in a goroutine of the log's.
func (c *conn) snapshotStored(generation uint64, err error) {
	c.update(func() {
		c.putting = false
		c.stored = max(c.stored, generation)
	})
	var stale *StaleError
	if err == nil {
		c.room.satisfied()
	} else {
		c.room.refused(c.replica, false)
	}
	switch {
	case err == nil:
		c.relay.stats.snapshots.Inc()
		_ = c.reply(&wire.RelayFrame{Kind: &wire.RelayFrame_SnapshotStored{SnapshotStored: &wire.SnapshotStored{Generation: generation}}})
	case errors.As(err, &stale):
		_ = c.nack(&wire.Nack{Snapshot: true, Code: wire.Nack_CONFLICT, Generation: stale.Generation, Text: stale.Error()})
	case errors.Is(err, ErrFull):
		c.relay.limited(limitRoomBytes)
		_ = c.nack(&wire.Nack{Snapshot: true, Code: wire.Nack_TOO_LARGE, Text: "the room has no place for this snapshot"})
	default:
		c.relay.cfg.Logger.Error("cannot store a snapshot", "error", err)
		_ = c.nack(&wire.Nack{Snapshot: true, Code: wire.Nack_UNAVAILABLE, Text: "the relay cannot use its store at the moment", RetryAfterMs: uint64(busyRetry.Milliseconds())})
	}
}

// dropAssembly forgets a snapshot that has not wholly arrived.
func (c *conn) dropAssembly() {
	if c.assembly != nil {
		c.relay.release(c, len(c.assembly.payload))
		c.assembly = nil
	}
}
