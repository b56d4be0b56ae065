package relay_test

import (
	"slices"
	"testing"

	"coedit/transport"
	"coedit/transport/relay"
	"coedit/transport/wire"
)

// TestVersionsMeetInOneRoom: a program of each protocol version, and the relay speaks to each in its own.
func TestVersionsMeetInOneRoom(t *testing.T) {
	h := newHouse(t, 1)
	url := serveHTTP(t, newRelay(relay.Config{}))
	old := enter(t, transport.Options{
		Dial: transport.WebSocket(url), Room: h.room, Replica: 11, Manifest: h.manifest, MaxVersion: 1,
	})
	if v := await[transport.Online](old, 0).Version; v != 1 {
		t.Errorf("the old program speaks version %d", v)
	}
	current := enter(t, transport.Options{Dial: transport.WebSocket(url), Room: h.room, Replica: 22})
	if v := await[transport.Online](current, 0).Version; v != 2 {
		t.Errorf("the current program speaks version %d", v)
	}
	old.say(11, "from the old one")
	current.wait("the old one's", func() bool { return len(current.frames) == 1 })
	current.say(22, "from the current one")
	for _, p := range []*person{old, current} {
		p.wait("both", func() bool { return len(p.frames) == 2 })
		if got := p.texts(); !slices.Equal(got, []string{"from the old one", "from the current one"}) {
			t.Errorf("heard %q", got)
		}
		p.wait("the ack", func() bool { return p.acked == 1 })
	}
}

// TestVersion1IsToldNothingOfVersion2: its Welcome is what a relay of version 1 wrote.
func TestVersion1IsToldNothingOfVersion2(t *testing.T) {
	h := newHouse(t, 1)
	hub := newRelay(relay.Config{FramesPerSecond: 77, Burst: 33})
	w := dialRaw(t, hub).join(h, 7)
	if w.GetVersion() != 1 || w.GetDurable() || w.GetLimits().GetFramesPerSecond() != 0 || w.GetLimits().GetBurst() != 0 {
		t.Errorf("version 1 is welcomed by %v", w)
	}
	w = dialRaw(t, hub).join(h, 8, func(m *wire.Hello) { m.MaxVersion = 9 })
	if w.GetVersion() != transport.Version || w.GetLimits().GetFramesPerSecond() != 77 || w.GetLimits().GetBurst() != 33 {
		t.Errorf("version 2 is welcomed by %v", w)
	}
}

// TestKindsOfALaterVersionAreSkipped: the relay reads on behind a message it does not know.
func TestKindsOfALaterVersionAreSkipped(t *testing.T) {
	h := newHouse(t, 1)
	r := dialRaw(t, newRelay(relay.Config{}))
	r.join(h, 7)
	unknown := &wire.ClientFrame{}
	unknown.Unknown = []byte{0xfa, 0x01, 0x03, 'n', 'e', 'w'} // field 31
	r.send(unknown)
	r.send(publish(7, 1, "x"))
	r.acked(1)
	if b := wire.Marshal(unknown); len(b) != 6 {
		t.Fatalf("%x", b)
	}
}
