package relay_test

import (
	"bytes"
	"context"
	"net"
	"runtime"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"coedit/transport"
	"coedit/transport/relay"
)

// TestOneWhoStopsReadingCostsLittleAndDelaysNobody: ten connections read nothing while
// 32 MB go through the room. The others get everything, and the relay's memory grows
// by the log, not by the log for each of the slow ones.
func TestOneWhoStopsReadingCostsLittleAndDelaysNobody(t *testing.T) {
	const slow, frames, size = 10, 512, 64 << 10
	h := newHouse(t, 1)
	hub := newRelay(relay.Config{})
	url := serveHTTP(t, hub)
	anna := enter(t, transport.Options{Dial: transport.WebSocket(url), Room: h.room, Replica: 11, Manifest: h.manifest})
	await[transport.CaughtUp](anna, 0)
	for i := range uint64(slow) {
		stuck(t, url, h, 100+i)
	}
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	received := 0
	ben := transport.NewClient(transport.Options{Dial: transport.WebSocket(url), Room: h.room, Replica: 22})
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	ended := make(chan error, 1)
	go func() { ended <- ben.Run(ctx) }()
	payload := strings.Repeat("x", size)
	for range frames {
		anna.say(11, payload)
	}
	for e := range ben.Events() {
		switch e := e.(type) {
		case transport.Delivered:
			received += len(e.Frames)
		case transport.Offline:
			t.Fatalf("the other one was disturbed: %v", e.Err)
		}
		if received == frames {
			break
		}
	}
	anna.wait("all acks", func() bool { return anna.acked == frames })
	anna.mu.Lock()
	anna.frames, anna.events = nil, nil // their payloads are not the relay's
	anna.mu.Unlock()
	runtime.GC()
	runtime.ReadMemStats(&after)
	const log = frames * size
	grown := int64(after.HeapAlloc) - int64(before.HeapAlloc)
	t.Logf("heap grew by %d MB for a log of %d MB and %d stuck connections", grown>>20, log>>20, slow)
	if grown > log+log/2 {
		t.Errorf("heap grew by %d bytes for a log of %d", grown, log)
	}
	if s := hub.Stats(); s.Present != slow+2 {
		t.Errorf("%d present, want %d", s.Present, slow+2)
	}
	leave()
	for range ben.Events() {
		continue // until Run ends
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// stuck is a participant that joins and then reads nothing.
func stuck(t *testing.T, url string, h house, replica uint64) {
	t.Helper()
	d := websocket.Dialer{NetDial: func(network, addr string) (net.Conn, error) {
		c, err := net.Dial(network, addr)
		if err == nil {
			err = c.(*net.TCPConn).SetReadBuffer(16 << 10)
		}
		return c, err
	}}
	ws, _, err := d.Dial("ws"+strings.TrimPrefix(url, "http")+"/r/", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ws.Close() })
	if err := ws.WriteMessage(websocket.BinaryMessage, encode(t, hello(h, replica))); err != nil {
		t.Fatal(err)
	}
	_, b, err := ws.ReadMessage()
	if err != nil || !bytes.Contains(b, h.manifest) {
		t.Fatalf("%q, %v; want the Welcome", b, err)
	}
}
