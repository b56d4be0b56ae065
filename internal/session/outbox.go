package session

import (
	"fmt"
	"sync/atomic"
	"time"

	"coedit/transport"
)

// Own edits are published by self-clocked batching: with nothing in flight they go at once; otherwise they gather until
// the acknowledgement or a short deadline. A good link so sends keystrokes, a slow one sends batches.
const (
	gatherMin    = 20 * time.Millisecond
	gatherMax    = 100 * time.Millisecond
	gatherPoor   = 250 * time.Millisecond // on a link that is poor
	windowFrames = 32                     // frames in flight
	windowBytes  = 512 << 10              // their sealed bytes
	readFirst    = 5 * time.Second        // at most, after a connection was made
	maxEdits     = 4096                   // unacknowledged edits that are counted one by one
)

// outbox says which of the own ticks have been published and acknowledged. The document's log holds the edits
// themselves, so nothing is queued twice. Invariant: acked <= published <= the document's clock.
type outbox struct {
	published uint64 // own ticks that stand in frames
	acked     uint64 // own ticks that the relay has
	counter   uint64 // of the last frame

	inflight []flight // frames numbered and not acknowledged, oldest first

	gather time.Time // when what gathers is sent; zero: nothing gathers
	edits  []uint64  // the tick each unacknowledged edit ends before, ascending
}

type flight struct {
	counter  uint64
	from, to uint64        // own ticks that it holds
	size     *atomic.Int64 // bytes: of the batch until it is sealed, then of the frame
}

// fly counts a frame that is on its way.
func (o *outbox) fly(counter, to uint64, bytes int) *atomic.Int64 {
	f := flight{counter, o.published, to, &atomic.Int64{}}
	f.size.Store(int64(bytes))
	o.counter, o.published = counter, to
	o.inflight = append(o.inflight, f)
	return f.size
}

// bytes are those of the frames in flight.
func (o *outbox) bytes() int {
	n := int64(0)
	for _, f := range o.inflight {
		n += f.size.Load()
	}
	return int(n)
}

// takeBack makes the frames behind one with this counter as if they had never been.
func (o *outbox) takeBack(counter uint64) {
	for n := len(o.inflight); n > 0 && o.inflight[n-1].counter > counter; n-- {
		o.published = o.inflight[n-1].from
		o.inflight = o.inflight[:n-1]
	}
	o.counter = counter
}

// note counts an edit that brought the own clock to tick; a clock that has not moved is no edit.
func (o *outbox) note(tick uint64) {
	n := len(o.edits)
	switch {
	case tick <= o.acked || n > 0 && o.edits[n-1] >= tick:
	case n >= maxEdits:
		o.edits[n-1] = tick
	default:
		o.edits = append(o.edits, tick)
	}
}

// ack takes frames up to counter as acknowledged.
func (o *outbox) ack(counter uint64) {
	n := 0
	for n < len(o.inflight) && o.inflight[n].counter <= counter {
		o.settle(o.inflight[n].to)
		n++
	}
	o.inflight = append(o.inflight[:0], o.inflight[n:]...)
}

// settle takes own ticks up to tick as acknowledged.
func (o *outbox) settle(tick uint64) {
	o.acked = max(o.acked, tick)
	n := 0
	for n < len(o.edits) && o.edits[n] <= tick {
		n++
	}
	o.edits = append(o.edits[:0], o.edits[n:]...)
}

// forget drops the frames in flight: the relay they were sent to has lost its log.
func (o *outbox) forget() {
	o.inflight, o.gather = o.inflight[:0], time.Time{}
}

// restart goes on publishing from tick, up to which the relay has everything.
func (o *outbox) restart(tick uint64) {
	o.forget()
	o.published, o.acked = tick, 0
	o.settle(tick)
}

// publish sends what the batching rule allows now and returns when to look again (0: not before there is news).
func (p *Participant) publish(now time.Time) time.Duration {
	o := &p.out
	o.note(p.ed.Doc().Clock())
	p.signName(now)
	p.keeper.Own()
	clock := p.ed.Doc().Clock()
	if p.net.state != Online || p.restore.blocks() || p.ReadOnly() || p.moving != nil {
		return 0
	}
	if wait := p.readsFirst(now); wait > 0 {
		return wait
	}
	for o.published < clock && len(o.inflight) < windowFrames && o.bytes() < windowBytes {
		if wait := p.gatherFor(now, clock); wait > 0 {
			return wait
		}
		if _, err := p.sealer.now(); err != nil {
			p.net.err = fmt.Errorf("session: seal own edits: %w", err)
			return 0
		}
		p.publishFrame()
		o.gather = time.Time{}
	}
	return 0
}

// readsFirst says how much longer to read what was missed before anything new is published: perhaps the room has moved without
// somebody, who is not to read it then.
func (p *Participant) readsFirst(now time.Time) time.Duration {
	if p.net.caughtUp {
		return 0
	}
	return p.net.since.Add(readFirst).Sub(now)
}

// gatherFor says how long the edits not yet published are still to gather.
func (p *Participant) gatherFor(now time.Time, clock uint64) time.Duration {
	o := &p.out
	hold := p.client.PublishIn() // the relay takes no more now: what is sent later goes in fewer frames
	if len(o.inflight) == 0 || clock-o.published >= batchBytes {
		return hold
	}
	if o.gather.IsZero() {
		o.gather = now.Add(gatherTime(p.client.Quality()))
	}
	return max(hold, o.gather.Sub(now))
}

// publishFrame numbers a frame of the next own operations and has it sealed.
func (p *Participant) publishFrame() {
	o := &p.out
	batch, to := p.nextBatch()
	if to == o.published {
		return
	}
	f := transport.Frame{Replica: uint64(p.id), Counter: o.counter + 1, Class: transport.ClassEdit}
	p.seal(f, batch, to, o.fly(f.Counter, to, len(batch)))
}

// nextBatch encodes the next own operations: much text in one batch, many little operations in small ones.
func (p *Participant) nextBatch() (batch []byte, to uint64) {
	doc, from := p.ed.Doc(), p.out.published
	batch, to = doc.AppendOwn(nil, from, denseBytes)
	if to == doc.Clock() || !mostlyText(batch, to-from) {
		return batch, to
	}
	long, end := doc.AppendOwn(nil, from, batchBytes)
	if !mostlyText(long, end-from) {
		return batch, to
	}
	return long, end
}

// mostlyText says whether at least three quarters of an encoded batch can be text: text is one tick a byte.
func mostlyText(batch []byte, ticks uint64) bool { return ticks*4 >= uint64(len(batch))*3 }
