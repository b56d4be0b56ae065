package relay_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"coedit/transport"
	"coedit/transport/relay"
)

// listen runs a client that counts what it hears; count gets the number of frames so far, with every delivery.
func listen(b *testing.B, o transport.Options, count chan int) *transport.Client {
	b.Helper()
	c := transport.NewClient(o)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	ready := make(chan struct{})
	go func() { _ = c.Run(ctx) }()
	go func() {
		defer close(ended)
		n := 0
		for e := range c.Events() {
			switch e := e.(type) {
			case transport.CaughtUp:
				close(ready)
			case transport.Delivered:
				n += len(e.Frames)
				count <- n
			}
		}
	}()
	<-ready
	b.Cleanup(func() {
		cancel()
		for {
			select {
			case <-count:
			case <-ended:
				return
			}
		}
	})
	return c
}

// BenchmarkKeystroke is the time from Publish to delivery at another participant, over loopback.
func BenchmarkKeystroke(b *testing.B) {
	for _, others := range []int{1, 19} {
		b.Run(fmt.Sprint(others+1, " people"), func(b *testing.B) {
			h := newHouse(b, 1)
			url := serveHTTP(b, newRelay(relay.Config{}))
			counts := make([]chan int, others+1)
			var writer *transport.Client
			for i := range counts {
				counts[i] = make(chan int, 16)
				c := listen(b, transport.Options{Dial: transport.WebSocket(url), Room: h.room, Replica: uint64(i + 1), Manifest: h.manifest}, counts[i])
				if i == 0 {
					writer = c
				}
			}
			var took []time.Duration
			n := 0
			for b.Loop() {
				start := time.Now()
				n++
				if err := writer.Publish(transport.Frame{Replica: 1, Counter: uint64(n), Payload: []byte("sealed keystroke of about sixty bytes, with its header.....")}); err != nil {
					b.Fatal(err)
				}
				for _, c := range counts {
					for got := 0; got < n; {
						got = <-c
					}
				}
				took = append(took, time.Since(start))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs/op")
		})
	}
}

// BenchmarkPaste is how fast a large text passes through to nine others, in pieces of 32 KiB.
func BenchmarkPaste(b *testing.B) {
	const total, piece = 5 << 20, 32 << 10
	h := newHouse(b, 1)
	url := serveHTTP(b, newRelay(relay.Config{Log: relay.NewLimitedMemoryLog(1, relay.MemoryLimits{RoomBytes: 1 << 40, TotalBytes: 1 << 40})}))
	var counts []chan int
	var writer *transport.Client
	for i := range 10 {
		counts = append(counts, make(chan int, 16))
		c := listen(b, transport.Options{Dial: transport.WebSocket(url), Room: h.room, Replica: uint64(i + 1), Manifest: h.manifest}, counts[i])
		if i == 0 {
			writer = c
		}
	}
	payload := []byte(strings.Repeat("x", piece))
	b.SetBytes(total)
	n := 0
	for b.Loop() {
		for range total / piece {
			n++
			if err := writer.Publish(transport.Frame{Replica: 1, Counter: uint64(n), Payload: payload}); err != nil {
				b.Fatal(err)
			}
		}
		for _, c := range counts {
			for got := 0; got < n; {
				got = <-c
			}
		}
	}
}
