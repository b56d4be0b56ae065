package seal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// ErrIdentity is wrapped by every error about the bytes of an identity.
var ErrIdentity = errors.New("seal: bad identity")

// identityLen is the length of an identity's bytes.
const identityLen = 1 + seedLen

// Identity is a replica's own key pairs: one to sign what it writes, one to which others can encrypt. The replica's id
// is a hash of the public halves. It belongs to one room: a replica that takes part in two has two. It is immutable;
// its String and its log value name the replica only.
type Identity struct {
	suite   byte
	seed    [seedLen]byte
	signing signingKey
	opening openingKey
	replica uint64
}

// NewIdentity draws an identity for rooms of a suite.
func NewIdentity(suite byte, random io.Reader) (*Identity, error) {
	b := make([]byte, identityLen)
	b[0] = suite
	for {
		if _, err := io.ReadFull(random, b[1:]); err != nil {
			return nil, fmt.Errorf("seal: drawing an identity: %w", err)
		}
		id, err := IdentityFromBytes(b)
		if !errors.Is(err, errReplicaZero) {
			return id, err
		}
	}
}

var errReplicaZero = errors.New("its replica id would be 0")

// IdentityFromBytes is the reverse of Bytes; its errors wrap ErrIdentity.
func IdentityFromBytes(b []byte) (*Identity, error) {
	if len(b) != identityLen {
		return nil, fmt.Errorf("%w: %d bytes, not %d", ErrIdentity, len(b), identityLen)
	}
	p, err := primitivesOf(b[0])
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrIdentity, err)
	}
	id := &Identity{suite: b[0], seed: [seedLen]byte(b[1:])}
	sign, err := expand(p, id.seed[:], "coedit/v2 identity sign", seedLen)
	if err != nil {
		return nil, err
	}
	if id.signing, err = p.signingKey(sign); err != nil {
		return nil, err
	}
	open, err := expand(p, id.seed[:], "coedit/v2 identity open", seedLen)
	if err != nil {
		return nil, err
	}
	if id.opening, err = p.openingKey(open); err != nil {
		return nil, err
	}
	if id.replica = replicaOf(p, id.signing.public(), id.opening.public()); id.replica == 0 {
		return nil, fmt.Errorf("%w: %w", ErrIdentity, errReplicaZero)
	}
	return id, nil
}

// Bytes is the secret that the identity is made of, for a file that nobody else reads: the suite (1 byte), then a seed
// of 32 bytes.
func (id *Identity) Bytes() []byte { return append([]byte{id.suite}, id.seed[:]...) }

// Suite is the suite whose algorithms the keys are for.
func (id *Identity) Suite() byte { return id.suite }

// ReplicaID is the first 8 bytes of a hash of the public keys, and never 0.
func (id *Identity) ReplicaID() uint64 { return id.replica }

// String names the replica.
func (id *Identity) String() string { return fmt.Sprintf("identity of replica %016x", id.replica) }

// GoString is String: %#v must not print the seed either.
func (id *Identity) GoString() string { return id.String() }

// Format is String for every verb.
func (id *Identity) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, id.String()) }

// LogValue is String.
func (id *Identity) LogValue() slog.Value { return slog.StringValue(id.String()) }

// replicaOf hashes the public halves of an identity to its id.
func replicaOf(p primitives, sign, open []byte) uint64 {
	h := p.hash()
	h.Write([]byte("coedit/v2 replica"))
	h.Write(sign)
	h.Write(open)
	return binary.BigEndian.Uint64(h.Sum(nil))
}

func putUint64(b []byte, n uint64) { binary.BigEndian.PutUint64(b, n) }
