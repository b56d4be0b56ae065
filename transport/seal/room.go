package seal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
)

// ErrUncertified is why a payload is not opened whose author's certificate has not been seen. It may come later.
var ErrUncertified = errors.New("seal: the author is not certified")

// maxMembers bounds how many certificates to write are remembered, which whoever may write can make, and maxReaders those to
// read: readers can make any number, too, and are not to take the places of those who write.
const (
	maxMembers = 1 << 14
	maxReaders = 1 << 10
)

// Room seals and opens what is said in one room whose suite encrypts, for one replica. It may be used by several
// goroutines.
type Room struct {
	// Static after NewRoom.
	manifest Manifest
	p        primitives
	read     [seedLen]byte // the read secret: all subkeys follow from it
	self     *Identity
	own      Certificate

	mu         sync.Mutex // guards the following
	random     io.Reader
	introduced bool // a frame with the own certificate was sealed
	members    map[uint64]Certificate
	readers    int           // among the members
	order      []Certificate // as they came; one of a replica whose right rose stands in it twice
	subkeys    map[subkeyName][]byte
}

type subkeyName struct {
	replica uint64
	class   byte
}

// NewRoom makes the sealer of a room from its verified manifest, the secret of a link, and the own identity. It fails
// when the secret is not the room's (ErrRight), or the suite does not encrypt (ErrSuite).
func NewRoom(m Manifest, secret Secret, self *Identity, random io.Reader) (*Room, error) {
	p, err := primitivesOf(m.Suite)
	if err != nil {
		return nil, err
	}
	if m.Suite == SuitePlain || secret.Family != FamilyOf(m.Suite) || FamilyOf(self.suite) != secret.Family {
		return nil, fmt.Errorf("%w: the room's is %s, which is none of these keys'", ErrSuite, SuiteName(m.Suite))
	}
	pub, err := secret.publicKey()
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(pub, m.key(secret.Right)) {
		return nil, fmt.Errorf("%w: the secret does not belong to this room", ErrRight)
	}
	own, err := Certify(m, secret, min(secret.Right, Write), self)
	if err != nil {
		return nil, err
	}
	read, err := secret.Derive(Read)
	if err != nil {
		return nil, err
	}
	readers := 0
	if own.Right < Write {
		readers = 1
	}
	return &Room{
		readers:  readers,
		manifest: m, p: p, read: read.Bytes, self: self, own: own, random: random,
		members: map[uint64]Certificate{own.Replica: own}, subkeys: map[subkeyName][]byte{},
	}, nil
}

// Encrypted is true.
func (r *Room) Encrypted() bool { return true }

// Manifest is the room's.
func (r *Room) Manifest() Manifest { return r.manifest }

// Own is the own certificate.
func (r *Room) Own() Certificate { return r.own }

// Introduce lets the next frame sealed carry the own certificate again.
func (r *Room) Introduce() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.introduced = false
}

// Admit takes in a certificate and remembers it. Of two of one replica the higher right counts.
func (r *Room) Admit(b []byte) (Certificate, error) {
	if c, ok := r.Member(certifiedReplica(r.p, b)); ok && bytes.Equal(c.Bytes, b) {
		return c, nil
	}
	c, err := VerifyCertificate(r.manifest, b)
	if err != nil {
		return Certificate{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	old := r.members[c.Replica]
	if c.Right <= old.Right {
		return old, nil
	}
	writers, readers := len(r.members)-r.readers, r.readers
	if c.Right < Write && readers >= maxReaders || c.Right >= Write && writers >= maxMembers {
		return Certificate{}, fmt.Errorf("%w: there are %d to write already, and %d to read", ErrCertificate, writers, readers)
	}
	switch {
	case c.Right < Write:
		r.readers++
	case old.Right == Read:
		r.readers--
	}
	r.members[c.Replica] = c
	r.order = append(r.order, c)
	return c, nil
}

// Member is the certificate of a replica, if it has been seen.
func (r *Room) Member(replica uint64) (Certificate, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c, ok := r.members[replica]
	return c, ok
}

// Members are the certificates seen, the own one included, in no order.
func (r *Room) Members() []Certificate {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make([]Certificate, 0, len(r.members))
	for _, c := range r.members {
		all = append(all, c)
	}
	return all
}

// Since are the certificates of others admitted after the first n, in the order in which they were.
func (r *Room) Since(n int) []Certificate {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.order[n:])
}

// subkey is the key of one replica's payloads of one class.
func (r *Room) subkey(replica uint64, class byte) ([]byte, error) {
	name := subkeyName{replica, class}
	r.mu.Lock()
	defer r.mu.Unlock()
	if k := r.subkeys[name]; k != nil {
		return k, nil
	}
	var of [9]byte
	of[0] = class
	putUint64(of[1:], replica)
	k, err := expand(r.p, r.read[:], "coedit/v2 subkey "+string(r.manifest.Suite)+string(of[:]), seedLen)
	if err != nil {
		return nil, err
	}
	if len(r.subkeys) >= maxMembers {
		clear(r.subkeys)
	}
	r.subkeys[name] = k
	return k, nil
}

// draw fills b with random bytes.
func (r *Room) draw(b []byte) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, err := io.ReadFull(r.random, b); err != nil {
		return fmt.Errorf("seal: drawing a salt: %w", err)
	}
	return nil
}
