package session

import (
	"errors"
	"fmt"
	"time"

	"coedit/rga"
	"coedit/transport"
)

// A snapshot is made without holding up the owner: the document is taken apart into batches, a slice of a millisecond at a
// time, and put together as they come, encoded, compressed and sealed on another goroutine. What is typed meanwhile may be in it or not.
//
// The relay asks for one when its log has grown (SnapshotWanted), and a lost room is restored by one (restore.go).

// making is a snapshot that is being made.
type making struct {
	generation uint64           // to be replaced
	covers     transport.Cursor // frames up to it may go
	restore    bool

	// Owned by the owner.
	want    rga.Version // what it is to hold at least
	have    rga.Version // what the batches hold that were collected
	whole   []byte      // the encoded document, where it has no batches for all of it
	sealing bool        // all is collected

	work   worker // puts the batches together as they come, so that there are never many
	doc    *rga.Doc
	failed error // why one of them could not be applied
}

// sliceTime bounds what a call of collect spends.
const sliceTime = time.Millisecond

// errIncomplete: a snapshot would not hold what it should.
var errIncomplete = errors.New("session: a snapshot came out incomplete")

// makeSnapshot begins to make a snapshot of the document as it is now, in place of one that is being made.
func (p *Participant) makeSnapshot(m *making) {
	doc := p.ed.Doc()
	m.want, m.have, m.doc = doc.Version(), rga.Version{}, rga.New(scratch)
	if doc.Generation() > 0 { // what was forgotten is in no batch
		m.whole = doc.EncodeWith(p.documentCodec())
	}
	p.making = m
	p.collect()
}

// collect takes the next slice of the document, and says when to go on.
func (p *Participant) collect() time.Duration {
	m := p.making
	if m == nil || m.sealing {
		return 0
	}
	began := p.o.Now()
	if m.whole == nil && !m.have.Includes(m.want) {
		for batch := range p.ed.Doc().Since(m.have, batchBytes) {
			if info, err := rga.Inspect(batch); err == nil {
				raise(m.have, info)
			}
			m.work.do(func() { m.add(batch) })
			if p.o.Now().Sub(began) >= sliceTime {
				return sliceTime
			}
		}
	}
	m.sealing = true
	header, sealer, pack, inbox, want, whole := snapshotHeader(p.link.Room), p.sealer, p.documentCodec(), p.inbox, m.want, m.whole
	m.work.do(func() {
		content, err := whole, error(nil)
		if content == nil {
			content, err = m.encode(pack, want)
		}
		var payload []byte
		if err == nil {
			payload, err = sealer.SealSnapshot(header, authors(want), content)
		}
		inbox.offer(madeItem{m, payload, err}, true)
	})
	return 0
}

// add applies a batch.
func (m *making) add(batch []byte) {
	if m.failed == nil {
		_, m.failed = m.doc.Apply(batch)
	}
}

// encode is the document that was put together.
func (m *making) encode(c rga.Codec, want rga.Version) ([]byte, error) {
	doc := m.doc
	m.doc = nil // what follows takes as much memory again
	if m.failed != nil {
		return nil, fmt.Errorf("session: make a snapshot: %w", m.failed)
	}
	if !doc.Version().Includes(want) {
		return nil, fmt.Errorf("%w: %v of %v", errIncomplete, doc.Version(), want)
	}
	return doc.EncodeWith(c), nil
}

// authors are those who wrote in a document of that version.
func authors(v rga.Version) []uint64 {
	all := make([]uint64, 0, len(v))
	for id := range v {
		all = append(all, uint64(id))
	}
	return all
}

// made hands a snapshot to the transport, unless it is not wanted any more.
func (p *Participant) made(now time.Time, it madeItem) {
	if p.making != it.made {
		return
	}
	p.making = nil
	m := it.made
	if it.err != nil {
		p.net.err = it.err
		if m.restore {
			p.restore.later(now)
		}
		return
	}
	client := p.client
	p.keeper.Own() // own edits leave this process only after they are in the journal
	p.keeper.after(func() { client.PutSnapshot(m.generation, m.covers, it.payload, m.restore) })
}

// doubtful says whether what stands in the log may be something else than what is here. Presence, which readers send too, says
// nothing of the log.
func (p *Participant) doubtful() bool {
	return p.spoilt || p.integrity.Disordered > 0
}

// snapshotWanted answers the relay, if this participant holds all that the snapshot would stand for. Else it asks another.
func (p *Participant) snapshotWanted(it wantedItem) {
	held, _ := p.ed.Doc().Held()
	able := p.net.state == Online && p.net.caughtUp && p.Ready() && !p.ReadOnly() && !p.restore.active && p.making == nil && p.moving == nil
	if !able || held > 0 || it.covers.Incarnation != p.net.incarnation || p.doubtful() {
		return
	}
	p.makeSnapshot(&making{generation: it.generation, covers: it.covers})
}

// roomRead confirms somebody else's snapshot that lacks nothing. Where it lacks something that the log was known to hold, its
// maker did not have it, and the room is restored.
func (p *Participant) roomRead(it readItem) {
	if p.ReadOnly() || p.net.state != Online || p.restore.active {
		return
	}
	if !it.lacks {
		if p.mayConfirm(it.maker, it.generation) {
			p.client.ConfirmSnapshot(it.generation)
		}
		return
	}
	p.notice(Unreadable, it.maker, "A snapshot of this room lacks something that was there; it is put back.")
	p.restore = restore{active: true}
	p.out.forget()
	p.caughtUp(caughtUpItem{it.atRelay, it.number, it.generation})
}
