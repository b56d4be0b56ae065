package seal

import (
	"errors"
	"fmt"
)

// ErrCertificate is wrapped by every error about a certificate.
var ErrCertificate = errors.New("seal: bad certificate")

const (
	certificateMagic   = "CEDC"
	certificateVersion = 1
	certificateDomain  = "coedit/v2 certificate"
	certificateKeys    = 4 + 1 + 1 + 1 // where the keys begin
)

// Certificate says which keys a replica has and what it may do in a room. It is signed by the room's key of that right:
// who holds the write secret certifies itself to write.
type Certificate struct {
	Replica uint64
	Right   Right // Write or Read
	Bytes   []byte

	signs []byte // public keys
	opens []byte
}

// Certify makes the certificate of an identity for a right that the secret includes, Write or Read.
func Certify(m Manifest, secret Secret, right Right, id *Identity) (Certificate, error) {
	p, err := primitivesOf(m.Suite)
	if err != nil {
		return Certificate{}, err
	}
	if right != Write && right != Read || FamilyOf(id.suite) != FamilyOf(m.Suite) {
		return Certificate{}, fmt.Errorf("%w: right %v, keys for %s in a room of %s",
			ErrCertificate, right, SuiteName(id.suite), SuiteName(m.Suite))
	}
	holder, err := secret.Derive(right)
	if err != nil {
		return Certificate{}, err
	}
	key, err := holder.signing()
	if err != nil {
		return Certificate{}, err
	}
	b := append([]byte(certificateMagic), certificateVersion, m.Suite, byte(right))
	b = append(b, id.signing.public()...)
	b = append(b, id.opening.public()...)
	signature, err := key.sign(digest(p, certificateDomain, []byte(m.Room), b))
	if err != nil {
		return Certificate{}, err
	}
	return VerifyCertificate(m, append(b, signature...))
}

// VerifyCertificate checks that a certificate is well formed and signed by the room's key of its right. The result
// shares no memory with b.
func VerifyCertificate(m Manifest, b []byte) (Certificate, error) {
	p, err := primitivesOf(m.Suite)
	if err != nil {
		return Certificate{}, fmt.Errorf("%w: %w", ErrCertificate, err)
	}
	n := p.publicLen()
	signed := certificateKeys + 2*n
	switch {
	case len(b) != signed+signatureLen || string(b[:4]) != certificateMagic:
		return Certificate{}, fmt.Errorf("%w: these %d bytes are none of %s", ErrCertificate, len(b), SuiteName(m.Suite))
	case b[4] != certificateVersion || b[5] != m.Suite:
		return Certificate{}, fmt.Errorf("%w: layout %d of %s in a room of %s",
			ErrCertificate, b[4], SuiteName(b[5]), SuiteName(m.Suite))
	}
	c := Certificate{Right: Right(b[6]), Bytes: append([]byte(nil), b...)}
	if c.Right != Write && c.Right != Read {
		return Certificate{}, fmt.Errorf("%w: for %v", ErrCertificate, c.Right)
	}
	c.signs, c.opens = c.Bytes[certificateKeys:certificateKeys+n:certificateKeys+n], c.Bytes[certificateKeys+n:signed:signed]
	if c.Replica = replicaOf(p, c.signs, c.opens); c.Replica == 0 {
		return Certificate{}, fmt.Errorf("%w: %w", ErrCertificate, errReplicaZero)
	}
	if !p.verify(m.key(c.Right), digest(p, certificateDomain, []byte(m.Room), b[:signed]), b[signed:]) {
		return Certificate{}, fmt.Errorf("%w: it is not signed by the room's key to %v", ErrCertificate, c.Right)
	}
	return c, nil
}

// certifiedReplica is the replica that a certificate names, unverified; 0 where the bytes cannot be one.
func certifiedReplica(p primitives, b []byte) uint64 {
	n := p.publicLen()
	if len(b) != certificateKeys+2*n+signatureLen {
		return 0
	}
	return replicaOf(p, b[certificateKeys:certificateKeys+n], b[certificateKeys+n:certificateKeys+2*n])
}
