package relaybench

import (
	crand "crypto/rand"
	"fmt"
	"math/rand/v2"

	"coedit/internal/codec"
	"coedit/rga"
	"coedit/transport"
	"coedit/transport/seal"
)

// author makes what one client publishes and opens what the others do: frames as the editor makes them, sealed and signed.
type author struct {
	// Static after construction.
	room   string
	sealer *seal.Room
	random int // bytes of an edit, at random; 0: an edit is a keystroke

	// Owned by the goroutine that publishes.
	doc *rga.Doc // what this client has typed; nil before the first key
}

func newAuthor(rm room, self *seal.Identity, o Options) (*author, error) {
	sealer, err := seal.NewRoom(rm.verified, rm.secret, self, crand.Reader)
	if err != nil {
		return nil, fmt.Errorf("relaybench: a member's keys: %w", err)
	}
	return &author{room: rm.id, sealer: sealer, random: o.Payload}, nil
}

// frame makes the frame with the counter given.
func (a *author) frame(counter uint64, random *rand.Rand) (transport.Frame, error) {
	edit, err := a.edit(random)
	if err != nil {
		return transport.Frame{}, err
	}
	f := transport.Frame{Replica: a.sealer.Own().Replica, Counter: counter, Class: transport.ClassEdit}
	f.Payload, err = a.sealer.Seal(a.header(f), edit)
	return f, err
}

// edit is the next edit before it is sealed.
func (a *author) edit(random *rand.Rand) ([]byte, error) {
	if a.random > 0 {
		b := make([]byte, a.random)
		for i := range b {
			b[i] = byte(random.Uint32())
		}
		return b, nil
	}
	if a.doc == nil {
		a.doc = rga.New(rga.ReplicaID(a.sealer.Own().Replica))
	}
	before := a.doc.Clock()
	if _, _, err := a.doc.Edit(0, rga.Edit{Offset: a.doc.Len(), Insert: string(rune('a' + random.IntN(26)))}); err != nil {
		return nil, fmt.Errorf("relaybench: a keystroke: %w", err)
	}
	batch, _ := a.doc.AppendOwn(nil, before, 1<<10)
	return codec.Pack(nil, batch, nil), nil
}

// open opens a frame of another client and checks who made it.
func (a *author) open(f transport.Frame) error {
	plain, err := a.sealer.Open(a.header(f), f.Payload)
	if err != nil || a.random > 0 {
		return err
	}
	batch, err := codec.Unpack(plain, 1<<10)
	if err != nil {
		return fmt.Errorf("relaybench: %w", err)
	}
	info, err := rga.Inspect(batch)
	if err == nil && info.Replica != rga.ReplicaID(f.Replica) {
		err = fmt.Errorf("%w: operations of replica %x in a frame of %x", seal.ErrForged, uint64(info.Replica), f.Replica)
	}
	return err
}

func (a *author) header(f transport.Frame) seal.Header {
	return seal.Header{Room: a.room, Replica: f.Replica, Counter: f.Counter, Class: byte(f.Class), Target: f.Target}
}
