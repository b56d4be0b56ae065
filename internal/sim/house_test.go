package sim_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"coedit/internal/codec"
	"coedit/internal/session"
	"coedit/internal/sim"
	"coedit/rga"
	"coedit/transport"
	"coedit/transport/seal"
)

// spy has the links of a room and stays in it, whatever its owner says: it reads everything that is ever written there.
type spy struct {
	link seal.Link

	mu   sync.Mutex // guards the following
	room *seal.Room // nil before the relay has shown its manifest
	doc  *rga.Doc
	err  error
}

func newSpy(t *testing.T, w *sim.World) *spy {
	t.Helper()
	link, err := w.Link(seal.Write)
	check(t, err)
	random := w.Random()
	id, err := seal.NewIdentity(seal.SuiteXChaCha, random)
	check(t, err)
	s := &spy{link: link, doc: rga.New(1)}
	c := transport.NewClient(transport.Options{
		Dial: w.Server.Dialer(sim.NewLine(99, time.Millisecond, 0)), Room: link.Room, Replica: id.ReplicaID(),
		Prove: func(c transport.Challenge) (transport.Proof, error) {
			m, err := seal.VerifyManifest(link.Room, c.Manifest)
			if err != nil {
				return transport.Proof{}, err
			}
			p, err := seal.Prove(m, link.Secret, id, seal.Challenge{Room: link.Room, Replica: id.ReplicaID(), Version: c.Version, Nonce: c.Nonce})
			s.mu.Lock()
			defer s.mu.Unlock()
			if err == nil && s.room == nil {
				s.room, err = seal.NewRoom(m, link.Secret, id, random)
			}
			return transport.Proof{Right: uint8(p.Right), Signature: p.Signature, Certificate: p.Certificate, Replica: p.Replica}, err
		},
	})
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = c.Run(ctx) })
	running.Go(func() {
		for ev := range c.Events() {
			s.take(c, ev)
		}
	})
	t.Cleanup(running.Wait)
	t.Cleanup(cancel)
	return s
}

func (s *spy) take(c *transport.Client, ev transport.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch ev := ev.(type) {
	case transport.Online:
		if ev.Restore {
			c.Restored()
		}
	case transport.PresenceOf:
		_, _ = s.room.Open(seal.Header{Room: s.link.Room, Replica: ev.Replica, Class: byte(transport.ClassPresence)}, ev.Payload) // its certificate
	case transport.Delivered:
		for _, f := range ev.Frames {
			plain, err := s.room.Open(seal.Header{Room: s.link.Room, Replica: f.Replica, Counter: f.Counter, Class: byte(f.Class)}, f.Payload)
			if err == nil && f.Class == transport.ClassEdit {
				if plain, err = codec.Unpack(plain, 8<<20); err == nil {
					_, err = s.doc.Apply(plain)
				}
			}
			s.err = errors.Join(s.err, err)
		}
	case transport.Snapshot:
		opened, err := s.room.OpenSnapshot(seal.Header{Room: s.link.Room, Class: byte(transport.ClassSnapshot)}, ev.Payload)
		if err == nil {
			err = s.merge(opened.Content)
		}
		s.err = errors.Join(s.err, err)
	}
}

func (s *spy) merge(content []byte) error {
	doc, err := rga.DecodeWith(content, 2, codec.All()...)
	if err != nil {
		return err
	}
	for batch := range doc.Since(s.doc.Version(), 1<<16) {
		if _, err := s.doc.Apply(batch); err != nil {
			return err
		}
	}
	return nil
}

// failed is why something could not be read.
func (s *spy) failed() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// knows says which of the tokens the spy has read.
func (s *spy) knows(tokens []string) (read []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := s.doc.View().String()
	for _, token := range tokens {
		if strings.Contains(text, token) {
			read = append(read, token)
		}
	}
	return read
}

// inRoom says whether somebody is in the room that w began with.
func inRoom(t *testing.T, w *sim.World, p *sim.Peer) bool {
	t.Helper()
	link, err := w.Link(seal.Read)
	check(t, err)
	_, read := p.Part.Links()
	return read == link.String()
}

// kick moves the room without somebody, as soon as that can be.
func kick(t *testing.T, w *sim.World, host *sim.Peer, out ...rga.ReplicaID) {
	t.Helper()
	var err error
	check(t, w.Until(20*time.Second, "the owner can move the room", func() bool {
		err = host.Part.Kick(time.Now(), out...)
		return !errors.Is(err, session.ErrNotNow)
	}))
	check(t, err)
}

