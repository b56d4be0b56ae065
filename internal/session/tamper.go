package session

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"coedit/rga"
	"coedit/transport"
	"coedit/transport/seal"
)

// What a room's key holders did not make as it is, is no participant's fault: the relay, or somebody on the way, changed
// it, sent it again, or put it where it does not belong. It is refused and counted, its alleged author is not muted (that
// would let a relay silence anybody), and the room is read again.

// errReplayed: something came that its author had said before something newer.
var errReplayed = errors.New("session: sent again by the relay")

// Bounds of the frames that wait for their author's certificate, which comes before the first of them in every log that
// is as it was written.
const (
	maxWaiting      = 1024
	maxWaitingBytes = 4 << 20
)

// Integrity counts what was refused since the participant began. All zero is the rule.
type Integrity struct {
	Tampered     int // frames, snapshots and presences that are not as their author sealed them
	Replayed     int // presences older than one that came before
	Uncertified  int // frames whose author is not certified and that could not be kept until it is
	Disordered   int // connections that ended because the relay's numbers made no sense
	OtherSuites  int // rooms refused, and payloads, because their suite is not the one asked for, or not the room's
	BadSnapshots int // snapshots that say something else than what is here, or that are no document
	Rewound      int // times that the relay came back with an older log, or another
}

// String says how much was refused, and why; "" when nothing was.
func (i Integrity) String() string {
	var said []string
	for _, c := range []struct {
		n    int
		what string
	}{
		{i.Tampered, "changed on the way"},
		{i.Replayed, "sent again"},
		{i.Uncertified, "of somebody whom nobody let in"},
		{i.OtherSuites, "of another cipher suite"},
		{i.BadSnapshots, "snapshots that say something else than was written, or nothing"},
	} {
		if c.n > 0 {
			said = append(said, fmt.Sprintf("%d %s", c.n, c.what))
		}
	}
	return strings.Join(said, ", ")
}

// tampered tells the owner of a payload that is not what was sealed; false: it is something else.
func (p *pump) tampered(ctx context.Context, author rga.ReplicaID, err error) bool {
	if !p.notAsSealed(err) {
		return false
	}
	p.push(ctx, tamperedItem{replica: author, err: err})
	return true
}

// notAsSealed says whether an error of opening means that a payload is not what was sealed.
func (p *pump) notAsSealed(err error) bool {
	forged := errors.Is(err, seal.ErrForged) || errors.Is(err, seal.ErrSuite)
	return forged && p.sealer.sealed() != nil
}

// again reads the room again, because a frame or a snapshot could not be used: once for a connection, and once for the next.
func (p *pump) again() {
	if p.refetched {
		p.missing = true
		return
	}
	p.refetched = true
	p.fetch()
}

// await keeps a frame until its author is certified.
func (p *pump) await(ctx context.Context, f transport.Frame, err error) {
	if len(p.waiting) >= maxWaiting || p.waits+len(f.Payload) > maxWaitingBytes {
		p.push(ctx, tamperedItem{replica: rga.ReplicaID(f.Replica), err: err})
		return
	}
	p.waiting = append(p.waiting, f)
	p.waits += len(f.Payload)
}

// members tells the owner whose certificates came, and looks at the frames again that waited for them.
func (p *pump) members(ctx context.Context) {
	fresh := p.sealer.admitted()
	if len(fresh) == 0 {
		return
	}
	for _, c := range fresh {
		p.push(ctx, memberItem{c.Bytes})
	}
	waiting := p.waiting
	p.waiting, p.waits = nil, 0
	for _, f := range waiting {
		p.frame(ctx, f)
	}
}

// tampered counts what was refused, and says so once for each author.
func (p *Participant) tampered(it tamperedItem) {
	p.spoilt = p.spoilt || !it.presence
	switch {
	case errors.Is(it.err, errReplayed):
		p.integrity.Replayed++
	case errors.Is(it.err, seal.ErrUncertified):
		p.integrity.Uncertified++
	case errors.Is(it.err, seal.ErrSuite):
		p.integrity.OtherSuites++
	default:
		p.integrity.Tampered++
	}
	if p.tamperTold[it.replica] || len(p.tamperTold) >= maxPeers {
		return
	}
	p.tamperTold[it.replica] = true
	switch {
	case errors.Is(it.err, errReplayed):
		p.notice(Tampered, it.replica, fmt.Sprintf("The relay sent something again that %s had said earlier; it was refused.", p.nameOf(it.replica)))
	case errors.Is(it.err, seal.ErrUncertified):
		p.notice(Tampered, it.replica, "The relay delivers edits of somebody whom nobody let in; they were refused.")
	case errors.Is(it.err, seal.ErrSuite):
		p.notice(Tampered, it.replica, fmt.Sprintf("The relay delivers something that is not sealed with the room's suite, %s; it was refused.", seal.SuiteName(p.sealer.suite())))
	case it.replica == 0:
		p.notice(Tampered, 0, "The relay delivered a snapshot of this room that was changed on the way; it was refused.")
	default:
		p.notice(Tampered, it.replica, fmt.Sprintf("Something that came as %s's was changed on the way; it was refused.", p.nameOf(it.replica)))
	}
}

// voucher says who answers for what an author wrote before a tick: it came in that participant's snapshot, and not
// signed by the author.
type voucher struct {
	maker rga.ReplicaID
	to    uint64 // ticks of the author before it
}

// vouch notes on whose word the ticks between two versions came.
func (p *Participant) vouch(it vouchedItem) {
	for id, to := range it.to {
		if id == it.maker || id == p.id || to <= it.from[id] || to <= p.vouched[id].to {
			continue
		}
		if _, known := p.vouched[id]; !known && it.from[id] > 0 {
			continue // the beginning was signed; a mixture is told as what most of it is
		}
		p.vouched[id] = voucher{it.maker, to}
	}
}

// VouchedBy says who answers for what an author wrote at a tick, where it came in somebody's snapshot and so without the
// author's signature; ok is false for what the author signed.
func (p *Participant) VouchedBy(author rga.ReplicaID, tick uint64) (maker rga.ReplicaID, ok bool) {
	v, known := p.vouched[author]
	return v.maker, known && tick < v.to
}
