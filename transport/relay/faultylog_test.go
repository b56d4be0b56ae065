package relay_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"coedit/transport"
	"coedit/transport/relay"
	"coedit/transport/wire"
)

// groupLog is a log that behaves like a durable one with group commit: appends are
// answered later, from its own goroutine, several at once. It can also fail.
type groupLog struct {
	relay.Log
	work  chan func()
	ended chan struct{}

	failOpen, failAppend, failRead, failPut atomic.Bool
}

var errDisk = errors.New("the disk is full")

func newGroupLog(t testing.TB) *groupLog {
	l := &groupLog{Log: relay.NewMemoryLog(1), work: make(chan func(), 1000), ended: make(chan struct{})}
	go func() {
		defer close(l.ended)
		for first := range l.work {
			group := []func(){first}
			for len(l.work) > 0 {
				group = append(group, <-l.work)
			}
			for _, f := range group {
				f()
			}
		}
	}()
	t.Cleanup(func() {
		close(l.work)
		<-l.ended
	})
	return l
}

func (l *groupLog) Open(room string, manifest []byte, grew func()) (relay.RoomLog, error) {
	if l.failOpen.Load() {
		return nil, errDisk
	}
	r, err := l.Log.Open(room, manifest, grew)
	if err != nil {
		return nil, err
	}
	return &groupRoom{RoomLog: r, log: l}, nil
}

func (l *groupLog) Manifest(room string) ([]byte, error) {
	if l.failOpen.Load() {
		return nil, errDisk
	}
	return l.Log.Manifest(room)
}

type groupRoom struct {
	relay.RoomLog
	log *groupLog
}

func (r *groupRoom) Append(f transport.Frame, baseline uint64, done func(uint64, error)) {
	r.log.work <- func() {
		if r.log.failAppend.Load() {
			done(0, errDisk)
			return
		}
		r.RoomLog.Append(f, baseline, done)
	}
}

func (r *groupRoom) Read(after uint64, maxFrames, maxBytes int) ([]transport.Frame, error) {
	if r.log.failRead.Load() {
		return nil, errDisk
	}
	return r.RoomLog.Read(after, maxFrames, maxBytes)
}

func (r *groupRoom) PutSnapshot(s relay.Snapshot, payload []byte, done func(uint64, error)) {
	r.log.work <- func() {
		if r.log.failPut.Load() {
			done(0, errDisk)
			return
		}
		r.RoomLog.PutSnapshot(s, payload, done)
	}
}

// TestALogThatAnswersLater: many people publish much at once; each hears everything once.
func TestALogThatAnswersLater(t *testing.T) {
	const people, each = 8, 100
	h := newHouse(t, 1)
	hub := newRelay(relay.Config{Log: newGroupLog(t)})
	url := serveHTTP(t, hub)
	var all []*person
	for i := range uint64(people) {
		all = append(all, enter(t, transport.Options{Dial: transport.WebSocket(url), Room: h.room, Replica: i + 1, Manifest: h.manifest}))
	}
	var writers sync.WaitGroup
	for i, p := range all {
		writers.Go(func() {
			for range each {
				p.say(uint64(i+1), "text")
			}
		})
	}
	writers.Wait()
	for i, p := range all {
		p.wait("everything", func() bool { return len(p.frames) >= people*each && p.acked == each })
		p.mu.Lock()
		for n, f := range p.frames {
			if f.Number != uint64(n+1) {
				t.Fatalf("%d: place %d holds number %d", i+1, n+1, f.Number)
			}
		}
		if len(p.frames) != people*each {
			t.Errorf("%d: %d frames", i+1, len(p.frames))
		}
		p.mu.Unlock()
	}
}

// TestALogThatFailsIsWaitedFor: nothing is acknowledged, nothing is lost, and all goes on when it works again.
func TestALogThatFailsIsWaitedFor(t *testing.T) {
	h := newHouse(t, 1)
	log := newGroupLog(t)
	hub := newRelay(relay.Config{Log: log})
	r := dialRaw(t, hub)
	w := r.join(h, 7)
	log.failAppend.Store(true)
	r.send(publish(7, 1, "a"))
	if n := r.nacked(); n.GetCode() != wire.Nack_UNAVAILABLE || n.GetExpected() != 1 || n.GetRetryAfterMs() == 0 {
		t.Errorf("append: %v", n)
	}
	log.failPut.Store(true)
	here := transport.Cursor{Incarnation: w.GetIncarnation()}
	r.send(putChunk(0, 1, 1, "s", here, false))
	if n := r.nacked(); n.GetCode() != wire.Nack_UNAVAILABLE || !n.GetSnapshot() {
		t.Errorf("snapshot: %v", n)
	}
	log.failAppend.Store(false)
	log.failPut.Store(false)
	r.send(publish(7, 1, "a"))
	r.acked(1)
	r.send(putChunk(0, 1, 1, "s", here, false))
	r.until("stored", func(f *wire.RelayFrame) bool { return f.GetSnapshotStored() != nil })

	log.failRead.Store(true)
	r.send(publish(7, 2, "b"))
	bye := r.until("the Goodbye", func(f *wire.RelayFrame) bool { return f.GetGoodbye() != nil }).GetGoodbye()
	if bye.GetCode() != wire.Goodbye_UNAVAILABLE || bye.GetRetryAfterMs() == 0 {
		t.Errorf("read: %v", bye)
	}
	_ = r.conn.Close()
	log.failRead.Store(false)

	log.failOpen.Store(true)
	other := newHouse(t, 2)
	refused := dialRaw(t, hub)
	refused.send(hello(other, 7))
	refused.goodbye(wire.Goodbye_UNAVAILABLE, "store")
}

