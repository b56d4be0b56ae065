package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	"coedit/internal/journal"
	"coedit/rga"
	"coedit/transport"
	"coedit/transport/seal"
)

// A room's rights cannot be taken back, because its secrets cannot. Its owner can move: make another room with other
// secrets, wrap these for the keys of those who are to follow, and tell them in a frame of the old room, which only the owner
// can sign. Everybody who is told takes its document along, under its own id, and goes on in the new room; what is missing
// there goes in as after a relay lost its log (restore.go). Who was left out reads in the old room that the others are gone.

var (
	// ErrNotOwner: only who opened a room may close or move it.
	ErrNotOwner = errors.New("session: only the one who shared may do this")
	// ErrNotNow: a room is moved by an owner who is online and has caught up.
	ErrNotNow = errors.New("session: not while the connection is down")
	// ErrLeftOut: the owner moved the room and did not take this participant along.
	ErrLeftOut = errors.New("session: the one who shared has moved the document to another room, without you")
)

type (
	// movedItem: the room goes on elsewhere.
	movedItem struct {
		link     seal.Link
		manifest []byte
	}
	// leftOutItem: the room goes on elsewhere, without this participant.
	leftOutItem struct{}
)

func (movedItem) weight() int   { return 0 }
func (leftOutItem) weight() int { return 0 }

// move is a move under way: the notice is published and not acknowledged.
type move struct {
	counter  uint64 // of the notice's frame
	link     seal.Link
	manifest []byte
	owner    seal.Secret
}

// CloseRoom ends the room for everybody, for good: the relay removes its log, and its links open nothing any more. The
// others keep the text on their screens.
func (p *Participant) CloseRoom() error {
	if p.o.Owner == nil {
		return ErrNotOwner
	}
	if p.net.state != Online {
		return ErrNotNow
	}
	p.client.CloseRoom()
	return nil
}

// Relink moves the document to a new room with new links; everybody who is here follows. The old links lead to nobody.
func (p *Participant) Relink(now time.Time) error { return p.Kick(now) }

// Kick is Relink without those named: they can read nothing of what follows.
func (p *Participant) Kick(now time.Time, out ...rga.ReplicaID) error {
	room := p.sealer.sealed()
	switch {
	case p.o.Owner == nil:
		return ErrNotOwner
	case room == nil:
		return fmt.Errorf("session: a room that is not encrypted cannot be moved: %w", seal.ErrSuite)
	case p.net.state != Online || !p.net.caughtUp || p.restore.active || p.moving != nil:
		return ErrNotNow
	}
	p.sealed() // the notice comes behind them
	m, err := p.plan(now, room.Manifest().Suite)
	if err != nil {
		return err
	}
	notice, err := seal.Move(*p.o.Owner, seal.Link{Room: m.link.Room, Secret: m.owner}, m.manifest, p.followers(room, out), p.o.Random)
	if err != nil {
		return fmt.Errorf("session: telling the others of the move: %w", err)
	}
	return p.announce(m, notice)
}

// plan makes the new room's secrets and manifest.
func (p *Participant) plan(now time.Time, suite byte) (*move, error) {
	owner, err := seal.NewOwnerOf(suite, p.o.Random)
	if err != nil {
		return nil, err
	}
	link, manifest, err := roomOf(Options{
		Owner: &owner, Suite: suite, Link: p.link, Now: func() time.Time { return now },
	})
	return &move{link: link, manifest: manifest, owner: owner}, err
}

// followers are the certificates of those who are here, but for some.
func (p *Participant) followers(room *seal.Room, out []rga.ReplicaID) []seal.Certificate {
	var all []seal.Certificate
	for _, s := range p.roster.Present() {
		left := s.Replica == p.id
		for _, id := range out {
			left = left || id == s.Replica
		}
		if c, ok := room.Member(uint64(s.Replica)); ok && !left {
			all = append(all, c)
		}
	}
	return all
}

// announce publishes the notice. The move is made when the relay has it: those who follow then learn of it at all events.
func (p *Participant) announce(m *move, notice []byte) error {
	o := &p.out
	f := transport.Frame{Replica: uint64(p.id), Counter: o.counter + 1, Class: transport.ClassMoved}
	var err error
	if f.Payload, err = p.sealer.Seal(frameHeader(p.link.Room, f), notice); err != nil {
		return fmt.Errorf("session: seal the notice of a move: %w", err)
	}
	o.fly(f.Counter, o.published, len(f.Payload))
	p.way().hand(f, o.published)
	m.counter = f.Counter
	p.moving = m
	return nil
}

