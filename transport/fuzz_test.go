package transport

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"coedit/transport/wire"
)

// goldenFrames are the kept messages of one side.
func goldenFrames(f *testing.F, side string) [][]byte {
	f.Helper()
	names, err := filepath.Glob("testdata/golden/v1/" + side + "_*.bin")
	if err != nil || len(names) == 0 {
		f.Fatal(names, err)
	}
	var frames [][]byte
	for _, n := range names {
		b, err := os.ReadFile(n)
		if err != nil {
			f.Fatal(err)
		}
		frames = append(frames, b)
	}
	return frames
}

// FuzzClient: a relay may say anything; the client neither panics nor hangs, and goes
// on after the connection was dropped.
func FuzzClient(f *testing.F) {
	welcome := wire.Marshal(&wire.RelayFrame{Kind: &wire.RelayFrame_Welcome{Welcome: &wire.Welcome{
		Version: 1, Incarnation: 5, Limits: &wire.Limits{MaxMessage: 1 << 20, MaxFrame: 1 << 19, MaxPresence: 99},
	}}})
	for _, b := range goldenFrames(f, "relay") {
		f.Add(welcome, b)
		f.Add(b, b)
	}
	f.Fuzz(func(t *testing.T, first, second []byte) {
		synctest.Test(t, func(t *testing.T) {
			var dials atomic.Int32
			c := NewClient(Options{
				Replica: me, Rand: rand.New(rand.NewPCG(1, 2)),
				Dial: func(context.Context) (Conn, error) {
					dials.Add(1)
					a, b := Pipe()
					go func() {
						_, _ = b.ReadMessage()
						_ = b.WriteMessage(first)
						_ = b.WriteMessage(second)
						for range 3 {
							_, _ = b.ReadMessage()
						}
						_ = b.Close()
					}()
					return a, nil
				},
			})
			_ = c.Publish(Frame{Replica: me, Counter: 1, Payload: []byte("x")})
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Hour) // fake time; a Goodbye may ask for two
			defer cancel()
			ended := make(chan error, 1)
			go func() { ended <- c.Run(ctx) }()
			for range c.Events() {
				if dials.Load() > 3 {
					cancel()
				}
			}
			if err := <-ended; err == nil && dials.Load() < 2 {
				t.Errorf("after %d connections it ended without an error", dials.Load())
			}
		})
	})
}
