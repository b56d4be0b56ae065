package session

import (
	"fmt"

	"coedit/transport"
	"coedit/transport/seal"
)

// prove answers a relay's challenge with the highest right there is. It is called on the transport's goroutine and reads
// only what is static.
func (p *Participant) prove(c transport.Challenge) (transport.Proof, error) {
	m, err := seal.VerifyManifest(p.link.Room, c.Manifest)
	if err != nil {
		return transport.Proof{}, &transport.Refusal{Code: transport.RefusedRights, Text: fmt.Sprintf("the relay shows a manifest that is not this room's: %v", err)}
	}
	secret := p.link.Secret
	if p.o.Owner != nil {
		secret = *p.o.Owner
	}
	proof, err := seal.Prove(m, secret, nil, seal.Challenge{
		Host: c.Host, Room: m.Room, Replica: uint64(p.id), Version: c.Version, Nonce: c.Nonce,
	})
	if err != nil {
		return transport.Proof{}, fmt.Errorf("session: proving the right to %v: %w", secret.Right, err)
	}
	return transport.Proof{
		Right:     uint8(proof.Right),
		Signature: proof.Signature, Certificate: proof.Certificate, Replica: proof.Replica,
	}, nil
}
