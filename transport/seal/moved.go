package seal

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// ErrMoved is wrapped by every error about a notice that a room has moved.
var ErrMoved = errors.New("seal: bad notice of a move")

// ErrLeftOut is why a notice of a move opens nothing: its owner wrapped nothing for this replica.
var ErrLeftOut = errors.New("seal: the owner moved the room and left this participant out")

const (
	movedMagic   = "CEDV"
	movedVersion = 1
	movedDomain  = "coedit/v2 moved"
	wrapDomain   = "coedit/v2 moved secret"
	maxMoved     = 1 << 20 // bytes
	maxFollowers = 1 << 12
	ownerEntry   = 0 // in place of a replica's id, which is never 0
)

// Move tells those who are to follow where the room goes on. It is signed by the owner of the room that is left, and
// holds for each of them the secret of its right in the new room, wrapped for its certified key. Everybody who can read
// the old room sees who follows; nobody else than the follower can open its secret. The new owner's secret goes along for
// whoever has the old one: an owner whose process ends before the move is made finds the way by its own notice.
func Move(owner Secret, next Link, manifest []byte, followers []Certificate, random io.Reader) ([]byte, error) {
	room, err := owner.RoomID()
	if err != nil {
		return nil, err
	}
	if next.Secret.Right != Owner || next.Secret.Family != owner.Family {
		return nil, fmt.Errorf("%w: a move needs the owner's secret of the new room, of the same family", ErrRight)
	}
	p := owner.Family.primitives()
	b := append([]byte(movedMagic), movedVersion, byte(len(next.Base)))
	if len(next.Base) > 255 || len(followers) > maxFollowers {
		return nil, fmt.Errorf("%w: an address of %d bytes, %d followers", ErrMoved, len(next.Base), len(followers))
	}
	b = append(b, next.Base...)
	b = binary.BigEndian.AppendUint16(b, uint16(len(manifest)))
	b = append(b, manifest...)
	own, err := owner.opening()
	if err != nil {
		return nil, err
	}
	all := append([]Certificate{{Replica: ownerEntry, Right: Owner, opens: own.public()}}, followers...)
	b = binary.BigEndian.AppendUint16(b, uint16(len(all)))
	for _, f := range all {
		if b, err = appendFollower(b, p, room, next, f, random); err != nil {
			return nil, err
		}
	}
	key, err := owner.signing()
	if err != nil {
		return nil, err
	}
	signature, err := key.sign(digest(p, movedDomain, []byte(room), b))
	if err != nil {
		return nil, err
	}
	return append(b, signature...), nil
}

// appendFollower wraps the secret of a follower's right for its key.
func appendFollower(b []byte, p primitives, room string, next Link, f Certificate, random io.Reader) ([]byte, error) {
	secret, err := next.Secret.Derive(f.Right)
	if err != nil {
		return nil, err
	}
	wrapped, err := p.wrap(random, f.opens, secret.Bytes[:], wrapBound(p, room, next.Room, f.Replica, f.Right))
	if err != nil {
		return nil, err
	}
	b = binary.BigEndian.AppendUint64(b, f.Replica)
	b = append(b, byte(f.Right))
	b = binary.BigEndian.AppendUint16(b, uint16(len(wrapped)))
	return append(b, wrapped...), nil
}

// opening is the key to which the room's owner encrypts for itself.
func (s Secret) opening() (openingKey, error) {
	if s.Right != Owner {
		return nil, fmt.Errorf("%w: only the owner's secret has this key, this one is %v", ErrRight, s.Right)
	}
	p := s.Family.primitives()
	seed, err := expand(p, s.Bytes[:], "coedit/v2 key owner opens", seedLen)
	if err != nil {
		return nil, err
	}
	return p.openingKey(seed)
}

// Moved is where a room goes on, for one follower.
type Moved struct {
	Link     Link   // with the follower's secret, and no pin
	Manifest []byte // of the new room, verified
}

// OpenMoved checks a notice against the manifest of the room that is left and opens what it holds for id. The error wraps
// ErrMoved, or ErrLeftOut.
func OpenMoved(old Manifest, b []byte, id *Identity) (Moved, error) {
	return openMoved(old, b, id.replica, id.opening)
}

// OpenOwnMoved opens a notice for the owner of the room that is left: the secret in it is the new room's owner's.
func OpenOwnMoved(old Manifest, b []byte, owner Secret) (Moved, error) {
	key, err := owner.opening()
	if err != nil {
		return Moved{}, fmt.Errorf("%w: %w", ErrMoved, err)
	}
	m, err := openMoved(old, b, ownerEntry, key)
	if err == nil && m.Link.Secret.Right != Owner {
		return Moved{}, fmt.Errorf("%w: the owner's part of it is a secret to %v", ErrMoved, m.Link.Secret.Right)
	}
	return m, err
}

