package session_test

import (
	"hash/fnv"
	"strings"
	"testing"
	"time"

	"coedit/internal/session"
	"coedit/presence"
	"coedit/rga"
	"coedit/transport"
	"coedit/transport/seal"
	"coedit/transport/wire"
)

// TestAReaderWritesNothingByAnyPath: its own program refuses, the relay refuses, and where the relay lets it through, the others refuse.
func TestAReaderWritesNothingByAnyPath(t *testing.T) {
	against(t, "text", func(p *plot) {
		p.same()
		before := text(p.eve)
		if err := p.eve.Editor().Insert(0, "eve was here"); err == nil {
			t.Error("the editor takes a reader's edit")
		}
		p.passes(time.Second)

		// The file is written when who may write asks, and not for a reader, whatever its program sends.
		p.eve.AskSave()
		p.passes(2 * time.Second)
		if p.ann.SaveRequested() {
			t.Error("a reader has the host's file written")
		}
		p.bob.AskSave()
		p.until("what bob asks arrives", p.ann.SaveRequested)

		// Raw protocol, with a proof of what it has: refused by the relay, whatever its Hello says.
		f := p.forgery(seal.Read, 40)
		doc := rga.New(rga.ReplicaID(f.identity.ReplicaID()))
		_, _, err := doc.Edit(0, rga.Edit{Insert: "eve was here"})
		check(t, err)
		batch, _ := doc.AppendOwn(nil, 0, 1<<20)
		h := seal.Header{Room: p.link(seal.Read).Room, Replica: f.identity.ReplicaID(), Counter: 1, Class: byte(transport.ClassEdit)}
		forged := transport.Frame{Replica: h.Replica, Counter: 1, Class: transport.ClassEdit, Payload: f.seal(t, h, batch)}
		raw := transport.NewClient(transport.Options{
			Dial: p.hub.dial, Room: h.Room, Replica: h.Replica, Prove: func(c transport.Challenge) (transport.Proof, error) {
				m, err := seal.VerifyManifest(h.Room, c.Manifest)
				check(t, err)
				proof, err := seal.Prove(m, p.link(seal.Read).Secret, f.identity, seal.Challenge{Room: h.Room, Replica: h.Replica, Version: c.Version, Nonce: c.Nonce})
				return transport.Proof{Right: uint8(proof.Right), Signature: proof.Signature, Certificate: proof.Certificate, Replica: proof.Replica}, err
			},
		})
		check(t, raw.Publish(forged))
		if err := refusalOf(p, raw); err == nil || !strings.Contains(err.Error(), "read only") {
			t.Errorf("the relay says %v", err)
		}

		// A relay in league with it.
		head := p.relay.Stats().Frames
		p.inject("bob", forged)
		p.inject("ann", forged)
		p.types(p.bob, "bob ")
		p.passes(2 * time.Second)
		for name, x := range map[string]*session.Participant{"ann": p.ann, "bob": p.bob} {
			if strings.Contains(text(x), "eve was here") || x.Status(time.Now()).Integrity.Tampered == 0 {
				t.Errorf("%s has %q and counts %+v", name, text(x), x.Status(time.Now()).Integrity)
			}
		}
		if got := p.relay.Stats().Frames; got != head+1 || !strings.Contains(text(p.bob), before) {
			t.Errorf("%d frames in the log after %d and one of bob's; bob has %q", got, head, text(p.bob))
		}
	})
}

// refusalOf runs a client until it is refused.
func refusalOf(p *plot, c *transport.Client) error {
	ended := make(chan error, 1)
	p.running.Go(func() { ended <- c.Run(p.ctx) })
	for range c.Events() {
		continue
	}
	return <-ended
}

// TestAReaderCannotAccuseTheRelay: it says that the relay has more of its edits than anybody gets.
func TestAReaderCannotAccuseTheRelay(t *testing.T) {
	for _, right := range []seal.Right{seal.Read, seal.Write} {
		against(t, "text", func(p *plot) {
			p.same()
			f := p.forgery(right, 50)
			hash := fnv.New64a()
			hash.Write(p.bob.Editor().Doc().Version().AppendBinary(nil))
			said := presence.State{
				Replica: rga.ReplicaID(f.identity.ReplicaID()), Stamp: 1, Name: "mallory", Sent: 1 << 40, Hash: hash.Sum64(),
			}
			h := seal.Header{Room: p.link(seal.Read).Room, Replica: f.identity.ReplicaID(), Class: byte(transport.ClassPresence)}
			sent := false
			p.cheat("bob", func(m *wire.RelayFrame) []*wire.RelayFrame {
				if sent {
					return []*wire.RelayFrame{m}
				}
				sent = true
				return []*wire.RelayFrame{m, {Kind: &wire.RelayFrame_Presence{Presence: &wire.PresenceUpdate{
					Replica: h.Replica, Payload: f.seal(t, h, said.Encode()),
				}}}}
			})
			p.ann.Call()
			notices := p.passes(40 * time.Second)
			if here := len(p.bob.Status(time.Now()).Peers); here != 3 {
				t.Fatalf("%d are here, mallory is not heard", here)
			}
			// Of somebody who may write it can be true.
			if accused := told(notices, session.Withheld); accused != (right == seal.Write) {
				t.Errorf("somebody who may %v says so; the relay is accused: %v", right, accused)
			}
			p.cheat("bob", nil)
		})
	}
}

