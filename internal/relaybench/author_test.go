package relaybench

import (
	"errors"
	"math/rand/v2"
	"testing"

	crand "crypto/rand"

	"coedit/transport"
	"coedit/transport/seal"
)

// pair are two clients of a room.
func pair(t *testing.T, o Options) (publishes, opens *author) {
	t.Helper()
	rm, err := newRoom()
	if err != nil {
		t.Fatal(err)
	}
	both := [2]*author{}
	for i := range both {
		self, err := seal.NewIdentity(seal.SuiteXChaCha, crand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if both[i], err = newAuthor(rm, self, o); err != nil {
			t.Fatal(err)
		}
	}
	return both[0], both[1]
}

func made(t *testing.T, a *author, counter uint64) transport.Frame {
	t.Helper()
	f, err := a.frame(counter, rand.New(rand.NewPCG(counter, 1)))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestFramesAreSealedAsTheEditorsAre: a keystroke has 164 bytes once its author is known; nothing changed opens.
func TestFramesAreSealedAsTheEditorsAre(t *testing.T) {
	for payload, size := range map[int]int{0: 164, 120: 228, 8000: 8292} {
		a, b := pair(t, Options{Payload: payload})
		for counter := uint64(1); counter <= 3; counter++ {
			f := made(t, a, counter)
			if err := b.open(f); err != nil {
				t.Errorf("frame %d of %d bytes: %v", counter, payload, err)
			}
			if counter > 1 && len(f.Payload) != size {
				t.Errorf("an edit of %d bytes is sealed in %d, not %d", payload, len(f.Payload), size)
			}
			f.Payload[len(f.Payload)-1] ^= 1
			if err := b.open(f); !errors.Is(err, seal.ErrForged) {
				t.Errorf("an altered frame opens: %v", err)
			}
		}
		f := made(t, a, 4)
		f.Counter = 5
		if err := b.open(f); !errors.Is(err, seal.ErrForged) {
			t.Errorf("a frame opens under another counter: %v", err)
		}
	}
}
