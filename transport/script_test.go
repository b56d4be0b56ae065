package transport

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"coedit/transport/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const me = 77 // the client's replica

// script is the world of one client in a bubble of fake time: a test plays its relay, message by message.
type script struct {
	t      *testing.T
	client *Client
	cancel context.CancelFunc
	dials  chan Conn   // relay's ends of the connections made
	down   atomic.Bool // dialing fails
	ended  chan error
}

// play runs test in a bubble, with a client that is running.
func play(t *testing.T, o Options, test func(*script)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &script{t: t, dials: make(chan Conn, 16), ended: make(chan error, 1)}
		o.Dial, o.Room, o.Rand = s.dial, "room", rand.New(rand.NewPCG(1, 2))
		o.Replica = me
		if o.Prove == nil {
			o.Prove = func(c Challenge) (Proof, error) { return Proof{Right: 2, Signature: c.Nonce}, nil }
		}
		s.client = NewClient(o)
		ctx, cancel := context.WithCancel(t.Context())
		s.cancel = cancel
		go func() { s.ended <- s.client.Run(ctx) }()
		test(s)
		cancel()
		synctest.Wait()
		for range s.client.Events() {
			continue // until Run closes it
		}
		close(s.dials)
		for c := range s.dials {
			_ = c.Close()
		}
	})
}

var errDown = errors.New("the network is down")

func (s *script) dial(context.Context) (Conn, error) {
	if s.down.Load() {
		return nil, errDown
	}
	a, b := Pipe()
	s.dials <- b
	return a, nil
}

// peer is the relay's end of one connection.
type peer struct {
	*script
	conn  Conn
	hello *wire.Hello
}

// accept waits for a connection and its Hello.
func (s *script) accept() *peer {
	s.t.Helper()
	p := &peer{script: s, conn: <-s.dials}
	hello, ok := p.read().GetKind().(*wire.ClientFrame_Hello)
	if !ok {
		s.t.Fatal("the first message is no Hello")
	}
	p.hello = hello.Hello
	return p
}

// admit accepts and welcomes; change, if not nil, alters the Welcome.
func (s *script) admit(change func(*wire.Welcome)) *peer {
	s.t.Helper()
	p := s.accept()
	w := &wire.Welcome{
		Version: 1, Incarnation: 5, LastCounter: p.hello.GetNextCounter() - 1,
		Limits: &wire.Limits{MaxMessage: 1 << 20, MaxFrame: 1 << 19, MaxPresence: 1 << 10, MaxSnapshot: 1 << 20},
	}
	if change != nil {
		change(w)
	}
	if w.GetVersion() >= 2 && p.hello.GetMaxVersion() >= 2 {
		p.say(&wire.RelayFrame{Kind: &wire.RelayFrame_Challenge{Challenge: &wire.Challenge{Version: w.GetVersion(), Nonce: []byte("nonce")}}})
		if p.next().GetProof() == nil {
			s.t.Error("no proof")
		}
	}
	p.say(&wire.RelayFrame{Kind: &wire.RelayFrame_Welcome{Welcome: w}})
	return p
}

// read is the client's next message; nil when the connection has ended.
func (p *peer) read() *wire.ClientFrame {
	p.t.Helper()
	b, err := p.conn.ReadMessage()
	if err != nil {
		return nil
	}
	var f wire.ClientFrame
	if err := wire.Unmarshal(b, &f); err != nil {
		p.t.Fatal(err)
	}
	return &f
}

// next is the client's next message that is no Ping.
func (p *peer) next() *wire.ClientFrame {
	p.t.Helper()
	for {
		f := p.read()
		if f.GetPing() == nil {
			return f
		}
	}
}

// published expects a Publish and gives its frame.
func (p *peer) published() *wire.Frame {
	p.t.Helper()
	f := p.next()
	if f.GetPublish() == nil {
		p.t.Fatalf("message %v, want a Publish", f)
	}
	return f.GetPublish().GetFrame()
}

// quiet expects that the client sends nothing but pings for d, and answers those.
func (p *peer) quiet(d time.Duration) {
	p.t.Helper()
	end := time.Now().Add(d)
	_ = p.conn.SetReadDeadline(end)
	defer func() { _ = p.conn.SetReadDeadline(time.Time{}) }()
	for {
		f := p.read()
		if f == nil {
			if time.Now().Before(end) {
				p.t.Fatal("the connection ended")
			}
			return
		}
		if f.GetPing() == nil {
			p.t.Fatalf("message %v, want silence", f)
		}
		p.pong(f.GetPing())
	}
}

func (p *peer) pong(ping *wire.Ping) {
	p.say(&wire.RelayFrame{Kind: &wire.RelayFrame_Pong{Pong: &wire.Pong{ClientTime: ping.GetClientTime(), RelayTime: time.Now().UnixMicro()}}})
}

func (p *peer) say(f *wire.RelayFrame) {
	p.t.Helper()
	b := wire.Marshal(f)
	if err := p.conn.WriteMessage(b); err != nil {
		p.t.Fatalf("saying %v: %v", f, err)
	}
}

func (p *peer) ack(counter uint64) {
	p.say(&wire.RelayFrame{Kind: &wire.RelayFrame_Ack{Ack: &wire.Ack{Counter: counter}}})
}

func (p *peer) nack(n *wire.Nack) { p.say(&wire.RelayFrame{Kind: &wire.RelayFrame_Nack{Nack: n}}) }

func (p *peer) goodbye(g *wire.Goodbye) {
	p.say(&wire.RelayFrame{Kind: &wire.RelayFrame_Goodbye{Goodbye: g}})
}

func (p *peer) deliver(after uint64, frames ...*wire.Frame) {
	p.say(&wire.RelayFrame{Kind: &wire.RelayFrame_Deliver{Deliver: deliver(after, frames...)}})
}

// event waits for the next event of a type; others are passed over.
func event[E Event](s *script) E {
	s.t.Helper()
	for e := range s.client.Events() {
		if e, ok := e.(E); ok {
			return e
		}
	}
	s.t.Fatalf("the events ended without a %T", *new(E))
	panic("unreachable")
}

func (s *script) publish(counter uint64) {
	s.t.Helper()
	f := Frame{Replica: me, Counter: counter, Class: ClassEdit, Payload: fmt.Appendf(nil, "frame %d", counter)}
	if err := s.client.Publish(f); err != nil {
		s.t.Fatal(err)
	}
}
