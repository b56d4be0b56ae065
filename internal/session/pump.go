package session

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"coedit/internal/codec"
	"coedit/internal/journal"
	"coedit/presence"
	"coedit/rga"
	"coedit/transport"
	"coedit/transport/seal"
)

// ErrForged is why a frame was dropped whose operations are not its sender's own.
var ErrForged = errors.New("session: a frame holds operations of somebody else")

// Bounds of an op batch: what one frame carries, and what the owner applies in one piece. A batch of little operations
// takes longer to apply than one of long runs of text, so it may be smaller only.
const (
	batchBytes = 64 << 10
	denseBytes = 8 << 10
)

// pump turns the transport's events into items for the owner: it opens payloads, checks who wrote them, and takes
// snapshots apart, so that the owner is left with batches of bounded size. It is owned by the goroutine of Run.
type pump struct {
	room   string
	self   rga.ReplicaID
	sealer *keyring
	inbox  *inbox
	epoch  int          // of the inbox: items of a room that was left are not wanted
	fetch  func()       // asks for the whole room again
	stop   func()       // ends Run
	lost   *atomic.Bool // set by the owner: something forwarded could not be kept

	forwarded rga.Version // others' ticks that the owner was given
	newcomer  bool        // the owner began with nothing, and has not read the whole room yet
	blind     bool        // a snapshot came that could not be read

	incarnation uint64      // of the log that atRelay speaks of
	atRelay     rga.Version // what this incarnation of the log is known to hold

	mute map[rga.ReplicaID]bool

	cursor  transport.Cursor // how far the log has been read
	reading *reading         // nil: no snapshot came since the room was read from its beginning

	journaled bool // the owner wants to know how far the log has been read

	waiting   []transport.Frame // whose authors are not certified yet
	waits     int               // bytes of their payloads
	stamps    map[rga.ReplicaID]uint64
	refetched bool // on this connection, because of what was tampered with
	missing   bool // something tampered with has not been read again since
}

func newPump(p *Participant) *pump {
	return &pump{
		room: p.link.Room, self: p.id, sealer: p.sealer, inbox: p.inbox, epoch: p.inbox.present(), lost: &p.net.lost, fetch: p.client.Fetch, stop: p.stop,
		stamps:    map[rga.ReplicaID]uint64{},
		newcomer:  p.blank,
		forwarded: p.ahead, atRelay: rga.Version{}, mute: map[rga.ReplicaID]bool{}, journaled: p.keeper != nil,
	}
}

// push queues an item for the owner, unless that has gone on to another room.
func (p *pump) push(ctx context.Context, it item) bool { return p.inbox.push(ctx, p.epoch, it) }

// run reads events until their channel is closed; after ctx has ended it only drains them.
func (p *pump) run(ctx context.Context, events <-chan transport.Event) {
	for ev := range events {
		if ctx.Err() == nil {
			p.handle(ctx, ev)
		}
	}
}

func (p *pump) handle(ctx context.Context, ev transport.Event) {
	switch ev := ev.(type) {
	case transport.Online:
		p.online(ctx, ev)
	case transport.Offline:
		p.push(ctx, offlineItem{ev.Err})
	case transport.Delivered:
		for _, f := range ev.Frames {
			p.frame(ctx, f)
			p.members(ctx)
		}
		if n := len(ev.Frames); n > 0 {
			p.reached(ctx, transport.Cursor{Incarnation: p.incarnation, Number: ev.Frames[n-1].Number})
		}
	case transport.CaughtUp:
		if len(p.waiting) > 0 && !p.refetched { // their certificates stand before where this participant began to read
			p.again()
		}
		p.reached(ctx, ev.Cursor)
		p.push(ctx, caughtUpItem{p.atRelay.Clone(), ev.Cursor.Number, ev.Generation})
		p.wholeRead(ctx, ev)
	case transport.Acked:
		p.push(ctx, ackedItem{ev.Counter})
	case transport.PresenceOf:
		p.presence(ctx, ev)
		p.members(ctx)
	case transport.Gone:
		p.push(ctx, goneItem{rga.ReplicaID(ev.Replica)})
	case transport.Snapshot:
		p.snapshot(ctx, ev)
		p.members(ctx)
	case transport.SnapshotWanted:
		if len(p.waiting) == 0 && len(p.mute) == 0 { // what this participant could not read is to stay in the log
			p.push(ctx, wantedItem{ev.Generation, p.cursor})
		}
	case transport.SnapshotStored:
		p.push(ctx, storedItem{ev.Generation})
	case transport.SnapshotConflict:
		p.push(ctx, conflictItem{ev.Generation})
	case transport.SnapshotRefused:
		p.push(ctx, refusedItem{ev.Err})
	}
}

