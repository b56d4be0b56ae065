package logtest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"coedit/transport"
	"coedit/transport/relay"

	"pgregory.net/rapid"
)

// world is a log and what should be in it.
type world struct {
	maker   Maker
	log     relay.Log
	now     time.Time
	rooms   map[string]*model
	removed map[string]bool
}

// model is a room of plain lists.
type model struct {
	id          string
	log         relay.RoomLog // nil: not open
	released    time.Time
	incarnation uint64
	frames      []transport.Frame // from number 1, for ever
	last        map[uint64]uint64
	newest      pastSnapshot
	previous    *pastSnapshot // what newest replaced; nil when it is confirmed
}

type pastSnapshot struct {
	relay.Snapshot
	payload string
}

var ids = []string{"one", "two"}

func againstAModel(t *testing.T, m Maker) {
	rapid.Check(t, func(t *rapid.T) {
		w := &world{
			maker: m, log: m.New(t, Limits{}), now: time.Unix(1_700_000_000, 0),
			rooms: map[string]*model{}, removed: map[string]bool{},
		}
		actions := map[string]func(*rapid.T){
			"append": w.append, "conflict": w.conflict, "snapshot": w.snapshot, "confirm": w.confirm, "settle": w.settle,
			"read": w.read, "read kept": w.readKept, "release": w.release, "expire": w.expire, "remove": w.remove, "": w.check,
		}
		if m.Restart != nil {
			actions["restart"] = w.restart
		}
		t.Repeat(actions)
	})
}

// room draws a room and opens it if need be.
func (w *world) room(t *rapid.T) *model {
	id := rapid.SampledFrom(ids).Draw(t, "room")
	if w.removed[id] {
		t.Skip("removed")
	}
	return w.open(t, id)
}

func (w *world) open(t *rapid.T, id string) *model {
	m := w.rooms[id]
	if m == nil {
		if _, err := w.log.Open(id, nil, func() {}); !errors.Is(err, relay.ErrNoRoom) {
			t.Fatalf("a room that is not there: %v", err)
		}
		m = &model{id: id, last: map[uint64]uint64{}}
		w.rooms[id] = m
	}
	if m.log == nil {
		m.log = Open(t, w.log, id)
		incarnation := m.log.State().Incarnation
		if incarnation == 0 || m.incarnation != 0 && m.incarnation != incarnation {
			t.Fatalf("%s is opened with incarnation %d, was %d", id, incarnation, m.incarnation)
		}
		m.incarnation = incarnation
	}
	return m
}

func (m *model) head() uint64    { return uint64(len(m.frames)) }
func (m *model) covered() uint64 { return m.newest.Covers.Number }

// base is the number of the last frame that is gone.
func (m *model) base() uint64 {
	if m.previous != nil {
		return m.previous.Covers.Number
	}
	return m.covered()
}

func (w *world) append(t *rapid.T) {
	m := w.room(t)
	replica := rapid.Uint64Range(1, 3).Draw(t, "replica")
	baseline := uint64(0)
	if rapid.IntRange(0, 5).Draw(t, "gives up") == 0 {
		baseline = m.last[replica] + rapid.Uint64Range(0, 2).Draw(t, "baseline")
	}
	counter := rapid.Uint64Range(1, m.last[replica]+4).Draw(t, "counter")
	next := max(m.last[replica], baseline) + 1
	f := text(replica, counter, fmt.Sprint(replica, "/", counter))
	f.Target, f.Trace, f.Extra = "document", fmt.Sprint("trace ", len(m.frames)), []byte{0x42, 0x01, byte(counter)}
	number, err := Append(m.log, f, baseline)
	var gap *relay.GapError
	switch {
	case counter > next:
		if !errors.As(err, &gap) || gap.Expected != next || gap.Got != counter {
			t.Fatalf("counter %d for %d: %v", counter, next, err)
		}
	case err != nil:
		t.Fatalf("counter %d for %d: %v", counter, next, err)
	case counter == next:
		f.Number = m.head() + 1
		m.frames = append(m.frames, f)
		m.last[replica] = counter
		if number != m.head() {
			t.Fatalf("number %d, want %d", number, m.head())
		}
	default:
		m.checkRepeated(t, f, number)
	}
}

// checkRepeated compares the number that a repeated frame is said to have.
func (m *model) checkRepeated(t *rapid.T, f transport.Frame, number uint64) {
	want := uint64(0) // given up
	for _, old := range m.frames {
		if old.Replica == f.Replica && old.Counter == f.Counter {
			want = old.Number
		}
	}
	if number != want && (number != 0 || want > m.covered()) {
		t.Fatalf("%d/%d again has number %d, want %d (covered: %d)", f.Replica, f.Counter, number, want, m.covered())
	}
}

