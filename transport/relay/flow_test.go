package relay_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"coedit/transport"
	"coedit/transport/relay"
	"coedit/transport/wire"
)

// TestEditsThatComeTooFastWait: a burst is taken at once; what is beyond it is asked for again, from the first refused,
// and what follows that one meanwhile is dropped without a word.
func TestEditsThatComeTooFastWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 1)
		hub := newRelay(relay.Config{FramesPerSecond: 10, Burst: 4})
		r := dialRaw(t, hub)
		r.join(h, 7, version2)
		for n := range uint64(7) {
			r.send(publish(7, n+1, "x"))
		}
		n := r.nacked()
		if n.GetCode() != wire.Nack_RESOURCE_EXHAUSTED || n.GetCounter() != 5 || n.GetExpected() != 5 || n.GetRetryAfterMs() != 200 {
			t.Fatalf("the fifth: %v", n)
		}
		time.Sleep(time.Duration(n.GetRetryAfterMs()) * time.Millisecond)
		r.send(publish(7, 6, "x")) // still not the one asked for
		r.send(publish(7, 5, "x"))
		r.send(publish(7, 6, "x"))
		r.acked(6)
		if s := hub.Stats(); s.Frames != 6 || s.Nacks["RESOURCE_EXHAUSTED"] != 1 || s.Nacks["GAP"] != 0 {
			t.Errorf("stats %+v", s)
		}
	})
}

// TestAParticipantWaitsAsItIsToldAndLosesNothing: ten times the burst at once, by a program of either version, which
// arrives whole and in order, no faster than the relay takes it and not much slower.
func TestAParticipantWaitsAsItIsToldAndLosesNothing(t *testing.T) {
	const edits, rate, burst = 1000, 500, 100
	for version := uint32(transport.MinVersion); version <= transport.Version; version++ {
		t.Run(fmt.Sprint("version ", version), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, 1)
				hub := newRelay(relay.Config{FramesPerSecond: rate, Burst: burst})
				at := relays{now: hub}
				began := time.Now()
				anna := enter(t, transport.Options{
					Dial: at.dial, Room: h.room, Replica: 11, Manifest: h.manifest, MaxVersion: version, Prove: h.prove(2, nil, 11),
				})
				ben := enter(t, transport.Options{Dial: at.dial, Room: h.room, Replica: 22, Manifest: h.manifest, Prove: h.prove(2, nil, 22)})
				await[transport.CaughtUp](anna, 0)
				for n := range edits {
					anna.say(11, fmt.Sprint(n))
				}
				ben.wait("all", func() bool { return len(ben.frames) == edits })
				anna.wait("acks", func() bool { return anna.acked == edits })
				for n, text := range ben.texts() {
					if text != fmt.Sprint(n) {
						t.Fatalf("place %d holds %q", n, text)
					}
				}
				least := (edits - burst) * time.Second / rate
				if took := time.Since(began); took < least || took > 2*least {
					t.Errorf("it took %v; the relay's rate allows %v", took, least)
				}
				if version == 1 && hub.Stats().Nacks["RESOURCE_EXHAUSTED"] == 0 {
					t.Error("nobody was told to wait")
				}
				stop(t, hub)
			})
		})
	}
}

// gatedLog answers appends when it is told to.
type gatedLog struct {
	relay.Log
	held []func()
	open bool
}

func (l *gatedLog) Open(room string, manifest []byte, grew func()) (relay.RoomLog, error) {
	r, err := l.Log.Open(room, manifest, grew)
	if err != nil {
		return nil, err
	}
	return &gatedRoom{r, l}, nil
}

type gatedRoom struct {
	relay.RoomLog
	log *gatedLog
}

func (r *gatedRoom) Append(f transport.Frame, baseline uint64, done func(uint64, error)) {
	do := func() { r.RoomLog.Append(f, baseline, done) }
	if r.log.open {
		do()
		return
	}
	r.log.held = append(r.log.held, do)
}

func (l *gatedLog) release() {
	l.open = true
	for _, do := range l.held {
		do()
	}
	l.held = nil
}

// TestAStoreThatIsSlowIsNotBuriedUnderEdits: above four fifths of what may wait for it, participants are told to wait.
func TestAStoreThatIsSlowIsNotBuriedUnderEdits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 1)
		log := &gatedLog{Log: relay.NewMemoryLog(1)}
		hub := newRelay(relay.Config{Log: log, MaxBacklog: 10_000, FramesPerSecond: 1e6, Burst: 1e6})
		r := dialRaw(t, hub)
		r.join(h, 7, version2)
		for n := range uint64(10) {
			r.send(publish(7, n+1, strings.Repeat("x", 1000)))
		}
		n := r.nacked()
		if n.GetCode() != wire.Nack_RESOURCE_EXHAUSTED || n.GetExpected() != 9 || n.GetRetryAfterMs() == 0 {
			t.Fatalf("the ninth: %v", n)
		}
		synctest.Wait()
		if len(log.held) != 8 {
			t.Fatalf("%d edits wait for the store", len(log.held))
		}
		log.release()
		r.acked(8)
		r.send(publish(7, 9, "y"))
		r.acked(9)
	})
}

// TestPresenceIsShownSoOftenAsTheRoomsSizeAllows: 20 a second of one other, and to each of fifty no more than the budget.
func TestPresenceIsShownSoOftenAsTheRoomsSizeAllows(t *testing.T) {
	for _, c := range []struct{ people, least, most int }{{2, 18, 22}, {50, 150, 300}} {
		t.Run(fmt.Sprint(c.people), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, 1)
				hub := newRelay(relay.Config{})
				watcher := dialRaw(t, hub)
				watcher.join(h, 1, version2)
				var movers []*raw
				for i := range c.people - 1 {
					m := dialRaw(t, hub)
					m.join(h, uint64(i+2), version2)
					movers = append(movers, m)
					go func() { // it does not care
						for {
							if _, err := m.conn.ReadMessage(); err != nil {
								return
							}
						}
					}()
				}
				go func() {
					for n := range 100 { // each moves a hundred times a second
						for _, m := range movers {
							_ = m.conn.WriteMessage(wire.Marshal(presence(fmt.Sprint("place ", n))))
						}
						time.Sleep(10 * time.Millisecond)
					}
				}()
				told, last := 0, map[uint64]string{}
				end := time.Now().Add(time.Second)
				for {
					_ = watcher.conn.SetReadDeadline(time.Now().Add(2 * time.Second))
					b, err := watcher.conn.ReadMessage()
					if err != nil {
						break
					}
					var f wire.RelayFrame
					if err := wire.Unmarshal(b, &f); err != nil {
						t.Fatal(err)
					}
					if p := f.GetPresence(); p != nil {
						last[p.GetReplica()] = string(p.GetPayload())
						if time.Now().Before(end) {
							told++
						}
					}
				}
				if told < c.least || told > c.most {
					t.Errorf("%d presences in a second, want %d to %d", told, c.least, c.most)
				}
				for replica, p := range last {
					if p != "place 99" {
						t.Errorf("the last of %d told is %q", replica, p)
					}
				}
				if len(last) != c.people-1 || hub.Stats().PresenceDropped == 0 {
					t.Errorf("%d told of, %d dropped", len(last), hub.Stats().PresenceDropped)
				}
				for _, m := range movers {
					_ = m.conn.Close()
				}
			})
		})
	}
}
