package session_test

import (
	"testing"
	"time"

	"coedit/internal/session"
	"coedit/transport/wire"
)

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
