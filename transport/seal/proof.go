package seal

import (
	"errors"
	"fmt"
)

// ErrProof is wrapped by every error of VerifyProof.
var ErrProof = errors.New("seal: bad proof")

// NonceLen is the length of a challenge's nonce in bytes.
const NonceLen = 32

const (
	proofDomain   = "coedit/v2 proof"         // signed by the key of the right
	replicaDomain = "coedit/v2 proof replica" // signed by the replica's own key
)

// Challenge is what a relay asks a participant to prove its right for. A proof for one is none for any other: not at
// another host, in another room, for another replica or right, or on another connection.
type Challenge struct {
	Host    string // as the participant dialled it, in lower case, with the port if one was given; over TLS with its binding; "" over a pipe
	Room    string
	Replica uint64
	Version uint32 // of the protocol
	Nonce   []byte // NonceLen bytes, new for each connection
}

// Proof answers a Challenge.
type Proof struct {
	Right       Right
	Signature   []byte // by the manifest's key of Right
	Certificate []byte // of the replica; empty in plain rooms
	Replica     []byte // signature by the certificate's key; empty in plain rooms
}

// Prove answers a challenge in the name of an identity, with the right of the secret. Owner, too, takes part with a
// certificate to write.
func Prove(m Manifest, secret Secret, id *Identity, c Challenge) (Proof, error) {
	p, err := primitivesOf(m.Suite)
	if err != nil {
		return Proof{}, err
	}
	if len(c.Nonce) != NonceLen || c.Room != m.Room {
		return Proof{}, fmt.Errorf("%w: a nonce of %d bytes for room %.26s", ErrProof, len(c.Nonce), c.Room)
	}
	key, err := secret.signing()
	if err != nil {
		return Proof{}, err
	}
	proof := Proof{Right: secret.Right}
	if proof.Signature, err = key.sign(c.signed(p, proofDomain, proof.Right)); err != nil || m.Suite == SuitePlain {
		return proof, err
	}
	own, err := Certify(m, secret, min(secret.Right, Write), id)
	if err != nil {
		return Proof{}, err
	}
	proof.Certificate = own.Bytes
	proof.Replica, err = id.signing.sign(c.signed(p, replicaDomain, proof.Right))
	return proof, err
}

// VerifyProof checks a proof against the room's manifest. Where the room's suite encrypts, the replica's id must be the
// hash of the keys that its certificate names, and the replica have the secret halves.
func VerifyProof(m Manifest, c Challenge, proof Proof) error {
	p, err := primitivesOf(m.Suite)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrProof, err)
	}
	if len(c.Nonce) != NonceLen || c.Room != m.Room {
		return fmt.Errorf("%w: a nonce of %d bytes for room %.26s", ErrProof, len(c.Nonce), c.Room)
	}
	if !p.verify(m.key(proof.Right), c.signed(p, proofDomain, proof.Right), proof.Signature) {
		return fmt.Errorf("%w: it is not signed by the room's key to %v", ErrProof, proof.Right)
	}
	if m.Suite == SuitePlain {
		return nil
	}
	own, err := VerifyCertificate(m, proof.Certificate)
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", ErrProof, err)
	case own.Replica != c.Replica || own.Right != min(proof.Right, Write):
		return fmt.Errorf("%w: a certificate to %v of replica %016x, for %v and replica %016x",
			ErrProof, own.Right, own.Replica, proof.Right, c.Replica)
	case !p.verify(own.signs, c.signed(p, replicaDomain, proof.Right), proof.Replica):
		return fmt.Errorf("%w: it is not signed by replica %016x", ErrProof, c.Replica)
	}
	return nil
}

func (c Challenge) signed(p primitives, domain string, right Right) []byte {
	var b [13]byte
	putUint64(b[:8], c.Replica)
	b[8] = byte(right)
	b[9], b[10], b[11], b[12] = byte(c.Version>>24), byte(c.Version>>16), byte(c.Version>>8), byte(c.Version)
	return digest(p, domain, []byte(c.Host), []byte(c.Room), b[:], c.Nonce)
}
