package relay_test

import (
	"runtime"
	"slices"
	"testing"

	"coedit/transport"
	"coedit/transport/relay"
)

func TestTwoPeopleHearEachOther(t *testing.T) {
	h := newHouse(t, 1)
	url := serveHTTP(t, newRelay(relay.Config{}))
	anna := enter(t, transport.Options{Dial: transport.WebSocket(url), Room: h.room, Replica: 11, Manifest: h.manifest})
	online := await[transport.Online](anna, 0)
	if online.Head != 0 || online.Restore || string(online.Manifest) != string(h.manifest) {
		t.Fatalf("first Online %+v", online)
	}
	await[transport.CaughtUp](anna, 0)
	anna.say(11, "one")
	anna.say(11, "two")
	anna.wait("ack", func() bool { return anna.acked == 2 })

	ben := enter(t, transport.Options{Dial: transport.WebSocket(url), Room: h.room, Replica: 22})
	await[transport.CaughtUp](ben, 0)
	ben.say(22, "three")
	want := []string{"one", "two", "three"}
	for _, p := range []*person{anna, ben} {
		p.wait("all frames", func() bool { return len(p.frames) == 3 })
		if got := p.texts(); !slices.Equal(got, want) {
			t.Errorf("heard %q, want %q", got, want)
		}
	}
}

// TestARoomThatStoodEmptyIsToldFromItsBeginning: whoever comes first finds what was said before.
func TestARoomThatStoodEmptyIsToldFromItsBeginning(t *testing.T) {
	h := newHouse(t, 1)
	hub := newRelay(relay.Config{})
	first := dialRaw(t, hub)
	first.join(h, 7)
	first.send(publish(7, 1, "a"))
	first.send(publish(7, 2, "b"))
	first.acked(2)
	_ = first.conn.Close()
	for hub.Stats().Present > 0 {
		runtime.Gosched()
	}
	second := dialRaw(t, hub)
	if w := second.join(h, 8); w.GetHead() != 2 {
		t.Fatalf("welcome %v", w)
	}
	if got := second.numbers(2); !slices.Equal(got, []uint64{1, 2}) {
		t.Errorf("told %v", got)
	}
}

func TestPresenceIsNewestAndLeavesWithItsOwner(t *testing.T) {
	h := newHouse(t, 1)
	url := serveHTTP(t, newRelay(relay.Config{}))
	anna := enter(t, transport.Options{Dial: transport.WebSocket(url), Room: h.room, Replica: 11, Manifest: h.manifest})
	await[transport.Online](anna, 0)
	anna.client.SetPresence([]byte("line 1"))
	ben := enter(t, transport.Options{Dial: transport.WebSocket(url), Room: h.room, Replica: 22})
	if p := await[transport.PresenceOf](ben, 0); p.Replica != 11 || string(p.Payload) != "line 1" {
		t.Fatalf("presence on joining: %+v", p)
	}
	from := ben.seen()
	for i := range 200 {
		anna.client.SetPresence([]byte{byte(i)})
	}
	ben.wait("the newest presence", func() bool {
		e := ben.events[len(ben.events)-1]
		p, ok := e.(transport.PresenceOf)
		return ok && p.Payload[0] == 199
	})
	if n := ben.seen() - from; n > 20 {
		t.Errorf("%d presences were sent for 200 changes at once", n)
	}
	anna.cancel()
	if g := await[transport.Gone](ben, from); g.Replica != 11 {
		t.Errorf("gone: %+v", g)
	}
}
