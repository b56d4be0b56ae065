package session

import (
	"testing"
	"time"

	"coedit/internal/codec"
	"coedit/rga"
	"coedit/transport"
)

func TestCodecFollowsTheLink(t *testing.T) {
	near := transport.Quality{RTT: time.Millisecond, Goodput: 50 << 20}
	slow := transport.Quality{RTT: 5 * time.Millisecond, Goodput: 100 << 10}
	far := transport.Quality{RTT: 80 * time.Millisecond}
	breaks := transport.Quality{RTT: time.Millisecond, Losses: 2}
	for _, c := range []struct {
		name string
		q    transport.Quality
		size int
		want rga.Codec
	}{
		{"near, a key", near, 30, nil},
		{"near, a paste", near, 60 << 10, codec.LZ4Fast},
		{"nothing is known", transport.Quality{}, 300, nil},
		{"slow", slow, 300, codec.Zstd},
		{"far", far, 300, codec.Zstd},
		{"breaks", breaks, 60 << 10, codec.Zstd},
	} {
		if got := codecFor(c.q, c.size); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestGatheringFollowsTheLink(t *testing.T) {
	ms := time.Millisecond
	for _, c := range []struct {
		q    transport.Quality
		want time.Duration
	}{
		{transport.Quality{}, gatherMin},
		{transport.Quality{RTT: 80 * ms}, 40 * ms},
		{transport.Quality{RTT: 2 * ms, Ack: 120 * ms}, 60 * ms}, // the relay's disk is what takes long
		{transport.Quality{RTT: 900 * ms}, gatherMax},
		{transport.Quality{RTT: 900 * ms, Goodput: 8 << 10}, gatherPoor},
		{transport.Quality{RTT: 900 * ms, Losses: 3}, gatherPoor},
	} {
		if got := gatherTime(c.q); got != c.want {
			t.Errorf("%+v: %v, want %v", c.q, got, c.want)
		}
	}
}
