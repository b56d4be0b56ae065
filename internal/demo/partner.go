package demo

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"coedit/internal/session"
	"coedit/rga"
	"coedit/transport"
	"coedit/transport/seal"
)

// partner is a simulated participant: its own replica, connection and goroutine, which owns both.
type partner struct {
	name   string
	part   *session.Participant
	gate   *gate
	typist *typist
	ledger *ledger

	due   time.Time // of the next key
	clock uint64    // own clock when the ledger was told last
	until time.Time // no key is pressed after it; zero: no end

	returning atomic.Bool // set when the gate was opened; cleared when everything typed offline is at the relay
}

// join makes a partner that comes by the link.
func join(link seal.Link, name string, steps []step, seed uint64, pace float64, l *ledger) (*partner, error) {
	g := &gate{dial: transport.WebSocket(link.Base)}
	part, err := session.New(session.Options{Link: link, Name: name, Dial: g.connect, Agent: "coedit demo"})
	if err != nil {
		return nil, fmt.Errorf("demo: %s: %w", name, err)
	}
	return play(name, part, g, steps, seed, pace, l), nil
}

func play(name string, part *session.Participant, g *gate, steps []step, seed uint64, pace float64, l *ledger) *partner {
	return &partner{
		name: name, part: part, gate: g, ledger: l,
		typist: &typist{name: name, ed: part.Editor(), rng: rand.New(rand.NewPCG(seed, 0xde30)), pace: pace, steps: steps},
	}
}

// work plays the script until it is done or the time is over, calls done, and goes on following the others until rest
// is done too. It does not begin before the partner has the document.
func (p *partner) work(ctx, rest context.Context, done func()) error {
	if err := p.part.WaitReady(ctx); err != nil {
		return fmt.Errorf("demo: %s: %w", p.name, err)
	}
	p.clock = p.part.Editor().Doc().Clock()
	err := p.part.Drive(ctx, p.turn)
	if err != nil {
		return fmt.Errorf("demo: %s: %w", p.name, err)
	}
	done()
	err = p.part.Drive(rest, func(now time.Time) (time.Duration, bool, error) {
		p.observe(now)
		return 0, false, nil
	})
	if rest.Err() == nil {
		return fmt.Errorf("demo: %s: %w", p.name, err)
	}
	return nil
}

// turn presses the next key when it is due.
func (p *partner) turn(now time.Time) (time.Duration, bool, error) {
	p.observe(now)
	if !p.until.IsZero() && now.After(p.until) {
		return 0, true, nil
	}
	if wait := p.due.Sub(now); wait > 0 {
		return wait, false, nil
	}
	wait, done, err := p.typist.press(now.UnixMilli())
	p.due = now.Add(wait)
	p.wrote(now)
	p.show()
	return max(wait, time.Millisecond), done, err
}

// settle goes on applying and sending until everybody has what everybody wrote: the version wanted.
func (p *partner) settle(ctx context.Context, want rga.Version) error {
	err := p.part.Drive(ctx, func(now time.Time) (time.Duration, bool, error) {
		p.observe(now)
		return 0, p.part.Drained() && p.part.Editor().Doc().Version().Includes(want), nil
	})
	if err != nil {
		return fmt.Errorf("demo: %s waits for the others' edits: %w", p.name, err)
	}
	return nil
}

// observe tells the ledger what has arrived.
func (p *partner) observe(now time.Time) {
	if p.ledger == nil {
		return
	}
	p.ledger.saw(p.part.Replica(), p.part.Editor().Doc().Version(), now)
	if p.returning.Load() && p.part.Status(now).State == session.Online && p.part.Drained() {
		p.returning.Store(false)
		p.ledger.setAway(0)
	}
}

// wrote tells the ledger of an own edit.
func (p *partner) wrote(now time.Time) {
	clock := p.part.Editor().Doc().Clock()
	if p.ledger != nil && clock > p.clock {
		p.ledger.wrote(p.part.Replica(), clock, now)
	}
	p.clock = clock
}

// show tells the others where the caret is.
func (p *partner) show() {
	head, tail, top := p.part.Editor().Anchors(0)
	p.part.SetPresence(session.Presence{Head: head, Tail: tail, Top: top})
}

// Times of partners beside a person.
const (
	workFor   = 3 * time.Minute        // then they rest
	comeAgain = 200 * time.Millisecond // while the room is not there yet
	comeFor   = 5 * time.Second        // so long they try
)

// Partners runs two simulated partners, ada and sam, who join by the link and work on the sample as people do, for some
// minutes; then they rest, and stay until ctx ends. They leave alone the line where the host's caret is. The host may still
// be about to open the room.
func Partners(ctx context.Context, link seal.Link, seed uint64) error {
	roles := []role{{"ada", adaScript}, {"sam", samScript}}
	errs := make([]error, len(roles))
	var running sync.WaitGroup
	for i, r := range roles {
		running.Go(func() { errs[i] = beside(ctx, link, r, seed+uint64(i)) })
	}
	running.Wait()
	return errors.Join(errs...)
}

// role is who plays what.
type role struct {
	name  string
	steps []step
}

// beside runs one partner beside a person, and again while there is no room yet.
func beside(ctx context.Context, link seal.Link, r role, seed uint64) error {
	for end := time.Now().Add(comeFor); ; {
		p, err := join(link, r.name, r.steps, seed, 1, nil)
		if err != nil {
			return err
		}
		p.until = time.Now().Add(workFor)
		p.typist.endless, p.typist.busy = true, p.hostAt
		err = p.stay(ctx)
		var refused *transport.Refusal
		if !errors.As(err, &refused) || refused.Code != transport.RefusedNoRoom || time.Now().After(end) {
			return err
		}
		select {
		case <-time.After(comeAgain):
		case <-ctx.Done():
			return nil
		}
	}
}

// stay works, then rests until ctx ends.
func (p *partner) stay(ctx context.Context) error {
	var running sync.WaitGroup
	running.Go(func() { _ = p.part.Run(ctx) }) // a refusal reaches the owner as well
	err := p.work(ctx, ctx, func() {})
	p.part.Close()
	running.Wait()
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// hostAt says whether the host's caret is in a line.
func (p *partner) hostAt(line int) bool {
	ed := p.part.Editor()
	for _, peer := range ed.Peers(p.part.Status(time.Now()).Peers) {
		if peer.State.Host && ed.View().LineAt(peer.Head) == line {
			return true
		}
	}
	return false
}
