package session_test

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"coedit/internal/session"
	"coedit/transport"
	"coedit/transport/seal"
	"coedit/transport/wire"
)

// TestKickedParticipantsReadNothingThatFollows: the others go on in another room by themselves, each with its right.
func TestKickedParticipantsReadNothingThatFollows(t *testing.T) {
	against(t, "text", func(p *plot) {
		mallory := p.enter("mallory", session.Options{Link: p.link(seal.Write)})
		check(t, mallory.WaitReady(p.ctx))
		everybody := append(p.all(), mallory)
		until(t, "mallory is seen", func() bool { return len(p.ann.Status(time.Now()).Peers) == 3 }, everybody...)
		p.types(mallory, "mallory was here. ")
		until(t, "all have it", func() bool { return strings.Contains(text(p.ann), "mallory") && text(p.bob) == text(p.ann) }, everybody...)
		before, replica := p.link(seal.Write), p.bob.Replica()

		if err := p.bob.Kick(time.Now(), mallory.Replica()); !errors.Is(err, session.ErrNotOwner) {
			t.Errorf("a guest kicks: %v", err)
		}
		p.types(p.bob, "unsent. ") // on its way when the room moves
		check(t, p.ann.Kick(time.Now(), mallory.Replica()))
		p.types(p.ann, "after the move. ")
		notices := until(t, "the others have followed", func() bool {
			w, _ := p.bob.Links()
			return w != before.String() && text(p.bob) == text(p.ann) && text(p.eve) == text(p.ann) && p.ann.Drained() && p.bob.Drained() &&
				len(p.ann.Status(time.Now()).Peers) == 2 && mallory.Status(time.Now()).State == session.Refused
		}, everybody...)
		if !told(notices, session.Moved) {
			t.Errorf("nobody is told: %v", notices)
		}
		written := len(p.written("bob"))
		p.types(p.bob, "bob writes on. ")
		p.same()
		for _, said := range []string{"unsent", "after the move", "bob writes on", "mallory was here"} {
			if !strings.Contains(text(p.eve), said) {
				t.Errorf("eve has %q, without %q", text(p.eve), said)
			}
		}
		if p.bob.Replica() != replica || !p.eve.ReadOnly() || p.bob.ReadOnly() {
			t.Error("somebody has another id or right than before")
		}
		if err := mallory.Status(time.Now()).Err; !errors.Is(err, session.ErrLeftOut) || strings.Contains(text(mallory), "after the move") {
			t.Errorf("mallory, who was left out, has %q and is told %v", text(mallory), err)
		}
		p.opensNothing(before, p.written("bob")[written:])
		mallory.Close()
	})
}

// opensNothing checks that the secrets of a room open nothing of frames that were written in another one.
func (p *plot) opensNothing(old seal.Link, frames []transport.Frame) {
	p.t.Helper()
	room := p.reader(old)
	if len(frames) == 0 {
		p.t.Fatal("nothing was written")
	}
	for _, f := range frames {
		h := seal.Header{Room: old.Room, Replica: f.Replica, Counter: f.Counter, Class: byte(f.Class), Target: f.Target}
		if _, err := room.Open(h, f.Payload); !errors.Is(err, seal.ErrForged) {
			p.t.Errorf("frame %d opens with the secrets of the room that was left: %v", f.Counter, err)
		}
	}
}

// reader is the sealer of somebody who has a link of the first room.
func (p *plot) reader(link seal.Link) *seal.Room {
	p.t.Helper()
	signed, err := seal.NewManifest(p.owner, seal.SuiteXChaCha, 0)
	check(p.t, err)
	m, err := seal.VerifyManifest(link.Room, signed)
	check(p.t, err)
	id, err := seal.NewIdentity(seal.SuiteXChaCha, rand.NewChaCha8([32]byte{9}))
	check(p.t, err)
	room, err := seal.NewRoom(m, link.Secret, id, nil)
	check(p.t, err)
	return room
}

// TestTheOwnerClosesTheRoom: everybody is sent away and keeps the text; the links open nothing any more.
func TestTheOwnerClosesTheRoom(t *testing.T) {
	against(t, "text", func(p *plot) {
		p.same()
		if err := p.bob.CloseRoom(); !errors.Is(err, session.ErrNotOwner) {
			t.Errorf("a guest closes the room: %v", err)
		}
		check(t, p.ann.CloseRoom())
		p.until("all are sent away", func() bool {
			for _, x := range p.all() {
				if x.Status(time.Now()).State != session.Refused {
					return false
				}
			}
			return true
		})
		refusal, ok := errors.AsType[*transport.Refusal](p.bob.Status(time.Now()).Err)
		if !ok || refusal.Code != transport.RefusedClosed || text(p.bob) != "text" {
			t.Errorf("bob has %q and is told %v", text(p.bob), p.bob.Status(time.Now()).Err)
		}
		late := p.enter("late", session.Options{Link: p.link(seal.Write)})
		if err := late.WaitReady(p.ctx); !errors.As(err, &refusal) || refusal.Code != transport.RefusedClosed {
			t.Errorf("who comes later is told %v", err)
		}
		late.Close()
	})
}

