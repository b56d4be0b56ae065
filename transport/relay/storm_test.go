package relay_test

import (
	"context"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"coedit/transport"
	"coedit/transport/relay"
	"coedit/transport/wire"
)

// guest is one of a crowd: a client that keeps count of what it is told, and nothing else.
type guest struct {
	client *transport.Client
	frames atomic.Int64
	online atomic.Int64 // times
	bad    atomic.Int64 // snapshots, restores, refusals
	last   atomic.Int64 // when it came online last, unix milliseconds
}

func (g *guest) run(ctx context.Context) {
	ended := make(chan error, 1)
	go func() { ended <- g.client.Run(ctx) }()
	for e := range g.client.Events() {
		switch e := e.(type) {
		case transport.Delivered:
			g.frames.Add(int64(len(e.Frames)))
		case transport.Online:
			g.online.Add(1)
			g.last.Store(time.Now().UnixMilli())
			if e.Restore || e.Lost {
				g.bad.Add(1)
			}
		case transport.Snapshot, transport.SnapshotRefused:
			g.bad.Add(1)
		}
	}
	if err := <-ended; err != nil {
		g.bad.Add(1)
	}
}

// TestAStormOfReconnectingParticipants: the relay ends and another takes its place with the same log, and everybody
// comes back: spread over some seconds, on from where they were, without a snapshot, a restore or an error. Frames
// that were said meanwhile arrive. COEDIT_STORM=2000 for the figure that the documentation names.
func TestAStormOfReconnectingParticipants(t *testing.T) {
	crowd := number(t, "COEDIT_STORM", 300)
	synctest.Test(t, func(t *testing.T) {
		const perRoom, before, after = 4, 5, 3
		log := relay.NewMemoryLog(1)
		hub := newRelay(relay.Config{Log: log})
		at := relays{now: hub}
		var all []*guest
		ctx, leave := context.WithCancel(context.Background())
		var running sync.WaitGroup
		for i := range crowd {
			h := numberedHouse(t, i/perRoom)
			replica := uint64(i + 1)
			g := &guest{client: transport.NewClient(transport.Options{
				Dial: at.dial, Room: h.room, Replica: replica, Manifest: h.manifest,
				Rand: rand.New(rand.NewPCG(uint64(i), 1)), Prove: h.prove(2, nil, replica),
			})}
			all = append(all, g)
			running.Go(func() { g.run(ctx) })
		}
		publishAll := func(from, n int) {
			for i := 0; i < crowd; i += perRoom { // one of each room
				for k := range n {
					f := transport.Frame{Replica: uint64(i + 1), Counter: uint64(from + k), Class: transport.ClassEdit, Payload: []byte("x")}
					if err := all[i].client.Publish(f); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
		until := func(what string, cond func(*guest) bool) {
			for range 600 {
				synctest.Wait()
				ok := true
				for _, g := range all {
					ok = ok && cond(g)
				}
				if ok {
					return
				}
				time.Sleep(100 * time.Millisecond) // of fake time
			}
			t.Fatalf("never: %s", what)
		}
		publishAll(1, before)
		until("everybody has the first frames", func(g *guest) bool { return g.frames.Load() == before })

		at.set(nil)
		stop(t, hub)
		began := time.Now().UnixMilli()
		publishAll(before+1, after)
		hub = newRelay(relay.Config{Log: log})
		at.set(hub)
		until("everybody is back with the rest", func(g *guest) bool { return g.online.Load() == 2 && g.frames.Load() == before+after })
		first, last := int64(1<<62), int64(0)
		for i, g := range all {
			if n := g.bad.Load(); n != 0 {
				t.Errorf("participant %d had %d snapshots, restores or refusals", i, n)
			}
			first, last = min(first, g.last.Load()-began), max(last, g.last.Load()-began)
		}
		t.Logf("%d came back %d to %d ms after the goodbye", crowd, first, last)
		if last-first < 1000 {
			t.Errorf("they came back within %d ms: not spread", last-first)
		}
		s := hub.Stats()
		if s.Goodbyes["SHUTDOWN"] != 0 || len(s.Limited) != 0 || s.Connections != uint64(crowd) {
			t.Errorf("the second relay: %+v", s)
		}
		leave()
		running.Wait()
		stop(t, hub)
	})
}

// TestARelayThatEndsSaysSoFirst: not ready, but serving; then goodbyes; and newcomers are told to come back.
func TestARelayThatEndsSaysSoFirst(t *testing.T) {
	h := newHouse(t, 1)
	hub := newRelay(relay.Config{})
	ready := func() int {
		w := httptest.NewRecorder()
		hub.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
		return w.Code
	}
	if ready() != http.StatusOK {
		t.Error("not ready")
	}
	a := dialRaw(t, hub)
	a.join(h, 1)
	hub.Leave()
	if ready() != http.StatusServiceUnavailable {
		t.Error("ready although it is leaving")
	}
	a.send(publish(1, 1, "x"))
	a.acked(1)
	b := dialRaw(t, hub)
	b.join(h, 2)
	go stop(t, hub)
	bye := b.until("goodbye", func(f *wire.RelayFrame) bool { return f.GetGoodbye() != nil }).GetGoodbye()
	if bye.GetCode().String() != "SHUTDOWN" || bye.GetRetryAfterMs() == 0 || bye.GetJitterMs() < 2000 {
		t.Errorf("goodbye %v", bye)
	}
	_ = a.conn.Close()
	_ = b.conn.Close()
	stop(t, hub)
	c := dialRaw(t, hub)
	c.goodbye(bye.GetCode(), "restarting")
}

// TestAStoreThatFailsMakesTheRelayUnready, with the reason.
func TestAStoreThatFailsMakesTheRelayUnready(t *testing.T) {
	hub := newRelay(relay.Config{Usable: func() error { return errDisk }})
	w := httptest.NewRecorder()
	hub.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
	if w.Code != http.StatusServiceUnavailable || w.Body.String() != errDisk.Error()+"\n" {
		t.Errorf("%d %q", w.Code, w.Body)
	}
}
