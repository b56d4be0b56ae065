package relaybench

import (
	crand "crypto/rand"
	"fmt"

	"coedit/transport"
	"coedit/transport/seal"
)

// room is what all clients of a room share: one of the default suite, whose relay wants proofs of those who come. What is
// published in it is random bytes in place of what a seal makes.
type room struct {
	id       string
	secret   seal.Secret // to write
	manifest []byte
}

func newRoom() (room, error) {
	owner, err := seal.NewOwner(crand.Reader)
	if err != nil {
		return room{}, err
	}
	rm := room{}
	if rm.id, err = owner.RoomID(); err != nil {
		return room{}, err
	}
	if rm.secret, err = owner.Derive(seal.Write); err != nil {
		return room{}, err
	}
	rm.manifest, err = seal.NewManifest(owner, seal.SuiteXChaCha, 0)
	return rm, err
}

func (r *run) newMember(rm room, slow bool) (*member, error) {
	identity, err := seal.NewIdentity(seal.SuiteXChaCha, crand.Reader)
	if err != nil {
		return nil, fmt.Errorf("relaybench: draw an identity: %w", err)
	}
	m := &member{run: r, id: identity.ReplicaID(), next: map[uint64]uint64{}}
	if slow {
		m.gate = make(chan struct{})
	}
	o := transport.Options{
		Dial: transport.WebSocket(r.base), Room: rm.id, Manifest: rm.manifest, Replica: m.id, Agent: "coedit bench relay",
		Prove: func(c transport.Challenge) (transport.Proof, error) { return prove(rm, identity, c) },
	}
	if r.o.FIFO {
		o.Prove, o.MaxVersion = nil, 1 // which that relay speaks
	}
	m.client = transport.NewClient(o)
	return m, nil
}

func prove(rm room, identity *seal.Identity, c transport.Challenge) (transport.Proof, error) {
	manifest, err := seal.VerifyManifest(rm.id, c.Manifest)
	if err != nil {
		return transport.Proof{}, err
	}
	proof, err := seal.Prove(manifest, rm.secret, identity, seal.Challenge{
		Host: c.Host, Room: rm.id, Replica: identity.ReplicaID(), Version: c.Version, Nonce: c.Nonce,
	})
	if err != nil {
		return transport.Proof{}, err
	}
	return transport.Proof{
		Right: uint8(proof.Right), Signature: proof.Signature, Certificate: proof.Certificate, Replica: proof.Replica,
	}, nil
}
