package seal

import (
	"bytes"
	"fmt"
)

// Payloads are padded, so that their lengths do not tell the keys typed: to the next power of two from 64 bytes to
// 1024, above that to the next multiple of 1024. The text ends before the last byte 0x80; zeros follow.
const (
	padLeast = 64
	padStep  = 1024
	padMark  = 0x80
)

// padded is the length that n bytes are padded to; the mark takes one.
func padded(n int) int {
	n++
	if n > padStep {
		return (n + padStep - 1) / padStep * padStep
	}
	size := padLeast
	for size < n {
		size *= 2
	}
	return size
}

func pad(plain []byte) []byte {
	b := make([]byte, padded(len(plain)))
	b[copy(b, plain)] = padMark
	return b
}

// unpad accepts the one length that pad gives, so that equal texts have equal forms.
func unpad(b []byte) ([]byte, error) {
	text := bytes.TrimRight(b, "\x00")
	if len(text) == 0 || text[len(text)-1] != padMark || padded(len(text)-1) != len(b) {
		return nil, fmt.Errorf("%w: %d bytes with wrong padding", ErrForged, len(b))
	}
	return text[:len(text)-1], nil
}
