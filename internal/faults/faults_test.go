package faults

import (
	"context"
	crand "crypto/rand"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"coedit/internal/session"
	"coedit/transport"
	"coedit/transport/relay"
	"coedit/transport/seal"
)

var (
	duration = flag.Duration("faults.for", 0, "how long connections break (default: 20 s under CI, else 5 s)")
	seed     = flag.Uint64("faults.seed", 0, "of the faults and of what is typed (default: random)")
)

const (
	guests     = 4
	typeEvery  = 25 * time.Millisecond
	calmWithin = 2 * time.Minute // everything must have arrived so long behind the last fault
	heapGrowth = 64 << 20        // bytes that may stay behind
	first      = 0x20000         // runes typed: each one is typed once
)

// TestNothingIsLostOverBrokenConnections lets everybody type characters that occur only once while connections break, and
// counts them in the end.
func TestNothingIsLostOverBrokenConnections(t *testing.T) {
	if *seed == 0 {
		*seed = rand.Uint64()
	}
	if *duration == 0 {
		*duration = 5 * time.Second
		if os.Getenv("CI") != "" {
			*duration = 20 * time.Second
		}
	}
	t.Logf("seed %d: go test ./internal/faults -faults.for=%s -faults.seed=%d", *seed, *duration, *seed)
	before := runtime.NumGoroutine()
	heap := heapInUse()

	w := newWorld(t)
	w.play(t)
	w.close(t)

	if grown := heapInUse() - heap; grown > heapGrowth {
		t.Errorf("the heap grew by %d bytes", grown)
	}
	// toxiproxy leaves some of its own behind when a fault is taken back in the middle of a write.
	goleak.VerifyNone(t, goleak.IgnoreAnyFunction("github.com/Shopify/toxiproxy/v2.(*ToxicLink).read"),
		goleak.IgnoreAnyFunction("github.com/Shopify/toxiproxy/v2.(*ToxicLink).write"),
		goleak.IgnoreAnyFunction("github.com/Shopify/toxiproxy/v2/toxics.(*ToxicStub).Run"))
	t.Logf("%d goroutines before, %d after", before, runtime.NumGoroutine())
}

func heapInUse() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// world is a relay and who takes part, each behind a proxy.
type world struct {
	relay   *relay.Relay
	server  *httptest.Server
	people  []*person
	running sync.WaitGroup
	stop    context.CancelFunc

	typed atomic.Int64 // runes, all together
	calm  atomic.Bool  // the faults are over
}

// person types; its loop is one goroutine.
type person struct {
	part   *session.Participant
	proxy  *proxy
	random *rand.Rand
	text   string // in the end
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{relay: relay.New(relay.Config{Log: relay.NewMemoryLog(1)})}
	w.server = httptest.NewServer(w.relay.Handler())
	ctx, stop := context.WithCancel(context.Background())
	w.stop = stop
	owner, err := seal.NewOwner(crand.Reader)
	check(t, err)
	room, err := owner.RoomID()
	check(t, err)
	write, err := owner.Derive(seal.Write)
	check(t, err)
	for i := range guests + 1 {
		p := &person{proxy: startProxy(t, w.server.Listener.Addr().String()), random: rand.New(rand.NewPCG(*seed, uint64(i)))}
		base := "http://" + p.proxy.address()
		o := session.Options{
			Link: seal.Link{Base: base, Room: room, Secret: write}, Dial: transport.WebSocket(base),
			Name: fmt.Sprint("person ", i), Patience: time.Minute,
		}
		if i == 0 {
			o.Owner, o.Meta = &owner, map[string]string{session.MetaName: "file"}
		}
		p.part, err = session.New(o)
		check(t, err)
		w.running.Go(func() { _ = p.part.Run(ctx) })
		joining, cancel := context.WithTimeout(ctx, time.Minute)
		defer cancel()
		if i == 0 {
			check(t, p.part.Drain(joining))
		} else {
			check(t, p.part.WaitReady(joining))
		}
		w.people = append(w.people, p)
	}
	return w
}

// play breaks connections for the time, then waits until all have everything.
func (w *world) play(t *testing.T) {
	faulty, cancel := context.WithTimeout(context.Background(), *duration)
	defer cancel()
	var breaking, typing sync.WaitGroup
	for i, p := range w.people {
		breaking.Go(func() { p.proxy.misbehave(t, faulty, rand.New(rand.NewPCG(*seed, uint64(1000+i)))) })
	}
	limit, cancel := context.WithTimeout(context.Background(), *duration+calmWithin)
	defer cancel()
	for i, p := range w.people {
		typing.Go(func() {
			if err := w.loop(limit, p); err != nil {
				t.Errorf("person %d: %v; %d of %d characters, %+v", i, err, len([]rune(p.text)), w.typed.Load(), p.part.Status(time.Now()))
			}
		})
	}
	breaking.Wait()
	w.calm.Store(true)
	typing.Wait()
	w.compare(t)
}

// loop types while there are faults, and then waits until all that was typed is here and what is own is acknowledged.
func (w *world) loop(ctx context.Context, p *person) error {
	var next time.Time
	return p.part.Drive(ctx, func(now time.Time) (time.Duration, bool, error) {
		ed := p.part.Editor()
		if w.calm.Load() {
			p.text = ed.View().String()
			return typeEvery, p.part.Drained() && len([]rune(p.text)) >= int(w.typed.Load()), nil
		}
		if wait := next.Sub(now); wait > 0 {
			return wait, false, nil
		}
		next = now.Add(typeEvery)
		at := p.random.IntN(ed.View().Len() + 1)
		ed.Select(at, at) // goes to the beginning of a character
		n := w.typed.Add(1)
		return typeEvery, false, ed.Insert(now.UnixMilli(), string(rune(first+n)))
	})
}

// compare checks that all ended with the same text, and each character in it once.
func (w *world) compare(t *testing.T) {
	t.Helper()
	n := int(w.typed.Load())
	want := w.people[0].text
	for i, p := range w.people {
		if p.text != want {
			t.Errorf("person %d has another text than person 0", i)
		}
	}
	seen := map[rune]int{}
	for _, r := range want {
		seen[r]++
	}
	for i := 1; i <= n; i++ {
		if c := seen[rune(first+i)]; c != 1 {
			t.Errorf("character %d of %d is there %d times", i, n, c)
		}
	}
	faults := map[string]int{}
	for _, p := range w.people {
		for what, c := range p.proxy.did {
			faults[what] += c
		}
	}
	t.Logf("%d characters; faults: %v", n, faults)
	if n == 0 || len(faults) == 0 {
		t.Error("nothing happened")
	}
}

func (w *world) close(t *testing.T) {
	t.Helper()
	for _, p := range w.people {
		p.part.Close()
	}
	w.stop()
	w.running.Wait()
	for _, p := range w.people {
		p.proxy.stop()
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	check(t, w.relay.Shutdown(ctx))
	w.server.Close()
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
