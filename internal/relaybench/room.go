package relaybench

import (
	crand "crypto/rand"
	"encoding/binary"
	"fmt"

	"coedit/transport"
	"coedit/transport/seal"
)

// room is what all clients of a room share.
type room struct {
	id       string
	manifest []byte
}

func newRoom() (room, error) {
	owner, err := seal.NewOwner(crand.Reader)
	if err != nil {
		return room{}, err
	}
	id, err := owner.RoomID()
	if err != nil {
		return room{}, err
	}
	manifest, err := seal.NewManifest(owner, seal.SuitePlain, 0)
	return room{id, manifest}, err
}

func (r *run) newMember(rm room, slow bool) (*member, error) {
	var b [8]byte
	if _, err := crand.Read(b[:]); err != nil {
		return nil, fmt.Errorf("relaybench: draw an id: %w", err)
	}
	m := &member{run: r, id: binary.LittleEndian.Uint64(b[:]) | 1, next: map[uint64]uint64{}}
	if slow {
		m.gate = make(chan struct{})
	}
	m.client = transport.NewClient(transport.Options{
		Dial: transport.WebSocket(r.base), Room: rm.id, Manifest: rm.manifest, Replica: m.id, Agent: "coedit bench relay",
	})
	return m, nil
}
