package relay_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"coedit/transport"
	"coedit/transport/relay"
)

func openRoom(t testing.TB, l relay.Log) relay.RoomLog {
	t.Helper()
	room, err := l.Open("room", []byte("manifest"), func() {})
	if err != nil {
		t.Fatal(err)
	}
	return room
}

// put appends a frame and waits for the outcome.
func put(r relay.RoomLog, replica, counter, baseline uint64, payload string) (number uint64, err error) {
	done := make(chan struct{})
	r.Append(transport.Frame{Replica: replica, Counter: counter, Payload: []byte(payload)}, baseline, func(n uint64, e error) {
		number, err = n, e
		close(done)
	})
	<-done
	return number, err
}

func putSnapshot(r relay.RoomLog, s relay.Snapshot) (generation uint64, err error) {
	done := make(chan struct{})
	r.PutSnapshot(s, func(g uint64, e error) {
		generation, err = g, e
		close(done)
	})
	<-done
	return generation, err
}

// TestMemoryLogAgainstAModel compares the log with plain lists, under everything a relay may ask of it.
func TestMemoryLogAgainstAModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := relay.NewMemoryLog(9)
		r, err := l.Open("room", []byte("m"), func() {})
		if err != nil {
			t.Fatal(err)
		}
		incarnation := r.State().Incarnation
		var frames []transport.Frame // from number 1; those up to dropped are only remembered here
		dropped, generation, place := uint64(0), uint64(0), uint64(0)
		last := map[uint64]uint64{}
		payload := func(replica, counter uint64) string { return fmt.Sprint(replica, "/", counter) }
		t.Repeat(map[string]func(*rapid.T){
			"append": func(t *rapid.T) {
				replica := rapid.Uint64Range(1, 3).Draw(t, "replica")
				baseline := uint64(0)
				if rapid.IntRange(0, 5).Draw(t, "gives up") == 0 {
					baseline = last[replica] + rapid.Uint64Range(0, 2).Draw(t, "baseline")
				}
				counter := rapid.Uint64Range(1, last[replica]+4).Draw(t, "counter")
				next := max(last[replica], baseline) + 1
				number, err := put(r, replica, counter, baseline, payload(replica, counter))
				var gap *relay.GapError
				switch {
				case counter > next:
					if !errors.As(err, &gap) || gap.Expected != next || gap.Got != counter {
						t.Fatalf("counter %d for %d: %v", counter, next, err)
					}
				case err != nil:
					t.Fatalf("counter %d for %d: %v", counter, next, err)
				case counter == next:
					frames = append(frames, transport.Frame{Number: number, Replica: replica, Counter: counter})
					last[replica] = counter
					if number != uint64(len(frames)) {
						t.Fatalf("number %d, want %d", number, len(frames))
					}
				case number != 0 && (frames[number-1].Replica != replica || frames[number-1].Counter != counter):
					t.Fatalf("%d/%d again has number %d, which is %+v", replica, counter, number, frames[number-1])
				}
			},
			"conflict": func(t *rapid.T) {
				retained := slices.DeleteFunc(slices.Clone(frames[dropped:]), func(f transport.Frame) bool { return f.Counter == 0 })
				if len(retained) == 0 {
					t.Skip("nothing retained")
				}
				f := rapid.SampledFrom(retained).Draw(t, "frame")
				if _, err := put(r, f.Replica, f.Counter, 0, "other"); !errors.Is(err, relay.ErrConflict) {
					t.Fatalf("other bytes for %+v: %v", f, err)
				}
			},
			"snapshot": func(t *rapid.T) {
				restore := rapid.Bool().Draw(t, "restore")
				covers := rapid.Uint64Range(0, uint64(len(frames))+1).Draw(t, "covers")
				replaces := generation + rapid.Uint64Range(0, 1).Draw(t, "wrong")
				g, err := putSnapshot(r, relay.Snapshot{
					Generation: replaces, Covers: transport.Cursor{Incarnation: incarnation, Number: covers},
					Restore: restore, Maker: 2, Payload: []byte("snap"),
				})
				if replaces != generation || covers > uint64(len(frames)) || !restore && covers < place {
					var stale *relay.StaleError
					if !errors.As(err, &stale) || stale.Generation != generation {
						t.Fatalf("snapshot of %d covering %d (have %d, place %d): %v", replaces, covers, len(frames), place, err)
					}
					return
				}
				generation++
				if err != nil || g != generation {
					t.Fatalf("snapshot: generation %d, %v; want %d", g, err, generation)
				}
				dropped = max(dropped, covers)
				place = covers
				if restore {
					frames = append(frames, transport.Frame{Number: uint64(len(frames) + 1), Replica: 2})
					place = uint64(len(frames))
				}
				s, err := r.Snapshot()
				if err != nil || s.Generation != generation || s.Number != place || string(s.Payload) != "snap" {
					t.Fatalf("stored %+v, want generation %d at %d", s, generation, place)
				}
			},
			"read": func(t *rapid.T) {
				after := rapid.Uint64Range(0, uint64(len(frames))+1).Draw(t, "after")
				most := rapid.IntRange(1, 5).Draw(t, "frames")
				got, err := r.Read(after, most, 1<<20)
				if after < dropped {
					if !errors.Is(err, relay.ErrTruncated) {
						t.Fatalf("read after %d, dropped %d: %v", after, dropped, err)
					}
					return
				}
				want := frames[min(after, uint64(len(frames))):]
				want = want[:min(len(want), most)]
				same := slices.EqualFunc(got, want, func(a, b transport.Frame) bool {
					return a.Number == b.Number && a.Replica == b.Replica && a.Counter == b.Counter
				})
				if err != nil || !same {
					t.Fatalf("read after %d: %+v, %v; want %+v", after, got, err, want)
				}
			},
			"": func(t *rapid.T) {
				if s := r.State(); s.Head != uint64(len(frames)) || s.Generation != generation || s.Incarnation != incarnation {
					t.Fatalf("state %+v, want head %d, generation %d", s, len(frames), generation)
				}
				for replica, n := range last {
					if got := r.LastCounter(replica); got != n {
						t.Fatalf("last counter of %d is %d, want %d", replica, got, n)
					}
				}
			},
		})
	})
}

