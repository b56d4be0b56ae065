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
	payload []byte
}

// snapshotChunk takes one chunk, and stores the snapshot with the last one.
func (c *conn) snapshotChunk(p *wire.SnapshotPut) error {
	if p.GetIndex() == 0 {
		c.dropAssembly()
		if n := c.judgeSnapshot(p); n != nil {
			c.room.refused(c.replica, false)
			return c.nack(n)
		}
		c.assembly = &assembly{first: p}
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
	if c.relay.assembling.Add(int64(len(p.GetPayload()))) > int64(c.relay.cfg.MaxAssembling) {
		c.relay.assembling.Add(-int64(len(p.GetPayload())))
		c.dropAssembly()
		c.relay.limited(limitSnapshots)
		return c.nack(&wire.Nack{
			Snapshot: true, Code: wire.Nack_RESOURCE_EXHAUSTED, RetryAfterMs: uint64(busyRetry.Milliseconds()),
			Text: "too many snapshots arrive at once",
		})
	}
	if !c.relay.mayStore(c, len(p.GetPayload())) {
		c.relay.assembling.Add(-int64(len(p.GetPayload())))
		c.dropAssembly()
		c.relay.limited(limitAddressBytes)
		return c.nack(&wire.Nack{
			Snapshot: true, Code: wire.Nack_RESOURCE_EXHAUSTED, RetryAfterMs: uint64(time.Minute.Milliseconds()),
			Text: "your address has stored as much as this relay lets one store in a day",
		})
	}
	a.payload = append(a.payload, p.GetPayload()...)
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
	c.dropAssembly()
	c.update(func() { c.putting = true })
	c.room.log.PutSnapshot(Snapshot{
		Generation: a.first.GetGeneration(),
		Covers:     transport.Cursor{Incarnation: a.first.GetCovers().GetIncarnation(), Number: a.first.GetCovers().GetNumber()},
		Restore:    a.first.GetRestore(),
		Maker:      c.replica,
		Put:        c.relay.cfg.Now(),
	}, a.payload, c.snapshotStored)
	return nil
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
		c.relay.assembling.Add(-int64(len(c.assembly.payload)))
		c.assembly = nil
	}
}
