package logtest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"coedit/transport"
	"coedit/transport/relay"
)

func readsByBytes(t *testing.T, m Maker) {
	r := Open(t, m.New(t, Limits{}), "room")
	for n := range uint64(4) {
		if _, err := Append(r, text(1, n+1, "0123456789"), 0); err != nil {
			t.Fatal(err)
		}
	}
	for most, want := range map[int]int{1: 1, 10: 1, 19: 1, 20: 2, 100: 4} {
		if got, err := r.Read(0, 100, most); err != nil || len(got) != want {
			t.Errorf("at most %d bytes: %d frames, %v; want %d", most, len(got), err, want)
		}
	}
	if s := r.State(); s.TailFrames != 4 || s.TailBytes != 40 {
		t.Errorf("state %+v, want a tail of 4 frames and 40 bytes", s)
	}
}

func saysWhenItGrew(t *testing.T, m Maker) {
	var grew atomic.Int64
	l := m.New(t, Limits{})
	r, err := l.Open("room", []byte("m"), func() { grew.Add(1) })
	if err != nil {
		t.Fatal(err)
	}
	barrier := func() { // what was called before has happened
		if _, err := Append(r, text(1, 1, "a"), 0); err != nil {
			t.Fatal(err)
		}
	}
	barrier()
	barrier() // there already
	if grew.Load() < 1 {
		t.Error("an append went by unsaid")
	}
	before := grew.Load()
	if _, err := PutSnapshot(r, relay.Snapshot{Covers: transport.Cursor{Incarnation: r.State().Incarnation}, Restore: true}, nil); err != nil {
		t.Fatal(err)
	}
	barrier()
	if grew.Load() == before {
		t.Error("a restoring snapshot went by unsaid")
	}
	before = grew.Load()
	if err := l.Remove("room"); err != nil {
		t.Fatal(err)
	}
	if grew.Load() == before {
		t.Error("the end of the room went by unsaid")
	}
}

