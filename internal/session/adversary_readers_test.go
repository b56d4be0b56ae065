package session_test

import (
	"hash/fnv"
	"testing"
	"time"

	"coedit/internal/session"
	"coedit/presence"
	"coedit/rga"
	"coedit/transport"
	"coedit/transport/seal"
	"coedit/transport/wire"
)

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
