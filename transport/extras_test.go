package transport

import (
	"bytes"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"coedit/transport/wire"
)

func TestPresenceIsRateLimitedNewestWinsAndComesAgain(t *testing.T) {
	play(t, Options{}, func(s *script) {
		p := s.admit(nil)
		event[Online](s)
		go func() {
			for i := range 1000 {
				s.client.SetPresence([]byte{byte(i >> 8), byte(i)})
				time.Sleep(time.Millisecond)
			}
		}()
		n, last := 0, []byte(nil)
		for !bytes.Equal(last, []byte{999 >> 8, 999 & 255}) {
			last = p.next().GetPresence().GetPayload()
			n++
		}
		if n < 15 || n > 22 {
			t.Errorf("%d presences in a second, want 20", n)
		}
		s.client.SetPresence(last) // no change
		p.quiet(time.Second)
		s.client.SetPresence(make([]byte, 1<<10+1))
		if err := s.client.Status().LastError; !errors.Is(err, ErrTooLarge) {
			t.Errorf("presence over the limit: %v", err)
		}
		_ = p.conn.Close()
		if got := s.admit(nil).next().GetPresence().GetPayload(); !bytes.Equal(got, last) {
			t.Errorf("presence after a reconnect %v, want %v", got, last)
		}
	})
}

func TestPresenceIsRarerInALargeRoom(t *testing.T) {
	play(t, Options{}, func(s *script) {
		p := s.admit(nil)
		event[Online](s)
		for i := range uint64(49) {
			p.say(&wire.RelayFrame{Kind: &wire.RelayFrame_Presence{Presence: &wire.PresenceUpdate{Replica: 100 + i}}})
			event[PresenceOf](s)
		}
		s.client.SetPresence([]byte("a"))
		p.next()
		start := time.Now()
		s.client.SetPresence([]byte("b"))
		p.next()
		if d := time.Since(start); d != 250*time.Millisecond {
			t.Errorf("in a room of 50 the next presence came after %v, want 250ms", d)
		}
		for i := range uint64(49) {
			p.say(&wire.RelayFrame{Kind: &wire.RelayFrame_Left{Left: &wire.Left{Replica: 100 + i}}})
			event[Gone](s)
		}
		s.client.SetPresence([]byte("c"))
		p.next()
		start = time.Now()
		s.client.SetPresence([]byte("d"))
		p.next()
		if d := time.Since(start); d != 50*time.Millisecond {
			t.Errorf("alone again the next presence came after %v, want 50ms", d)
		}
	})
}

func TestPingsCalibrateTheClock(t *testing.T) {
	play(t, Options{}, func(s *script) {
		p := s.admit(nil)
		event[Online](s)
		for range 3 {
			ping := p.read().GetPing()
			time.Sleep(40 * time.Millisecond)
			relayTime := time.Now().Add(-20 * time.Millisecond).Add(time.Minute)
			p.say(&wire.RelayFrame{Kind: &wire.RelayFrame_Pong{Pong: &wire.Pong{
				ClientTime: ping.GetClientTime(), RelayTime: relayTime.UnixMicro(),
			}}})
		}
		synctest.Wait()
		if st := s.client.Status(); st.Offset != time.Minute || st.RTT != 40*time.Millisecond {
			t.Errorf("offset %v, round trip %v; want 1m and 40ms", st.Offset, st.RTT)
		}
	})
}

