package relay_test

import (
	"bytes"
	"context"
	"net"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"coedit/transport"
	"coedit/transport/relay"
	"coedit/transport/wire"
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

// TestAParticipantThatStopsReadingIsNoBurden: in two rooms of one relay with a store, in a process of its own, somebody sends
// as fast as the other takes it. In one of them a third participant stops reading for all the while. The relay's heap
// grows by no more than 4 MB, the other one waits no longer than in the room beside, and the slow one gets everything
// in the end.
//
// COEDIT_SLOW_MB=128 COEDIT_SLOW_SECONDS=60 for the figures that the documentation names.
func TestAParticipantThatStopsReadingIsNoBurden(t *testing.T) {
	megabytes, seconds := number(t, "COEDIT_SLOW_MB", 16), number(t, "COEDIT_SLOW_SECONDS", 0)
	const size, most = 64 << 10, 4 << 20
	frames := megabytes << 20 / size
	p := startProcess(t, relayData+"="+t.TempDir())
	url := "http://" + p.addr
	run := map[string]func(int) time.Duration{}
	for i, name := range []string{"slow", "quick"} {
		h := newHouse(t, byte(i+1))
		anna := transport.Options{Dial: transport.WebSocket(url), Room: h.room, Replica: 11, Manifest: h.manifest, MaxVersion: 1}
		ben := anna
		ben.Replica = 22
		run[name] = rush(t, anna, ben, 8, size) // what is made once is there
	}
	laggard := stuck(t, url, newHouse(t, 1), 100)
	stop := pinged(laggard)
	defer stop()
	_, before := p.state()
	began := time.Now()
	p99 := map[string]time.Duration{}
	var rooms sync.WaitGroup
	var mu sync.Mutex
	for name, send := range run {
		rooms.Go(func() {
			took := send(frames)
			mu.Lock()
			defer mu.Unlock()
			p99[name] = took
		})
	}
	rooms.Wait()
	if left := time.Duration(seconds)*time.Second - time.Since(began); left > 0 {
		time.Sleep(left) // it stays away as long as was asked for; there is no condition to wait for
	}
	_, after := p.state()
	t.Logf("%d MB went through each room; p99 %v; the heap grew by %d KB", megabytes, p99, (after-before)>>10)
	if after-before > most && !raced {
		t.Errorf("the relay's heap grew by %d bytes, at most %d were promised", after-before, most)
	}
	if last := readThrough(t, laggard, uint64(8+frames)); last != uint64(8+frames) {
		t.Errorf("the slow one got everything up to %d of %d", last, 8+frames)
	}
	if p99["slow"] > 2*p99["quick"]+50*time.Millisecond {
		t.Errorf("beside a slow participant p99 was %v, in the other room %v", p99["slow"], p99["quick"])
	}
}

func number(t *testing.T, variable string, otherwise int) int {
	t.Helper()
	s := os.Getenv(variable)
	if s == "" {
		return otherwise
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatalf("%s: %v", variable, err)
	}
	return n
}

// rush brings a writer and a reader into a room and sends a few frames; the function it gives sends so many more, a few
// under way at a time, and tells the 99th percentile of what they took to the reader.
func rush(t *testing.T, from, to transport.Options, few, size int) func(frames int) time.Duration {
	t.Helper()
	writer, reader := transport.NewClient(from), transport.NewClient(to)
	ctx, leave := context.WithCancel(context.Background())
	var clients sync.WaitGroup
	arrived := make(chan uint64, 1024)
	clients.Go(func() { _ = writer.Run(ctx) })
	clients.Go(func() { _ = reader.Run(ctx) })
	clients.Go(func() {
		for e := range reader.Events() {
			if d, ok := e.(transport.Delivered); ok {
				for _, f := range d.Frames {
					arrived <- f.Counter
				}
			}
		}
	})
	clients.Go(func() {
		for range writer.Events() {
			continue
		}
	})
	t.Cleanup(func() {
		leave()
		clients.Wait()
	})
	payload := []byte(strings.Repeat("x", size))
	counter, next := uint64(0), uint64(0)
	run := func(frames int) time.Duration {
		const window = 4
		sent := map[uint64]time.Time{}
		var took []time.Duration
		for last := counter + uint64(frames); next < last; {
			for counter < last && counter < next+window {
				counter++
				sent[counter] = time.Now()
				if err := writer.Publish(transport.Frame{Replica: from.Replica, Counter: counter, Class: transport.ClassEdit, Payload: payload}); err != nil {
					t.Error(err)
					return 0
				}
			}
			select {
			case next = <-arrived:
			case <-time.After(time.Minute):
				t.Errorf("frame %d never arrived", next+1)
				return 0
			}
			took = append(took, time.Since(sent[next]))
			delete(sent, next)
		}
		slices.Sort(took)
		return took[len(took)*99/100]
	}
	run(few)
	return run
}

// pinged keeps a connection alive without reading from it, until told to stop.
func pinged(ws *websocket.Conn) (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-done:
				return
			case <-time.After(time.Second):
				ping := &wire.ClientFrame{Kind: &wire.ClientFrame_Ping{Ping: &wire.Ping{ClientTime: 1}}}
				_ = ws.WriteMessage(websocket.BinaryMessage, wire.Marshal(ping))
			}
		}
	}()
	return sync.OnceFunc(func() {
		close(done)
		<-ended
	})
}

// readThrough reads frames in order, without a hole, up to a number; it gives the last one it got.
func readThrough(t *testing.T, ws *websocket.Conn, through uint64) (last uint64) {
	t.Helper()
	for last < through {
		_ = ws.SetReadDeadline(time.Now().Add(30 * time.Second))
		_, b, err := ws.ReadMessage()
		if err != nil {
			t.Error(err)
			return last
		}
		var f wire.RelayFrame
		if err := wire.Unmarshal(b, &f); err != nil {
			t.Fatal(err)
		}
		for _, frame := range f.GetDeliver().GetFrames() {
			if frame.GetNumber() != last+1 {
				t.Fatalf("frame %d after %d", frame.GetNumber(), last)
			}
			last++
		}
	}
	return last
}

// stuck is a participant that joins and then reads nothing.
func stuck(t *testing.T, url string, h house, replica uint64) *websocket.Conn {
	t.Helper()
	d := websocket.Dialer{NetDial: func(network, addr string) (net.Conn, error) {
		c, err := net.Dial(network, addr)
		if err == nil {
			err = c.(*net.TCPConn).SetReadBuffer(256 << 10) // a few of loopback's segments: fewer stall for minutes when reading begins again
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
	return ws
}
