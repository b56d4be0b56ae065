package relay_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"coedit/transport"
	"coedit/transport/relay"
	"coedit/transport/wire"
)

func TestPublishIsIdempotentAndInOrder(t *testing.T) {
	h := newHouse(t, 1)
	r := dialRaw(t, newRelay(relay.Config{}))
	r.join(h, 7)
	r.send(publish(7, 1, "a"))
	r.acked(1)
	r.send(publish(7, 1, "a"))
	r.acked(1)
	r.send(publish(7, 4, "d"))
	r.send(publish(7, 5, "e")) // dropped without another Nack
	if n := r.nacked(); n.GetCode() != wire.Nack_GAP || n.GetExpected() != 2 || n.GetCounter() != 4 {
		t.Errorf("gap: %v", n)
	}
	r.send(publish(7, 2, "b"))
	r.acked(2)
	r.send(publish(7, 1, "A"))
	if n := r.nacked(); n.GetCode() != wire.Nack_CONFLICT || n.GetCounter() != 1 {
		t.Errorf("other bytes: %v", n)
	}
}

func TestTheSecondGapIsSaidAgain(t *testing.T) {
	h := newHouse(t, 1)
	r := dialRaw(t, newRelay(relay.Config{}))
	r.join(h, 7)
	for _, c := range []struct{ sent, expected, fills uint64 }{{3, 1, 1}, {5, 2, 2}} {
		r.send(publish(7, c.sent, "x"))
		if n := r.nacked(); n.GetExpected() != c.expected {
			t.Fatalf("gap: %v, want %d expected", n, c.expected)
		}
		r.send(publish(7, c.fills, "x"))
		r.acked(c.fills)
	}
}

func TestCountersGivenUpAreSkipped(t *testing.T) {
	h := newHouse(t, 1)
	hub := newRelay(relay.Config{})
	r := dialRaw(t, hub)
	if w := r.join(h, 7, func(m *wire.Hello) { m.NextCounter = 5 }); w.GetLastCounter() != 4 {
		t.Errorf("last_counter %d, want 4", w.GetLastCounter())
	}
	r.send(publish(7, 5, "e"))
	r.acked(5)
	r.send(&wire.ClientFrame{Kind: &wire.ClientFrame_Resync{Resync: &wire.Resync{NextCounter: 9}}})
	r.send(publish(7, 9, "i"))
	r.acked(9)
	again := dialRaw(t, hub)
	if w := again.join(h, 7, func(m *wire.Hello) { m.NextCounter = 6 }); w.GetLastCounter() != 9 {
		t.Errorf("last_counter %d, want 9", w.GetLastCounter())
	}
}

// TestRandomSendsAreStoredOnceAndInOrder: a participant that repeats, leaves out and
// reorders its frames across reconnects gets each stored once, in order.
func TestRandomSendsAreStoredOnceAndInOrder(t *testing.T) {
	h := newHouse(t, 1)
	rapid.Check(t, func(rt *rapid.T) {
		log := relay.NewMemoryLog(1)
		hub := newRelay(relay.Config{Log: log})
		content := func(n uint64) string { return fmt.Sprint("frame ", n) }
		stored := uint64(0)
		var r *raw
		connect := func() {
			if r != nil {
				_ = r.conn.Close()
			}
			r = dialRaw(t, hub)
			r.join(h, 7, func(m *wire.Hello) { m.NextCounter = 1 })
		}
		connect()
		for range rapid.IntRange(1, 40).Draw(rt, "steps") {
			if rapid.IntRange(0, 9).Draw(rt, "reconnect") == 0 {
				connect()
			}
			n := rapid.Uint64Range(1, stored+3).Draw(rt, "counter")
			r.send(publish(7, n, content(n)))
			if n <= stored+1 {
				stored = max(stored, n)
				r.until("an ack", func(f *wire.RelayFrame) bool { return f.GetAck().GetCounter() >= n })
			}
			r.sync() // a frame under way on a connection that is given up could still fill a gap
		}
		_ = r.conn.Close()
		stop(t, hub)
		room, err := log.Open(h.room, nil, func() {})
		if err != nil {
			rt.Fatal(err)
		}
		frames, err := room.Read(0, 1000, 1<<20)
		if err != nil || uint64(len(frames)) != stored {
			rt.Fatalf("%d frames stored (%v), want %d", len(frames), err, stored)
		}
		for i, f := range frames {
			if n := uint64(i + 1); f.Number != n || f.Counter != n || string(f.Payload) != content(n) {
				rt.Fatalf("place %d holds %+v", n, f)
			}
		}
	})
}