// TestOnlyTheOwnersWordMovesARoom: a writer's notice is refused like anything that is not what it seems.
func TestOnlyTheOwnersWordMovesARoom(t *testing.T) {
	against(t, "text", func(p *plot) {
		p.same()
		f := p.forgery(seal.Write, 45)
		other, err := seal.NewOwner(rand.NewChaCha8([32]byte{46}))
		check(t, err)
		room, err := other.RoomID()
		check(t, err)
		manifest, err := seal.NewManifest(other, seal.SuiteXChaCha, 0)
		check(t, err)
		// mallory makes the notice with the only owner's secret that it has: its own.
		notice, err := seal.Move(other, seal.Link{Room: room, Secret: other}, manifest, nil, rand.NewChaCha8([32]byte{47}))
		check(t, err)
		h := seal.Header{Room: p.link(seal.Read).Room, Replica: f.identity.ReplicaID(), Counter: 1, Class: byte(transport.ClassMoved)}
		p.inject("bob", transport.Frame{Replica: h.Replica, Counter: 1, Class: transport.ClassMoved, Payload: f.seal(t, h, notice)})
		p.types(p.ann, "a")
		p.passes(2 * time.Second)
		write, _ := p.bob.Links()
		if old := p.link(seal.Write); write != old.String() || p.bob.Status(time.Now()).Integrity.Tampered == 0 {
			t.Errorf("bob counts %+v", p.bob.Status(time.Now()).Integrity)
		}
		p.cheat("bob", nil)
	})
}

// TestANoticeKeptBackShows: the relay does not give bob the notice; the owner is told who has not followed, and of nobody else.
func TestANoticeKeptBackShows(t *testing.T) {
	for _, honest := range []bool{true, false} {
		against(t, "text", func(p *plot) {
			p.same()
			p.until("ann sees both", func() bool { return len(p.ann.Status(time.Now()).Peers) == 2 })
			p.cheat("bob", func(f *wire.RelayFrame) []*wire.RelayFrame {
				for _, frame := range frames(f) {
					if !honest && frame.Class == wire.Class(transport.ClassMoved) {
						return nil
					}
				}
				return []*wire.RelayFrame{f}
			})
			check(t, p.ann.Relink(time.Now()))
			var about []string
			for _, n := range p.passes(30 * time.Second) {
				if n.Kind == session.Withheld {
					about = append(about, n.Text)
				}
			}
			if honest && len(about) > 0 || !honest && (len(about) != 1 || !strings.HasPrefix(about[0], "bob-the-participant has not followed")) {
				t.Errorf("an honest relay: %v; told %q", honest, about)
			}
			p.cheat("bob", nil)
		})
	}
}

// TestARelayThatHoldsAMoveUp: it has the notice, does not acknowledge it, and asks the owner for a snapshot meanwhile. From the
// moment of the decision nothing that the owner writes or says goes into the room that is left; and when the relay gives in,
// the others have all of it.
func TestARelayThatHoldsAMoveUp(t *testing.T) {
	against(t, "text", func(p *plot) {
		mallory := p.enter("mallory", session.Options{Link: p.link(seal.Write)})
		check(t, mallory.WaitReady(p.ctx))
		everybody := append(p.all(), mallory)
		until(t, "mallory is seen", func() bool { return len(p.ann.Status(time.Now()).Peers) == 3 }, everybody...)
		p.cheat("ann", func(f *wire.RelayFrame) []*wire.RelayFrame {
			for _, frame := range frames(f) {
				if frame.Class == wire.Class(transport.ClassMoved) {
					return nil
				}
			}
			switch {
			case f.GetAck() != nil:
				return nil
			case f.GetPong() != nil:
				return []*wire.RelayFrame{f, {Kind: &wire.RelayFrame_SnapshotWanted{SnapshotWanted: &wire.SnapshotWanted{}}}}
			}
			return []*wire.RelayFrame{f}
		})
		offered := p.offered("ann")
		check(t, p.ann.Kick(time.Now(), mallory.Replica()))
		p.types(p.ann, "after the decision. ")
		p.ann.Say("they cannot hear us")
		p.passes(20 * time.Second)
		n := 0
		for i, f := range p.written("ann") {
			if f.Class == transport.ClassMoved {
				n = i + 1
			}
		}
		if after := p.written("ann")[n:]; n == 0 || len(after) > 0 || p.offered("ann") != offered {
			t.Errorf("behind the notice ann publishes %d frames and %d pieces of snapshots", len(after), p.offered("ann")-offered)
		}
		p.cheat("ann", nil)
		p.cut("ann")
		p.until("all have followed", func() bool {
			return text(p.bob) == text(p.ann) && text(p.eve) == text(p.ann) && strings.Contains(text(p.bob), "after the decision")
		})
		if strings.Contains(text(mallory), "after the decision") {
			t.Errorf("mallory has %q", text(mallory))
		}
		mallory.Close()
	})
}