func keepsItsLimits(t *testing.T, m Maker) {
	l := m.New(t, Limits{RoomBytes: 2000, TotalBytes: 3000})
	a, b := Open(t, l, "a"), Open(t, l, "b")
	large, small := string(make([]byte, 1400)), string(make([]byte, 500))
	if _, err := Append(a, text(1, 1, large), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := Append(a, text(1, 2, small), 0); !errors.Is(err, relay.ErrFull) {
		t.Errorf("over the room's limit: %v", err)
	}
	if _, err := Append(b, text(1, 1, large), 0); !errors.Is(err, relay.ErrFull) {
		t.Errorf("over the limit of all rooms: %v", err)
	}
	covers := transport.Cursor{Incarnation: a.State().Incarnation, Number: 1}
	if _, err := PutSnapshot(a, relay.Snapshot{Covers: covers, Maker: 1}, []byte("small")); err != nil {
		t.Fatal(err)
	}
	if _, err := Append(a, text(1, 2, small), 0); err != nil {
		t.Errorf("after a snapshot made place in the room: %v", err)
	}
	if _, err := Append(b, text(1, 1, large), 0); !errors.Is(err, relay.ErrFull) {
		t.Errorf("what was replaced is kept, and counts: %v", err)
	}
	a.Confirm(1, 2)
	if _, err := l.Settle(time.Time{}); err != nil {
		t.Fatal(err)
	}
	if _, err := Append(b, text(1, 1, large), 0); err != nil {
		t.Errorf("after the snapshot was confirmed: %v", err)
	}
}

func expiresRooms(t *testing.T, m Maker) {
	l := m.New(t, Limits{})
	now := time.Unix(1_700_000_000, 0)
	r := Open(t, l, "room")
	first, manifest := r.State().Incarnation, string(r.State().Manifest)
	if n, err := l.Expire(now.Add(time.Hour)); n != 0 || err != nil {
		t.Errorf("an open room expired: %d, %v", n, err)
	}
	r.Release(now)
	if got, err := l.Manifest("room"); err != nil || string(got) != manifest {
		t.Errorf("the manifest of a room that is not open is %q, %v; want %q", got, err, manifest)
	}
	if n, _ := l.Expire(now); n != 0 {
		t.Errorf("%d rooms expired at the time of their release", n)
	}
	if n, err := l.Expire(now.Add(time.Second)); n != 1 || err != nil || l.Rooms() != 0 {
		t.Errorf("%d rooms expired, %d left, %v; want 1 and 0", n, l.Rooms(), err)
	}
	if _, err := l.Open("room", nil, func() {}); !errors.Is(err, relay.ErrNoRoom) {
		t.Errorf("an expired room: %v, want ErrNoRoom", err)
	}
	if _, err := l.Manifest("room"); !errors.Is(err, relay.ErrNoRoom) {
		t.Errorf("the manifest of an expired room: %v, want ErrNoRoom", err)
	}
	again := Open(t, l, "room")
	if s := again.State(); s.Incarnation == first || s.Incarnation == 0 || s.Head != 0 {
		t.Errorf("made again with %+v, first %d; want another incarnation and nothing in it", s, first)
	}
	if n, err := Append(again, text(1, 1, "new"), 0); n != 1 || err != nil {
		t.Errorf("the first frame of the new room: number %d, %v", n, err)
	}
}

func removesRooms(t *testing.T, m Maker) {
	l := m.New(t, Limits{})
	open, closed := Open(t, l, "open"), Open(t, l, "closed")
	for _, r := range []relay.RoomLog{open, closed} {
		if _, err := Append(r, text(1, 1, "a"), 0); err != nil {
			t.Fatal(err)
		}
	}
	closed.Release(time.Unix(1, 0))
	for _, id := range []string{"open", "closed", "never there"} {
		if err := l.Remove(id); err != nil {
			t.Fatal(err)
		}
	}
	if l.Rooms() != 0 {
		t.Errorf("%d rooms left", l.Rooms())
	}
	if _, err := Append(open, text(1, 2, "b"), 0); !errors.Is(err, relay.ErrClosed) {
		t.Errorf("an append to a removed room: %v", err)
	}
	if _, err := open.Read(0, 1, 1); !errors.Is(err, relay.ErrClosed) {
		t.Errorf("reading a removed room: %v", err)
	}
	here := transport.Cursor{Incarnation: open.State().Incarnation}
	if _, err := PutSnapshot(open, relay.Snapshot{Covers: here}, nil); !errors.Is(err, relay.ErrClosed) {
		t.Errorf("a snapshot for a removed room: %v", err)
	}
	open.Release(time.Unix(2, 0))
	if m.Restart != nil {
		l = m.Restart(t, l, time.Unix(3, 0))
	}
	for _, id := range []string{"open", "closed", "never there"} {
		if _, err := l.Open(id, []byte("m"), func() {}); !errors.Is(err, relay.ErrClosed) {
			t.Errorf("%s is opened again: %v", id, err)
		}
		if _, err := l.Manifest(id); !errors.Is(err, relay.ErrClosed) {
			t.Errorf("the manifest of %s, which was removed: %v", id, err)
		}
	}
}

func keepsThePrevious(t *testing.T, m Maker) {
	l := m.New(t, Limits{})
	r := Open(t, l, "room")
	restart := func() {
		if m.Restart != nil {
			r.Release(time.Unix(1, 0))
			l = m.Restart(t, l, time.Unix(2, 0))
			r = Open(t, l, "room")
		}
	}
	counter := uint64(0)
	put := func(maker, covers uint64) {
		t.Helper()
		s := relay.Snapshot{
			Generation: r.State().Generation, Covers: transport.Cursor{Incarnation: r.State().Incarnation, Number: covers},
			Maker: maker, Put: time.Unix(1000, 0),
		}
		if _, err := PutSnapshot(r, s, fmt.Appendf(nil, "up to %d", covers)); err != nil {
			t.Fatal(err)
		}
	}
	add := func(n int) {
		for range n {
			counter++
			if _, err := Append(r, text(1, counter, fmt.Sprint(counter)), 0); err != nil {
				t.Fatal(err)
			}
		}
	}
	previous := func(want string, from uint64, frames int) {
		t.Helper()
		s, kept := r.Previous()
		payload, err := Payload(r, s)
		if !kept || err != nil || string(payload) != want || s.Covers.Number != from {
			t.Fatalf("previous is %+v %q, kept %t, %v; want %q", s, payload, kept, err, want)
		}
		if got, err := r.ReadKept(from, 100, 1<<20); err != nil || len(got) != frames || got[0].Number != from+1 {
			t.Fatalf("kept: %d frames, %v; want %d after %d", len(got), err, frames, from)
		}
	}
	add(3)
	put(1, 2)
	previous("", 0, 3) // the first snapshot: all frames are there
	restart()
	previous("", 0, 3)
	r.Confirm(1, 1) // its maker
	r.Confirm(2, 2) // another one
	restart()
	previous("", 0, 3)
	r.Confirm(1, 2)
	if n, err := l.Settle(time.Unix(2000, 0)); n != 0 || err != nil {
		t.Fatalf("%d settled, %v: it was confirmed", n, err)
	}
	restart()
	if s, kept := r.Previous(); kept {
		t.Fatalf("%+v is kept although its successor is confirmed", s)
	}
	add(1)
	put(1, 3)
	put(1, 4) // neither is confirmed: the base is still the first
	add(1)
	restart()
	previous("up to 2", 2, 3)
	if _, err := r.ReadSnapshot(2, 0, 1); !errors.Is(err, relay.ErrTruncated) {
		t.Errorf("reading the one between: %v", err)
	}
	if _, err := r.Read(3, 1, 1); !errors.Is(err, relay.ErrTruncated) {
		t.Errorf("Read reaches behind the snapshot: %v", err)
	}
	if n, err := l.Settle(time.Unix(1000, 0)); n != 0 || err != nil {
		t.Errorf("%d settled before their time, %v", n, err)
	}
	if n, err := l.Settle(time.Unix(1001, 0)); n != 1 || err != nil {
		t.Errorf("%d settled, %v; want 1", n, err)
	}
	if _, kept := r.Previous(); kept {
		t.Error("still kept after its time")
	}
	if _, err := r.ReadKept(2, 1, 1); !errors.Is(err, relay.ErrTruncated) {
		t.Errorf("frames are still kept after their time: %v", err)
	}
}

// manyAtOnce appends to several rooms from several goroutines while others read: numbers have no holes, and everybody is
// answered in order.
func manyAtOnce(t *testing.T, m Maker) {
	const rooms, writers, each = 3, 4, 50
	l := m.New(t, Limits{})
	var all sync.WaitGroup
	for n := range rooms {
		grew := make(chan struct{}, 1)
		r, err := l.Open(fmt.Sprint("room ", n), []byte("m"), func() {
			select {
			case grew <- struct{}{}:
			default:
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		for w := range uint64(writers) {
			all.Go(func() { appendInOrder(t, r, w+1, each) })
		}
		all.Go(func() {
			for next := uint64(1); next <= writers*each; {
				frames, err := r.Read(next-1, 7, 1<<20)
				if err != nil {
					t.Errorf("reading: %v", err)
					return
				}
				for _, f := range frames {
					if f.Number != next {
						t.Errorf("frame %d where %d was expected", f.Number, next)
						return
					}
					next++
				}
				if len(frames) == 0 {
					<-grew
				}
			}
		})
	}
	all.Wait()
}

func appendInOrder(t *testing.T, r relay.RoomLog, replica, frames uint64) {
	var answered uint64
	done := make(chan struct{})
	for counter := uint64(1); counter <= frames; counter++ {
		r.Append(text(replica, counter, "x"), 0, func(_ uint64, err error) {
			if answered++; err != nil || counter != answered {
				t.Errorf("answer %d is about frame %d: %v", answered, counter, err)
			}
			if counter == frames {
				close(done)
			}
		})
	}
	<-done
}
