package codec_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"coedit/internal/codec"
	"coedit/rga"
)

func Example() {
	d := rga.New(1)
	if _, _, err := d.Edit(0, rga.Edit{Insert: strings.Repeat("to and fro ", 200)}); err != nil {
		fmt.Println(err)
	}
	loaded, err := rga.DecodeWith(d.EncodeWith(codec.Zstd), 2, codec.All()...)
	fmt.Println(len(d.EncodeWith(codec.Zstd)) < len(d.Encode())/10, loaded.Len(), err)
	// Output: true 2200 <nil>
}

var all = map[string]rga.Codec{"zstd": codec.Zstd, "zstd best": codec.ZstdBest, "lz4": codec.LZ4, "lz4 fast": codec.LZ4Fast}

// inputs are bytes of several kinds and sizes.
func inputs() [][]byte {
	rng := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 70_000)
	for i := range noise {
		noise[i] = byte(rng.Uint32())
	}
	return [][]byte{
		{}, {0}, []byte("abc"), noise, bytes.Repeat([]byte{7}, 1<<20), []byte(strings.Repeat("to and fro ", 5000)),
	}
}

func TestRoundTrip(t *testing.T) {
	for name, c := range all {
		for _, in := range inputs() {
			packed := c.Compress([]byte("before"), in)
			if !bytes.HasPrefix(packed, []byte("before")) {
				t.Fatalf("%s: what stood before is lost", name)
			}
			packed = packed[len("before"):]
			if len(packed) >= len(in) && strings.HasPrefix(name, "lz4") {
				continue // such a section is kept as it is
			}
			out, err := c.Decompress([]byte("x"), packed, len(in))
			if err != nil || string(out) != "x"+string(in) {
				t.Fatalf("%s: %d bytes came back as %d: %v", name, len(in), len(out), err)
			}
		}
	}
}

// TestSizesAreChecked: bytes that hold more or less than they should are refused, and so are cut ones.
func TestSizesAreChecked(t *testing.T) {
	in := []byte(strings.Repeat("to and fro ", 5000))
	for name, c := range all {
		packed := c.Compress(nil, in)
		for _, size := range []int{0, 1, len(in) - 1, len(in) + 1, 2 * len(in)} {
			if out, err := c.Decompress(nil, packed, size); err == nil {
				t.Errorf("%s: %d bytes where there are %d", name, len(out), len(in))
			}
		}
		for i := range packed {
			if _, err := c.Decompress(nil, packed[:i], len(in)); err == nil {
				t.Errorf("%s: cut at %d of %d", name, i, len(packed))
			}
		}
	}
}

// TestTogether: codecs serve several goroutines.
func TestTogether(t *testing.T) {
	var wg sync.WaitGroup
	for _, c := range all {
		for _, in := range inputs()[4:] {
			wg.Go(func() {
				out, err := c.Decompress(nil, c.Compress(nil, in), len(in))
				if err != nil || !bytes.Equal(out, in) {
					t.Errorf("%d bytes: %v", len(in), err)
				}
			})
		}
	}
	wg.Wait()
}

// FuzzDecompress: whatever the bytes are, nothing panics, and what comes out has the size it should have.
func FuzzDecompress(f *testing.F) {
	for _, c := range all {
		f.Add(c.Compress(nil, []byte(strings.Repeat("to and fro ", 50))), uint32(550))
	}
	f.Fuzz(func(t *testing.T, packed []byte, size uint32) {
		size %= 1 << 20
		for name, c := range all {
			if out, err := c.Decompress(nil, packed, int(size)); err == nil && len(out) != int(size) {
				t.Errorf("%s: %d bytes, not %d", name, len(out), size)
			}
		}
	})
}
