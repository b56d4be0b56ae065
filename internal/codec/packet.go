package codec

import (
	"encoding/binary"
	"errors"
	"fmt"

	"coedit/rga"
)

// A packet is a short message, such as an op batch, compressed or as it is. A compressed one begins with the codec's ID, below
// firstPlain, and its size; what begins with any other byte is the message itself, so that a message costs nothing where
// compressing it does not pay. Messages therefore must not begin with a byte below firstPlain; op batches do not.
const firstPlain = 0x10

// packFrom is the size below which compressing does not pay: the head of what was compressed takes a dozen bytes, and trying
// takes longer than all else that is done to a keystroke.
const packFrom = 64

// ErrPacket: bytes are no packet, or one that holds more than it may.
var ErrPacket = errors.New("codec: not a packet")

// Pack appends the message to dst, compressed by c where that makes it shorter. A nil c compresses nothing.
func Pack(dst, message []byte, c rga.Codec) []byte {
	if c == nil || len(message) < packFrom {
		return append(dst, message...)
	}
	start := len(dst)
	dst = append(dst, c.ID())
	dst = binary.AppendUvarint(dst, uint64(len(message)))
	dst = c.Compress(dst, message)
	if len(dst)-start >= len(message) {
		return append(dst[:start], message...)
	}
	return dst
}

// Unpack gives the message of a packet; one that says it is longer than limit bytes is an error. A message that was not
// compressed shares memory with the packet.
func Unpack(packet []byte, limit int) ([]byte, error) {
	if len(packet) == 0 || packet[0] >= firstPlain {
		return packet, nil
	}
	size, n := binary.Uvarint(packet[1:])
	if n <= 0 || size > uint64(limit) {
		return nil, fmt.Errorf("%w: %d bytes where at most %d may be", ErrPacket, size, limit)
	}
	for _, c := range All() {
		if c.ID() == packet[0] {
			return c.Decompress(nil, packet[1+n:], int(size))
		}
	}
	return nil, fmt.Errorf("%w: no codec has the id %d", ErrPacket, packet[0])
}
