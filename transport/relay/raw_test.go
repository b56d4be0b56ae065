package relay_test

import (
	"strings"
	"testing"
	"time"

	"coedit/transport"
	"coedit/transport/relay"
	"coedit/transport/seal"
	"coedit/transport/wire"
)

// raw speaks the protocol message by message, right or wrong.
type raw struct {
	t    testing.TB
	conn transport.Conn
}

// dialRaw connects to a relay in memory; the relay's side ends with the test.
func dialRaw(t testing.TB, r *relay.Relay) *raw {
	t.Helper()
	a, b := transport.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.ServeConn(b)
	}()
	t.Cleanup(func() {
		_ = a.Close()
		<-done
	})
	return &raw{t, a}
}

func (r *raw) send(f *wire.ClientFrame) {
	r.t.Helper()
	b := wire.Marshal(f)
	if err := r.conn.WriteMessage(b); err != nil {
		r.t.Fatal(err)
	}
}

// read is the next message; it fails the test when the connection ends.
func (r *raw) read() *wire.RelayFrame {
	r.t.Helper()
	_ = r.conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	b, err := r.conn.ReadMessage()
	if err != nil {
		r.t.Fatal(err)
	}
	var f wire.RelayFrame
	if err := wire.Unmarshal(b, &f); err != nil {
		r.t.Fatal(err)
	}
	return &f
}

// closed expects that the relay closes the connection.
func (r *raw) closed() {
	r.t.Helper()
	_ = r.conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	if b, err := r.conn.ReadMessage(); err == nil {
		r.t.Errorf("%d more bytes, want the end of the connection", len(b))
	}
}

// goodbye expects a Goodbye, then the end.
func (r *raw) goodbye(code wire.Goodbye_Code, text string) {
	r.t.Helper()
	f := r.read()
	if g := f.GetGoodbye(); g.GetCode() != code || !strings.Contains(g.GetText(), text) {
		r.t.Errorf("message %v, want Goodbye %v with %q", f, code, text)
	}
	r.closed()
}

func hello(h house, replica uint64, change ...func(*wire.Hello)) *wire.ClientFrame {
	m := &wire.Hello{
		MinVersion: 1, MaxVersion: 1, Room: h.room, Replica: replica, NextCounter: 1, Manifest: h.manifest, Agent: "test",
	}
	for _, c := range change {
		c(m)
	}
	return &wire.ClientFrame{Kind: &wire.ClientFrame_Hello{Hello: m}}
}

// join says Hello and expects the Welcome.
func (r *raw) join(h house, replica uint64, change ...func(*wire.Hello)) *wire.Welcome {
	r.t.Helper()
	r.send(hello(h, replica, change...))
	f := r.read()
	if f.GetChallenge() != nil {
		r.send(r.answer(h, replica, f.GetChallenge()))
		f = r.read()
	}
	if f.GetWelcome() == nil {
		r.t.Fatalf("message %v, want Welcome", f)
	}
	return f.GetWelcome()
}

// answer is the proof of the right to write.
func (r *raw) answer(h house, replica uint64, c *wire.Challenge) *wire.ClientFrame {
	r.t.Helper()
	p, err := h.prove(seal.Write, nil, replica)(transport.Challenge{Version: c.GetVersion(), Nonce: c.GetNonce(), Manifest: c.GetManifest()})
	if err != nil {
		r.t.Fatal(err)
	}
	return &wire.ClientFrame{Kind: &wire.ClientFrame_Proof{Proof: &wire.Proof{Right: wire.Right(p.Right), Signature: p.Signature}}}
}

func publish(replica, counter uint64, payload string) *wire.ClientFrame {
	f := &wire.Frame{Replica: replica, Counter: counter, Class: wire.Class_CLASS_EDIT, Payload: []byte(payload)}
	return &wire.ClientFrame{Kind: &wire.ClientFrame_Publish{Publish: &wire.Publish{Frame: f}}}
}

// until reads until accept is true for a message, and gives that.
func (r *raw) until(what string, accept func(*wire.RelayFrame) bool) *wire.RelayFrame {
	r.t.Helper()
	for range 10_000 {
		if f := r.read(); accept(f) {
			return f
		}
	}
	r.t.Fatalf("never came: %s", what)
	return nil
}

func (r *raw) acked(counter uint64) {
	r.t.Helper()
	r.until("the ack", func(f *wire.RelayFrame) bool { return f.GetAck().GetCounter() == counter })
}

func (r *raw) nacked() *wire.Nack {
	r.t.Helper()
	return r.until("a nack", func(f *wire.RelayFrame) bool { return f.GetNack() != nil }).GetNack()
}
