package transport

import (
	"testing"
	"time"

	"coedit/transport/wire"
)

func version2(w *wire.Welcome) { w.Version, w.Durable = 2, true }

// TestAWantedSnapshotIsAskedForAndConfirmed: the consumer is told, and its confirmation goes out once.
func TestAWantedSnapshotIsAskedForAndConfirmed(t *testing.T) {
	play(t, Options{}, func(s *script) {
		p := s.admit(version2)
		if on := event[Online](s); on.Version != 2 || !on.Durable {
			t.Errorf("online as %+v", on)
		}
		p.say(&wire.RelayFrame{Kind: &wire.RelayFrame_SnapshotWanted{SnapshotWanted: &wire.SnapshotWanted{Generation: 3, Head: 9}}})
		if w := event[SnapshotWanted](s); w.Generation != 3 || w.Head != 9 {
			t.Errorf("wanted %+v", w)
		}
		s.client.ConfirmSnapshot(4)
		if f := p.next(); f.GetSnapshotConfirm().GetGeneration() != 4 {
			t.Errorf("message %v, want the confirmation", f)
		}
		p.quiet(time.Second)
	})
}

// TestVersion1IsNotToldOfConfirmations: it would not know what they mean.
func TestVersion1IsNotToldOfConfirmations(t *testing.T) {
	play(t, Options{MaxVersion: 1}, func(s *script) {
		p := s.accept()
		if p.hello.GetMaxVersion() != 1 {
			t.Errorf("offers version %d", p.hello.GetMaxVersion())
		}
		p.say(&wire.RelayFrame{Kind: &wire.RelayFrame_Welcome{Welcome: &wire.Welcome{
			Version: 1, Incarnation: 5, Limits: &wire.Limits{MaxMessage: 1 << 20, MaxFrame: 1 << 19, MaxPresence: 99},
			LastCounter: p.hello.GetNextCounter() - 1,
		}}})
		event[Online](s)
		s.client.ConfirmSnapshot(4)
		p.quiet(time.Second)
	})
	play(t, Options{MaxVersion: 1}, func(s *script) {
		s.admit(version2)
		wantRefusal(t, <-s.ended, RefusedVersion, "2")
	})
}
