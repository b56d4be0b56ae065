package seal

import (
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"

	"golang.org/x/crypto/chacha20poly1305"
)

// standard is the family of SuitePlain and SuiteXChaCha: SHA-256, Ed25519, X25519 and XChaCha20-Poly1305.
type standard struct{}

func (standard) hash() hash.Hash { return sha256.New() }
func (standard) publicLen() int  { return ed25519.PublicKeySize }

func (standard) signingKey(seed []byte) (signingKey, error) {
	return edKey(ed25519.NewKeyFromSeed(seed)), nil
}

func (standard) verify(public, message, signature []byte) bool {
	return len(public) == ed25519.PublicKeySize && ed25519.Verify(public, message, signature)
}

// aead takes salt and counter as the nonce, as XChaCha is made for.
func (standard) aead(key, salt []byte, counter uint64) (cipher.AEAD, []byte, error) {
	a, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, nil, fmt.Errorf("seal: XChaCha20-Poly1305: %w", err)
	}
	nonce := make([]byte, chacha20poly1305.NonceSizeX)
	copy(nonce, salt)
	putUint64(nonce[saltLen:], counter)
	return a, nonce, nil
}

type edKey ed25519.PrivateKey

func (k edKey) public() []byte { return ed25519.PrivateKey(k).Public().(ed25519.PublicKey) }

func (k edKey) sign(message []byte) ([]byte, error) {
	return ed25519.Sign(ed25519.PrivateKey(k), message), nil
}

func (standard) openingKey(seed []byte) (openingKey, error) {
	k, err := ecdh.X25519().NewPrivateKey(seed)
	if err != nil {
		return nil, fmt.Errorf("seal: X25519: %w", err)
	}
	return xKey{k}, nil
}

type xKey struct{ k *ecdh.PrivateKey }

func (x xKey) public() []byte { return x.k.PublicKey().Bytes() }

// wrap is an ephemeral public key and what is sealed for the secret that it shares with public. Each key seals once, so
// the nonce is zero.
func (s standard) wrap(random io.Reader, public, plain, bound []byte) ([]byte, error) {
	seed := make([]byte, seedLen)
	if _, err := io.ReadFull(random, seed); err != nil {
		return nil, fmt.Errorf("seal: drawing a key: %w", err)
	}
	ephemeral, err := ecdh.X25519().NewPrivateKey(seed)
	if err != nil {
		return nil, fmt.Errorf("seal: X25519: %w", err)
	}
	from := ephemeral.PublicKey().Bytes()
	a, nonce, err := s.shared(ephemeral, public, from, public)
	if err != nil {
		return nil, err
	}
	return a.Seal(from, nonce, plain, bound), nil
}

func (x xKey) unwrap(wrapped, bound []byte) ([]byte, error) {
	if len(wrapped) < ed25519.PublicKeySize+tagLen {
		return nil, fmt.Errorf("%w: %d wrapped bytes are too few", ErrForged, len(wrapped))
	}
	from := wrapped[:ed25519.PublicKeySize]
	a, nonce, err := standard{}.shared(x.k, from, from, x.public())
	if err != nil {
		return nil, err
	}
	plain, err := a.Open(nil, nonce, wrapped[len(from):], bound)
	if err != nil {
		return nil, fmt.Errorf("%w: not wrapped for this key", ErrForged)
	}
	return plain, nil
}

// shared is the cipher that two halves agree on; both public keys go into its key.
func (s standard) shared(secret *ecdh.PrivateKey, public, from, to []byte) (cipher.AEAD, []byte, error) {
	pub, err := ecdh.X25519().NewPublicKey(public)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: no X25519 key: %w", ErrForged, err)
	}
	z, err := secret.ECDH(pub)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrForged, err)
	}
	key, err := expand(s, z, "coedit/v2 wrap "+string(from)+string(to), chacha20poly1305.KeySize)
	if err != nil {
		return nil, nil, err
	}
	return s.aead(key, make([]byte, saltLen), 0)
}