// A participant whose connection is broken while the room moves comes back, reads in the old room where it went on, and
// brings what it had typed meanwhile, which whoever was left out does not read.
func TestAwayWhileTheRoomMoves(t *testing.T) {
	for _, restarts := range []bool{false, true} {
		inWorld(t, 1, func(t *testing.T, w *sim.World) {
			w.Journals = true
			a := host(t, w, "A", "text\n", sim.NewLine(1, 5*time.Millisecond, 0))
			b := join(t, w, "B", sim.NewLine(2, 5*time.Millisecond, 0))
			m := join(t, w, "M", sim.NewLine(3, 5*time.Millisecond, 0))
			check(t, w.Until(10*time.Second, "all see all", seeAll(w, 2)))
			spy := newSpy(t, w)
			b.Line.Down() // so much comes before the notice that B reads it in several turns
			check(t, a.Part.Editor().Paste(0, strings.Repeat("0123456789abcde\n", 1<<17)))
			check(t, w.Until(20*time.Second, "A's paste is at the relay", a.Part.Drained))
			check(t, w.Until(20*time.Second, "B is missed", func() bool { return len(a.Part.Status(time.Now()).Peers) == 1 }))
			check(t, b.Part.Editor().Insert(0, "typed while away "))
			kick(t, w, a, m.Part.Replica())
			check(t, w.Until(10*time.Second, "the room has moved", func() bool { return !inRoom(t, w, a) }))
			check(t, w.Until(10*time.Second, "M is told", func() bool { return errors.Is(m.Part.Status(time.Now()).Err, session.ErrLeftOut) }))
			check(t, a.Part.Editor().Insert(0, "after "))
			w.Peers = slices.DeleteFunc(w.Peers, func(p *sim.Peer) bool { return p == m })
			if restarts {
				w.Kill(b)
				again, err := w.Revive(b, 0)
				check(t, err)
				b = again
			}
			b.Line.Up()
			check(t, w.Until(60*time.Second, "B finds the way", func() bool { return !inRoom(t, w, b) }))
			check(t, w.Settle(20*time.Second))
			if got := a.Text(); strings.Count(got, "typed while away ") != 1 || strings.Count(got, "after ") != 1 {
				t.Errorf("together they have %q", got)
			}
			if got := spy.knows([]string{"typed while away", "after"}); len(got) > 0 || spy.failed() != nil {
				t.Errorf("who was left out reads %q, %v", got, spy.failed())
			}
			m.Part.Close()
		})
	}
}

// Nobody who may be the one that is removed follows: not under the same name, not after having left.
func TestWhoIsAwayAndDoesNotFollow(t *testing.T) {
	inWorld(t, 1, func(t *testing.T, w *sim.World) {
		w.Journals = true
		a := host(t, w, "A", "text\n", sim.NewLine(1, 5*time.Millisecond, 0))
		left := join(t, w, "L", sim.NewLine(2, 5*time.Millisecond, 0))
		before := join(t, w, "M", sim.NewLine(3, 5*time.Millisecond, 0))
		check(t, w.Until(10*time.Second, "all see all", seeAll(w, 2)))
		left.Part.Close()
		w.Kill(before) // its program was killed, and M joins again as another replica
		w.Peers = slices.DeleteFunc(w.Peers, func(p *sim.Peer) bool { return p == left })
		m := join(t, w, "M", sim.NewLine(4, 5*time.Millisecond, 0))
		check(t, w.Until(20*time.Second, "only M is here", func() bool {
			peers := a.Part.Status(time.Now()).Peers
			return len(peers) == 1 && peers[0].Replica == m.Part.Replica()
		}))
		kick(t, w, a, m.Part.Replica())
		check(t, w.Until(10*time.Second, "the room has moved", func() bool { return !inRoom(t, w, a) }))
		check(t, w.Advance(time.Second, nil))
		for _, p := range []*sim.Peer{left, before} {
			again, err := w.Revive(p, 0)
			check(t, err)
			check(t, w.Until(20*time.Second, "it is told", func() bool { return errors.Is(again.Part.Status(time.Now()).Err, session.ErrLeftOut) }))
		}
		w.Peers = slices.DeleteFunc(w.Peers, func(p *sim.Peer) bool { return p != a })
		m.Part.Close()
	})
}

