package relay_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"coedit/transport"
	"coedit/transport/relay"
	"coedit/transport/wire"
)

func putOf(generation uint64, covers transport.Cursor, payload string) *wire.ClientFrame {
	f := putChunk(0, 1, uint64(len(payload)), payload, covers, false)
	f.GetSnapshotPut().Generation = generation
	return f
}

// asked reads what there is for a second of fake time, and gives the SnapshotWanted in it, or nil.
func (r *raw) asked() *wire.SnapshotWanted {
	r.t.Helper()
	_ = r.conn.SetReadDeadline(time.Now().Add(time.Second))
	for {
		b, err := r.conn.ReadMessage()
		if err != nil {
			return nil
		}
		var f wire.RelayFrame
		if err := wire.Unmarshal(b, &f); err != nil {
			r.t.Fatal(err)
		}
		if f.GetSnapshotWanted() != nil {
			return f.GetSnapshotWanted()
		}
	}
}

func (r *raw) pingAway() {
	r.send(&wire.ClientFrame{Kind: &wire.ClientFrame_Ping{Ping: &wire.Ping{ClientTime: 1}}})
}

// TestALongTailIsReplacedByASnapshot: one writer at a time is asked, never one of version 1 and never a reader; who
// does not answer is followed by the next.
func TestALongTailIsReplacedByASnapshot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 1)
		log := relay.NewMemoryLog(1)
		hub := newRelay(relay.Config{Log: log, TailFrames: 100, SnapshotPatience: 10 * time.Second})
		old, reader, a, b := dialRaw(t, hub), dialRaw(t, hub), dialRaw(t, hub), dialRaw(t, hub)
		welcome := old.join(h, 1)
		reader.join(h, 2, version2, func(m *wire.Hello) { m.ReadOnly = true })
		for n := range uint64(100) {
			old.send(publish(1, n+1, "x"))
			old.acked(n + 1)
		}
		if old.asked() != nil || reader.asked() != nil {
			t.Fatal("one that cannot answer was asked")
		}
		a.join(h, 3, version2)
		synctest.Wait() // a is the first that can be asked
		b.join(h, 4, version2)
		w := a.asked()
		if w.GetGeneration() != 0 || w.GetHead() != 100 {
			t.Fatalf("asked %v", w)
		}
		if b.asked() != nil {
			t.Fatal("two were asked")
		}
		for range 3 { // a does not answer, but is there
			time.Sleep(3 * time.Second)
			for _, r := range []*raw{old, reader, a, b} {
				r.pingAway()
			}
		}
		if w := b.asked(); w == nil {
			t.Fatal("the next was not asked")
		}
		_ = b.conn.Close()
		if w := a.asked(); w == nil {
			t.Fatal("after the one asked had left, nobody was asked")
		}
		covers := transport.Cursor{Incarnation: welcome.GetIncarnation(), Number: 100}
		a.send(putOf(0, covers, "all of it"))
		a.until("stored", func(f *wire.RelayFrame) bool { return f.GetSnapshotStored().GetGeneration() == 1 })
		if a.asked() != nil {
			t.Error("asked again")
		}
		newcomer := dialRaw(t, hub)
		newcomer.join(h, 5, version2)
		s := newcomer.until("the snapshot", func(f *wire.RelayFrame) bool { return f.GetSnapshot() != nil }).GetSnapshot()
		if string(s.GetPayload()) != "all of it" {
			t.Errorf("snapshot %v", s)
		}
		kept := func() bool {
			stop(t, hub)
			room, err := log.Open(h.room, nil, func() {})
			if err != nil {
				t.Fatal(err)
			}
			defer room.Release(time.Now())
			_, kept := room.Previous()
			return kept
		}
		newcomer.send(&wire.ClientFrame{Kind: &wire.ClientFrame_SnapshotConfirm{SnapshotConfirm: &wire.SnapshotConfirm{Generation: 1}}})
		newcomer.sync()
		if kept() {
			t.Error("what was replaced is still there although a second writer confirmed the snapshot")
		}
	})
}

// TestARefusedSnapshotIsAskedOfAnother, and when nobody can, not again at once.
func TestARefusedSnapshotIsAskedOfAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 1)
		hub := newRelay(relay.Config{TailBytes: 1000, SnapshotPatience: 10 * time.Second, MaxSnapshot: 50})
		a, b := dialRaw(t, hub), dialRaw(t, hub)
		welcome := a.join(h, 1, version2)
		synctest.Wait()
		b.join(h, 2, version2)
		synctest.Wait()
		a.send(publish(1, 1, strings.Repeat("x", 2000)))
		if a.asked() == nil {
			t.Fatal("not asked")
		}
		large := putOf(0, transport.Cursor{Incarnation: welcome.GetIncarnation(), Number: 1}, strings.Repeat("s", 51))
		a.send(large)
		if b.asked() == nil {
			t.Fatal("the other one was not asked")
		}
		b.send(large)
		a.send(publish(1, 2, strings.Repeat("x", 2000)))
		if a.asked() != nil || b.asked() != nil {
			t.Error("asked again at once although nobody can")
		}
		if n := hub.Stats().Wanted; n != 2 {
			t.Errorf("%d asked", n)
		}
	})
}

// TestTheCostOfJoiningIsThatOfTheDocument, however long the room has been written in.
func TestTheCostOfJoiningIsThatOfTheDocument(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const tail, rounds = 50, 40
		document := strings.Repeat("d", 3000)
		h := newHouse(t, 1)
		hub := newRelay(relay.Config{TailFrames: tail, FramesPerSecond: 1e6, Burst: 1e6})
		a := dialRaw(t, hub)
		welcome := a.join(h, 1, version2)
		generation := uint64(0)
		for n := range uint64(tail * rounds) {
			a.send(publish(1, n+1, "keystroke"))
			a.until("the ack", func(f *wire.RelayFrame) bool {
				if w := f.GetSnapshotWanted(); w != nil {
					a.send(putOf(generation, transport.Cursor{Incarnation: welcome.GetIncarnation(), Number: w.GetHead()}, document))
				}
				generation = max(generation, f.GetSnapshotStored().GetGeneration())
				return f.GetAck().GetCounter() == n+1
			})
		}
		joiner := dialRaw(t, hub)
		joiner.join(h, 2, version2)
		bytes := 0
		_ = joiner.conn.SetReadDeadline(time.Now().Add(time.Second))
		for {
			b, err := joiner.conn.ReadMessage()
			if err != nil {
				break
			}
			bytes += len(b)
		}
		if most := len(document) + 2*tail*40; bytes < len(document) || bytes > most || generation < rounds/2 {
			t.Errorf("joining took %d bytes, at most %d expected; %d snapshots were made", bytes, most, generation)
		}
	})
}