// TestAReadersSnapshotIsRefused: a relay in league with a reader gives whoever comes later a snapshot that the reader has made.
func TestAReadersSnapshotIsRefused(t *testing.T) {
	against(t, "text", func(p *plot) {
		p.same()
		doc, err := rga.Decode(p.ann.Editor().Doc().Encode(), 5)
		check(t, err)
		p.puts(p.forgery(seal.Write, 51), doc)
		p.passes(time.Second)
		f := p.forgery(seal.Read, 52)
		lie := rga.New(p.ann.Replica())
		_, _, err = lie.Edit(0, rga.Edit{Insert: "what eve would have"})
		check(t, err)
		h := seal.Header{Room: p.link(seal.Read).Room, Replica: f.identity.ReplicaID(), Class: byte(transport.ClassSnapshot)}
		made, changed := f.seal(t, h, append([]byte{0, 0}, lie.Encode()...)), 0
		p.cheat("late", func(m *wire.RelayFrame) []*wire.RelayFrame {
			if s := m.GetSnapshot(); s != nil {
				s.Payload, s.Size, s.Of = made, uint64(len(made)), 1
				changed++
			}
			return []*wire.RelayFrame{m}
		})
		late := p.enter("late", session.Options{Link: p.link(seal.Write)})
		until(t, "it is refused", func() bool { return late.Status(time.Now()).Integrity.Tampered > 0 }, late)
		if text(late) != "" || changed == 0 {
			t.Errorf("it shows %q", text(late))
		}
		p.cheat("late", nil)
		late.Close()
	})
}

// TestAShortenedLogShows: whoever comes later is given the log without its end, and told that it is all.
func TestAShortenedLogShows(t *testing.T) {
	against(t, "text", func(p *plot) {
		p.same()
		p.types(p.ann, "first ")
		p.same()
		head := uint64(0)
		p.cheat("late", func(m *wire.RelayFrame) []*wire.RelayFrame {
			if w := m.GetWelcome(); w != nil {
				w.Head--
				head = w.Head
			}
			if d := m.GetDeliver(); d != nil {
				for len(d.Frames) > 0 && d.Frames[len(d.Frames)-1].Number > head {
					d.Frames = d.Frames[:len(d.Frames)-1]
				}
				if len(d.Frames) == 0 {
					return nil
				}
			}
			return []*wire.RelayFrame{m}
		})
		late := p.enter("late", session.Options{Link: p.link(seal.Write)})
		check(t, late.WaitReady(p.ctx))
		if text(late) != "text" {
			t.Fatalf("the log is not shortened: %q", text(late))
		}
		end := time.Now().Add(time.Minute)
		notices := until(t, "time to pass", func() bool { return !time.Now().Before(end) }, append(p.all(), late)...)
		if late.Status(time.Now()).Withheld == "" || !told(notices, session.Withheld) {
			t.Errorf("nothing is said: %v", notices)
		}
		p.cheat("late", nil)
		p.cut("late")
		until(t, "all of it is here", func() bool { return text(late) == text(p.ann) }, append(p.all(), late)...)
		late.Close()
	})
}

// TestAReaderDoesNotEndSnapshots: rubbish in the place of its presence is told, and the room is still compacted.
func TestAReaderDoesNotEndSnapshots(t *testing.T) {
	against(t, "text", func(p *plot) {
		p.same()
		p.cheat("ann", func(f *wire.RelayFrame) []*wire.RelayFrame { // as if eve's own client had sent that
			if f.GetPresence() != nil && f.GetPresence().GetReplica() == uint64(p.eve.Replica()) {
				f.GetPresence().Payload = []byte("rubbish that eve sent")
			}
			return []*wire.RelayFrame{f}
		})
		p.eve.Call()
		p.until("ann notices", func() bool { return p.ann.Status(time.Now()).Integrity != session.Integrity{} })
		before := p.hub.relay.Stats().Snapshots
		p.cheat("ann", func(f *wire.RelayFrame) []*wire.RelayFrame {
			if f.GetPong() != nil {
				return []*wire.RelayFrame{f, {Kind: &wire.RelayFrame_SnapshotWanted{SnapshotWanted: &wire.SnapshotWanted{}}}}
			}
			return []*wire.RelayFrame{f}
		})
		p.until("ann makes a snapshot", func() bool { return p.hub.relay.Stats().Snapshots > before })
	})
}