// announced makes the move when its notice is acknowledged.
func (p *Participant) announced(now time.Time, counter uint64) {
	if m := p.moving; m != nil && counter >= m.counter {
		p.moving = nil
		p.follow(now, m.link, m.manifest, &m.owner)
	}
}

// unannounced gives a move up whose notice was lost with the relay's log.
func (p *Participant) unannounced() {
	if p.moving != nil {
		p.moving = nil
		p.notice(Moved, 0, "The room was not moved: the relay lost it on the way. Try again.")
	}
}

// follow goes on in another room at the same relay.
func (p *Participant) follow(now time.Time, link seal.Link, manifest []byte, owner *seal.Secret) {
	p.sealed() // for the room that is left; the journal has them before it has the new one
	link.Base, link.Pin, link.Suite = p.link.Base, p.link.Pin, p.link.Suite
	keys := &keyring{self: p.sealer.self, link: link, owner: owner, require: p.o.RequireSuite, random: p.sealer.random}
	if err := keys.learn(manifest); err != nil {
		p.net.state, p.net.err = Refused, err
		p.stop()
		return
	}
	p.link, p.sealer = link, keys
	if owner != nil {
		p.o.Owner = owner
	}
	if p.o.Moved != nil {
		p.o.Moved(link, owner)
	}
	p.keeper.note(journal.Manifest{Bytes: manifest})
	p.out.forget()
	p.restore, p.withheld, p.net.caughtUp, p.net.refetching, p.judged = restore{}, withheld{}, false, false, 0
	p.net.state, p.making = Connecting, nil
	for id, known := range p.peers.known {
		known.here = false
		p.roster.Hint(id, true)
	}
	p.me.changed, p.me.sentAt = true, time.Time{}
	p.ed.SetReadOnly(p.ReadOnly())
	p.client = transport.NewClient(transport.Options{
		Dial: p.o.Dial, Room: link.Room, Replica: uint64(p.id), Manifest: manifest, ReadOnly: p.ReadOnly(),
		Agent: p.o.Agent, Now: p.o.Now, Rand: p.o.Rand, Prove: keys.prove, Counter: p.out.counter, Restore: true,
	})
	p.ahead = p.ed.Doc().Version()
	delete(p.ahead, p.id)
	p.inbox.begin()
	p.setOut(newPump(p))
	p.notice(Moved, 0, "The document has moved to a new room, with new links; the old ones lead to nobody.")
}

// leg is the way of a participant in one room.
type leg struct {
	pump   *pump
	client *transport.Client
	cancel context.CancelFunc // nil before it has begun
}

// setOut ends the present leg, if there is one; Run goes on with another.
func (p *Participant) setOut(next *pump) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.leg != nil && p.leg.cancel != nil {
		p.leg.cancel()
	}
	p.leg = &leg{pump: next, client: p.client}
}

// walk runs legs, one after the other, until one ends by itself.
func (p *Participant) walk(ctx context.Context) error {
	for {
		here, cancel := context.WithCancel(ctx)
		p.mu.Lock()
		l := p.leg
		l.cancel = cancel
		p.mu.Unlock()
		refused := make(chan error, 1)
		go func() { refused <- l.client.Run(here) }()
		l.pump.run(here, l.client.Events())
		err := <-refused
		cancel()
		p.mu.Lock()
		last := p.leg == l
		p.mu.Unlock()
		if last || ctx.Err() != nil {
			return err
		}
	}
}

// moved takes in the owner's notice that the room goes on elsewhere.
func (p *pump) moved(ctx context.Context, f transport.Frame) {
	author := rga.ReplicaID(f.Replica)
	room := p.sealer.sealed()
	if room == nil || author == p.self {
		return
	}
	notice, err := p.sealer.Open(seal.Header{
		Room: p.room, Replica: f.Replica, Counter: f.Counter, Class: byte(f.Class), Target: f.Target,
	}, f.Payload)
	var m seal.Moved
	if err == nil {
		m, err = seal.OpenMoved(room.Manifest(), notice, p.sealer.self)
	}
	switch {
	case errors.Is(err, seal.ErrUncertified):
		p.await(ctx, f, err)
	case errors.Is(err, seal.ErrLeftOut):
		p.push(ctx, leftOutItem{})
	case err != nil:
		p.push(ctx, tamperedItem{author, err})
	default:
		p.push(ctx, movedItem{m.Link, m.Manifest})
	}
}
