package relay_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"coedit/transport"
	"coedit/transport/relay"
	"coedit/transport/seal"
)

func TestMain(m *testing.M) {
	if os.Getenv(relayProcess) != "" {
		serveProcess()
		return
	}
	goleak.VerifyTestMain(m)
}

// house is a room's owner: what is needed to make it.
type house struct {
	room     string
	manifest []byte
	owner    seal.Secret
	suite    byte
}

// houses are those of all tests, by room: whoever enters one has its write secret.
var houses sync.Map

// prove answers a challenge with a right. Rooms that encrypt need an identity, whose replica it is.
func (h house) prove(right seal.Right, id *seal.Identity, replica uint64) func(transport.Challenge) (transport.Proof, error) {
	return func(c transport.Challenge) (transport.Proof, error) {
		m, err := seal.VerifyManifest(h.room, c.Manifest)
		if err != nil {
			return transport.Proof{}, err
		}
		secret, err := h.owner.Derive(right)
		if err != nil {
			return transport.Proof{}, err
		}
		p, err := seal.Prove(m, secret, id, seal.Challenge{Host: c.Host, Room: h.room, Replica: replica, Version: c.Version, Nonce: c.Nonce})
		return transport.Proof{Right: uint8(p.Right), Signature: p.Signature, Certificate: p.Certificate, Replica: p.Replica}, err
	}
}

func newHouse(t testing.TB, seed byte) house {
	t.Helper()
	return houseFrom(t, bytes.Repeat([]byte{seed}, 32))
}

// numberedHouse is one of many.
func numberedHouse(t testing.TB, n int) house {
	t.Helper()
	seed := make([]byte, 32)
	binary.LittleEndian.PutUint64(seed, uint64(n)+1)
	return houseFrom(t, seed)
}

func houseFrom(t testing.TB, seed []byte) house {
	t.Helper()
	owner, err := seal.NewOwner(bytes.NewReader(seed))
	if err != nil {
		t.Fatal(err)
	}
	room, err := owner.RoomID()
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := seal.NewManifest(owner, seal.SuitePlain, 1700000000000)
	if err != nil {
		t.Fatal(err)
	}
	h := house{room: room, manifest: manifest, owner: owner, suite: seal.SuitePlain}
	houses.Store(room, h)
	return h
}

// relays is an address behind which the relay can be exchanged, or be absent.
type relays struct {
	mu  sync.Mutex
	now *relay.Relay
	cut []transport.Conn // relay's ends of the open connections
}

func (r *relays) set(x *relay.Relay) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = x
}

var errNoRelay = errors.New("no relay")

func (r *relays) dial(context.Context) (transport.Conn, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.now == nil {
		return nil, errNoRelay
	}
	a, b := transport.Pipe()
	r.cut = append(r.cut, b)
	go r.now.ServeConn(b)
	return a, nil
}

// cutAll ends every connection, as a network does.
func (r *relays) cutAll() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.cut {
		_ = c.Close()
	}
	r.cut = nil
}

func newRelay(cfg relay.Config) *relay.Relay {
	if cfg.Log == nil {
		cfg.Log = relay.NewMemoryLog(1)
	}
	return relay.New(cfg)
}

// serveHTTP runs a relay on loopback.
func serveHTTP(t testing.TB, r *relay.Relay) string {
	t.Helper()
	s := httptest.NewServer(r.Handler())
	t.Cleanup(func() {
		stop(t, r)
		s.Close()
	})
	return s.URL
}

func stop(t testing.TB, r *relay.Relay) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := r.Shutdown(ctx); err != nil {
		t.Error(err)
	}
}

// person is a client with everything it was told.
type person struct {
	t      testing.TB
	client *transport.Client
	cancel context.CancelFunc
	ended  chan error // Run's result

	mu        sync.Mutex
	changed   chan struct{} // closed and replaced at each event
	events    []transport.Event
	frames    []transport.Frame
	acked     uint64
	snapshots []transport.Snapshot
	counter   uint64
}

func enter(t testing.TB, o transport.Options) *person {
	t.Helper()
	if h, ok := houses.Load(o.Room); ok && o.Prove == nil {
		o.Prove = h.(house).prove(seal.Write, nil, o.Replica)
	}
	if o.Rand == nil {
		o.Rand = rand.New(rand.NewPCG(o.Replica, 7))
	}
	ctx, cancel := context.WithCancel(context.Background())
	p := &person{
		t: t, client: transport.NewClient(o), cancel: cancel,
		ended: make(chan error, 1), changed: make(chan struct{}), counter: o.Counter,
	}
	go func() { p.ended <- p.client.Run(ctx) }()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for e := range p.client.Events() {
			p.note(e)
		}
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	return p
}

func (p *person) note(e transport.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.events = append(p.events, e)
	switch e := e.(type) {
	case transport.Delivered:
		p.frames = append(p.frames, e.Frames...)
	case transport.Acked:
		p.acked = e.Counter
	case transport.Online:
		p.acked = max(p.acked, e.LastCounter)
	case transport.Snapshot:
		p.snapshots = append(p.snapshots, e)
	}
	close(p.changed)
	p.changed = make(chan struct{})
}

// wait waits until cond, called with mu held, is true.
func (p *person) wait(what string, cond func() bool) {
	p.t.Helper()
	limit := time.NewTimer(30 * time.Second)
	defer limit.Stop()
	for {
		p.mu.Lock()
		ok, changed := cond(), p.changed
		p.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-changed:
		case <-limit.C:
			p.mu.Lock()
			defer p.mu.Unlock()
			p.t.Fatalf("never came: %s; %d events, %d frames, acked %d, last events %v", what, len(p.events), len(p.frames), p.acked, p.events[max(0, len(p.events)-5):])
		}
	}
}

// say publishes the next frame.
func (p *person) say(replica uint64, text string) {
	p.t.Helper()
	p.mu.Lock()
	p.counter++
	n := p.counter
	p.mu.Unlock()
	err := p.client.Publish(transport.Frame{Replica: replica, Counter: n, Class: transport.ClassEdit, Payload: []byte(text)})
	if err != nil {
		p.t.Fatal(err)
	}
}

// texts are the payloads delivered so far.
func (p *person) texts() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var texts []string
	for _, f := range p.frames {
		texts = append(texts, string(f.Payload))
	}
	return texts
}

// first is the first event of a type after the n-th event.
func first[E transport.Event](p *person, from int) (E, bool) {
	for _, e := range p.events[min(from, len(p.events)):] {
		if e, ok := e.(E); ok {
			return e, true
		}
	}
	var none E
	return none, false
}

// await waits for an event of a type after the n-th event, and gives it.
func await[E transport.Event](p *person, from int) E {
	p.t.Helper()
	var got E
	p.wait("an event", func() (ok bool) {
		got, ok = first[E](p, from)
		return ok
	})
	return got
}

// seen is the number of events so far.
func (p *person) seen() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.events)
}

// serve runs a web server that is no relay.
func serve(t testing.TB, h http.Handler) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}