func (p *pump) online(ctx context.Context, ev transport.Online) {
	p.refetched = p.missing
	if p.missing {
		p.missing = false
		p.fetch()
	}
	if _, err := p.sealer.now(); err != nil || len(ev.Manifest) > 0 { // a relay of version 1 asked for no proof
		if err := p.sealer.learn(ev.Manifest); err != nil {
			p.refuse(ctx, err)
			return
		}
	}
	if ev.Version < 2 && p.sealer.sealed() != nil {
		p.refuse(ctx, refused("the relay speaks version %d of the protocol, in which it does not ask who comes into an encrypted room", ev.Version))
		return
	}
	if ev.Lost && p.incarnation != 0 {
		p.push(ctx, rewoundItem{})
	}
	if ev.Lost || ev.Incarnation != p.incarnation {
		p.incarnation = ev.Incarnation
		p.atRelay = rga.Version{}
	}
	p.reading = nil
	p.push(ctx, onlineItem{
		incarnation: ev.Incarnation,
		head:        ev.Head, generation: ev.Generation, lastCounter: ev.LastCounter, restore: ev.Restore,
		manifest: ev.Manifest,
	})
}

// refuse ends a participant whose room is not what it should be.
func (p *pump) refuse(ctx context.Context, err error) {
	p.push(ctx, endedItem{err})
	p.stop()
}

// reached tells the owner, for its journal, how far the log has been read.
func (p *pump) reached(ctx context.Context, c transport.Cursor) {
	p.cursor = c
	if p.journaled && len(p.waiting) == 0 { // what waits for a certificate is not in the journal
		p.push(ctx, cursorItem{journal.Cursor(c)})
	}
}

// reading is a room being read from its beginning.
type reading struct {
	generation uint64
	maker      rga.ReplicaID
	before     rga.Version // what the log was known to hold before
	holds      rga.Version // what the snapshot, and the frames behind it, hold
	unreadable bool        // the snapshot is none
}

// wholeRead tells the owner what a room holds that was read from its beginning.
func (p *pump) wholeRead(ctx context.Context, ev transport.CaughtUp) {
	r := p.reading
	p.reading = nil
	if r != nil && r.unreadable && r.generation == ev.Generation {
		p.unreadableRead(ctx, r, ev)
		return
	}
	p.newcomer = p.newcomer && p.blind && r == nil
	if r == nil || r.generation != ev.Generation || len(p.waiting) > 0 || len(p.mute) > 0 || p.refetched {
		return
	}
	p.atRelay = r.holds
	p.push(ctx, readItem{r.generation, r.maker, ev.Cursor.Number, r.holds.Clone(), !r.holds.Includes(r.before)})
}

// frame opens one frame of the log and passes on what others wrote.
func (p *pump) frame(ctx context.Context, f transport.Frame) {
	if f.Class == transport.ClassMoved && f.Target == "" {
		p.moved(ctx, f)
		return
	}
	if f.Class != transport.ClassEdit || f.Target != "" {
		return
	}
	author := rga.ReplicaID(f.Replica)
	batch, info, err := p.open(f)
	switch {
	case errors.Is(err, seal.ErrUncertified):
		p.await(ctx, f, err)
		return
	case p.tampered(ctx, author, err):
		p.again()
		return
	case err != nil:
		p.dropped(ctx, author, err)
		return
	}
	raise(p.atRelay, info)
	if p.reading != nil {
		raise(p.reading.holds, info)
	}
	if author == p.self || p.mute[author] {
		return
	}
	raise(p.forwarded, info)
	p.push(ctx, batchItem{batch, info})
}

func (p *pump) open(f transport.Frame) ([]byte, rga.BatchInfo, error) {
	batch, err := p.sealer.Open(frameHeader(p.room, f), f.Payload)
	if err != nil {
		return nil, rga.BatchInfo{}, fmt.Errorf("session: open frame %d: %w", f.Number, err)
	}
	if batch, err = codec.Unpack(batch, maxBatch); err != nil {
		return nil, rga.BatchInfo{}, fmt.Errorf("session: unpack frame %d: %w", f.Number, err)
	}
	info, err := rga.Inspect(batch)
	if err != nil {
		return nil, info, fmt.Errorf("session: read frame %d: %w", f.Number, err)
	}
	if info.Replica != rga.ReplicaID(f.Replica) {
		return nil, info, fmt.Errorf("%w: frame %d of replica %x claims to be %x", ErrForged, f.Number, f.Replica, uint64(info.Replica))
	}
	return batch, info, nil
}

