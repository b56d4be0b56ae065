package relay_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"coedit/transport"
	"coedit/transport/relay"
	"coedit/transport/wire"
)

// TestARelayWithoutItsLogIsRestored: two people had a document; the relay comes back
// empty. One snapshot wins, the other one merges it and publishes what it lacks.
func TestARelayWithoutItsLogIsRestored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 1)
		var at relays
		hub := newRelay(relay.Config{Log: relay.NewMemoryLog(1)})
		at.set(hub)
		anna := enter(t, transport.Options{Dial: at.dial, Room: h.room, Replica: 11, Manifest: h.manifest})
		await[transport.CaughtUp](anna, 0)
		ben := enter(t, transport.Options{Dial: at.dial, Room: h.room, Replica: 22, Manifest: h.manifest})
		anna.say(11, "a1")
		ben.say(22, "b1")
		for _, p := range []*person{anna, ben} {
			p.wait("both frames", func() bool { return len(p.frames) == 2 && p.acked == 1 })
		}
		fromA, fromB := anna.seen(), ben.seen()
		at.set(nil)
		at.cutAll()
		await[transport.Offline](anna, fromA)
		anna.say(11, "a2 written offline")
		next := newRelay(relay.Config{Log: relay.NewMemoryLog(2)})
		at.set(next)

		onA, onB := await[transport.Online](anna, fromA), await[transport.Online](ben, fromB)
		if !onA.Restore || !onB.Restore || onA.Head != 0 || onA.Incarnation != onB.Incarnation {
			t.Fatalf("Online %+v and %+v", onA, onB)
		}
		here := transport.Cursor{Incarnation: onA.Incarnation}
		anna.client.PutSnapshot(onA.Generation, here, []byte("anna's document"), true)
		if e := await[transport.SnapshotStored](anna, fromA); e.Generation != 1 {
			t.Fatalf("%+v", e)
		}
		anna.client.Restored()
		// Ben is sent it without asking, and his own attempt is refused.
		if s := await[transport.Snapshot](ben, fromB); string(s.Payload) != "anna's document" || s.Generation != 1 || s.Covers.Number != 1 {
			t.Fatalf("ben is sent %+v", s)
		}
		ben.client.PutSnapshot(0, here, []byte("ben's document"), true)
		if c := await[transport.SnapshotConflict](ben, fromB); c.Generation != 1 {
			t.Fatalf("%+v", c)
		}
		before := ben.seen()
		ben.client.Fetch()
		if s := await[transport.Snapshot](ben, before); string(s.Payload) != "anna's document" {
			t.Fatalf("fetched %+v", s)
		}
		await[transport.CaughtUp](ben, before)
		ben.client.Restored()
		ben.say(22, "b2")
		for _, p := range []*person{anna, ben} {
			p.wait("the new frame", func() bool { return len(p.frames) == 3 })
			if got := p.texts()[2]; got != "b2" {
				t.Errorf("delivered %q: what was given up must not be sent", got)
			}
		}
		if _, echo := first[transport.Snapshot](anna, fromA); echo {
			t.Error("the maker of the snapshot was sent it")
		}
		cleo := enter(t, transport.Options{Dial: at.dial, Room: h.room, Replica: 33})
		await[transport.CaughtUp](cleo, 0)
		if len(cleo.snapshots) != 1 || !slices.Equal(cleo.texts(), []string{"b2"}) {
			t.Errorf("a newcomer gets %v and %q", cleo.snapshots, cleo.texts())
		}
		stop(t, next)
		stop(t, hub)
	})
}

// TestALargeSnapshotReachesThoseWhoLackIt: in chunks, and the frames it covers are not sent.
func TestALargeSnapshotReachesThoseWhoLackIt(t *testing.T) {
	h := newHouse(t, 1)
	hub := newRelay(relay.Config{})
	url := serveHTTP(t, hub)
	anna := enter(t, transport.Options{Dial: transport.WebSocket(url), Room: h.room, Replica: 11, Manifest: h.manifest})
	online := await[transport.Online](anna, 0)
	for _, text := range []string{"one", "two", "three"} {
		anna.say(11, text)
	}
	anna.wait("acks", func() bool { return anna.acked == 3 })
	document := strings.Repeat("the whole document, ", 100_000) // 2 MB: 31 chunks
	anna.client.PutSnapshot(0, transport.Cursor{Incarnation: online.Incarnation, Number: 2}, []byte(document), false)
	await[transport.SnapshotStored](anna, 0)

	ben := enter(t, transport.Options{Dial: transport.WebSocket(url), Room: h.room, Replica: 22})
	await[transport.CaughtUp](ben, 0)
	if len(ben.snapshots) != 1 || string(ben.snapshots[0].Payload) != document || ben.snapshots[0].Covers.Number != 2 {
		t.Errorf("%d snapshots", len(ben.snapshots))
	}
	if got := ben.texts(); !slices.Equal(got, []string{"three"}) {
		t.Errorf("frames %q, want only what the snapshot does not cover", got)
	}
	cleo := enter(t, transport.Options{
		Dial: transport.WebSocket(url), Room: h.room, Replica: 33,
		Resume: transport.Cursor{Incarnation: online.Incarnation, Number: 2},
	})
	await[transport.CaughtUp](cleo, 0)
	if got := cleo.texts(); len(cleo.snapshots) != 0 || !slices.Equal(got, []string{"three"}) {
		t.Errorf("one who had everything covered gets %d snapshots and %q", len(cleo.snapshots), got)
	}
}

