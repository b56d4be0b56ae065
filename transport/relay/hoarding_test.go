package relay_test

import (
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"coedit/transport/relay"
	"coedit/transport/store"
	"coedit/transport/wire"
)

// chunk is a part of a snapshot of nothing.
func chunk(index, of uint32, size uint64, n int, incarnation uint64) *wire.ClientFrame {
	return &wire.ClientFrame{Kind: &wire.ClientFrame_SnapshotPut{SnapshotPut: &wire.SnapshotPut{
		Covers: &wire.Cursor{Incarnation: incarnation}, Size: size, Index: index, Of: of, Payload: make([]byte, n),
	}}}
}

func ping() *wire.ClientFrame {
	return &wire.ClientFrame{Kind: &wire.ClientFrame_Ping{Ping: &wire.Ping{}}}
}

// TestAnUnfinishedSnapshotDoesNotKeepOthersOut: what it holds is given back when its next chunk does not come, or comes in crumbs.
func TestAnUnfinishedSnapshotDoesNotKeepOthersOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const most = 1 << 20
		r := newRelay(relay.Config{MaxAssembling: most, MaxSnapshot: most, SnapshotPatience: 10 * time.Second})
		evil := dialRaw(t, r)
		w := evil.join(newHouse(t, 77), 1)
		for i := range uint32(4) {
			evil.send(chunk(i, 1<<10, most, most/4-100, w.GetIncarnation()))
		}
		evil.until("the fourth chunk taken", func(f *wire.RelayFrame) bool { return f.GetSnapshotMore().GetNext() == 4 })
		good := dialRaw(t, r)
		g := good.join(newHouse(t, 78), 1)
		puts := func() *wire.RelayFrame {
			good.send(chunk(0, 1, 1000, 1000, g.GetIncarnation()))
			return good.until("an answer", func(f *wire.RelayFrame) bool { return f.GetNack() != nil || f.GetSnapshotStored() != nil })
		}
		if f := puts(); f.GetNack().GetCode() != wire.Nack_RESOURCE_EXHAUSTED {
			t.Fatalf("with no place left: %v", f)
		}
		for i := range uint32(12) {
			evil.send(chunk(4+i, 1<<10, most, 1, w.GetIncarnation()))
			time.Sleep(time.Second) // fake time
			good.send(ping())
		}
		if f := puts(); f.GetSnapshotStored() == nil {
			t.Errorf("after the deadline: %v", f)
		}
	})
}

// TestSnapshotsThatAreBeingStoredCount: who sends faster than the store takes is told to wait, and memory stays bounded.
func TestSnapshotsThatAreBeingStoredCount(t *testing.T) {
	const most = 2 << 20
	release := make(chan struct{})
	s, err := store.Open(t.TempDir(), store.Options{Committed: func(store.Commit) { <-release }})
	if err != nil {
		t.Fatal(err)
	}
	r := newRelay(relay.Config{Log: s, MaxAssembling: 2 * most, MaxSnapshot: most})
	c := dialRaw(t, r)
	w := c.join(newHouse(t, 79), 1)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	refused := 0
	for range 40 {
		for i := range uint32(8) {
			c.send(chunk(i, 8, most, most/8, w.GetIncarnation()))
		}
		c.send(ping())
		c.until("the answer to a ping", func(f *wire.RelayFrame) bool {
			if f.GetNack() != nil {
				refused++
			}
			return f.GetPong() != nil
		})
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 4*most || refused < 30 {
		t.Errorf("%d MiB more are in memory, %d of 40 were refused", grown>>20, refused)
	}
	close(release)
	stop(t, r)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// openingLog counts how often rooms are opened.
type openingLog struct {
	relay.Log
	opened atomic.Int64
}

func (l *openingLog) Open(room string, manifest []byte, grew func()) (relay.RoomLog, error) {
	l.opened.Add(1)
	return l.Log.Open(room, manifest, grew)
}

// TestAHelloOpensNoRoom: who proves nothing costs the store nothing, and keeps no room from expiring.
func TestAHelloOpensNoRoom(t *testing.T) {
	log := &openingLog{Log: relay.NewMemoryLog(1)}
	r := newRelay(relay.Config{Log: log})
	h := newHouse(t, 80)
	member := dialRaw(t, r)
	member.join(h, 1)
	_ = member.conn.Close()
	for r.Stats().Present > 0 {
		runtime.Gosched()
	}
	before := log.opened.Load()
	stranger := dialRaw(t, r)
	stranger.send(hello(house{room: h.room}, 2, func(m *wire.Hello) { m.MaxVersion = 2 }))
	if f := stranger.read(); f.GetChallenge() == nil {
		t.Fatalf("no challenge but %v", f)
	}
	_ = stranger.conn.Close()
	if got := log.opened.Load(); got != before {
		t.Errorf("a Hello opened the room %d times", got-before)
	}
	if n, err := log.Expire(time.Now().Add(time.Hour)); n != 1 || err != nil {
		t.Errorf("%d rooms expired, %v", n, err)
	}
}
