package session_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"

	"coedit/internal/session"
	"coedit/rga"
	"coedit/transport"
	"coedit/transport/seal"
	"coedit/transport/wire"
)

// puts is a writer's program that puts the document it likes in place of the room's.
func (p *plot) puts(f forger, doc *rga.Doc) {
	p.t.Helper()
	p.putsContent(f, append([]byte{0, 0}, doc.Encode()...), true)
}

// putsContent puts anything in place of the room's snapshot; the relay sends it to those who are there only if it restores the room.
func (p *plot) putsContent(f forger, content []byte, restore bool) {
	p.t.Helper()
	room := p.link(seal.Write).Room
	h := seal.Header{Room: room, Replica: f.identity.ReplicaID(), Class: byte(transport.ClassSnapshot)}
	c := transport.NewClient(transport.Options{
		Dial: p.dial("mallory"), Room: room, Replica: h.Replica, Prove: func(c transport.Challenge) (transport.Proof, error) {
			m, err := seal.VerifyManifest(room, c.Manifest)
			check(p.t, err)
			proof, err := seal.Prove(m, p.link(seal.Write).Secret, f.identity, seal.Challenge{Room: room, Replica: h.Replica, Version: c.Version, Nonce: c.Nonce})
			return transport.Proof{Right: uint8(proof.Right), Signature: proof.Signature, Certificate: proof.Certificate, Replica: proof.Replica}, err
		},
	})
	ctx, cancel := context.WithCancel(p.ctx)
	defer cancel()
	p.running.Go(func() { _ = c.Run(ctx) })
	for ev := range c.Events() {
		switch ev := ev.(type) {
		case transport.CaughtUp:
			c.PutSnapshot(ev.Generation, ev.Cursor, f.seal(p.t, h, content), restore)
		case transport.SnapshotStored:
			return
		case transport.SnapshotConflict, transport.SnapshotRefused:
			p.t.Fatalf("the relay did not take the snapshot: %v", ev)
		}
	}
}

// TestABadSnapshotReplacesNothing: a writer says in a snapshot that others wrote something else. Those who were there keep what
// they have, and are told; who comes later is shown whose word it is.
func TestABadSnapshotReplacesNothing(t *testing.T) {
	against(t, "what ann wrote", func(p *plot) {
		p.same()
		ann := p.ann.Replica()
		lie := rga.New(ann)
		_, _, err := lie.Edit(0, rga.Edit{Insert: "what mallory w"})
		check(t, err)
		for _, key := range []string{"x", session.MetaName} {
			_, err = lie.SetMeta(0, key, "lie")
			check(t, err)
		}
		for lie.Clock() < p.ann.Editor().Doc().Clock() {
			_, err = lie.SetMeta(0, "more", fmt.Sprint(lie.Clock()))
			check(t, err)
		}
		f := p.forgery(seal.Write, 43)
		p.puts(f, lie)
		notices := p.passes(5 * time.Second)
		for name, x := range map[string]*session.Participant{"ann": p.ann, "bob": p.bob, "eve": p.eve} {
			if text(x) != "what ann wrote" {
				t.Errorf("%s has %q", name, text(x))
			}
		}
		if n := p.bob.Status(time.Now()).Integrity.BadSnapshots; n != 1 || !told(notices, session.Tampered) {
			t.Errorf("bob counts %d: %v", n, notices)
		}
		late := p.enter("late", session.Options{Link: p.link(seal.Write)})
		check(t, late.WaitReady(p.ctx))
		if maker, ok := late.VouchedBy(ann, 0); !ok || maker != rga.ReplicaID(f.identity.ReplicaID()) {
			t.Errorf("who comes later is told that %x vouches: %v", maker, ok)
		}
		late.Close()
	})
}

// TestAlteredSnapshotsAreRefused: what the relay changes in a snapshot is not shown to anybody.
func TestAlteredSnapshotsAreRefused(t *testing.T) {
	against(t, "text", func(p *plot) {
		p.same()
		doc, err := rga.Decode(p.ann.Editor().Doc().Encode(), 5)
		check(t, err)
		p.puts(p.forgery(seal.Write, 44), doc)
		p.passes(time.Second)
		changed := 0
		p.cheat("late", func(f *wire.RelayFrame) []*wire.RelayFrame {
			if s := f.GetSnapshot(); s != nil {
				s.Payload = bytes.Clone(s.Payload)
				s.Payload[len(s.Payload)/2] ^= 1
				changed++
			}
			return []*wire.RelayFrame{f}
		})
		late := p.enter("late", session.Options{Link: p.link(seal.Write)})
		until(t, "it is refused", func() bool { return late.Status(time.Now()).Integrity.Tampered > 0 }, late)
		if text(late) != "" || changed == 0 {
			t.Errorf("it shows %q", text(late))
		}
		p.cheat("late", nil)
		p.cut("late")
		until(t, "the snapshot is here as it is", func() bool { return text(late) == "text" }, late)
		if n := p.bob.Status(time.Now()).Integrity; n != (session.Integrity{}) {
			t.Errorf("bob, before whom it was right, counts %+v", n)
		}
		late.Close()
	})
}
