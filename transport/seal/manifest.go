package seal

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// ErrManifest is wrapped by every error of VerifyManifest.
var ErrManifest = errors.New("seal: bad manifest")

const (
	manifestMagic   = "CEDM"
	manifestVersion = 1
	manifestDomain  = "coedit/v1 manifest"
	manifestKeys    = 4 + 1 + 1 + 8 // where the keys begin
)

// Manifest is the room's first frame, signed by the owner: it says which keys write and read, and the suite.
type Manifest struct {
	Room      string
	OwnerKey  []byte // public keys of the suite's family
	WriteKey  []byte
	ReadKey   []byte
	Suite     byte
	CreatedAt int64 // unix milliseconds
}

// NewManifest makes and signs the manifest of the owner's room. The same arguments give the same bytes.
func NewManifest(owner Secret, suite byte, createdAt int64) ([]byte, error) {
	if owner.Right != Owner {
		return nil, fmt.Errorf("%w: only the owner signs a manifest, this secret is %v", ErrRight, owner.Right)
	}
	if _, err := primitivesOf(suite); err != nil || FamilyOf(suite) != owner.Family {
		return nil, fmt.Errorf("%w: %s is none of this owner's", ErrSuite, SuiteName(suite))
	}
	b := append([]byte(manifestMagic), manifestVersion, suite)
	b = binary.BigEndian.AppendUint64(b, uint64(createdAt))
	for _, r := range []Right{Owner, Write, Read} {
		s, err := owner.Derive(r)
		if err != nil {
			return nil, err
		}
		pub, err := s.publicKey()
		if err != nil {
			return nil, err
		}
		b = append(b, pub...)
	}
	key, err := owner.signing()
	if err != nil {
		return nil, err
	}
	signature, err := key.sign(signedManifest(b))
	if err != nil {
		return nil, err
	}
	return append(b, signature...), nil
}

// VerifyManifest checks that a manifest is well formed, signed, and belongs to room. Which suites are welcome is the
// caller's to judge. The result shares no memory with b.
func VerifyManifest(room string, b []byte) (Manifest, error) {
	if len(b) < manifestKeys || string(b[:4]) != manifestMagic {
		return Manifest{}, fmt.Errorf("%w: these %d bytes are none", ErrManifest, len(b))
	}
	if b[4] != manifestVersion {
		return Manifest{}, fmt.Errorf("%w: layout version %d, this program reads %d", ErrManifest, b[4], manifestVersion)
	}
	m := Manifest{Suite: b[5], CreatedAt: int64(binary.BigEndian.Uint64(b[6:manifestKeys]))}
	p, err := primitivesOf(m.Suite)
	if err != nil {
		return Manifest{}, fmt.Errorf("%w: %w", ErrManifest, err)
	}
	n := p.publicLen()
	signed := manifestKeys + 3*n
	if len(b) != signed+signatureLen {
		return Manifest{}, fmt.Errorf("%w: %d bytes long, not %d", ErrManifest, len(b), signed+signatureLen)
	}
	keys := append([]byte(nil), b[manifestKeys:signed]...)
	m.OwnerKey, m.WriteKey, m.ReadKey = keys[:n:n], keys[n:2*n:2*n], keys[2*n:]
	m.Room = roomOf(p, m.OwnerKey)
	if m.Room != room {
		return Manifest{}, fmt.Errorf("%w: it belongs to room %s, not to %.*s", ErrManifest, m.Room, 2*RoomIDLen, room)
	}
	if !p.verify(m.OwnerKey, signedManifest(b[:signed]), b[signed:]) {
		return Manifest{}, fmt.Errorf("%w: the signature does not fit", ErrManifest)
	}
	return m, nil
}

// key is the public key of a right.
func (m Manifest) key(r Right) []byte {
	switch r {
	case Owner:
		return m.OwnerKey
	case Write:
		return m.WriteKey
	case Read:
		return m.ReadKey
	}
	return nil
}

func signedManifest(b []byte) []byte { return append([]byte(manifestDomain), b...) }