// TestTheMakerOfASnapshotGetsItWhenReadingAnew: it has it already only as long as it does not Fetch.
func TestTheMakerOfASnapshotGetsItWhenReadingAnew(t *testing.T) {
	h := newHouse(t, 1)
	maker := dialRaw(t, newRelay(relay.Config{}))
	w := maker.join(h, 8)
	maker.send(putChunk(0, 1, 5, "whole", transport.Cursor{Incarnation: w.GetIncarnation()}, true))
	maker.until("the snapshot stored", func(f *wire.RelayFrame) bool {
		if f.GetSnapshot() != nil {
			t.Error("the maker was sent its own snapshot")
		}
		return f.GetSnapshotStored() != nil
	})
	maker.send(&wire.ClientFrame{Kind: &wire.ClientFrame_Fetch{Fetch: &wire.Fetch{}}})
	maker.until("the rewind", func(f *wire.RelayFrame) bool { return f.GetRewound().GetGeneration() == 1 })
	s := maker.until("the snapshot", func(f *wire.RelayFrame) bool {
		if f.GetDeliver() != nil {
			t.Fatal("the mark was delivered in its place")
		}
		return f.GetSnapshot() != nil
	}).GetSnapshot()
	if string(s.GetPayload()) != "whole" {
		t.Errorf("%v", s)
	}
}

// TestOneWhoWasAwayDuringARestoreGetsTheSnapshot although its number is not covered by it.
func TestOneWhoWasAwayDuringARestoreGetsTheSnapshot(t *testing.T) {
	h := newHouse(t, 1)
	hub := newRelay(relay.Config{})
	away := dialRaw(t, hub)
	w := away.join(h, 7)
	away.send(publish(7, 1, "a"))
	away.acked(1)
	_ = away.conn.Close()

	maker := dialRaw(t, hub)
	maker.join(h, 8)
	maker.send(putChunk(0, 1, 5, "whole", transport.Cursor{Incarnation: w.GetIncarnation(), Number: 1}, true))
	maker.until("the snapshot stored", func(f *wire.RelayFrame) bool { return f.GetSnapshotStored() != nil })
	maker.send(publish(8, 1, "b"))
	maker.acked(1)

	back := dialRaw(t, hub)
	back.join(h, 7, func(m *wire.Hello) {
		m.NextCounter = 2
		m.Resume = &wire.Cursor{Incarnation: w.GetIncarnation(), Number: 1}
	})
	s := back.until("the snapshot", func(f *wire.RelayFrame) bool {
		if f.GetDeliver() != nil {
			t.Error("frames came before the snapshot that takes an earlier number")
		}
		return f.GetSnapshot() != nil
	}).GetSnapshot()
	if s.GetNumber() != 2 || string(s.GetPayload()) != "whole" {
		t.Errorf("snapshot %v", s)
	}
	if got := back.numbers(3); !slices.Equal(got, []uint64{3}) {
		t.Errorf("numbers %v after it, want 3", got)
	}
}

func TestSnapshotsThatAreTooLargeOrDoNotFitAreRefused(t *testing.T) {
	h := newHouse(t, 1)
	hub := newRelay(relay.Config{MaxSnapshot: 1000})
	r := dialRaw(t, hub)
	w := r.join(h, 7)
	here := transport.Cursor{Incarnation: w.GetIncarnation()}
	refused := func(f *wire.ClientFrame, code wire.Nack_Code) {
		t.Helper()
		r.send(f)
		if n := r.nacked(); n.GetCode() != code || !n.GetSnapshot() {
			t.Errorf("answer %v, want %v", n, code)
		}
	}
	refused(putChunk(0, 1, 1001, "x", here, false), wire.Nack_TOO_LARGE)
	refused(putChunk(0, 1, 1, "x", transport.Cursor{Incarnation: 1}, false), wire.Nack_CONFLICT)
	refused(putChunk(0, 1, 1, "x", transport.Cursor{Incarnation: w.GetIncarnation(), Number: 1}, false), wire.Nack_CONFLICT)
	wrong := putChunk(0, 1, 1, "x", here, false)
	wrong.GetSnapshotPut().Generation = 3
	refused(wrong, wire.Nack_CONFLICT)
	// Chunk 0 gives up what was begun.
	r.send(putChunk(0, 2, 10, "first", here, false))
	r.until("more", func(f *wire.RelayFrame) bool { return f.GetSnapshotMore().GetNext() == 1 })
	r.send(putChunk(0, 1, 1, "x", here, false))
	r.until("stored", func(f *wire.RelayFrame) bool { return f.GetSnapshotStored().GetGeneration() == 1 })
}

// TestAGuestMakesTheRoomAgain: it was told the manifest when it joined, and may be the
// first, or the only one, to come back to a relay that lost the room.
func TestAGuestMakesTheRoomAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 1)
		hub := newRelay(relay.Config{Log: relay.NewMemoryLog(1)})
		at := relays{now: hub}
		host := enter(t, transport.Options{Dial: at.dial, Room: h.room, Replica: 11, Manifest: h.manifest})
		await[transport.CaughtUp](host, 0)
		guest := enter(t, transport.Options{Dial: at.dial, Room: h.room, Replica: 22})
		await[transport.CaughtUp](guest, 0)
		from := guest.seen()
		host.cancel()
		next := newRelay(relay.Config{Log: relay.NewMemoryLog(2)})
		at.set(next)
		at.cutAll()
		if on := await[transport.Online](guest, from); !on.Restore || string(on.Manifest) != string(h.manifest) {
			t.Errorf("Online %+v", on)
		}
		stop(t, next)
		stop(t, hub)
	})
}
