package transport

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"coedit/transport/wire"
)

func TestHelloSaysWhereToGoOn(t *testing.T) {
	o := Options{Resume: Cursor{Incarnation: 5, Number: 9}, Counter: 41, Agent: "coedit test", Manifest: []byte("m"), ReadOnly: true}
	play(t, o, func(s *script) {
		want := &wire.Hello{
			MinVersion: MinVersion, MaxVersion: Version, Room: "room", Replica: me, NextCounter: 42,
			Resume: &wire.Cursor{Incarnation: 5, Number: 9}, Manifest: []byte("m"), ReadOnly: true, Agent: "coedit test",
		}
		if got := s.accept().hello; !wire.Equal(got, want) {
			t.Errorf("Hello %v\nwant  %v", got, want)
		}
	})
}

func TestSilenceEndsTheConnectionWithin10s(t *testing.T) {
	play(t, Options{}, func(s *script) {
		p := s.admit(nil)
		event[Online](s)
		p.pong(p.read().GetPing())
		heard := time.Now()
		off := event[Offline](s)
		if !errors.Is(off.Err, ErrLost) {
			t.Errorf("Offline with %v, want ErrLost", off.Err)
		}
		if d := time.Since(heard); d < 7*time.Second || d > 10*time.Second {
			t.Errorf("noticed after %v, want 8s", d)
		}
	})
}

// TestABusyWriterDoesNotHideSilence: the network takes nothing any more, so the writer is stuck.
func TestABusyWriterDoesNotHideSilence(t *testing.T) {
	play(t, Options{}, func(s *script) {
		s.admit(nil)
		event[Online](s)
		for n := range uint64(pipeBuffer * 4) {
			s.publish(n + 1)
		}
		start := time.Now()
		event[Offline](s)
		if d := time.Since(start); d > 10*time.Second {
			t.Errorf("noticed after %v", d)
		}
	})
}

func TestASlowConsumerIsNotSilence(t *testing.T) {
	play(t, Options{}, func(s *script) {
		p := s.admit(nil)
		const frames = 3 * eventsBuffer
		go func() {
			for n := range uint64(frames) {
				p.deliver(n, wireFrame(n+1, 1, n+1))
			}
			for f := p.read(); f != nil; f = p.read() {
				continue
			}
		}()
		time.Sleep(time.Minute) // fake time: the consumer reads nothing
		for n := uint64(0); n < frames; {
			switch e := (<-s.client.Events()).(type) {
			case Offline:
				t.Fatalf("offline: %v", e.Err)
			case Delivered:
				for _, f := range e.Frames {
					if n++; f.Number != n {
						t.Fatalf("frame %d, want %d", f.Number, n)
					}
				}
			}
		}
	})
}

func TestPublishedFramesAreResentVerbatimUntilAcknowledged(t *testing.T) {
	play(t, Options{}, func(s *script) {
		s.publish(1) // before there is a connection
		p := s.admit(nil)
		s.publish(2)
		s.publish(3)
		var first []*wire.Frame
		for range 3 {
			first = append(first, p.published())
		}
		p.ack(1)
		if a := event[Acked](s); a.Counter != 1 {
			t.Errorf("acked %d", a.Counter)
		}
		_ = p.conn.Close()
		event[Offline](s)

		p = s.admit(func(w *wire.Welcome) { w.LastCounter = 2 }) // the relay had stored 2
		if got := p.hello.GetNextCounter(); got != 2 {
			t.Errorf("next_counter %d, want 2", got)
		}
		if a := event[Acked](s); a.Counter != 2 {
			t.Errorf("acked %d by the Welcome", a.Counter)
		}
		if got := p.published(); !wire.Equal(got, first[2]) {
			t.Errorf("sent again %v, first was %v", got, first[2])
		}
		if st := s.client.Status(); st.UnackedCount != 1 || !st.Online {
			t.Errorf("status %+v", st)
		}
	})
}

