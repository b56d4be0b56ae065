package session

import (
	"errors"
	"fmt"
	"sync/atomic"

	"coedit/transport"
	"coedit/transport/seal"
)

// Own frames are compressed, sealed, signed and handed to the journal on a goroutine beside the owner's: of a large file that is
// half a millisecond for each 64 KiB, which a key would wait for. The owner gives a frame its counter and its operations, and
// all that follows happens in the order of the counters. How much can wait is bounded by the window (outbox.go).
//
// What has to come behind the frames that are being sealed waits for them: [Participant.sealed] costs at most what is in the
// window, and is for moves, restores and the end.

// sealing is the work on own frames that were numbered and not yet handed on.
type sealing struct {
	worker

	// Owned by the jobs, by the owner when it has waited for them.
	failed error  // why a frame could not be sealed; those behind it are dropped
	at     uint64 // its counter
}

// unsealedItem: a frame could not be sealed.
type unsealedItem struct{}

func (unsealedItem) weight() int { return 0 }

// way is where sealed frames go.
type way struct {
	client *transport.Client
	keeper *Keeper
	inbox  *inbox
}

// way is that of the present room.
func (p *Participant) way() way { return way{p.client, p.keeper, p.inbox} }

// seal queues a frame of own operations up to the tick to. Its size, when it is known, is written to size.
func (p *Participant) seal(f transport.Frame, batch []byte, to uint64, size *atomic.Int64) {
	s, sealer, on, room := &p.sealing, p.sealer, p.way(), p.link.Room
	s.do(func() {
		if s.failed != nil {
			return
		}
		var err error
		if f.Payload, err = sealer.Seal(frameHeader(room, f), packed(sealer, on.client, batch)); err != nil {
			s.failed, s.at = fmt.Errorf("session: seal own edits: %w", err), f.Counter
			on.inbox.offer(unsealedItem{}, true)
			return
		}
		size.Store(int64(len(f.Payload)))
		on.hand(f, to)
	})
}

func frameHeader(room string, f transport.Frame) seal.Header {
	return seal.Header{Room: room, Replica: f.Replica, Counter: f.Counter, Class: byte(f.Class), Target: f.Target}
}

// hand gives a frame to the transport, with a journal once the frame, as it is, is written there. An error comes by the inbox.
func (w way) hand(f transport.Frame, to uint64) {
	publish := func() {
		if err := w.client.Publish(f); err != nil && !errors.Is(err, transport.ErrClosed) {
			w.inbox.offer(unpublishedItem{fmt.Errorf("session: publish own edits: %w", err)}, true)
		}
	}
	if w.keeper == nil {
		publish()
		return
	}
	w.keeper.after(publish, frame(f, to))
}

// sealed waits until the frames that were numbered are handed on. Where one could not be sealed, it and those behind it are
// as if they had never been numbered: nobody has seen anything of them.
func (p *Participant) sealed() {
	s := &p.sealing
	s.wait()
	if s.failed == nil {
		return
	}
	p.net.err = s.failed
	p.out.takeBack(s.at - 1)
	s.failed = nil
}