func (w *world) conflict(t *rapid.T) {
	m := w.room(t)
	tail := slices.DeleteFunc(slices.Clone(m.frames[m.covered():]), func(f transport.Frame) bool { return f.Counter == 0 })
	if len(tail) == 0 {
		t.Skip("nothing to forge")
	}
	f := rapid.SampledFrom(tail).Draw(t, "frame")
	switch rapid.IntRange(0, 2).Draw(t, "change") {
	case 0:
		f.Payload = []byte("other")
	case 1:
		f.Target = "another"
	case 2:
		f.Extra = nil
	}
	f.Number = 0
	if _, err := Append(m.log, f, 0); !errors.Is(err, relay.ErrConflict) {
		t.Fatalf("other content for %d/%d: %v", f.Replica, f.Counter, err)
	}
}

func (w *world) snapshot(t *rapid.T) {
	m := w.room(t)
	w.now = w.now.Add(time.Minute)
	s := relay.Snapshot{
		Generation: m.newest.Generation + rapid.Uint64Range(0, 1).Draw(t, "wrong"),
		Covers:     transport.Cursor{Incarnation: m.incarnation, Number: rapid.Uint64Range(0, m.head()+1).Draw(t, "covers")},
		Restore:    rapid.Bool().Draw(t, "restore"),
		Maker:      rapid.Uint64Range(1, 3).Draw(t, "maker"),
		Put:        w.now,
	}
	payload := fmt.Sprintf("snapshot %d of %s", s.Generation, m.id)
	g, err := PutSnapshot(m.log, s, []byte(payload))
	if s.Generation != m.newest.Generation || s.Covers.Number > m.head() || !s.Restore && s.Covers.Number < m.newest.Number {
		var stale *relay.StaleError
		if !errors.As(err, &stale) || stale.Generation != m.newest.Generation {
			t.Fatalf("snapshot %+v (head %d, newest %+v): %v", s, m.head(), m.newest, err)
		}
		return
	}
	s.Generation++
	if err != nil || g != s.Generation {
		t.Fatalf("snapshot: generation %d, %v; want %d", g, err, s.Generation)
	}
	s.Size, s.Covers.Number = len(payload), max(s.Covers.Number, m.covered())
	s.Number = s.Covers.Number
	if s.Restore {
		s.Number = m.head() + 1
		m.frames = append(m.frames, transport.Frame{Number: s.Number, Replica: s.Maker, Class: transport.ClassSnapshot})
	}
	if m.previous == nil {
		old := m.newest
		m.previous = &old
	}
	m.newest = pastSnapshot{s, payload}
}

func (w *world) confirm(t *rapid.T) {
	m := w.room(t)
	generation := m.newest.Generation - min(m.newest.Generation, rapid.Uint64Range(0, 1).Draw(t, "old"))
	replica := rapid.Uint64Range(1, 3).Draw(t, "replica")
	m.log.Confirm(generation, replica)
	if _, err := w.log.Settle(time.Time{}); err != nil { // waits until it has happened
		t.Fatal(err)
	}
	if generation == m.newest.Generation && replica != m.newest.Maker {
		m.previous = nil
	}
}

func (w *world) settle(t *rapid.T) {
	before := w.now.Add(-time.Duration(rapid.IntRange(-1, 3).Draw(t, "minutes")) * time.Minute)
	want := 0
	for _, m := range w.rooms {
		if m.previous != nil && m.newest.Put.Before(before) {
			m.previous = nil
			want++
		}
	}
	if n, err := w.log.Settle(before); n != want || err != nil {
		t.Fatalf("%d settled, %v; want %d", n, err, want)
	}
}

func (w *world) read(t *rapid.T) {
	m := w.room(t)
	w.reads(t, m, m.covered(), m.log.Read)
}

func (w *world) readKept(t *rapid.T) {
	m := w.room(t)
	w.reads(t, m, m.base(), m.log.ReadKept)
}

func (w *world) reads(t *rapid.T, m *model, from uint64, read func(uint64, int, int) ([]transport.Frame, error)) {
	after := rapid.Uint64Range(0, m.head()+1).Draw(t, "after")
	most := rapid.IntRange(1, 5).Draw(t, "frames")
	got, err := read(after, most, 1<<20)
	if after < from {
		if !errors.Is(err, relay.ErrTruncated) {
			t.Fatalf("read after %d, gone are %d: %v", after, from, err)
		}
		return
	}
	want := m.frames[min(after, m.head()):]
	want = want[:min(len(want), most)]
	if err != nil || !slices.EqualFunc(got, want, sameFrame) {
		t.Fatalf("read after %d: %+v, %v; want %+v", after, got, err, want)
	}
}

