package session

import (
	"context"
	"fmt"

	"coedit/rga"
	"coedit/transport"
)

// A snapshot that its maker sealed and that is no document takes away what it stands for from everybody who comes later. Its maker
// answers for it: it is told and counted, and those who may write and have the room's text put that in its place, as after a relay has
// lost its log (restore.go). Who came with nothing has nothing to put there, and waits for them.

type (
	// unreadableItem: a snapshot of a maker is no document.
	unreadableItem struct {
		maker rga.ReplicaID // 0: the room is plain
		err   error
	}
	// unreadableReadItem: the room was read from its beginning, with such a snapshot, and holds atRelay beside it.
	unreadableReadItem struct {
		generation uint64
		number     uint64 // frames up to it may be covered
		atRelay    rga.Version
	}
)

func (unreadableItem) weight() int     { return 0 }
func (unreadableReadItem) weight() int { return 0 }

// unreadable takes note of a snapshot that is no document. Where only a part of the room is being read, all of it is read again: what
// replaces the snapshot must cover the frames behind it.
func (p *pump) unreadable(ctx context.Context, ev transport.Snapshot, maker rga.ReplicaID, err error) {
	p.push(ctx, unreadableItem{maker, fmt.Errorf("session: read snapshot %d: %w", ev.Generation, err)})
	p.blind = true
	switch {
	case ev.Whole:
		p.reading = &reading{generation: ev.Generation, maker: maker, holds: rga.Version{}, unreadable: true}
	case maker != p.self:
		p.again()
	}
}

// unreadableRead tells the owner that a room was read whose snapshot is no document. What this participant could not read of the
// frames behind it stays in the log.
func (p *pump) unreadableRead(ctx context.Context, r *reading, ev transport.CaughtUp) {
	if p.newcomer || r.maker == p.self {
		return // its own would be no better the next time
	}
	number := ev.Cursor.Number
	if len(p.waiting) > 0 || len(p.mute) > 0 {
		number = 0
	}
	p.atRelay = r.holds
	p.push(ctx, unreadableReadItem{r.generation, number, r.holds.Clone()})
}

// snapshotUnreadable counts a snapshot that is no document, and says so once for each maker.
func (p *Participant) snapshotUnreadable(it unreadableItem) {
	p.integrity.BadSnapshots++
	if it.maker == 0 {
		p.unreadable(0, it.err)
		return
	}
	if p.tamperTold[it.maker] || len(p.tamperTold) >= maxPeers {
		return
	}
	p.tamperTold[it.maker] = true
	p.notice(Unreadable, it.maker, fmt.Sprintf("%s left a snapshot of this room that cannot be read; what you have stays.", p.nameOf(it.maker)))
}

// replaceUnreadable puts the document in the place of a snapshot that is none.
func (p *Participant) replaceUnreadable(it unreadableReadItem) {
	if p.ReadOnly() || p.net.state != Online || p.restore.active || p.moving != nil || !p.Ready() {
		return
	}
	p.restore = restore{active: true, known: it.atRelay[p.id]}
	p.out.forget()
	p.putSnapshot(it.generation, it.number)
}
