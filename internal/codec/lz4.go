package codec

import (
	"fmt"

	"github.com/pierrec/lz4/v4"
)

// lz4Codec writes LZ4 blocks: with the hash-chain search at each byte, or quickly.
type lz4Codec struct{ quick bool }

func (lz4Codec) ID() byte { return idLZ4 }

func (l lz4Codec) Compress(dst, src []byte) []byte {
	if len(src) == 0 {
		return dst
	}
	n := len(dst)
	bound := lz4.CompressBlockBound(len(src))
	if cap(dst)-n < bound {
		dst = append(make([]byte, 0, n+bound), dst...)
	}
	size, err := l.block(src, dst[n:n+bound])
	if err != nil || size == 0 {
		// It cannot be: the room suffices. The caller takes what is not smaller as not compressed.
		return append(dst[:n], src...)
	}
	return dst[:n+size]
}

func (l lz4Codec) block(src, dst []byte) (int, error) {
	if l.quick {
		return lz4.CompressBlock(src, dst, nil)
	}
	c := lz4.CompressorHC{Level: lz4.Level9}
	return c.CompressBlock(src, dst)
}

func (lz4Codec) Decompress(dst, src []byte, size int) ([]byte, error) {
	if size == 0 { // the library's decoder needs room for a byte
		if len(src) > 0 {
			return nil, fmt.Errorf("%w: %d bytes for nothing", ErrSize, len(src))
		}
		return dst, nil
	}
	return expand(dst, size, func(room []byte) ([]byte, error) {
		n := len(room)
		made, err := lz4.UncompressBlock(src, room[n:cap(room)])
		if err != nil {
			return nil, err
		}
		return room[:n+made], nil
	})
}
