package seal

import (
	"crypto/cipher"
	"crypto/ecdsa"
	"errors"
	"fmt"
	"hash"
	"io"
	"math/big"
	"slices"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/sm3"
	"github.com/emmansun/gmsm/sm4"
	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// shangMi is the family of SuiteSM4: SM3, SM2 to sign (GB/T 32918.2, the default identity) and to encrypt
// (GB/T 32918.4), and SM4 in Galois/Counter mode. Public keys are the two coordinates, 64 bytes.
type shangMi struct{}

const (
	sm4KeyLen    = 16
	uncompressed = 4 // the byte before two coordinates, which is left out here
)

var errSM2Key = errors.New("seal: no SM2 key")

func (shangMi) hash() hash.Hash { return sm3.New() }
func (shangMi) publicLen() int  { return 64 }

// aead derives a key of its own for each salt: a nonce of 96 bits is too short to be drawn at random as often as frames
// are sealed, and the counter alone would repeat after a journal was lost.
func (p shangMi) aead(key, salt []byte, counter uint64) (cipher.AEAD, []byte, error) {
	once, err := expand(p, key, "coedit/v2 payload "+string(salt), sm4KeyLen)
	if err != nil {
		return nil, nil, err
	}
	block, err := sm4.NewCipher(once)
	if err != nil {
		return nil, nil, fmt.Errorf("seal: SM4: %w", err)
	}
	a, err := cipher.NewGCM(block)
	if err != nil {
		return nil, nil, fmt.Errorf("seal: SM4-GCM: %w", err)
	}
	nonce := make([]byte, a.NonceSize())
	putUint64(nonce[len(nonce)-8:], counter)
	return a, nonce, nil
}

// sm2Key is both halves of a pair.
type sm2Key struct {
	k   *sm2.PrivateKey
	pub []byte // its point, x and y
}

// newSM2Key takes a scalar from 1 to n-2 out of a seed, by way of more bits than it has, so that none is likelier.
func newSM2Key(seed []byte) (sm2Key, error) {
	wide, err := expand(shangMi{}, seed, "coedit/v2 sm2 scalar", 48)
	if err != nil {
		return sm2Key{}, err
	}
	n := new(big.Int).Sub(sm2.P256().Params().N, big.NewInt(2))
	d := new(big.Int).SetBytes(wide)
	d.Mod(d, n).Add(d, big.NewInt(1))
	k, err := sm2.NewPrivateKey(d.FillBytes(make([]byte, 32)))
	if err != nil {
		return sm2Key{}, fmt.Errorf("seal: SM2: %w", err)
	}
	e, err := k.ECDH()
	if err != nil {
		return sm2Key{}, fmt.Errorf("seal: SM2: %w", err)
	}
	return sm2Key{k, e.PublicKey().Bytes()[1:]}, nil
}

func (shangMi) signingKey(seed []byte) (signingKey, error) { return newSM2Key(seed) }
func (shangMi) openingKey(seed []byte) (openingKey, error) { return newSM2Key(seed) }

func (s sm2Key) public() []byte { return slices.Clone(s.pub) }

// sign gives r and s, 32 bytes each. The number used once comes from key and message (RFC 6979 with SM3): equal messages
// have equal signatures, and a broken source of randomness cannot give the key away.
func (s sm2Key) sign(message []byte) ([]byte, error) {
	der, err := sm2.SignDeterministic(s.k, message, sm2.DefaultSM2SignerOpts)
	if err != nil {
		return nil, fmt.Errorf("seal: SM2: %w", err)
	}
	var pair cryptobyte.String
	var r, t big.Int
	input := cryptobyte.String(der)
	if !input.ReadASN1(&pair, asn1.SEQUENCE) || !pair.ReadASN1Integer(&r) || !pair.ReadASN1Integer(&t) {
		return nil, errors.New("seal: SM2: the signature is malformed")
	}
	b := make([]byte, signatureLen)
	r.FillBytes(b[:32])
	t.FillBytes(b[32:])
	return b, nil
}

func (shangMi) verify(public, message, signature []byte) bool {
	key, err := sm2Public(public)
	if err != nil || len(signature) != signatureLen {
		return false
	}
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1BigInt(new(big.Int).SetBytes(signature[:32]))
		b.AddASN1BigInt(new(big.Int).SetBytes(signature[32:]))
	})
	der, err := b.Bytes()
	return err == nil && sm2.VerifyASN1WithSM2(key, nil, message, der)
}

// sm2Public reads a public key and checks that it is on the curve.
func sm2Public(b []byte) (*ecdsa.PublicKey, error) {
	if len(b) != 64 {
		return nil, fmt.Errorf("%w: %d bytes", errSM2Key, len(b))
	}
	key, err := sm2.ParseUncompressedPublicKey(append([]byte{uncompressed}, b...))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errSM2Key, err)
	}
	return key, nil
}

// wrap is SM2 encryption, C1 || C3 || C2. It authenticates what it contains only, so a hash of what is bound goes first.
func (p shangMi) wrap(random io.Reader, public, plain, bound []byte) ([]byte, error) {
	key, err := sm2Public(public)
	if err != nil {
		return nil, err
	}
	b, err := sm2.Encrypt(random, key, append(sm3Of(bound), plain...), nil)
	if err != nil {
		return nil, fmt.Errorf("seal: SM2: %w", err)
	}
	return b, nil
}

func (s sm2Key) unwrap(wrapped, bound []byte) ([]byte, error) {
	b, err := sm2.Decrypt(s.k, wrapped)
	if err != nil || len(b) < sm3.Size || string(b[:sm3.Size]) != string(sm3Of(bound)) {
		return nil, fmt.Errorf("%w: not wrapped for this key", ErrForged)
	}
	return b[sm3.Size:], nil
}

func sm3Of(b []byte) []byte {
	sum := sm3.Sum(b)
	return sum[:]
}
