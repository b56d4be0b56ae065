package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	"coedit/internal/journal"
	"coedit/rga"
	"coedit/transport"
)

// Budget bounds the work of one Step. Zero fields mean the default.
type Budget struct {
	Ops   int           // runs and ranges applied; default 512
	Bytes int           // of encoded batches; default 256 KiB
	Time  time.Duration // spent; default 4 ms
}

func (b Budget) withDefaults() Budget {
	if b.Ops == 0 {
		b.Ops = 512
	}
	if b.Bytes == 0 {
		b.Bytes = 256 << 10
	}
	if b.Time == 0 {
		b.Time = 4 * time.Millisecond
	}
	return b
}

// Report says what a Step did.
type Report struct {
	Ops, Bytes int
	Notices    []Notice
}

// Wait returns at once while something waits for Step, else when something comes, or with ctx's error. It may be called from
// any goroutine. ErrEnded: Run has returned and nothing will come any more.
func (p *Participant) Wait(ctx context.Context) error { return p.inbox.wait(ctx) }

// Step applies what has arrived on the caller's goroutine until the budget is used up; more says that something is left.
// A batch is applied whole: a step ends before the batch that would exceed the budget of bytes and after the one that
// reaches the budget of operations or time, but always takes at least one.
func (p *Participant) Step(now time.Time, b Budget) (r Report, more bool) {
	b = b.withDefaults()
	began := p.o.Now()
	for first := true; ; first = false {
		it, ok := p.inbox.peek()
		if !ok {
			break
		}
		spent := r.Ops >= b.Ops || r.Bytes+it.weight() > b.Bytes || p.o.Now().Sub(began) >= b.Time
		if spent && !first {
			more = true
			break
		}
		p.inbox.pop()
		p.take(now, it, &r)
	}
	p.sweep(now)
	p.Ready()
	r.Notices, p.peers.notices = p.peers.notices, nil
	return r, more
}

// Flush hands own edits and presence to the transport as far as batching allows now. wait > 0: call it again after that time.
// Call it after every edit and every Step.
func (p *Participant) Flush(now time.Time) (wait time.Duration) {
	wait = p.publish(now)
	wait = sooner(wait, p.retryRestore(now))
	wait = sooner(wait, p.collect())
	wait = sooner(wait, p.tell(now))
	wait = sooner(wait, p.compare(now))
	wait = sooner(wait, p.missed(now))
	if p.sweep(now) {
		p.Nudge() // who is gone is told by the next Step
	}
	return sooner(wait, p.sweepIn(now))
}

// sooner is the smaller of two waits, of which 0 means none.
func sooner(a, b time.Duration) time.Duration {
	if a <= 0 || b > 0 && b < a {
		return b
	}
	return a
}

func (p *Participant) take(now time.Time, it item, r *Report) {
	switch it := it.(type) {
	case batchItem:
		r.Bytes += len(it.batch)
		r.Ops += p.apply(it)
	case documentItem:
		p.keeper.whole(it)
	case onlineItem:
		p.net.wasOnline, p.net.failing, p.net.caughtUp, p.net.since = true, time.Time{}, false, now
		p.online(it)
		p.awaitPeers(now)
	case offlineItem:
		p.offline(now, it.err)
	case ackedItem:
		p.acked(it.counter)
		p.announced(now, it.counter)
	case cursorItem:
		p.reached(it.cursor)
	case wantedItem:
		p.snapshotWanted(it)
	case madeItem:
		p.made(now, it)
	case readItem:
		if !p.awaited(it) {
			p.roomRead(it)
		}
	case unreadableItem:
		p.snapshotUnreadable(it)
	case unreadableReadItem:
		p.replaceUnreadable(it)
	case unpublishedItem:
		p.net.err = it.err
	case unsealedItem:
		p.sealed()
	case caughtUpItem:
		p.caughtUp(it)
	case storedItem:
		p.stored()
	case conflictItem:
		p.conflict(now, it.generation)
	case refusedItem:
		p.snapshotRefused(now, it.err)
	case stateItem:
		r.Bytes += it.weight()
		p.peerState(now, it.state)
	case goneItem:
		p.peerGone(it.replica)
	case droppedItem:
		p.unreadable(it.replica, it.err)
	case memberItem:
		p.keeper.note(journal.Member{Bytes: it.certificate})
	case tamperedItem:
		p.tampered(it)
	case movedItem:
		p.follow(now, it.link, it.manifest, it.owner)
	case leftOutItem:
		p.net.state, p.net.err = Refused, ErrLeftOut
		p.stop()
	case snapshotItem:
		p.compareSnapshot(it)
	case comparedItem:
		p.compared(it)
	case vouchedItem:
		p.vouch(it)
	case rewoundItem:
		p.integrity.Rewound++
	case endedItem:
		p.ended(now, it.err)
	}
}

// apply merges another's batch and returns the operations applied.
func (p *Participant) apply(it batchItem) int {
	res, err := p.ed.Apply(it.batch)
	if p.watcher != nil && len(res.Changes) > 0 {
		p.watcher(it.info, res.Changes)
	}
	for _, id := range res.Refused {
		p.unreadable(id, rga.ErrInvalid)
	}
	switch {
	case err == nil:
		p.keeper.others(it)
	case errors.Is(err, rga.ErrTooMuch):
		p.refetch()
	default:
		p.unreadable(it.info.Replica, err)
	}
	return res.Ops
}

// acked takes frames as acknowledged. The journal is told late, if at all: what it does not know of is sent again.
func (p *Participant) acked(counter uint64) {
	if n := len(p.out.inflight); n == 0 || counter < p.out.inflight[0].counter {
		return
	}
	if p.moving != nil && counter >= p.moving.counter {
		return // the journal must not let the notice go before it has the move, which gives up all frames
	}
	p.out.ack(counter)
	p.keeper.note(journal.Acked{Counter: min(counter, p.out.counter)})
}

// reached notes in the journal how far the log is in it. While a relay is being restored the old place stands: whoever
// begins from the journal then finds the log lost, and restores it.
func (p *Participant) reached(c journal.Cursor) {
	if c == p.cursor {
		return
	}
	p.cursor = c
	if !p.restore.active {
		p.keeper.note(c)
	}
}

// refetch asks for the whole room again, once at a time: something is missing that everything else waits for.
func (p *Participant) refetch() {
	if p.net.refetching {
		return
	}
	p.net.refetching = true
	p.net.lost.Store(true)
	p.client.Fetch()
}

func (p *Participant) offline(now time.Time, err error) {
	if errors.Is(err, transport.ErrProtocol) {
		p.integrity.Disordered++
	}
	p.net.state, p.net.err = Offline, err
	p.net.refetching = false
	p.restore.putting = false
	p.making = nil
	for _, c := range p.comparisons {
		c.read = nil // it will be read again
	}
	if p.net.failing.IsZero() {
		p.net.failing = now
	}
}

func (p *Participant) ended(now time.Time, err error) {
	if p.net.state == Refused {
		return // it was this participant that ended the connection
	}
	p.offline(now, err)
	if err == nil {
		return
	}
	p.net.state = Refused
	refusal, ok := errors.AsType[*transport.Refusal](err)
	switch {
	case !ok:
	case refusal.Code == transport.RefusedSuite:
		p.integrity.OtherSuites++
	case refusal.Code == transport.RefusedBehind:
		p.net.err = fmt.Errorf("%w: %w", ErrBehind, err)
		p.keeper.note(journal.Behind{})
	case refusal.Code == transport.RefusedConflict: // somebody else uses these ids
		p.keeper.note(journal.Behind{})
	}
}
