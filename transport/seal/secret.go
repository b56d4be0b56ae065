package seal

import (
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// Right is what a link allows; each secret is derived from the one above it by HKDF.
type Right uint8

// The rights, lowest first: a right includes those below it.
const (
	Read Right = iota + 1
	Write
	Owner
)

// String names the right in a word.
func (r Right) String() string {
	switch r {
	case Read:
		return "read"
	case Write:
		return "write"
	case Owner:
		return "owner"
	}
	return fmt.Sprintf("right %d", uint8(r))
}

// ErrRight is wrapped by errors of operations the right at hand does not allow.
var ErrRight = errors.New("seal: the right does not allow this")

// RoomIDLen is the length of a room id in characters.
const RoomIDLen = 26

// base32Lower is the one text form of bytes in links and room ids.
var base32Lower = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// Family says by which algorithms keys are derived and sign. All suites of a family share them.
type Family byte

// The families.
const (
	FamilyStandard Family = iota // SHA-256, Ed25519, X25519
	FamilyShangMi                // SM3, SM2
)

// FamilyOf is the family of a suite; that of an unknown one is the standard.
func FamilyOf(suite byte) Family {
	if suite == SuiteSM4 {
		return FamilyShangMi
	}
	return FamilyStandard
}

func (f Family) primitives() primitives {
	if f == FamilyShangMi {
		return shangMi{}
	}
	return standard{}
}

// Secret is the 32 secret bytes of a right. Its String and its log value name
// the right only.
type Secret struct {
	Family Family
	Right  Right
	Bytes  [32]byte
}

// NewOwner draws an owner secret for rooms of the standard suites.
func NewOwner(random io.Reader) (Secret, error) { return NewOwnerOf(SuiteXChaCha, random) }

// NewOwnerOf draws an owner secret for rooms of a suite.
func NewOwnerOf(suite byte, random io.Reader) (Secret, error) {
	s := Secret{Family: FamilyOf(suite), Right: Owner}
	if _, err := io.ReadFull(random, s.Bytes[:]); err != nil {
		return Secret{}, fmt.Errorf("seal: drawing a secret: %w", err)
	}
	return s, nil
}

// Derive gives the secret of a lower (or the same) right. A higher one is an
// error that wraps ErrRight.
func (s Secret) Derive(r Right) (Secret, error) {
	if s.Right < Read || s.Right > Owner || r < Read {
		return Secret{}, fmt.Errorf("%w: no secret for %v from %v", ErrRight, r, s.Right)
	}
	if r > s.Right {
		return Secret{}, fmt.Errorf("%w: %v cannot be derived from %v", ErrRight, r, s.Right)
	}
	for s.Right > r {
		s.Right--
		b, err := expand(s.Family.primitives(), s.Bytes[:], "coedit/v1 secret "+s.Right.String(), seedLen)
		if err != nil {
			return Secret{}, err
		}
		s.Bytes = [32]byte(b)
	}
	return s, nil
}

// signing is the key pair of the secret's right.
func (s Secret) signing() (signingKey, error) {
	if s.Right < Read || s.Right > Owner {
		return nil, fmt.Errorf("%w: no key for %v", ErrRight, s.Right)
	}
	p := s.Family.primitives()
	seed, err := expand(p, s.Bytes[:], "coedit/v1 key "+s.Right.String(), seedLen)
	if err != nil {
		return nil, err
	}
	return p.signingKey(seed)
}

// publicKey is the public half of signing.
func (s Secret) publicKey() ([]byte, error) {
	k, err := s.signing()
	if err != nil {
		return nil, err
	}
	return k.public(), nil
}

// RoomID is the hash of the owner's public key, as it stands in links
// (lower-case base32 without padding, 26 characters). Only the owner's secret
// has one; others are an error that wraps ErrRight.
func (s Secret) RoomID() (string, error) {
	if s.Right != Owner {
		return "", fmt.Errorf("%w: only the owner's secret gives the room id, this one is %v", ErrRight, s.Right)
	}
	pub, err := s.publicKey()
	if err != nil {
		return "", err
	}
	return roomOf(s.Family.primitives(), pub), nil
}

// String names the right and never the bytes.
func (s Secret) String() string { return s.Right.String() + " secret" }

// GoString is String: %#v must not print the bytes either.
func (s Secret) GoString() string { return s.String() }

// Format is String for every verb: without it, %x or %d would print the bytes.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// LogValue is String.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// ValidRoomID reports whether room has the form of a room id, in lower case.
func ValidRoomID(room string) bool {
	if len(room) != RoomIDLen || room != strings.ToLower(room) {
		return false
	}
	b, err := base32Lower.DecodeString(room)
	return err == nil && base32Lower.EncodeToString(b) == room
}

func roomOf(p primitives, owner []byte) string {
	h := p.hash()
	h.Write([]byte("coedit/v1 room"))
	h.Write(owner)
	return base32Lower.EncodeToString(h.Sum(nil)[:16])
}