func TestSnapshotChunksWaitForTheRelay(t *testing.T) {
	payload := bytes.Repeat([]byte("0123456789abcdef"), 6*SnapshotChunk/16+1) // 7 chunks
	play(t, Options{}, func(s *script) {
		s.client.PutSnapshot(0, Cursor{}, payload, false) // offline: dropped
		p := s.admit(nil)
		event[Online](s)
		p.quiet(time.Second)
		s.client.PutSnapshot(2, Cursor{5, 8}, payload, true)
		var got []byte
		chunk := func(want uint32) {
			t.Helper()
			put := p.next().GetSnapshotPut()
			if put.GetIndex() != want || put.GetOf() != 7 || put.GetGeneration() != 2 || put.GetCovers().GetNumber() != 8 || !put.GetRestore() || put.GetSize() != uint64(len(payload)) {
				t.Fatalf("chunk %d: index %d of %d, generation %d, covers %v", want, put.GetIndex(), put.GetOf(), put.GetGeneration(), put.GetCovers())
			}
			got = append(got, put.GetPayload()...)
		}
		for i := range uint32(SnapshotWindow) {
			chunk(i)
		}
		p.quiet(time.Second)
		p.say(&wire.RelayFrame{Kind: &wire.RelayFrame_SnapshotMore{SnapshotMore: &wire.SnapshotMore{Next: 2}}})
		chunk(4)
		chunk(5)
		p.quiet(time.Second)
		p.say(&wire.RelayFrame{Kind: &wire.RelayFrame_SnapshotMore{SnapshotMore: &wire.SnapshotMore{Next: 6}}})
		chunk(6)
		if !bytes.Equal(got, payload) {
			t.Error("the chunks do not make up the snapshot")
		}
		p.say(&wire.RelayFrame{Kind: &wire.RelayFrame_SnapshotStored{SnapshotStored: &wire.SnapshotStored{Generation: 3}}})
		if e := event[SnapshotStored](s); e.Generation != 3 {
			t.Errorf("%+v", e)
		}
		p.quiet(time.Second)
	})
}

func TestSnapshotRefusalsAreEvents(t *testing.T) {
	play(t, Options{}, func(s *script) {
		p := s.admit(nil)
		event[Online](s)
		put := func(n *wire.Nack) {
			s.client.PutSnapshot(0, Cursor{5, 0}, []byte("x"), false)
			p.next()
			n.Snapshot = true
			p.nack(n)
		}
		put(&wire.Nack{Code: wire.Nack_CONFLICT, Generation: 4})
		if e := event[SnapshotConflict](s); e.Generation != 4 {
			t.Errorf("%+v", e)
		}
		for code, want := range map[wire.Nack_Code]error{
			wire.Nack_TOO_LARGE: ErrTooLarge, wire.Nack_RIGHTS: ErrRefused,
			wire.Nack_RESOURCE_EXHAUSTED: ErrBacklog, wire.Nack_UNAVAILABLE: ErrBacklog,
		} {
			put(&wire.Nack{Code: code})
			if e := event[SnapshotRefused](s); !errors.Is(e.Err, want) {
				t.Errorf("%v: %v, want %v", code, e.Err, want)
			}
		}
	})
}

// Marks and frames that come twice are not delivered, but what a snapshot may cover counts them.
func TestCaughtUpTellsThePlaceInTheLog(t *testing.T) {
	play(t, Options{}, func(s *script) {
		p := s.admit(func(w *wire.Welcome) { w.Incarnation, w.Head, w.Generation = 7, 3, 4 })
		p.deliver(0, wireFrame(1, 3, 1), wireFrame(2, 3, 0), wireFrame(3, 3, 1))
		if e := event[CaughtUp](s); e.Cursor != (Cursor{Incarnation: 7, Number: 3}) || e.Generation != 4 {
			t.Errorf("%+v", e)
		}
	})
}

func TestFetchBeginsAnewAndSurvivesADisconnect(t *testing.T) {
	play(t, Options{}, func(s *script) {
		p := s.admit(func(w *wire.Welcome) { w.Head = 1 })
		p.deliver(0, wireFrame(1, 3, 1))
		event[CaughtUp](s)
		_ = p.conn.Close()
		event[Offline](s)
		s.client.Fetch()
		p = s.admit(func(w *wire.Welcome) { w.Head = 1 })
		if p.next().GetFetch() == nil {
			t.Fatal("no Fetch after the reconnect")
		}
		event[CaughtUp](s) // of the Welcome
		p.say(&wire.RelayFrame{Kind: &wire.RelayFrame_Rewound{Rewound: &wire.Rewound{Head: 1}}})
		p.deliver(0, wireFrame(1, 3, 1))
		if d := event[Delivered](s); len(d.Frames) != 1 {
			t.Errorf("delivered %+v", d)
		}
		event[CaughtUp](s)
	})
}
