package seal

import (
	"crypto/cipher"
	"crypto/hkdf"
	"fmt"
	"hash"
	"io"
)

// Sizes that all suites share, in bytes.
const (
	seedLen      = 32
	signatureLen = 64
	tagLen       = 16
	saltLen      = 16
)

// primitives is what the suites of one family are made of. Public keys and signatures have one length and one form
// each, so that equal keys are equal bytes.
type primitives interface {
	hash() hash.Hash
	publicLen() int // of a key to sign, and of one to encrypt to
	signingKey(seed []byte) (signingKey, error)
	verify(public, message, signature []byte) bool
	openingKey(seed []byte) (openingKey, error)
	wrap(random io.Reader, public, plain, bound []byte) ([]byte, error) // see openingKey
	// aead is the cipher of one payload, and its nonce. key is a subkey of 32 bytes, salt has saltLen bytes.
	aead(key, salt []byte, counter uint64) (cipher.AEAD, []byte, error)
}

// signingKey is the secret half of a key pair that signs.
type signingKey interface {
	public() []byte
	sign(message []byte) ([]byte, error)
}

// openingKey is the secret half of a key pair to which others encrypt: unwrap opens what wrap made for its public
// half with the same bound bytes, which are authenticated and not contained.
type openingKey interface {
	public() []byte
	unwrap(wrapped, bound []byte) ([]byte, error)
}

// primitivesOf gives what a suite is made of; plain rooms have the standard keys.
func primitivesOf(suite byte) (primitives, error) {
	switch suite {
	case SuitePlain, SuiteXChaCha:
		return standard{}, nil
	case SuiteSM4:
		return shangMi{}, nil
	}
	return nil, fmt.Errorf("%w %d", ErrSuite, suite)
}

// expand derives n bytes from a secret by HKDF with the family's hash, no salt.
func expand(p primitives, secret []byte, info string, n int) ([]byte, error) {
	b, err := hkdf.Key(p.hash, secret, nil, info, n)
	if err != nil {
		return nil, fmt.Errorf("seal: deriving %q: %w", info, err)
	}
	return b, nil
}

// digest is what is signed for a domain and parts: domain, 0, then the hash of the parts, each preceded by its length.
// A long message is so hashed once, and no two lists of parts give the same bytes.
func digest(p primitives, domain string, parts ...[]byte) []byte {
	h := p.hash()
	for _, part := range parts {
		var n [8]byte
		putUint64(n[:], uint64(len(part)))
		h.Write(n[:])
		h.Write(part)
	}
	return h.Sum(append([]byte(domain), 0))
}
