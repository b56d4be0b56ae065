package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
//
// From the moment that the owner decides it writes nothing more in the old room, and the notice is in its journal before it is
// sent. So wherever its process ends, either nobody has heard of a move, or the notice will be sent again, and the owner,
// too, finds in it where the room goes on. Nobody who comes back to a room writes in it before having read what it missed.

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
		owner    *seal.Secret // of the new room, for the owner of the old one
	}
	// leftOutItem: the room goes on elsewhere, without this participant.
	leftOutItem struct{}
)

func (movedItem) weight() int   { return 0 }
func (leftOutItem) weight() int { return 0 }

// awayFollows is how long ago somebody whose connection broke may have been heard of to be taken along.
const awayFollows = 24 * time.Hour

// followWithin is how long whoever was here may take to come into the new room before the owner is told.
const followWithin = 15 * time.Second

// move is a move under way: the notice is published and not acknowledged. Nothing else is published meanwhile.
type move struct {
	notice   []byte
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

// Relink moves the document to a new room with new links; everybody who is here follows, and so does, when it comes back, who
// has lost the connection within the last day and did not leave. The old links lead to nobody.
func (p *Participant) Relink(now time.Time) error { return p.Kick(now) }

// Kick is Relink without those named: they can read nothing of what follows. Who is away under the name of one of them does
// not follow either: it may be the same person.
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
	here, away := p.followers(now, room, out)
	all := slices.Concat(here, away)
	m.notice, err = seal.Move(*p.o.Owner, seal.Link{Room: m.link.Room, Secret: m.owner}, m.manifest, all, p.o.Random)
	if err != nil {
		return fmt.Errorf("session: telling the others of the move: %w", err)
	}
	if err := p.announce(m); err != nil {
		return err
	}
	p.called = here
	p.expected = map[rga.ReplicaID]seal.Certificate{}
	for _, c := range all {
		p.expected[rga.ReplicaID(c.Replica)] = c
	}
	for _, c := range away {
		id := rga.ReplicaID(c.Replica)
		p.notice(Moved, id, p.nameOf(id)+", who is away, can follow on coming back.")
	}
	return nil
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

// followers are the certificates of those who may follow: who is here, and who is away without having left.
func (p *Participant) followers(now time.Time, room *seal.Room, out []rga.ReplicaID) (here, away []seal.Certificate) {
	named := map[string]bool{}
	for _, id := range out {
		named[p.nameOf(id)] = true
	}
	certified := room.Members()
	for id, c := range p.expected { // moved along, and not seen in this room yet
		if _, ok := room.Member(uint64(id)); !ok {
			certified = append(certified, c)
		}
	}
	for _, c := range certified {
		id := rga.ReplicaID(c.Replica)
		s, known := p.roster.Get(id)
		heard := p.peers.known[id]
		switch {
		case id == p.id || !known || heard == nil || s.Left || slices.Contains(out, id):
		case heard.here:
			here = append(here, c)
		case !named[s.Name] && now.Sub(heard.heard) <= awayFollows:
			away = append(away, c)
		}
	}
	return here, away
}

// announce publishes the notice. The move is made when the relay has it: those who follow then learn of it at all events.
func (p *Participant) announce(m *move) error {
	o := &p.out
	f := transport.Frame{Replica: uint64(p.id), Counter: o.counter + 1, Class: transport.ClassMoved}
	var err error
	if f.Payload, err = p.sealer.Seal(frameHeader(p.link.Room, f), m.notice); err != nil {
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
		p.follow(now, m.link, m.manifest, &m.owner)
	}
}

// announceAgain publishes the notice anew at a relay that has lost its log, in place of making the room whole again: others may
// have followed already, and what is written here goes to the new room.
func (p *Participant) announceAgain() {
	p.sealed() // they are among those that are over
	p.restore = restore{}
	p.out.forget()
	p.sealer.Introduce()
	p.keeper.after(p.client.Restored, journal.Restart{Counter: p.out.counter, Tick: p.out.acked})
	if err := p.announce(p.moving); err != nil {
		p.net.err = err
	}
}

// resumeMove goes on with a move whose notice stands in the journal and was not acknowledged.
func (p *Participant) resumeMove(s *journal.State) {
	room := p.sealer.sealed()
	if room == nil || p.o.Owner == nil {
		return
	}
	author := uint64(p.id)
	if p.o.fresh() { // who made the notice was another replica, with the same right
		old, err := identityOf(s.Identity)
		if err != nil {
			return
		}
		c, err := seal.Certify(room.Manifest(), *p.o.Owner, seal.Write, old)
		if err == nil {
			_, err = room.Admit(c.Bytes)
		}
		if author = c.Replica; err != nil {
			return
		}
	}
	for _, f := range s.Frames {
		if transport.Class(f.Class) != transport.ClassMoved || f.Target != "" {
			continue
		}
		notice, err := p.sealer.Open(frameHeader(p.link.Room, transport.Frame{
			Replica: author, Counter: f.Counter, Class: transport.ClassMoved,
		}), f.Payload)
		if err != nil {
			continue
		}
		if m, err := seal.OpenOwnMoved(room.Manifest(), notice, *p.o.Owner); err == nil {
			p.moving = moveOf(m)
			p.moving.notice, p.moving.counter = notice, f.Counter
		}
	}
}

// moveOf is the move that a notice told its owner of.
func moveOf(m seal.Moved) *move {
	owner, link := m.Link.Secret, m.Link
	link.Secret, _ = owner.Derive(seal.Write) // an owner's secret gives any other
	return &move{link: link, manifest: m.Manifest, owner: owner}
}

// follow goes on in another room at the same relay.
func (p *Participant) follow(now time.Time, link seal.Link, manifest []byte, owner *seal.Secret) {
	p.sealed() // for the room that is left; the journal has them before it has the new one
	link.Base, link.Pin, link.Suite = p.link.Base, p.link.Pin, p.link.Suite
	keys := &keyring{self: p.sealer.self, link: link, owner: owner, require: p.o.RequireSuite, random: p.sealer.random}
	if err := keys.learn(manifest); err != nil {
		if refusal, ok := errors.AsType[*transport.Refusal](err); ok && refusal.Code == transport.RefusedSuite {
			p.integrity.OtherSuites++
		}
		p.net.state, p.net.err = Refused, err
		p.stop()
		return
	}
	p.link, p.sealer = link, keys
	if owner != nil {
		p.o.Owner, p.callRoll = owner, now.Add(followWithin)
	}
	p.keeper.note(journal.Moved{Manifest: manifest}) // it counts once the new link is in the journal, too
	if p.o.Moved != nil {
		p.o.Moved(link, owner)
	}
	p.moving = nil
	p.out.forget()
	p.restore, p.withheld, p.net.caughtUp, p.net.refetching, p.judged = restore{}, withheld{}, false, false, 0
	p.net.state, p.making, p.comparisons = Connecting, nil, nil
	for id, known := range p.peers.known {
		known.here = false
		p.roster.Hint(id, true)
	}
	p.me.changed, p.me.sentAt = true, time.Time{}
	p.ed.SetReadOnly(p.ReadOnly())
	client := transport.NewClient(transport.Options{
		Dial: p.o.Dial, Room: link.Room, Replica: uint64(p.id), Manifest: manifest, ReadOnly: p.ReadOnly(),
		Agent: p.o.Agent, Now: p.o.Now, Rand: p.o.Rand, Prove: keys.prove, Counter: p.out.counter, Restore: true,
	})
	p.mu.Lock()
	p.client = client
	p.mu.Unlock()
	p.ahead = p.ed.Doc().Version()
	p.blank = len(p.ahead) == 0
	delete(p.ahead, p.id)
	p.inbox.begin()
	p.setOut(newPump(p))
	p.notice(Moved, 0, "The document has moved to a new room, with new links; the old ones lead to nobody.")
}

// missed tells the owner who was here when the room moved and has not followed: a relay can keep the notice back.
func (p *Participant) missed(now time.Time) time.Duration {
	if p.callRoll.IsZero() || p.net.state != Online {
		return 0
	}
	if left := p.callRoll.Sub(now); left > 0 {
		return left
	}
	p.callRoll = time.Time{}
	for _, c := range p.called {
		id := rga.ReplicaID(c.Replica)
		if s, ok := p.roster.Get(id); ok && !s.Left && (p.peers.known[id] == nil || !p.peers.known[id].here) {
			p.notice(Withheld, id, p.nameOf(id)+" has not followed into the new room: the connection broke, or the relay keeps the notice back.")
		}
	}
	return 0
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
	if room == nil {
		return
	}
	notice, err := p.sealer.Open(frameHeader(p.room, f), f.Payload)
	it := movedItem{}
	if err == nil {
		it, err = openNotice(room, p.sealer, notice)
	}
	switch {
	case errors.Is(err, seal.ErrUncertified):
		p.await(ctx, f, err)
	case errors.Is(err, seal.ErrLeftOut):
		p.push(ctx, leftOutItem{})
	case err != nil:
		p.push(ctx, tamperedItem{replica: author, err: err})
	default:
		p.push(ctx, it)
	}
}

// openNotice reads where a room goes on, for its owner or for another.
func openNotice(room *seal.Room, keys *keyring, notice []byte) (movedItem, error) {
	if keys.owner == nil {
		m, err := seal.OpenMoved(room.Manifest(), notice, keys.self)
		return movedItem{link: m.Link, manifest: m.Manifest}, err
	}
	m, err := seal.OpenOwnMoved(room.Manifest(), notice, *keys.owner)
	if err != nil {
		return movedItem{}, err
	}
	own := moveOf(m)
	return movedItem{own.link, own.manifest, &own.owner}, nil
}