func TestGapMakesTheClientGoBack(t *testing.T) {
	play(t, Options{}, func(s *script) {
		p := s.admit(nil)
		for n := range uint64(4) {
			s.publish(n + 1)
			p.published()
		}
		p.ack(1)
		p.nack(&wire.Nack{Code: wire.Nack_GAP, Counter: 3, Expected: 2})
		for want := uint64(2); want <= 4; want++ {
			if got := p.published().GetCounter(); got != want {
				t.Errorf("counter %d after the gap, want %d", got, want)
			}
		}
		p.ack(4)
		for event[Acked](s).Counter != 4 {
			continue
		}
		p.quiet(time.Minute)
	})
}

func TestExhaustedRelayIsTriedAgainWhenItSays(t *testing.T) {
	play(t, Options{}, func(s *script) {
		p := s.admit(nil)
		s.publish(1)
		p.published()
		p.nack(&wire.Nack{Code: wire.Nack_RESOURCE_EXHAUSTED, Counter: 1, Expected: 1, RetryAfterMs: 7000, Text: "full"})
		start := time.Now()
		p.quiet(6900 * time.Millisecond)
		if err := s.client.Status().LastError; !errors.Is(err, ErrBacklog) || !strings.Contains(err.Error(), "full") {
			t.Errorf("status says %v", err)
		}
		if got := p.published().GetCounter(); got != 1 || time.Since(start) < 7*time.Second {
			t.Errorf("counter %d after %v, want 1 after 7s", got, time.Since(start))
		}
		p.ack(1)
		event[Acked](s)
		if err := s.client.Status().LastError; err != nil {
			t.Errorf("status still says %v", err)
		}
	})
}

func TestFinalNacksEndTheClient(t *testing.T) {
	for code, want := range map[wire.Nack_Code]RefusalCode{
		wire.Nack_CONFLICT: RefusedConflict, wire.Nack_TOO_LARGE: RefusedLimit, wire.Nack_RIGHTS: RefusedRights,
	} {
		play(t, Options{}, func(s *script) {
			p := s.admit(nil)
			s.publish(1)
			p.published()
			p.nack(&wire.Nack{Code: code, Counter: 1, Text: "why"})
			wantRefusal(t, <-s.ended, want, "why")
			if err := s.client.Publish(Frame{Replica: me, Counter: 2}); !errors.Is(err, ErrClosed) {
				t.Errorf("Publish after the end: %v, want ErrClosed", err)
			}
		})
	}
}

func wantRefusal(t *testing.T, err error, code RefusalCode, text string) {
	t.Helper()
	var r *Refusal
	if !errors.As(err, &r) || !errors.Is(err, ErrRefused) || r.Code != code || !strings.Contains(r.Text, text) {
		t.Errorf("error %v (%#v), want a Refusal with code %d and %q", err, err, code, text)
	}
}

func TestFinalGoodbyesEndTheClient(t *testing.T) {
	for code, want := range map[wire.Goodbye_Code]RefusalCode{
		wire.Goodbye_NO_ROOM: RefusedNoRoom, wire.Goodbye_RIGHTS: RefusedRights, wire.Goodbye_LIMIT: RefusedLimit,
		wire.Goodbye_CONFLICT: RefusedConflict, wire.Goodbye_REPLACED: RefusedConflict, wire.Goodbye_PROTOCOL: RefusedProtocol,
	} {
		for _, admitted := range []bool{false, true} {
			play(t, Options{}, func(s *script) {
				p := s.accept
				if admitted {
					p = func() *peer { return s.admit(nil) }
				}
				p().goodbye(&wire.Goodbye{Code: code, Text: "a sentence"})
				wantRefusal(t, <-s.ended, want, "a sentence")
			})
		}
	}
}

