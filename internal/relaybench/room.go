package relaybench

import (
	crand "crypto/rand"
	"fmt"

	"coedit/transport"
	"coedit/transport/seal"
)

// room is what all clients of a room share: one of the default suite, whose relay wants proofs of those who come.
type room struct {
	id       string
	secret   seal.Secret // to write
	manifest []byte
	verified seal.Manifest
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
	if rm.manifest, err = seal.NewManifest(owner, seal.SuiteXChaCha, 0); err != nil {
		return room{}, err
	}
	rm.verified, err = seal.VerifyManifest(rm.id, rm.manifest)
	return rm, err
}

// newMember makes a client; opens says that it opens and verifies what it gets.
func (r *run) newMember(rm room, slow, opens bool) (*member, error) {
	identity, err := seal.NewIdentity(seal.SuiteXChaCha, crand.Reader)
	if err != nil {
		return nil, fmt.Errorf("relaybench: draw an identity: %w", err)
	}
	m := &member{run: r, id: identity.ReplicaID(), next: map[uint64]uint64{}, opens: opens}
	if m.author, err = newAuthor(rm, identity, r.o); err != nil {
		return nil, err
	}
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
