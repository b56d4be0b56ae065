package seal_test

import (
	"testing"

	"coedit/transport/seal"
)

// BenchmarkKeystroke seals and signs the frame of one key, and opens it at a peer.
func BenchmarkKeystroke(b *testing.B) {
	for _, suite := range sealed {
		b.Run(seal.SuiteName(suite), func(b *testing.B) {
			e := newEstate(b, suite, 3)
			alice, bob := e.enter(b, seal.Write, 1), e.enter(b, seal.Write, 2)
			h := e.header(alice, 1, edits)
			if _, err := bob.Open(h, sealIt(b, alice, h, "introduces")); err != nil {
				b.Fatal(err)
			}
			text := make([]byte, 40)
			for b.Loop() {
				h.Counter++
				sealed, err := alice.Seal(h, text)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := bob.Open(h, sealed); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
