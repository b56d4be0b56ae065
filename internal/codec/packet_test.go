package codec_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"coedit/internal/codec"
	"coedit/rga"
)

func TestPackets(t *testing.T) {
	long := []byte(strings.Repeat("to and fro ", 300))
	for name, c := range map[string]rga.Codec{"none": nil, "zstd": codec.Zstd, "lz4": codec.LZ4} {
		for _, message := range [][]byte{{}, {0x10}, []byte("abc"), long} {
			packet := codec.Pack([]byte("before"), message, c)[len("before"):]
			if len(packet) > len(message) {
				t.Errorf("%s: %d bytes became %d", name, len(message), len(packet))
			}
			if c != nil && len(message) == len(long) && len(packet) > len(message)/10 {
				t.Errorf("%s: %d bytes were not compressed: %d", name, len(message), len(packet))
			}
			got, err := codec.Unpack(packet, len(long))
			if err != nil || !bytes.Equal(got, message) {
				t.Errorf("%s: %d bytes came back as %d: %v", name, len(message), len(got), err)
			}
			if _, err := codec.Unpack(packet, len(long)-1); len(packet) < len(message) && !errors.Is(err, codec.ErrPacket) {
				t.Errorf("%s: a message over the limit was unpacked: %v", name, err)
			}
		}
	}
	if _, err := codec.Unpack([]byte{9, 1, 1}, 10); !errors.Is(err, codec.ErrPacket) {
		t.Errorf("a codec nobody knows: %v", err)
	}
}

// FuzzUnpack: no packet panics or makes more than the limit.
func FuzzUnpack(f *testing.F) {
	f.Add(codec.Pack(nil, []byte(strings.Repeat("to and fro ", 50)), codec.Zstd))
	f.Add(codec.Pack(nil, []byte(strings.Repeat("to and fro ", 50)), codec.LZ4))
	f.Add([]byte{1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, packet []byte) {
		const limit = 1 << 16
		if message, err := codec.Unpack(packet, limit); err == nil && len(message) > max(limit, len(packet)) {
			t.Errorf("%d bytes, over the limit", len(message))
		}
	})
}