// TestAnswersThatAreNotReadAreBounded: a participant causes refusals without end and reads none.
func TestAnswersThatAreNotReadAreBounded(t *testing.T) {
	h := newHouse(t, 1)
	hub := newRelay(relay.Config{})
	r := dialRaw(t, hub)
	r.join(h, 7, func(m *wire.Hello) { m.ReadOnly = true })
	b := encode(t, publish(7, 1, "x"))
	var err error
	for range 10_000 {
		if err = r.conn.WriteMessage(b); err != nil {
			break
		}
	}
	if !errors.Is(err, transport.ErrLost) {
		t.Errorf("10,000 refusals were kept: %v", err)
	}
	if n := hub.Stats().Nacks["RIGHTS"]; n > 200 {
		t.Errorf("%d refusals", n)
	}
}

func TestSnapshotsArrivingAreBoundedTogether(t *testing.T) {
	h := newHouse(t, 1)
	hub := newRelay(relay.Config{MaxAssembling: 100})
	a, b := dialRaw(t, hub), dialRaw(t, hub)
	here := transport.Cursor{Incarnation: a.join(h, 7).GetIncarnation()}
	b.join(h, 8)
	sixty := strings.Repeat("x", 60)
	more := func(r *raw) {
		t.Helper()
		r.send(putChunk(0, 2, 120, sixty, here, false))
		r.until("more", func(f *wire.RelayFrame) bool { return f.GetSnapshotMore().GetNext() == 1 })
	}
	more(a)
	b.send(putChunk(0, 2, 120, sixty, here, false))
	if n := b.nacked(); n.GetCode() != wire.Nack_RESOURCE_EXHAUSTED || !n.GetSnapshot() {
		t.Errorf("over the bound: %v", n)
	}
	_ = a.conn.Close()
	b.until("a leaves", func(f *wire.RelayFrame) bool { return f.GetLeft().GetReplica() == 7 })
	more(b) // what a took is free again
}

func TestStatsCount(t *testing.T) {
	h := newHouse(t, 1)
	hub := newRelay(relay.Config{})
	r := dialRaw(t, hub)
	r.join(h, 7)
	r.send(publish(7, 1, "four"))
	r.acked(1)
	s := hub.Stats()
	if s.Connections != 1 || s.Present != 1 || s.Rooms != 1 || s.Frames != 1 || s.FrameBytes != 4 || len(s.Nacks) != 0 || len(s.Goodbyes) != 0 {
		t.Errorf("stats %+v", s)
	}
}

// TestCatchingUpJoinsTheLiveStreamWithoutASeam: people join while others publish without pause.
func TestCatchingUpJoinsTheLiveStreamWithoutASeam(t *testing.T) {
	const frames, joiners = 3000, 10
	h := newHouse(t, 1)
	url := serveHTTP(t, newRelay(relay.Config{}))
	anna := enter(t, transport.Options{Dial: transport.WebSocket(url), Room: h.room, Replica: 11, Manifest: h.manifest})
	await[transport.CaughtUp](anna, 0)
	var late []*person
	for n := range uint64(frames) {
		anna.say(11, "x")
		if n%(frames/joiners) == frames/joiners-1 {
			anna.wait("some acks", func() bool { return anna.acked+uint64(frames/joiners) > n })
			late = append(late, enter(t, transport.Options{Dial: transport.WebSocket(url), Room: h.room, Replica: 100 + n}))
		}
	}
	for _, p := range late {
		p.wait("everything", func() bool { return len(p.frames) >= frames })
		p.mu.Lock()
		var numbers []uint64
		for _, f := range p.frames {
			numbers = append(numbers, f.Number)
		}
		p.mu.Unlock()
		if len(numbers) != frames || !slices.IsSorted(numbers) || numbers[0] != 1 || numbers[frames-1] != frames {
			t.Errorf("one who came late has %d frames, %d to %d", len(numbers), numbers[0], numbers[len(numbers)-1])
		}
	}
}
