package session_test

import (
	"context"
	"testing"
	"time"

	"coedit/internal/session"
	"coedit/transport"
	"coedit/transport/seal"
)

// putsContent is a writer's program that puts anything in place of the room's snapshot, which the relay then does not send to those who
// are there.
func (p *plot) putsContent(f forger, content []byte) {
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
			c.PutSnapshot(ev.Generation, ev.Cursor, f.seal(p.t, h, content), false)
		case transport.SnapshotStored:
			return
		case transport.SnapshotConflict, transport.SnapshotRefused:
			p.t.Fatalf("the relay did not take the snapshot: %v", ev)
		}
	}
}

// TestASnapshotThatIsNoDocumentIsReplaced: a writer seals rubbish as the room's snapshot. Who comes then has nothing to read, until those
// who have the text notice that, and put it back. All of it is there then, also of those who are gone.
func TestASnapshotThatIsNoDocumentIsReplaced(t *testing.T) {
	against(t, "what ann wrote", func(p *plot) {
		p.same()
		gone := p.enter("gone", session.Options{Link: p.link(seal.Write)})
		check(t, gone.WaitReady(p.ctx))
		p.types(gone, "what somebody else wrote, ")
		until(t, "everybody has it", func() bool { return text(p.ann) == text(gone) && text(p.bob) == text(gone) && gone.Drained() }, append(p.all(), gone)...)
		gone.Close()
		p.putsContent(p.forgery(seal.Write, 43), append([]byte{0, 0}, "rubbish"...))
		p.types(p.ann, "more, ")
		p.until("all have that", func() bool { return text(p.bob) == text(p.ann) && p.ann.Drained() })

		late := p.enter("late", session.Options{Link: p.link(seal.Write)})
		notices := until(t, "who comes later has all of it", func() bool { return late.Ready() && text(late) == text(p.ann) }, append(p.all(), late)...)
		if want := "more, what somebody else wrote, what ann wrote"; text(p.ann) != want {
			t.Errorf("ann has %q, not %q", text(p.ann), want)
		}
		if n := late.Status(time.Now()).Integrity.BadSnapshots; n == 0 || !told(notices, session.Unreadable) {
			t.Errorf("who comes later counts %d bad snapshots: %v", n, notices)
		}
		late.Close()
	})
}
