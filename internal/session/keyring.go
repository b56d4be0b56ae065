package session

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"

	"coedit/transport"
	"coedit/transport/seal"
)

// errNoManifest: nothing can be sealed or opened before the room's manifest is known, which says how.
var errNoManifest = errors.New("session: the room's manifest is not known yet")

// keyring is what a participant knows of the room's keys. A host knows the room's manifest from the beginning, a guest
// learns it from the relay, which cannot make one itself. It is the sealer of the room and may be used by several
// goroutines.
type keyring struct {
	// Static after construction.
	self    *seal.Identity
	link    seal.Link
	owner   *seal.Secret // of the room; nil: somebody else's
	require byte         // suite that the user asks for; 0: any
	random  io.Reader

	mu       sync.Mutex // guards the following
	manifest seal.Manifest
	sealer   seal.Sealer // nil before the manifest is known
	room     *seal.Room  // the same; nil in a plain room, too
	told     int         // of room.Members, how many the owner was told of
}

// learn takes in the room's manifest. It fails, for good, when it is not this room's, when the secret of the link does not
// belong to it, when the suite is not the one asked for, or when the room was another one before.
func (k *keyring) learn(b []byte) error {
	m, err := seal.VerifyManifest(k.link.Room, b)
	if err != nil {
		return refused("the relay shows a manifest that is not this room's: %v", err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.sealer != nil {
		old := k.manifest
		if m.Suite != old.Suite || !bytes.Equal(m.WriteKey, old.WriteKey) || !bytes.Equal(m.ReadKey, old.ReadKey) {
			return refused("the relay shows another manifest of this room than before: suite %s with other keys", seal.SuiteName(m.Suite))
		}
		return nil
	}
	if k.require != 0 && m.Suite != k.require {
		return &transport.Refusal{Code: transport.RefusedSuite, Text: fmt.Sprintf(
			"this room is of suite %s, and --require-suite asks for %s", seal.SuiteName(m.Suite), seal.SuiteName(k.require))}
	}
	if m.Suite == seal.SuitePlain {
		k.manifest, k.sealer = m, seal.NewPlain()
		return nil
	}
	room, err := seal.NewRoom(m, k.link.Secret, k.self, k.random)
	if err != nil {
		return refused("this link does not open the room: %v", err)
	}
	k.manifest, k.sealer, k.room = m, room, room
	return nil
}

func refused(format string, args ...any) error {
	return &transport.Refusal{Code: transport.RefusedRights, Text: fmt.Sprintf(format, args...)}
}

// prove answers a relay's challenge with the highest right there is. It is called on the transport's goroutine.
func (k *keyring) prove(c transport.Challenge) (transport.Proof, error) {
	if err := k.learn(c.Manifest); err != nil {
		return transport.Proof{}, err
	}
	k.mu.Lock()
	m := k.manifest
	k.mu.Unlock()
	secret := k.link.Secret
	if k.owner != nil {
		secret = *k.owner
	}
	p, err := seal.Prove(m, secret, k.self, seal.Challenge{
		Host: c.Host, Room: m.Room, Replica: k.self.ReplicaID(), Version: c.Version, Nonce: c.Nonce,
	})
	if err != nil {
		return transport.Proof{}, fmt.Errorf("session: proving the right to %v: %w", secret.Right, err)
	}
	return transport.Proof{Right: uint8(p.Right), Signature: p.Signature, Certificate: p.Certificate, Replica: p.Replica}, nil
}

// now is the sealer, if the manifest is known.
func (k *keyring) now() (seal.Sealer, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.sealer == nil {
		return nil, errNoManifest
	}
	return k.sealer, nil
}

// sealed is the room, where its suite encrypts and it is known.
func (k *keyring) sealed() *seal.Room {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.room
}

// suite is the room's; 0 before it is known.
func (k *keyring) suite() byte {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.manifest.Suite
}

// admitted gives the certificates that were seen since it was asked last. The pump asks.
func (k *keyring) admitted() []seal.Certificate {
	r := k.sealed()
	if r == nil {
		return nil
	}
	all := r.Since(k.told)
	k.told += len(all)
	return all
}

// Seal seals with the room's suite.
func (k *keyring) Seal(h seal.Header, plain []byte) ([]byte, error) {
	s, err := k.now()
	if err != nil {
		return nil, err
	}
	return s.Seal(h, plain)
}

// Open opens with the room's suite.
func (k *keyring) Open(h seal.Header, sealed []byte) ([]byte, error) {
	s, err := k.now()
	if err != nil {
		return nil, err
	}
	return s.Open(h, sealed)
}

// SealSnapshot seals with the room's suite.
func (k *keyring) SealSnapshot(h seal.Header, authors []uint64, content []byte) ([]byte, error) {
	s, err := k.now()
	if err != nil {
		return nil, err
	}
	return s.SealSnapshot(h, authors, content)
}

// OpenSnapshot opens with the room's suite.
func (k *keyring) OpenSnapshot(h seal.Header, sealed []byte) (seal.Snapshot, error) {
	s, err := k.now()
	if err != nil {
		return seal.Snapshot{}, err
	}
	return s.OpenSnapshot(h, sealed)
}

// Introduce lets the next frame carry the own certificate.
func (k *keyring) Introduce() {
	if s, err := k.now(); err == nil {
		s.Introduce()
	}
}

// Encrypted says whether the room is known to be encrypted.
func (k *keyring) Encrypted() bool {
	s, err := k.now()
	return err == nil && s.Encrypted()
}
