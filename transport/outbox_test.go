package transport

import (
	"errors"
	"testing"

	"pgregory.net/rapid"
)

func frameOf(counter uint64, size int) Frame {
	return Frame{Replica: 1, Counter: counter, Payload: make([]byte, size)}
}

func TestOutboxTakesCountersInOrder(t *testing.T) {
	b := outbox{last: 4}
	for _, counter := range []uint64{0, 4, 6} {
		if err := b.push(frameOf(counter, 1)); !errors.Is(err, ErrOrder) {
			t.Errorf("counter %d after 4: %v, want ErrOrder", counter, err)
		}
	}
	if err := b.push(frameOf(5, 1)); err != nil {
		t.Error(err)
	}
}

func TestOutboxSendsOneFrameBeyondTheWindow(t *testing.T) {
	var b outbox
	for n := range uint64(3) {
		if err := b.push(frameOf(n+1, 100)); err != nil {
			t.Fatal(err)
		}
	}
	if f, ok := b.next(50); !ok || f.Counter != 1 {
		t.Fatalf("first frame: %v %v, want counter 1 although it is larger than the window", f.Counter, ok)
	}
	if f, ok := b.next(150); ok {
		t.Fatalf("counter %d was sent over the window", f.Counter)
	}
	if f, ok := b.next(200); !ok || f.Counter != 2 {
		t.Fatalf("second frame: %v %v", f.Counter, ok)
	}
}

// TestOutboxAgainstAModel drives an outbox with everything a relay may say and
// compares it with the plain list of frames.
func TestOutboxAgainstAModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b outbox
		acked, last, sent := uint64(0), uint64(0), uint64(0)
		sizes := map[uint64]int{}
		t.Repeat(map[string]func(*rapid.T){
			"push": func(t *rapid.T) {
				last++
				sizes[last] = rapid.IntRange(0, 50).Draw(t, "size")
				if err := b.push(frameOf(last, sizes[last])); err != nil {
					t.Fatal(err)
				}
			},
			"send": func(t *rapid.T) {
				window := rapid.IntRange(1, 100).Draw(t, "window")
				f, ok := b.next(window)
				flying := 0
				for n := acked + 1; n <= sent; n++ {
					flying += sizes[n]
				}
				may := sent < last && (sent == acked || flying+sizes[sent+1] <= window)
				if ok != may {
					t.Fatalf("sent %d of %d, %d flying, window %d: next is %v", sent, last, flying, window, ok)
				}
				if ok {
					sent++
					if f.Counter != sent {
						t.Fatalf("counter %d was sent, want %d", f.Counter, sent)
					}
				}
			},
			"ack": func(t *rapid.T) {
				n := rapid.Uint64Range(0, last+2).Draw(t, "counter")
				some, err := b.ack(n)
				if (err != nil) != (n > last) || some != (n > acked && n <= last) {
					t.Fatalf("ack %d of %d..%d: %v %v", n, acked, last, some, err)
				}
				if err == nil {
					acked = max(acked, n)
					sent = max(sent, acked)
				}
			},
			"rewind": func(t *rapid.T) {
				n := rapid.Uint64Range(0, last+2).Draw(t, "counter")
				err := b.rewind(n)
				if (err == nil) != (n > acked && n <= sent+1) {
					t.Fatalf("rewind to %d, acked %d, sent %d: %v", n, acked, sent, err)
				}
				if err == nil {
					sent = n - 1
				}
			},
			"forget": func(*rapid.T) {
				b.forget()
				acked, sent = last, last
			},
			"": func(t *rapid.T) {
				bytes := 0
				for n := acked + 1; n <= last; n++ {
					bytes += sizes[n]
				}
				if b.first() != acked+1 || b.last != last || b.bytes != bytes {
					t.Fatalf("holds %d..%d with %d bytes, want %d..%d with %d", b.first(), b.last, b.bytes, acked+1, last, bytes)
				}
			},
		})
	})
}