func TestAnotherProtocolVersionIsASentenceNamingBoth(t *testing.T) {
	play(t, Options{}, func(s *script) {
		s.accept().goodbye(&wire.Goodbye{Code: wire.Goodbye_UNSUPPORTED_VERSION, MinVersion: 3, MaxVersion: 4})
		wantRefusal(t, <-s.ended, RefusedVersion, "the relay speaks protocol version 3 to 4, this coedit speaks 1 to 2: update coedit here")
	})
	play(t, Options{}, func(s *script) {
		s.admit(func(w *wire.Welcome) { w.Version = 0 })
		wantRefusal(t, <-s.ended, RefusedVersion, "the relay speaks protocol version 0, this coedit speaks 1 to 2: update the relay")
	})
}

func TestOtherGoodbyesAreObeyed(t *testing.T) {
	for _, code := range []wire.Goodbye_Code{wire.Goodbye_SHUTDOWN, wire.Goodbye_UNAVAILABLE, wire.Goodbye_TIMEOUT, wire.Goodbye_Code(99)} {
		play(t, Options{}, func(s *script) {
			p := s.admit(nil)
			event[Online](s)
			p.goodbye(&wire.Goodbye{Code: code, Text: "later", RetryAfterMs: 30_000, JitterMs: 10_000})
			said := time.Now()
			off := event[Offline](s)
			if off.RetryIn < 30*time.Second || off.RetryIn >= 40*time.Second || !strings.Contains(off.Err.Error(), "later") {
				t.Errorf("%v: Offline %+v", code, off)
			}
			if st := s.client.Status(); st.Online || !st.RetryAt.Equal(said.Add(off.RetryIn)) || st.LastError == nil {
				t.Errorf("%v: status %+v", code, st)
			}
			s.admit(nil)
			if d := time.Since(said); d != off.RetryIn {
				t.Errorf("%v: came back after %v, announced %v", code, d, off.RetryIn)
			}
		})
	}
}

func TestBackoffGrowsWhileNothingAnswersAndIsResetByAStableConnection(t *testing.T) {
	play(t, Options{}, func(s *script) {
		p := s.admit(nil)
		event[Online](s)
		s.down.Store(true)
		_ = p.conn.Close()
		longest := time.Duration(0)
		for i := range 12 {
			off := event[Offline](s)
			longest = max(longest, off.RetryIn)
			if bound := backoffFirst << min(i, 5); off.RetryIn > bound {
				t.Errorf("attempt %d: waits %v, bound %v", i+1, off.RetryIn, bound)
			}
			if i > 0 && !errors.Is(off.Err, errDown) {
				t.Errorf("attempt %d: %v, want the dialer's error", i+1, off.Err)
			}
			synctest.Wait()
		}
		if longest < 2*time.Second {
			t.Errorf("waits at most %v in 12 attempts, want it to grow", longest)
		}
		s.down.Store(false)
		p = s.admit(nil)
		event[Online](s)
		p.quiet(stableAfter + time.Second)
		_ = p.conn.Close()
		if off := event[Offline](s); off.RetryIn > backoffFirst {
			t.Errorf("after a stable connection it waits %v, want at most %v", off.RetryIn, backoffFirst)
		}
	})
}

func TestConnectionsThatDieYoungDoNotResetTheBackoff(t *testing.T) {
	play(t, Options{}, func(s *script) {
		longest := time.Duration(0)
		for range 12 {
			p := s.admit(nil)
			event[Online](s)
			_ = p.conn.Close()
			longest = max(longest, event[Offline](s).RetryIn)
		}
		if longest < 2*time.Second {
			t.Errorf("waits at most %v although no connection lasts", longest)
		}
	})
}

