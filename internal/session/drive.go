package session

import (
	"context"
	"fmt"
	"time"

	"coedit/rga"
)

// Drive is the loop of a participant without a screen: on the caller's goroutine, which must be the owner's, it steps,
// takes a turn, and flushes, until a turn is done or fails, or ctx ends (then it returns ctx's error). A turn may edit and
// move; again > 0 asks for the next turn after that time even if nothing arrives. Notices are kept for the owner's next Step.
func (p *Participant) Drive(ctx context.Context, turn func(now time.Time) (again time.Duration, done bool, err error)) error {
	for {
		r, more := p.Step(p.o.Now(), Budget{})
		p.keep(r.Notices)
		now := p.o.Now()
		again, done, err := turn(now)
		if done || err != nil {
			return err
		}
		wait := sooner(p.Flush(now), again)
		if err := ctx.Err(); err != nil {
			return err
		}
		if more {
			continue
		}
		if err := p.pause(ctx, wait); err != nil {
			return err
		}
	}
}

// keep puts notices back that nobody has seen, the newest ones.
func (p *Participant) keep(unseen []Notice) {
	all := append(p.peers.notices, unseen...)
	p.peers.notices = all[max(0, len(all)-maxNotices):]
}

// pause waits for news, for a time (0: any), or for ctx.
func (p *Participant) pause(ctx context.Context, wait time.Duration) error {
	if wait <= 0 {
		return p.Wait(ctx)
	}
	limited, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	err := p.Wait(limited)
	if limited.Err() != nil {
		return ctx.Err()
	}
	return err
}

// WaitReady drives the participant until the document is here. It fails when the relay refuses, cannot be reached within
// Options.Patience (ErrUnreachable), or ctx ends.
func (p *Participant) WaitReady(ctx context.Context) error {
	err := p.Drive(ctx, func(now time.Time) (time.Duration, bool, error) {
		if p.net.state == Refused {
			return 0, false, p.net.err
		}
		if p.net.caughtUp || p.net.failing.IsZero() {
			return 0, p.Ready() && (p.net.caughtUp || p.o.Resume == nil), nil
		}
		if p.net.wasOnline || p.o.Resume != nil && p.Ready() {
			return 0, p.Ready(), nil // what the journal gave is there, without the relay
		}
		left := p.net.failing.Add(p.o.Patience).Sub(now)
		if left <= 0 {
			return 0, false, fmt.Errorf("%w: %w", ErrUnreachable, p.net.err)
		}
		return left, false, nil
	})
	switch {
	case err == nil || ctx.Err() == nil:
		return err
	case p.net.wasOnline && p.net.caughtUp:
		return fmt.Errorf("%w: %w", ErrNoDocument, err)
	case !p.net.wasOnline && p.net.err != nil:
		return fmt.Errorf("%w: %w", ErrUnreachable, p.net.err)
	case !p.net.wasOnline:
		return fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	return err
}

// Drain drives the participant until everything own is acknowledged.
func (p *Participant) Drain(ctx context.Context) error {
	err := p.Drive(ctx, func(time.Time) (time.Duration, bool, error) {
		if p.net.state == Refused {
			return 0, false, p.net.err
		}
		return 0, p.Drained(), nil
	})
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("%w (%d left): %w", ErrUnacknowledged, p.Status(p.o.Now()).Unacked, err)
	}
	return err
}

// Drained says whether the relay has acknowledged everything own.
func (p *Participant) Drained() bool {
	return p.ReadOnly() || !p.restore.blocks() && p.out.acked == p.ed.Doc().Clock()
}

// Ready says whether the document is here: a host has it, a guest got all that the room held, the text included, or had
// it in its journal. It never becomes false again.
func (p *Participant) Ready() bool {
	if !p.net.ready {
		_, named := p.ed.Doc().Meta(MetaName)
		p.net.ready = p.Host() || (p.net.caughtUp || p.o.Resume != nil) && named
	}
	return p.net.ready
}

// Nudge makes Wait return, and with it Drive take a turn: for news that do not come from the network. It may be called from any
// goroutine; nudges that nobody has noticed yet are one.
func (p *Participant) Nudge() {
	if p.inbox.empty() {
		p.inbox.offer(nudgeItem{}, true)
	}
}

// OnBatch makes the owner call f for every batch of others that changed the text, with the changes, which apply one after the other.
// Where a batch had to wait for another, its changes come with that one's.
func (p *Participant) OnBatch(f func(info rga.BatchInfo, changes []rga.Change)) { p.watcher = f }