func sameFrame(a, b transport.Frame) bool {
	return a.Number == b.Number && a.Replica == b.Replica && a.Counter == b.Counter && a.Trace == b.Trace && relay.SameContent(a, b)
}

func (w *world) release(t *rapid.T) {
	m := w.room(t)
	w.now = w.now.Add(time.Second)
	m.log.Release(w.now)
	m.log, m.released = nil, w.now
}

func (w *world) expire(t *rapid.T) {
	before := w.now.Add(time.Duration(rapid.IntRange(-2, 1).Draw(t, "seconds")) * time.Second)
	want := 0
	for id, m := range w.rooms {
		if m.log == nil && m.released.Before(before) {
			delete(w.rooms, id)
			want++
		}
	}
	if n, err := w.log.Expire(before); n != want || err != nil {
		t.Fatalf("%d expired, %v; want %d", n, err, want)
	}
}

func (w *world) remove(t *rapid.T) {
	if rapid.IntRange(0, 9).Draw(t, "really") > 0 {
		t.Skip("rarely")
	}
	id := rapid.SampledFrom(ids).Draw(t, "room")
	if err := w.log.Remove(id); err != nil {
		t.Fatal(err)
	}
	if m := w.rooms[id]; m != nil && m.log != nil {
		if _, err := Append(m.log, text(1, 1, "x"), 0); !errors.Is(err, relay.ErrClosed) {
			t.Fatalf("an append to a removed room: %v", err)
		}
		m.log.Release(w.now)
	}
	delete(w.rooms, id)
	w.removed[id] = true
}

func (w *world) restart(t *rapid.T) {
	for _, id := range ids {
		m := w.rooms[id]
		if m == nil || m.log == nil {
			continue
		}
		if rapid.Bool().Draw(t, "released") {
			m.log.Release(w.now)
			m.log, m.released = nil, w.now
		}
	}
	w.now = w.now.Add(time.Second)
	for _, m := range w.rooms {
		if m.log != nil {
			m.log, m.released = nil, w.now
		}
	}
	w.log = w.maker.Restart(t, w.log, w.now)
}

func (w *world) check(t *rapid.T) {
	if n := w.log.Rooms(); n != len(w.rooms) {
		t.Fatalf("%d rooms, want %d", n, len(w.rooms))
	}
	for id := range w.removed {
		if _, err := w.log.Open(id, []byte("m"), func() {}); !errors.Is(err, relay.ErrClosed) {
			t.Fatalf("%s, which was removed, is opened: %v", id, err)
		}
	}
	for _, m := range w.rooms {
		if m.log != nil {
			m.check(t)
		}
	}
}

func (m *model) check(t *rapid.T) {
	var bytes int64
	for _, f := range m.frames[m.covered():] {
		bytes += int64(f.Size())
	}
	s := m.log.State()
	if s.Head != m.head() || s.Generation != m.newest.Generation || s.Incarnation != m.incarnation ||
		string(s.Manifest) != "manifest of "+m.id || s.TailFrames != m.head()-m.covered() || s.TailBytes != bytes {
		t.Fatalf("state %+v, want head %d, generation %d, tail of %d bytes", s, m.head(), m.newest.Generation, bytes)
	}
	for replica, n := range m.last {
		if got := m.log.LastCounter(replica); got != n {
			t.Fatalf("last counter of %d is %d, want %d", replica, got, n)
		}
	}
	m.checkSnapshot(t, m.log.Snapshot(), m.newest)
	previous, kept := m.log.Previous()
	if kept != (m.previous != nil) {
		t.Fatalf("previous %+v, kept %t, want %+v", previous, kept, m.previous)
	}
	if kept {
		m.checkSnapshot(t, previous, *m.previous)
	}
}

func (m *model) checkSnapshot(t *rapid.T, got relay.Snapshot, want pastSnapshot) {
	if !got.Put.Equal(want.Put) {
		t.Fatalf("snapshot put at %v, want %v", got.Put, want.Put)
	}
	got.Put = want.Put
	if got != want.Snapshot {
		t.Fatalf("snapshot %+v, want %+v", got, want.Snapshot)
	}
	if payload, err := Payload(m.log, got); err != nil || !bytes.Equal(payload, []byte(want.payload)) {
		t.Fatalf("payload %q, %v; want %q", payload, err, want.payload)
	}
}
