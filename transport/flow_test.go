package transport

import (
	"testing"
	"testing/synctest"
	"time"

	"coedit/transport/wire"
)

// limited welcomes with a limit on frames.
func limited(perSecond, burst uint32) func(*wire.Welcome) {
	return func(w *wire.Welcome) {
		w.Version = 1
		w.Limits.FramesPerSecond, w.Limits.Burst = perSecond, burst
	}
}

// A client never sends faster than the relay takes: a burst, then its rate, in order; and it says how long one more would wait.
func TestFramesKeepToTheRelaysRate(t *testing.T) {
	play(t, Options{}, func(s *script) {
		p := s.admit(limited(100, 20))
		event[Online](s)
		if wait := s.client.PublishIn(); wait != 0 {
			t.Errorf("a frame would wait for %v though nothing was sent", wait)
		}
		for n := range uint64(120) {
			s.publish(n + 1)
		}
		start := time.Now()
		for n := range uint64(120) {
			if f := p.published(); f.GetCounter() != n+1 {
				t.Fatalf("frame %d after %d", f.GetCounter(), n)
			}
			limit := 20 + 100*time.Since(start).Seconds()
			if float64(n+1) > limit+0.001 {
				t.Fatalf("%d frames after %v", n+1, time.Since(start))
			}
			if n == 60 {
				if wait := s.client.PublishIn(); wait < 500*time.Millisecond || wait > time.Second {
					t.Errorf("with 59 frames waiting one more would wait for %v", wait)
				}
			}
		}
		if took := time.Since(start); took < time.Second || took > 1200*time.Millisecond {
			t.Errorf("120 frames took %v, want a little over the second of the limit", took)
		}
	})
}

// The pause that a Nack asks for is kept, and known beforehand; then everything comes in order.
func TestANackPauses(t *testing.T) {
	play(t, Options{}, func(s *script) {
		p := s.admit(nil)
		event[Online](s)
		for n := range uint64(3) {
			s.publish(n + 1)
			p.published()
		}
		p.say(&wire.RelayFrame{Kind: &wire.RelayFrame_Nack{Nack: &wire.Nack{
			Code: wire.Nack_RESOURCE_EXHAUSTED, Counter: 2, Expected: 2, RetryAfterMs: 700, Text: "too much",
		}}})
		synctest.Wait()
		start := time.Now()
		if wait := s.client.PublishIn(); wait != 700*time.Millisecond {
			t.Errorf("one more would wait for %v", wait)
		}
		for n := range uint64(2) {
			if f := p.published(); f.GetCounter() != n+2 {
				t.Errorf("frame %d, want %d", f.GetCounter(), n+2)
			}
		}
		if took := time.Since(start); took != 700*time.Millisecond {
			t.Errorf("sent again after %v", took)
		}
	})
}

func TestQualityIsMeasured(t *testing.T) {
	var q quality
	now := time.Unix(1000, 0)
	at := func(d time.Duration) time.Time { return now.Add(d) }
	q.sent(1, 100, now)
	q.sent(2, 200, at(10*time.Millisecond))
	q.got(1, 100, 100, at(40*time.Millisecond))
	if q.ack != 40*time.Millisecond || q.goodput != 0 {
		t.Errorf("after a small frame: %v, %v", q.ack, q.goodput)
	}
	q.got(2, 100, 0, at(50*time.Millisecond))
	// 64 KiB under way, of which 16 arrive each second.
	q = quality{}
	for n := range uint64(4) {
		q.sent(n+1, int(n+1)*16<<10, now)
	}
	for n := range uint64(4) {
		q.got(n+1, 16<<10, int(3-n)*16<<10, at(time.Duration(n+1)*time.Second))
	}
	if got := int(q.goodput); got != 16<<10 {
		t.Errorf("goodput %d, want %d", got, 16<<10)
	}
	q.sent(5, 10, at(5*time.Second))
	q.lost(at(6 * time.Second))
	q.got(5, 10, 0, at(60*time.Second)) // sent again on another connection
	if q.ack > time.Second || q.lossesBy(at(7*time.Second)) != 1 || q.lossesBy(at(7*time.Minute)) != 0 {
		t.Errorf("after a loss: %v, %d", q.ack, q.lossesBy(at(7*time.Second)))
	}
}

// What a client measures of a link comes through Quality.
func TestQualityOfALink(t *testing.T) {
	play(t, Options{}, func(s *script) {
		p := s.admit(nil)
		event[Online](s)
		s.publish(1)
		p.published()
		time.Sleep(30 * time.Millisecond)
		p.ack(1)
		event[Acked](s)
		if q := s.client.Quality(); q.Ack != 30*time.Millisecond || q.Losses != 0 {
			t.Errorf("%+v", q)
		}
		_ = p.conn.Close()
		event[Offline](s)
		if q := s.client.Quality(); q.Losses != 1 {
			t.Errorf("after a loss %+v", q)
		}
	})
}

// While a snapshot arrives, Status says how much of it is there.
func TestProgressOfASnapshot(t *testing.T) {
	play(t, Options{}, func(s *script) {
		p := s.admit(func(w *wire.Welcome) { w.Head, w.Generation = 1, 1 })
		event[Online](s)
		for i := range uint32(2) {
			p.say(&wire.RelayFrame{Kind: &wire.RelayFrame_Snapshot{Snapshot: &wire.Snapshot{
				Generation: 1, Covers: 1, Number: 1, Size: 8, Index: i, Of: 2, Payload: []byte("1234"),
			}}})
			synctest.Wait()
			st := s.client.Status()
			if i == 0 && (st.Received != 4 || st.Size != 8) || i == 1 && st.Size != 0 {
				t.Errorf("after chunk %d: %d of %d", i, st.Received, st.Size)
			}
		}
		if snap := event[Snapshot](s); !snap.Whole {
			t.Error("read from the beginning, and not said so")
		}
	})
}
