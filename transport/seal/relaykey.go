package seal

import (
	"crypto/ed25519"
	"fmt"
)

// RelayKey is the key of the certificate under which the owner's own relay serves the room. It follows from the owner's
// secret, so that links with its pin still hold when the owner shares again. Others are an error that wraps ErrRight.
func (s Secret) RelayKey() (ed25519.PrivateKey, error) {
	if s.Right != Owner {
		return nil, fmt.Errorf("%w: only the owner's secret gives the relay's key, this one is %v", ErrRight, s.Right)
	}
	seed, err := expand(standard{}, s.Bytes[:], "coedit/v1 key relay", seedLen)
	if err != nil {
		return nil, err
	}
	return ed25519.NewKeyFromSeed(seed), nil
}