func openMoved(old Manifest, b []byte, replica uint64, key openingKey) (Moved, error) {
	p, err := primitivesOf(old.Suite)
	if err != nil {
		return Moved{}, fmt.Errorf("%w: %w", ErrMoved, err)
	}
	if len(b) > maxMoved || len(b) < signatureLen {
		return Moved{}, fmt.Errorf("%w: %d bytes", ErrMoved, len(b))
	}
	signed, signature := b[:len(b)-signatureLen], b[len(b)-signatureLen:]
	if !p.verify(old.OwnerKey, digest(p, movedDomain, []byte(old.Room), signed), signature) {
		return Moved{}, fmt.Errorf("%w: it is not signed by the owner", ErrMoved)
	}
	r := movedReader{b: signed}
	if string(r.take(len(movedMagic))) != movedMagic || r.number(1) != movedVersion {
		return Moved{}, fmt.Errorf("%w: another layout", ErrMoved)
	}
	m := Moved{Link: Link{Base: string(r.take(r.number(1)))}, Manifest: append([]byte(nil), r.take(r.number(2))...)}
	var wrapped []byte
	for range r.number(2) {
		of, right := uint64(r.number(8)), Right(r.number(1))
		if w := r.take(r.number(2)); of == replica {
			m.Link.Secret.Right, wrapped = right, w
		}
	}
	if r.failed || len(r.b) > 0 {
		return Moved{}, fmt.Errorf("%w: it is cut short, or longer than it says", ErrMoved)
	}
	if wrapped == nil {
		return Moved{}, ErrLeftOut
	}
	return m, m.open(p, old, wrapped, replica, key)
}

// open unwraps the secret and checks that it is one of the new room's.
func (m *Moved) open(p primitives, old Manifest, wrapped []byte, replica uint64, key openingKey) error {
	room, err := roomOfManifest(m.Manifest)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrMoved, err)
	}
	secret, err := key.unwrap(wrapped, wrapBound(p, old.Room, room, replica, m.Link.Secret.Right))
	if err != nil || len(secret) != seedLen {
		return fmt.Errorf("%w: its secret does not open", ErrMoved)
	}
	m.Link.Room, m.Link.Secret.Family, m.Link.Secret.Bytes = room, FamilyOf(old.Suite), [seedLen]byte(secret)
	next, err := VerifyManifest(room, m.Manifest)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrMoved, err)
	}
	if next.Suite == SuitePlain || FamilyOf(next.Suite) != FamilyOf(old.Suite) {
		return fmt.Errorf("%w: %w: to a room of %s", ErrMoved, ErrSuite, SuiteName(next.Suite))
	}
	pub, err := m.Link.Secret.publicKey()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrMoved, err)
	}
	if !bytes.Equal(pub, next.key(m.Link.Secret.Right)) {
		return fmt.Errorf("%w: %w: the secret does not belong to the new room", ErrMoved, ErrRight)
	}
	return nil
}

// wrapBound is what a wrapped secret is bound to.
func wrapBound(p primitives, from, to string, replica uint64, right Right) []byte {
	var b [9]byte
	putUint64(b[:8], replica)
	b[8] = byte(right)
	return digest(p, wrapDomain, []byte(from), []byte(to), b[:])
}

// roomOfManifest is the id of the room that a manifest is for, unverified.
func roomOfManifest(b []byte) (string, error) {
	if len(b) < manifestKeys {
		return "", fmt.Errorf("%w: %d bytes", ErrManifest, len(b))
	}
	p, err := primitivesOf(b[5])
	if err != nil {
		return "", err
	}
	if len(b) < manifestKeys+p.publicLen() {
		return "", fmt.Errorf("%w: %d bytes", ErrManifest, len(b))
	}
	return roomOf(p, b[manifestKeys:manifestKeys+p.publicLen()]), nil
}

// movedReader takes from the front of b; the first that is not there makes it fail for good.
type movedReader struct {
	b      []byte
	failed bool
}

func (r *movedReader) take(n int) []byte {
	if n < 0 || n > len(r.b) {
		r.failed, r.b = true, nil
		return nil
	}
	taken := r.b[:n]
	r.b = r.b[n:]
	return taken
}

// number is big-endian, of n bytes.
func (r *movedReader) number(n int) int {
	var v uint64
	for _, c := range r.take(n) {
		v = v<<8 | uint64(c)
	}
	return int(v)
}
