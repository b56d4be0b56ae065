package codec

import (
	"errors"
	"fmt"
	"sync"

	"github.com/klauspost/compress/zstd"

	"coedit/rga"
)

// The codecs. Their IDs are part of the document format: 1 is zstd, 2 is LZ4.
var (
	Zstd     rga.Codec = &zstdCodec{level: zstd.SpeedDefault}
	ZstdBest rga.Codec = &zstdCodec{level: zstd.SpeedBestCompression}
	LZ4      rga.Codec = lz4Codec{}
	LZ4Fast  rga.Codec = lz4Codec{quick: true}
)

const (
	idZstd = 1
	idLZ4  = 2
)

// All returns a codec for every ID.
func All() []rga.Codec { return []rga.Codec{Zstd, LZ4} }

// ErrSize: compressed bytes do not hold as many as they should.
var ErrSize = errors.New("codec: unexpected size")

// zstdCodec makes its encoder, which takes memory, when it is needed first. Each section is one frame.
type zstdCodec struct {
	level zstd.EncoderLevel
	once  sync.Once
	enc   *zstd.Encoder
}

func (*zstdCodec) ID() byte { return idZstd }

func (c *zstdCodec) Compress(dst, src []byte) []byte {
	c.once.Do(func() {
		var err error
		c.enc, err = zstd.NewWriter(nil, zstd.WithEncoderLevel(c.level), zstd.WithEncoderConcurrency(1),
			zstd.WithEncoderCRC(false), zstd.WithSingleSegment(true))
		if err != nil {
			panic("codec: " + err.Error()) // only options can be wrong
		}
	})
	return c.enc.EncodeAll(src, dst)
}

var zstdReader = sync.OnceValue(func() *zstd.Decoder {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecodeAllCapLimit(true))
	if err != nil {
		panic("codec: " + err.Error())
	}
	return d
})

func (*zstdCodec) Decompress(dst, src []byte, size int) ([]byte, error) {
	var h zstd.Header
	if err := h.Decode(src); err != nil {
		return nil, fmt.Errorf("codec: %w", err)
	}
	if !h.HasFCS || h.FrameContentSize != uint64(size) {
		return nil, fmt.Errorf("%w: %d bytes, not %d", ErrSize, h.FrameContentSize, size)
	}
	return expand(dst, size, func(room []byte) ([]byte, error) {
		return zstdReader().DecodeAll(src, room)
	})
}

// expand makes room for size bytes behind dst, has them made there, and checks that it was so many.
func expand(dst []byte, size int, decode func(room []byte) ([]byte, error)) ([]byte, error) {
	n := len(dst)
	if cap(dst)-n < size {
		dst = append(make([]byte, 0, n+size), dst...)
	}
	out, err := decode(dst[: n : n+size])
	if err != nil {
		return nil, fmt.Errorf("codec: %w", err)
	}
	if len(out) != n+size {
		return nil, fmt.Errorf("%w: %d bytes, not %d", ErrSize, len(out)-n, size)
	}
	return out, nil
}
