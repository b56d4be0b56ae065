package seal

import (
	"crypto/ed25519"
	"encoding/binary"
	"errors"
	"fmt"
)

// ErrManifest is wrapped by every error of VerifyManifest.
var ErrManifest = errors.New("seal: bad manifest")

// ManifestLen is the length of a manifest in bytes.
const ManifestLen = manifestSigned + ed25519.SignatureSize

const (
	manifestMagic   = "CEDM"
	manifestVersion = 1
	manifestSigned  = 4 + 1 + 1 + 8 + 3*ed25519.PublicKeySize
	manifestDomain  = "coedit/v1 manifest"
)

// Manifest is the room's first frame, signed by the owner: it says which keys write and read, and the suite.
type Manifest struct {
	Room      string
	OwnerKey  []byte // Ed25519 public keys
	WriteKey  []byte
	ReadKey   []byte
	Suite     byte
	CreatedAt int64 // unix milliseconds
}

// NewManifest makes and signs the manifest of the owner's room. The same
// arguments give the same bytes.
func NewManifest(owner Secret, createdAt int64) ([]byte, error) {
	if owner.Right != Owner {
		return nil, fmt.Errorf("%w: only the owner signs a manifest, this secret is %v", ErrRight, owner.Right)
	}
	b := append(make([]byte, 0, ManifestLen), manifestMagic...)
	b = append(b, manifestVersion, SuitePlain)
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
	key, err := owner.Key()
	if err != nil {
		return nil, err
	}
	return append(b, ed25519.Sign(key, signedManifest(b))...), nil
}

// VerifyManifest checks that a manifest is well formed, signed, and belongs to
// room. It does not judge the suite: a relay serves rooms whose suite it does
// not know. The result shares no memory with b.
func VerifyManifest(room string, b []byte) (Manifest, error) {
	if len(b) < 5 || string(b[:4]) != manifestMagic {
		return Manifest{}, fmt.Errorf("%w: these %d bytes are none", ErrManifest, len(b))
	}
	if b[4] != manifestVersion {
		return Manifest{}, fmt.Errorf("%w: layout version %d, this program reads %d", ErrManifest, b[4], manifestVersion)
	}
	if len(b) != ManifestLen {
		return Manifest{}, fmt.Errorf("%w: %d bytes long, not %d", ErrManifest, len(b), ManifestLen)
	}
	m := Manifest{Suite: b[5], CreatedAt: int64(binary.BigEndian.Uint64(b[6:14]))}
	keys := append([]byte(nil), b[14:manifestSigned]...)
	m.OwnerKey, m.WriteKey, m.ReadKey = keys[:32:32], keys[32:64:64], keys[64:96:96]
	m.Room = roomOf(m.OwnerKey)
	if m.Room != room {
		return Manifest{}, fmt.Errorf("%w: it belongs to room %s, not to %.*s", ErrManifest, m.Room, 2*RoomIDLen, room)
	}
	if !ed25519.Verify(m.OwnerKey, signedManifest(b[:manifestSigned]), b[manifestSigned:]) {
		return Manifest{}, fmt.Errorf("%w: the signature does not fit", ErrManifest)
	}
	return m, nil
}

func signedManifest(b []byte) []byte {
	return append([]byte(manifestDomain), b[:manifestSigned]...)
}
