package seal_test

import (
	"testing"

	"coedit/transport/seal"
)

// keystrokes is how many frames are sealed beforehand, so that opening is measured alone.
const keystrokes = 256

// BenchmarkKeystroke seals and signs the frame of one key, and verifies and opens it at a peer. bench/relays/report.mjs
// reads the names.
func BenchmarkKeystroke(b *testing.B) {
	for _, suite := range sealed {
		e := newEstate(b, suite, 3)
		alice, bob := e.enter(b, seal.Write, 1), e.enter(b, seal.Write, 2)
		h := e.header(alice, 1, edits)
		if _, err := bob.Open(h, sealIt(b, alice, h, "introduces")); err != nil {
			b.Fatal(err)
		}
		text := make([]byte, 40)
		seals := func(b *testing.B) []byte {
			h.Counter++
			made, err := alice.Seal(h, text)
			if err != nil {
				b.Fatal(err)
			}
			return made
		}
		opens := func(b *testing.B, h seal.Header, made []byte) {
			if _, err := bob.Open(h, made); err != nil {
				b.Fatal(err)
			}
		}
		name := seal.SuiteName(suite)
		b.Run(name+"/seal", func(b *testing.B) {
			for b.Loop() {
				seals(b)
			}
		})
		b.Run(name+"/open", func(b *testing.B) {
			headers, made := make([]seal.Header, keystrokes), make([][]byte, keystrokes)
			for i := range made {
				made[i] = seals(b)
				headers[i] = h
			}
			for i := 0; b.Loop(); i++ {
				opens(b, headers[i%keystrokes], made[i%keystrokes])
			}
		})
		b.Run(name+"/both", func(b *testing.B) {
			for b.Loop() {
				made := seals(b)
				opens(b, h, made)
			}
		})
	}
}