// maxMuted bounds how many authors are remembered as unreadable; the relay could invent any number.
const maxMuted = 1024

// dropped mutes an author and says so once. All participants see the same frames and so judge alike; what came before
// stays. Own frames cannot be damaged by others and are only skipped.
func (p *pump) dropped(ctx context.Context, author rga.ReplicaID, err error) {
	if author == p.self || p.mute[author] || len(p.mute) >= maxMuted {
		return
	}
	p.mute[author] = true
	p.push(ctx, droppedItem{author, err})
}

// presence passes on another participant's state. One that cannot be read is dropped: the next comes soon. So is one that
// is older than what its author said before: a relay that sends it again would have it that something is taken back.
func (p *pump) presence(ctx context.Context, ev transport.PresenceOf) {
	id := rga.ReplicaID(ev.Replica)
	if id == p.self {
		return
	}
	plain, err := p.sealer.Open(presenceHeader(p.room, ev.Replica), ev.Payload)
	if err != nil {
		if p.notAsSealed(err) {
			p.push(ctx, tamperedItem{id, err, true})
		}
		return
	}
	s, err := presence.DecodeState(plain)
	if err != nil || uint64(s.Replica) != ev.Replica {
		return
	}
	if s.Stamp < p.stamps[id] {
		p.push(ctx, tamperedItem{id, fmt.Errorf("%w: presence %d after %d", errReplayed, s.Stamp, p.stamps[id]), true})
		return
	}
	if _, known := p.stamps[id]; known || len(p.stamps) < maxPeers {
		p.stamps[id] = s.Stamp
	}
	p.push(ctx, stateItem{s})
}

// snapshot takes the room's snapshot apart into batches of what the owner lacks. The work proportional to the document
// (decoding it) is done here, off the owner's goroutine. What is here already was checked frame by frame and stays as it is.
func (p *pump) snapshot(ctx context.Context, ev transport.Snapshot) {
	opened, err := p.sealer.OpenSnapshot(snapshotHeader(p.room), ev.Payload)
	if p.tampered(ctx, rga.ReplicaID(opened.Maker), err) {
		p.again()
		return
	}
	var doc *rga.Doc
	if err == nil {
		doc, err = rga.DecodeWith(opened.Content, p.self, codec.All()...)
	}
	if err == nil && doc.Generation() > 0 {
		// It has no batches for those who lack what it forgot, and to take it on whole is not a peer's decision.
		err = fmt.Errorf("%w: deleted text was forgotten in it %d times", rga.ErrGeneration, doc.Generation())
	}
	if err != nil {
		p.unreadable(ctx, ev, rga.ReplicaID(opened.Maker), err)
		return
	}
	if p.lost.Swap(false) {
		clear(p.forwarded)
	}
	if ev.Whole {
		p.reading = &reading{
			generation: ev.Generation, maker: rga.ReplicaID(opened.Maker), before: p.atRelay.Clone(), holds: doc.Version(),
		}
	}
	p.atRelay.Merge(doc.Version())
	if opened.Maker != 0 {
		p.push(ctx, vouchedItem{rga.ReplicaID(opened.Maker), p.forwarded.Clone(), doc.Version()})
	}
	if p.knows(doc.Version()) {
		p.push(ctx, snapshotItem{rga.ReplicaID(opened.Maker), ev.Generation, doc.Version(), textHash(doc.View())})
	}
	if p.journaled && len(p.forwarded) == 0 {
		p.push(ctx, documentItem{opened.Content, doc.Version()})
	}
	for batch := range doc.Since(p.forwarded, denseBytes) {
		info, err := rga.Inspect(batch)
		if err != nil || info.Replica == p.self {
			continue
		}
		raise(p.forwarded, info)
		if !p.push(ctx, batchItem{batch, info}) {
			return
		}
	}
}

// knows says whether everything up to a version came before, so that a snapshot of it can be judged.
func (p *pump) knows(v rga.Version) bool {
	for id, to := range v {
		if id != p.self && p.forwarded[id] < to {
			return false
		}
	}
	return true
}

// raise adds a batch's ticks to a version; a batch that leaves a hole behind it is left out.
func raise(v rga.Version, b rga.BatchInfo) {
	if have := v[b.Replica]; b.Ticks.From <= have && b.Ticks.To > have {
		v[b.Replica] = b.Ticks.To
	}
}

func presenceHeader(room string, replica uint64) seal.Header {
	return seal.Header{Room: room, Replica: replica, Class: byte(transport.ClassPresence)}
}

func snapshotHeader(room string) seal.Header {
	return seal.Header{Room: room, Class: byte(transport.ClassSnapshot)}
}