func TestMemoryLogReadsByBytes(t *testing.T) {
	r := openRoom(t, relay.NewMemoryLog(1))
	for n := range uint64(4) {
		if _, err := put(r, 1, n+1, 0, "0123456789"); err != nil {
			t.Fatal(err)
		}
	}
	for most, want := range map[int]int{1: 1, 10: 1, 19: 1, 20: 2, 100: 4} {
		if got, err := r.Read(0, 100, most); err != nil || len(got) != want {
			t.Errorf("at most %d bytes: %d frames, %v; want %d", most, len(got), err, want)
		}
	}
}

func TestMemoryLogSaysWhenItGrew(t *testing.T) {
	grew := 0
	l := relay.NewMemoryLog(1)
	r, err := l.Open("room", []byte("m"), func() { grew++ })
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time it is there already
		if _, err := put(r, 1, 1, 0, "a"); err != nil {
			t.Fatal(err)
		}
	}
	if grew != 1 {
		t.Errorf("grew %d times, want once", grew)
	}
	if _, err := putSnapshot(r, relay.Snapshot{Covers: transport.Cursor{Incarnation: r.State().Incarnation}, Restore: true}); err != nil {
		t.Fatal(err)
	}
	if grew != 2 {
		t.Errorf("grew %d times after a restoring snapshot, want twice", grew)
	}
}

func TestMemoryLogKeepsItsLimits(t *testing.T) {
	l := relay.NewLimitedMemoryLog(1, relay.MemoryLimits{RoomBytes: 2000, TotalBytes: 3000})
	a := openRoom(t, l)
	if _, err := put(a, 1, 1, 0, string(make([]byte, 1500))); err != nil {
		t.Fatal(err)
	}
	if _, err := put(a, 1, 2, 0, string(make([]byte, 500))); !errors.Is(err, relay.ErrFull) {
		t.Errorf("over the room's limit: %v", err)
	}
	b, err := l.Open("b", []byte("m"), func() {})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := put(b, 1, 1, 0, string(make([]byte, 1500))); !errors.Is(err, relay.ErrFull) {
		t.Errorf("over the limit of all rooms: %v", err)
	}
	covers := transport.Cursor{Incarnation: a.State().Incarnation, Number: 1}
	if _, err := putSnapshot(a, relay.Snapshot{Covers: covers, Payload: []byte("small")}); err != nil {
		t.Fatal(err)
	}
	if _, err := put(b, 1, 1, 0, string(make([]byte, 1500))); err != nil {
		t.Errorf("after a snapshot made place: %v", err)
	}
}

func TestMemoryLogExpiresRoomsNobodyIsIn(t *testing.T) {
	l := relay.NewMemoryLog(1)
	now := time.Unix(1_700_000_000, 0)
	r := openRoom(t, l)
	first := r.State().Incarnation
	if n, err := l.Expire(now.Add(time.Hour)); n != 0 || err != nil {
		t.Errorf("an open room expired: %d, %v", n, err)
	}
	r.Release(now)
	if n, _ := l.Expire(now); n != 0 {
		t.Errorf("%d rooms expired at the time of their release", n)
	}
	if n, _ := l.Expire(now.Add(time.Second)); n != 1 || l.Rooms() != 0 {
		t.Errorf("%d rooms expired, %d left; want 1 and 0", n, l.Rooms())
	}
	if _, err := l.Open("room", nil, func() {}); !errors.Is(err, relay.ErrNoRoom) {
		t.Errorf("an expired room: %v, want ErrNoRoom", err)
	}
	if again := openRoom(t, l).State().Incarnation; again == first || again == 0 {
		t.Errorf("made again with incarnation %d, first %d; want another one", again, first)
	}
}
