package session

import (
	"time"

	"coedit/internal/codec"
	"coedit/rga"
	"coedit/transport"
)

// Batches are compressed before they are sealed, where the room is sealed: there every participant reads packets (package
// codec). In a plain room, where one of protocol version 1 may be, they go as they are.
//
// How depends on the link. Where bytes are what is waited for, zstd makes the fewest. On a link on which nothing is waited
// for, long batches are compressed by LZ4, which takes next to no time on either side and still spares the relay's memory
// and disk; short ones are not.

const (
	slowGoodput = 1 << 20               // bytes a second below which bytes are what is waited for
	poorGoodput = 64 << 10              // below which it pays to gather longer
	farAway     = 20 * time.Millisecond // round trip from which on others share the way, so that bytes matter
	quickFrom   = 4 << 10               // bytes of a batch that is worth a quick compression
	maxBatch    = 8 << 20               // bytes of a batch when it is unpacked: what a frame may hold as it is
)

// codecFor chooses how a batch of so many bytes is compressed; nil: not at all.
func codecFor(q transport.Quality, size int) rga.Codec {
	switch {
	case q.Goodput > 0 && q.Goodput < slowGoodput || q.RTT >= farAway || q.Losses > 1:
		return codec.Zstd
	case size >= quickFrom:
		return codec.LZ4Fast
	}
	return nil
}

// gatherTime is how long edits gather behind a frame that is under way: half of what an acknowledgement takes, within
// bounds; longer on a link that is poor or breaks.
func gatherTime(q transport.Quality) time.Duration {
	most := gatherMax
	if q.Goodput > 0 && q.Goodput < poorGoodput || q.Losses > 2 {
		most = gatherPoor
	}
	return min(max(gatherMin, max(q.RTT, q.Ack)/2), most)
}

// packed is a batch as it is sealed for a room and sent on the way to it.
func packed(room *keyring, client *transport.Client, batch []byte) []byte {
	if !room.Encrypted() {
		return batch
	}
	return codec.Pack(nil, batch, codecFor(client.Quality(), len(batch)))
}

// documentCodec compresses documents that go into the room; nil in a plain one.
func (p *Participant) documentCodec() rga.Codec {
	if !p.Encrypted() {
		return nil
	}
	return codec.Zstd
}