// stranded takes those out of the world who have not heard that the owner is in another room, and looks what they have.
func stranded(t *testing.T, w *sim.World, c *crashes) {
	t.Helper()
	for _, p := range slices.Clone(w.Peers) {
		if !inRoom(t, w, p) {
			continue
		}
		if p.Part.Host() {
			t.Errorf("the owner stays behind")
		}
		tokens(t, p.Text(), map[string]*sim.Typist{p.Name: c.typists[p.Name]})
		delete(c.typists, p.Name)
		w.Peers = slices.DeleteFunc(w.Peers, func(q *sim.Peer) bool { return q == p })
		p.Part.Close()
	}
}

// Rooms move while processes are killed at any record of their journals, the owner's above all, connections break, and relays
// come back without their logs. Everybody but the one who was removed ends in one room with one text, in which everything
// stands that was in a journal; and the one who was removed, who stays in the old room and reads whatever is written there,
// has nothing of what the owner wrote once it was decided, and of what others wrote once they had followed.
func TestKilledWhileMoving(t *testing.T) {
	eachSeed(t, 24, func(t *testing.T, w *sim.World, seed uint64) {
		w.Journals = true
		room(t, w, 3, "one\ntwo\n")
		m := join(t, w, "M", sim.NewLine(seed, 5*time.Millisecond, 0))
		check(t, w.Until(20*time.Second, "all see all", seeAll(w, 3)))
		w.Peers = slices.DeleteFunc(w.Peers, func(p *sim.Peer) bool { return p == m }) // it does nothing but read
		spy := newSpy(t, w)
		c := newCrashes(w)
		check(t, w.Advance(300*time.Millisecond, c.act))

		a, decided := w.Peers[0], len(c.typists["p0"].Tokens)
		kick(t, w, a, m.Part.Replica())
		a.Disk.BreakAfter(w.Rand.IntN(5), w.Rand.Float64())
		if other := w.Peers[1+w.Rand.IntN(2)]; w.Rand.IntN(2) == 0 {
			other.Disk.BreakAfter(w.Rand.IntN(12), w.Rand.Float64())
		} else if w.Rand.IntN(2) == 0 {
			other.Line.Cut()
		}
		after := map[string]int{"p0": decided} // how many of a typist's tokens the old room may have
		check(t, w.Advance(time.Duration(w.Rand.IntN(400))*time.Millisecond, func(p *sim.Peer, now time.Time) error {
			if _, known := after[p.Name]; !known && !inRoom(t, w, p) {
				after[p.Name] = len(c.typists[p.Name].Tokens)
			}
			return c.act(p, now)
		}))
		if seed%3 == 0 { // the owner and the relay are one process
			w.Kill(a)
			w.Server.Kill()
			check(t, w.Advance(time.Duration(w.Rand.IntN(300))*time.Millisecond, c.act))
			w.Server.Start()
		} else if seed%3 == 1 {
			w.Kill(a)
		}
		if !slices.Contains(w.Peers, a) {
			check(t, w.Advance(time.Duration(w.Rand.IntN(3000))*time.Millisecond, nil))
			a.Disk.Break()
			w.Peers = append(w.Peers, a)
		}
		c.revive(t)
		for _, p := range w.Peers {
			p.Disk.BreakAfter(-1, 0)
		}
		check(t, w.Advance(500*time.Millisecond, nil))
		c.revive(t)
		if seed%3 == 0 { // the notice went with the relay's log: who had not read it stays behind, with its text
			check(t, w.Advance(time.Minute, nil))
			stranded(t, w, c)
		}
		check(t, w.Until(2*time.Minute, "all are in the new room", func() bool {
			links := map[string]bool{}
			for _, p := range w.Peers {
				_, read := p.Part.Links()
				links[read] = true
			}
			return len(links) == 1 && !inRoom(t, w, w.Peers[0])
		}))
		check(t, w.Settle(time.Minute))
		tokens(t, w.Peers[0].Text(), c.typists)
		for name, typist := range c.typists {
			if n, known := after[name]; known && n < len(typist.Tokens) {
				if got := spy.knows(typist.Tokens[n:]); len(got) > 0 {
					t.Errorf("who was left out reads %v of %s", got, name)
				}
			}
		}
		for _, p := range w.Peers {
			if host := p.Name == "p0"; p.Part.Host() != host {
				t.Errorf("%s owns the room: %v", p.Name, !host)
			}
		}
		if err := spy.failed(); err != nil {
			t.Error(fmt.Errorf("the spy does not read: %w", err))
		}
		m.Part.Close()
	})
}