func TestNonsenseFromTheRelayEndsTheConnectionOnly(t *testing.T) {
	encode := func(f *wire.RelayFrame) []byte {
		b := wire.Marshal(f)
		return b
	}
	for name, message := range map[string][]byte{
		"random bytes":     []byte("\xff\xfe\x00\x17 nonsense"),
		"a second Welcome": encode(&wire.RelayFrame{Kind: &wire.RelayFrame_Welcome{Welcome: &wire.Welcome{}}}),
		"a hole":           encode(&wire.RelayFrame{Kind: &wire.RelayFrame_Deliver{Deliver: deliver(3)}}),
		"an ack of what was not sent": encode(&wire.RelayFrame{Kind: &wire.RelayFrame_Ack{
			Ack: &wire.Ack{Counter: 1 << 60},
		}}),
		"a gap to nowhere": encode(&wire.RelayFrame{Kind: &wire.RelayFrame_Nack{Nack: &wire.Nack{Code: wire.Nack_GAP, Expected: 9}}}),
		"an endless snapshot": encode(&wire.RelayFrame{Kind: &wire.RelayFrame_Snapshot{
			Snapshot: &wire.Snapshot{Size: 1 << 60, Of: 1 << 30},
		}}),
	} {
		play(t, Options{}, func(s *script) {
			p := s.admit(nil)
			event[Online](s)
			if err := p.conn.WriteMessage(message); err != nil {
				t.Fatal(err)
			}
			if off := event[Offline](s); !errors.Is(off.Err, ErrProtocol) && !errors.Is(off.Err, ErrTooLarge) {
				t.Errorf("%s: %v, want ErrProtocol or ErrTooLarge", name, off.Err)
			}
			s.admit(nil)
			event[Online](s)
		})
	}
}

func TestMessagesOfALaterVersionAreSkipped(t *testing.T) {
	play(t, Options{}, func(s *script) {
		p := s.admit(nil)
		event[Online](s)
		if err := p.conn.WriteMessage([]byte{0xfa, 0x01, 0x00}); err != nil { // field 31, empty
			t.Fatal(err)
		}
		p.deliver(0, wireFrame(1, 3, 1))
		if d := event[Delivered](s); len(d.Frames) != 1 {
			t.Errorf("delivered %v", d)
		}
	})
}

func TestRestoreHoldsTheQueueUntilItIsOver(t *testing.T) {
	play(t, Options{}, func(s *script) {
		p := s.admit(nil)
		s.publish(1)
		p.published()
		_ = p.conn.Close()
		s.publish(2)

		p = s.admit(func(w *wire.Welcome) { w.Incarnation = 6 })
		if got := p.hello.GetResume().GetIncarnation(); got != 5 {
			t.Errorf("resumes incarnation %d, want 5", got)
		}
		on := event[Online](s)
		for on.Incarnation != 6 {
			on = event[Online](s)
		}
		if !on.Restore || !on.Lost {
			t.Errorf("another log is not said to be one: %+v", on)
		}
		p.quiet(20 * time.Second)
		_ = p.conn.Close()

		p = s.admit(func(w *wire.Welcome) { w.Incarnation = 6 })
		if on := event[Online](s); !on.Restore || on.Lost {
			t.Errorf("after a reconnect to the same log, in a restore that was not ended: %+v", on)
		}
		p.quiet(time.Second)
		s.client.Restored()
		if st := s.client.Status(); st.UnackedCount != 0 {
			t.Errorf("%d frames of before are still waiting", st.UnackedCount)
		}
		s.publish(3)
		if r := p.next().GetResync(); r.GetNextCounter() != 3 {
			t.Errorf("Resync %v, want next_counter 3", r)
		}
		if f := p.published(); f.GetCounter() != 3 {
			t.Errorf("published %d, want 3", f.GetCounter())
		}
		_ = p.conn.Close()
		p = s.admit(func(w *wire.Welcome) { w.Incarnation = 6 })
		if on := event[Online](s); on.Restore || p.hello.GetNextCounter() != 3 {
			t.Errorf("after the restore: Online %+v, next_counter %d", on, p.hello.GetNextCounter())
		}
	})
}

