package relay_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"coedit/transport"
	"coedit/transport/relay"
)

// TestNothingIsLostOrDoubledOnABadNetwork: connections break at random moments while
// everybody publishes; in the end all have the same frames, each once, in order.
func TestNothingIsLostOrDoubledOnABadNetwork(t *testing.T) {
	for seed := range uint64(30) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { badNetwork(t, seed) })
		})
	}
}

func badNetwork(t *testing.T, seed uint64) {
	const people, each = 4, 60
	rng := rand.New(rand.NewPCG(seed, 3))
	h := newHouse(t, 1)
	hub := newRelay(relay.Config{})
	at := relays{now: hub}
	var all []*person
	for i := range uint64(people) {
		all = append(all, enter(t, transport.Options{Dial: at.dial, Room: h.room, Replica: i + 1, Manifest: h.manifest}))
	}
	for range each {
		for i, p := range all {
			p.say(uint64(i+1), fmt.Sprintf("%d says %d", i+1, p.counter+1))
		}
		switch rng.IntN(12) {
		case 0:
			at.cutAll()
		case 1: // the network is away for a while
			at.set(nil)
			at.cutAll()
			time.Sleep(time.Duration(rng.IntN(5000)) * time.Millisecond) // fake time
			at.set(hub)
		case 2:
			time.Sleep(time.Duration(rng.IntN(20)) * time.Millisecond)
		}
	}
	for _, p := range all {
		p.wait("all frames", func() bool { return len(p.frames) >= people*each && p.acked == each })
	}
	for i, p := range all {
		last := map[uint64]uint64{}
		p.mu.Lock()
		if len(p.frames) != people*each {
			t.Errorf("%d has %d frames, want %d", i+1, len(p.frames), people*each)
		}
		for n, f := range p.frames {
			if f.Number != uint64(n+1) || f.Counter != last[f.Replica]+1 || string(f.Payload) != fmt.Sprintf("%d says %d", f.Replica, f.Counter) {
				t.Fatalf("%d: place %d holds number %d, %d/%d %q", i+1, n+1, f.Number, f.Replica, f.Counter, f.Payload)
			}
			last[f.Replica] = f.Counter
		}
		p.mu.Unlock()
	}
	if s := hub.Stats(); s.Nacks["CONFLICT"] != 0 {
		t.Errorf("nacks %v", s.Nacks)
	}
	stop(t, hub)
}

// proxy passes TCP on, until it is told to swallow everything without a word.
type proxy struct {
	listener net.Listener
	target   string
	swallow  atomic.Bool
	conns    sync.WaitGroup
}

func newProxy(t *testing.T, target string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{listener: l, target: target}
	p.conns.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			p.conns.Go(func() { p.serve(c) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		p.conns.Wait()
	})
	return p
}

func (p *proxy) serve(c net.Conn) {
	defer c.Close()
	up, err := net.Dial("tcp", p.target)
	if err != nil {
		return
	}
	defer up.Close()
	p.conns.Go(func() { p.pass(up, c) })
	p.pass(c, up)
	// A link that swallows does not tell the relay's side that the other one is gone.
	if p.swallow.Load() {
		_, _ = io.Copy(io.Discard, up)
	}
}

func (p *proxy) pass(to, from net.Conn) {
	buf := make([]byte, 4096)
	for {
		n, err := from.Read(buf)
		if err != nil {
			if !p.swallow.Load() {
				_ = to.Close()
			}
			return
		}
		if !p.swallow.Load() {
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
	}
}

// TestAHalfOpenConnectionIsNoticedWithin10s on real sockets: the network swallows
// everything, then works again; what was written meanwhile arrives.
func TestAHalfOpenConnectionIsNoticedWithin10s(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 1)
	url := serveHTTP(t, newRelay(relay.Config{}))
	p := newProxy(t, strings.TrimPrefix(url, "http://"))
	anna := enter(t, transport.Options{Dial: transport.WebSocket("http://" + p.listener.Addr().String()), Room: h.room, Replica: 11, Manifest: h.manifest})
	await[transport.CaughtUp](anna, 0)
	anna.say(11, "before")
	anna.wait("the ack", func() bool { return anna.acked == 1 })
	from := anna.seen()
	p.swallow.Store(true)
	start := time.Now()
	anna.say(11, "meanwhile")
	off := await[transport.Offline](anna, from)
	if d := time.Since(start); d > 10*time.Second || !errors.Is(off.Err, transport.ErrLost) {
		t.Errorf("noticed after %v: %v", d, off.Err)
	}
	if st := anna.client.Status(); st.Online || st.UnackedCount != 1 {
		t.Errorf("status %+v, want offline with one frame waiting", st)
	}
	p.swallow.Store(false)
	anna.wait("the ack", func() bool { return anna.acked == 2 })
}

// TestTheRelayDropsASilentParticipant, in fake time.
func TestTheRelayDropsASilentParticipant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 1)
		r := dialRaw(t, newRelay(relay.Config{}))
		r.join(h, 7)
		start := time.Now()
		_ = r.conn.SetReadDeadline(start.Add(time.Minute))
		b, err := r.conn.ReadMessage()
		if d := time.Since(start); err != nil || d != 20*time.Second || !strings.Contains(string(b), "nothing was heard") {
			t.Errorf("after %v: %q, %v; want the Goodbye after 20s", d, b, err)
		}
		r.closed()
	})
}

