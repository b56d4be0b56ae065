package seal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"strings"
)

// The suites' bytes; 0 is never one.
const (
	SuitePlain   byte = 1 // not encrypted; standard keys
	SuiteXChaCha byte = 2 // XChaCha20-Poly1305, SHA-256, Ed25519, X25519
	SuiteSM4     byte = 3 // SM4-GCM, SM3, SM2
)

// Errors of Open. Both mean: drop the frame.
var (
	ErrSuite  = errors.New("seal: unknown suite")
	ErrForged = errors.New("seal: payload and header do not belong together")
)

// Header is what the relay sees of a frame; it is authenticated with the payload once a suite encrypts.
type Header struct {
	Room    string
	Replica uint64
	Counter uint64
	Class   byte
	Target  string
}

// Sealer seals and opens payloads of one room. An error of Open or OpenSnapshot means: drop the payload.
// A Sealer may be used by several goroutines. Results may share memory with the argument of Open and OpenSnapshot, never
// with that of Seal and SealSnapshot.
type Sealer interface {
	// Seal seals what the own replica publishes under this header. A header is used once, but for presence.
	Seal(h Header, plain []byte) ([]byte, error)
	// Open opens what the header's replica sealed.
	Open(h Header, sealed []byte) ([]byte, error)
	// SealSnapshot seals a snapshot in which authors wrote; h.Replica does not count.
	SealSnapshot(h Header, authors []uint64, content []byte) ([]byte, error)
	OpenSnapshot(h Header, sealed []byte) (Snapshot, error)
	// Introduce lets the next frame sealed carry the own certificate again: the log may lack it.
	Introduce()
	Encrypted() bool // false: relay and network can read; the user is warned off loopback
}

// Snapshot is an opened snapshot.
type Snapshot struct {
	Maker   uint64          // who vouches for it; 0: nobody, the room is plain
	Authors map[uint64]bool // those of its authors that are certified to write; nil: the room is plain
	Content []byte
}

// SuiteName is a suite's name, for sentences about it.
func SuiteName(suite byte) string {
	switch suite {
	case SuitePlain:
		return "plain"
	case SuiteXChaCha:
		return "xchacha"
	case SuiteSM4:
		return "sm4"
	}
	return fmt.Sprintf("unknown suite %d", suite)
}

// suiteNamed is the reverse of SuiteName; 0 where there is none of that name.
func suiteNamed(name string) byte {
	for _, suite := range []byte{SuitePlain, SuiteXChaCha, SuiteSM4} {
		if SuiteName(suite) == name {
			return suite
		}
	}
	return 0
}

// SuiteNamed is the suite of a name, for people who ask for one.
func SuiteNamed(name string) (byte, error) {
	if suite := suiteNamed(strings.ToLower(name)); suite != 0 {
		return suite, nil
	}
	return 0, fmt.Errorf("%w %q: there are %s, %s and %s", ErrSuite, name,
		SuiteName(SuiteXChaCha), SuiteName(SuiteSM4), SuiteName(SuitePlain))
}

// NewPlain is the suite that does not encrypt: a suite byte, a checksum over
// header and payload, then the payload.
func NewPlain() Sealer { return plainSuite{} }

type plainSuite struct{}

const plainOverhead = 1 + crc32.Size

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func (plainSuite) Encrypted() bool { return false }
func (plainSuite) Introduce()      {}

func (s plainSuite) SealSnapshot(h Header, _ []uint64, content []byte) ([]byte, error) {
	return s.Seal(h, content)
}

func (s plainSuite) OpenSnapshot(h Header, sealed []byte) (Snapshot, error) {
	content, err := s.Open(h, sealed)
	return Snapshot{Content: content}, err
}

func (plainSuite) Seal(h Header, plain []byte) ([]byte, error) {
	b := append(make([]byte, 0, plainOverhead+len(plain)), SuitePlain)
	b = binary.BigEndian.AppendUint32(b, plainSum(h, plain))
	return append(b, plain...), nil
}

func (plainSuite) Open(h Header, sealed []byte) ([]byte, error) {
	if len(sealed) == 0 {
		return nil, fmt.Errorf("%w: an empty payload has none", ErrSuite)
	}
	if sealed[0] != SuitePlain {
		return nil, fmt.Errorf("%w: the payload is sealed with %s, this participant opens only %s",
			ErrSuite, SuiteName(sealed[0]), SuiteName(SuitePlain))
	}
	if len(sealed) < plainOverhead {
		return nil, fmt.Errorf("%w: %d bytes are too few", ErrForged, len(sealed))
	}
	if binary.BigEndian.Uint32(sealed[1:]) != plainSum(h, sealed[plainOverhead:]) {
		return nil, fmt.Errorf("%w: checksum, replica %d, counter %d", ErrForged, h.Replica, h.Counter)
	}
	return sealed[plainOverhead:], nil
}

func plainSum(h Header, plain []byte) uint32 {
	sum := crc32.Update(0, castagnoli, h.encode())
	return crc32.Update(sum, castagnoli, plain)
}

// encode writes the header in the one form every suite authenticates.
func (h Header) encode() []byte {
	b := make([]byte, 0, 25+len(h.Room)+len(h.Target))
	b = binary.BigEndian.AppendUint32(b, uint32(len(h.Room)))
	b = append(b, h.Room...)
	b = binary.BigEndian.AppendUint64(b, h.Replica)
	b = binary.BigEndian.AppendUint64(b, h.Counter)
	b = append(b, h.Class)
	b = binary.BigEndian.AppendUint32(b, uint32(len(h.Target)))
	return append(b, h.Target...)
}