func TestUnknownFieldsAndTraceSurvive(t *testing.T) {
	h := newHouse(t, 1)
	r := dialRaw(t, newRelay(relay.Config{}))
	r.join(h, 7)
	sent := &wire.Frame{Replica: 7, Counter: 1, Target: "doc", Class: wire.Class(9), Payload: []byte("p"), Trace: "00-aa-bb-01"}
	sent.Unknown = []byte{0xfa, 0x01, 0x03, 'n', 'e', 'w'}
	r.send(&wire.ClientFrame{Kind: &wire.ClientFrame_Publish{Publish: &wire.Publish{Frame: sent}}})
	got := r.until("the frame", func(f *wire.RelayFrame) bool { return f.GetDeliver() != nil }).GetDeliver().GetFrames()[0]
	sent.Number = 1
	if !wire.Equal(got, sent) {
		t.Errorf("delivered %v, want %v", got, sent)
	}
}

func TestReadOnlyParticipantsCannotWrite(t *testing.T) {
	h := newHouse(t, 1)
	hub := newRelay(relay.Config{})
	r := dialRaw(t, hub)
	r.join(h, 7, func(m *wire.Hello) { m.ReadOnly = true })
	r.send(publish(7, 1, "a"))
	if n := r.nacked(); n.GetCode() != wire.Nack_RIGHTS || n.GetSnapshot() {
		t.Errorf("publish: %v", n)
	}
	r.send(putChunk(0, 1, 1, "s", transport.Cursor{}, false))
	if n := r.nacked(); n.GetCode() != wire.Nack_RIGHTS || !n.GetSnapshot() {
		t.Errorf("snapshot: %v", n)
	}
	if s := hub.Stats(); s.Frames != 0 || s.Snapshots != 0 || s.Nacks["RIGHTS"] != 2 {
		t.Errorf("stats %+v", s)
	}
}

func TestAFullRoomAsksToWait(t *testing.T) {
	h := newHouse(t, 1)
	hub := newRelay(relay.Config{Log: relay.NewLimitedMemoryLog(1, relay.MemoryLimits{RoomBytes: 3000})})
	r := dialRaw(t, hub)
	w := r.join(h, 7)
	r.send(publish(7, 1, string(make([]byte, 1500))))
	r.acked(1)
	for range 2 { // each try is answered
		r.send(publish(7, 2, string(make([]byte, 1500))))
		r.send(publish(7, 3, "c"))
		if n := r.nacked(); n.GetCode() != wire.Nack_RESOURCE_EXHAUSTED || n.GetExpected() != 2 || n.GetRetryAfterMs() == 0 {
			t.Fatalf("full: %v", n)
		}
	}
	r.send(putChunk(0, 1, 1, "s", transport.Cursor{Incarnation: w.GetIncarnation(), Number: 1}, false))
	r.until("the snapshot stored", func(f *wire.RelayFrame) bool { return f.GetSnapshotStored().GetGeneration() == 1 })
	r.send(publish(7, 2, string(make([]byte, 1500))))
	r.acked(2)
}

func TestASecondConnectionReplacesTheFirst(t *testing.T) {
	h := newHouse(t, 1)
	hub := newRelay(relay.Config{})
	watcher := dialRaw(t, hub)
	watcher.join(h, 9)
	a := dialRaw(t, hub)
	a.join(h, 7)
	b := dialRaw(t, hub)
	b.join(h, 7)
	a.goodbye(wire.Goodbye_REPLACED, "twice")
	b.send(publish(7, 1, "still here"))
	b.acked(1)
	// Nobody is told that 7 left.
	watcher.until("the frame", func(f *wire.RelayFrame) bool {
		if f.GetLeft() != nil {
			t.Error("Left was said of somebody who is there")
		}
		return f.GetDeliver() != nil
	})
}

func putChunk(index, of uint32, size uint64, payload string, covers transport.Cursor, restore bool) *wire.ClientFrame {
	return &wire.ClientFrame{Kind: &wire.ClientFrame_SnapshotPut{SnapshotPut: &wire.SnapshotPut{
		Index: index, Of: of, Size: size, Payload: []byte(payload), Restore: restore,
		Covers: &wire.Cursor{Incarnation: covers.Incarnation, Number: covers.Number},
	}}}
}

// numbers are the numbers of the frames delivered to a raw connection until the given one.
func (r *raw) numbers(through uint64) []uint64 {
	r.t.Helper()
	var numbers []uint64
	for !slices.Contains(numbers, through) {
		d := r.until("frames", func(f *wire.RelayFrame) bool { return f.GetDeliver() != nil }).GetDeliver()
		for _, f := range d.GetFrames() {
			numbers = append(numbers, f.GetNumber())
		}
	}
	return numbers
}