func TestTheRelayDropsOneWhoDoesNotSayHello(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := newRelay(relay.Config{HandshakeTimout: 4 * time.Second})
		r := dialRaw(t, hub)
		start := time.Now()
		r.closedAfterGoodbye()
		if d := time.Since(start); d != 4*time.Second {
			t.Errorf("dropped after %v, want 4s", d)
		}
		synctest.Wait()
		if s := hub.Stats(); s.Present != 0 || s.Goodbyes["TIMEOUT"] != 1 {
			t.Errorf("stats %+v", s)
		}
	})
}

// closedAfterGoodbye reads until the end of the connection.
func (r *raw) closedAfterGoodbye() {
	for {
		if _, err := r.conn.ReadMessage(); err != nil {
			return
		}
	}
}

func TestRoomsExpireWhenNobodyComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 1)
		hub := newRelay(relay.Config{RoomTTL: time.Hour})
		r := dialRaw(t, hub)
		r.join(h, 7)
		r.send(publish(7, 1, "a"))
		r.acked(1)
		_ = r.conn.Close()
		synctest.Wait()
		time.Sleep(50 * time.Minute) // fake time
		if n := hub.Stats().Rooms; n != 1 {
			t.Errorf("%d rooms after 50 minutes, want 1", n)
		}
		time.Sleep(40 * time.Minute)
		if n := hub.Stats().Rooms; n != 0 {
			t.Errorf("%d rooms after 90 minutes, want 0", n)
		}
		gone := dialRaw(t, hub)
		gone.send(hello(house{room: h.room}, 7))
		if g := gone.read().GetGoodbye(); !strings.Contains(g.GetText(), "it has ended") {
			t.Errorf("Goodbye %v", g)
		}
		stop(t, hub)
	})
}

// TestShutdownSendsEverybodyAwayAndTheyComeBack to another relay over the same log: nothing is lost.
func TestShutdownSendsEverybodyAwayAndTheyComeBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 1)
		log := relay.NewMemoryLog(1)
		at := relays{now: newRelay(relay.Config{Log: log})}
		old := at.now
		var all []*person
		for i := range uint64(10) {
			p := enter(t, transport.Options{Dial: at.dial, Room: h.room, Replica: i + 1, Manifest: h.manifest})
			await[transport.CaughtUp](p, 0)
			p.say(i+1, "before")
			p.wait("the ack", func() bool { return p.acked == 1 })
			all = append(all, p)
		}
		at.set(newRelay(relay.Config{Log: log}))
		stop(t, old)
		when := map[time.Duration]int{}
		for i, p := range all {
			p.say(uint64(i+1), "after")
			off := await[transport.Offline](p, 0)
			if off.RetryIn < 500*time.Millisecond || off.RetryIn > 2500*time.Millisecond || !strings.Contains(off.Err.Error(), "restarting") {
				t.Errorf("Offline %+v", off)
			}
			when[off.RetryIn]++
		}
		if len(when) < 8 {
			t.Errorf("ten people come back at only %d different times", len(when))
		}
		for _, p := range all {
			p.wait("all frames", func() bool { return len(p.frames) == 20 && p.acked == 2 })
			on := 0
			for _, e := range p.events {
				if e, ok := e.(transport.Online); ok {
					on++
					if e.Restore {
						t.Error("Restore is said although the log is there")
					}
				}
			}
			if on != 2 {
				t.Errorf("online %d times, want 2", on)
			}
		}
		late := dialRaw(t, old)
		if g := late.read().GetGoodbye(); g.GetCode().String() != "SHUTDOWN" {
			t.Errorf("one who comes late: Goodbye %v", g)
		}
		stop(t, at.now)
	})
}

func TestShutdownDoesNotWaitForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 1)
		hub := newRelay(relay.Config{})
		r := dialRaw(t, hub) // never reads its Goodbye, never closes
		r.join(h, 7)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		err := hub.Shutdown(ctx)
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
			t.Errorf("Shutdown: %v after %v", err, time.Since(start))
		}
	})
}

func TestRoomsAndConnectionsAreLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newHouse(t, 1), newHouse(t, 2)
		hub := newRelay(relay.Config{MaxRooms: 1, MaxPerRoom: 2, MaxConns: 4})
		for replica := range uint64(2) {
			dialRaw(t, hub).join(a, replica+1)
		}
		for text, h := range map[string]house{"room is full": a, "keeps 1 rooms": b} {
			r := dialRaw(t, hub)
			r.send(hello(h, 9))
			if g := r.read().GetGoodbye(); g.GetCode().String() != "LIMIT" || !strings.Contains(g.GetText(), text) {
				t.Errorf("Goodbye %v, want LIMIT with %q", g, text)
			}
			_ = r.conn.Close()
			synctest.Wait()
		}
		dialRaw(t, hub)
		dialRaw(t, hub)
		synctest.Wait()
		over := dialRaw(t, hub)
		if g := over.read().GetGoodbye(); g.GetCode().String() != "UNAVAILABLE" || g.GetRetryAfterMs() == 0 || !strings.Contains(g.GetText(), "(4)") {
			t.Errorf("one connection too many: Goodbye %v", g)
		}
	})
}