func TestARelayThatKnowsMoreThanWeAreToldEndsIt(t *testing.T) {
	play(t, Options{Counter: 4}, func(s *script) {
		s.admit(func(w *wire.Welcome) { w.LastCounter = 5 })
		wantRefusal(t, <-s.ended, RefusedBehind, "join again")
	})
}

func TestAFrameOverTheRelaysLimitIsSaid(t *testing.T) {
	play(t, Options{}, func(s *script) {
		if err := s.client.Publish(Frame{Replica: me, Counter: 1, Payload: make([]byte, 1<<19+1)}); err != nil {
			t.Fatal(err) // the relay's limit is not known yet
		}
		s.admit(nil)
		wantRefusal(t, <-s.ended, RefusedLimit, "524289 bytes")
	})
}

func TestPublishChecksItsFrame(t *testing.T) {
	play(t, Options{MaxUnacked: 100}, func(s *script) {
		s.admit(nil)
		event[Online](s)
		for name, c := range map[string]struct {
			frame Frame
			want  error
		}{
			"another's":       {Frame{Replica: me + 1, Counter: 1}, ErrOrder},
			"not the next":    {Frame{Replica: me, Counter: 2}, ErrOrder},
			"counter 0":       {Frame{Replica: me}, ErrProtocol},
			"too large":       {Frame{Replica: me, Counter: 1, Payload: make([]byte, 1<<19+1)}, ErrTooLarge},
			"target too long": {Frame{Replica: me, Counter: 1, Target: strings.Repeat("x", MaxTarget+1)}, ErrProtocol},
			"target no UTF-8": {Frame{Replica: me, Counter: 1, Target: "\xff"}, ErrProtocol},
			"trace too long":  {Frame{Replica: me, Counter: 1, Trace: strings.Repeat("x", MaxTrace+1)}, ErrProtocol},
		} {
			if err := s.client.Publish(c.frame); !errors.Is(err, c.want) {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
		}
		if err := s.client.Publish(Frame{Replica: me, Counter: 1, Payload: make([]byte, 101)}); err != nil {
			t.Errorf("one frame larger than MaxUnacked: %v, want it taken", err)
		}
		if err := s.client.Publish(Frame{Replica: me, Counter: 2, Payload: []byte("x")}); !errors.Is(err, ErrBacklog) {
			t.Errorf("over MaxUnacked: %v, want ErrBacklog", err)
		}
	})
	play(t, Options{ReadOnly: true}, func(s *script) {
		wantRefusal(t, s.client.Publish(Frame{Replica: me, Counter: 1}), RefusedRights, "read only")
	})
}

func TestCancelEndsRunWhereverItIs(t *testing.T) {
	for name, reach := range map[string]func(*script){
		"handshake": func(s *script) { s.accept() },
		"online":    func(s *script) { s.admit(nil); event[Online](s) },
		"waiting":   func(s *script) { _ = s.accept().conn.Close(); event[Offline](s) },
		"not reading": func(s *script) {
			p := s.admit(nil)
			go func() {
				for n := range uint64(2 * eventsBuffer) {
					p.deliver(n, wireFrame(n+1, 3, n+1))
					if p.read() == nil {
						return
					}
				}
			}()
			synctest.Wait()
		},
	} {
		play(t, Options{}, func(s *script) {
			reach(s)
			start := time.Now()
			s.cancel()
			if err := <-s.ended; err != nil || time.Since(start) > 0 {
				t.Errorf("%s: Run gave %v after %v, want nil at once", name, err, time.Since(start))
			}
		})
	}
}

func TestARelayThatDoesNotAnswerTheHandshakeIsLeft(t *testing.T) {
	play(t, Options{}, func(s *script) {
		s.accept()
		start := time.Now()
		if off := event[Offline](s); time.Since(start) != handshakeTimeout || !errors.Is(off.Err, ErrLost) {
			t.Errorf("Offline %v after %v", off.Err, time.Since(start))
		}
	})
}
