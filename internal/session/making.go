package session

import (
	"errors"
	"fmt"
	"time"

	"coedit/rga"
	"coedit/transport"
)

// A snapshot is made without holding up the owner: the document is taken apart into batches, a slice of a millisecond at a
// time, and put together, encoded, compressed and sealed on another goroutine. What is typed meanwhile may be in it or not.
//
// The relay asks for one when its log has grown (SnapshotWanted), and a lost room is restored by one (restore.go).

// making is a snapshot that is being made.
type making struct {
	generation uint64           // to be replaced
	covers     transport.Cursor // frames up to it may go
	restore    bool

	// Until all is collected owned by the owner, then by the goroutine that puts it together.
	want    rga.Version // what it is to hold at least
	have    rga.Version // what the batches hold
	batches [][]byte
	whole   []byte // the encoded document, where it has no batches for all of it
	sealing bool   // the goroutine runs
}

// sliceTime bounds what a call of collect spends.
const sliceTime = time.Millisecond

// errIncomplete: a snapshot would not hold what it should.
var errIncomplete = errors.New("session: a snapshot came out incomplete")

// makeSnapshot begins to make a snapshot of the document as it is now, in place of one that is being made.
func (p *Participant) makeSnapshot(m *making) {
	doc := p.ed.Doc()
	m.want, m.have = doc.Version(), rga.Version{}
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
			m.batches = append(m.batches, batch)
			if p.o.Now().Sub(began) >= sliceTime {
				return sliceTime
			}
		}
	}
	m.sealing = true
	header, sealer, pack, inbox := snapshotHeader(p.link.Room), p.sealer, p.documentCodec(), p.inbox
	go func() {
		content, err := m.encode(pack)
		var payload []byte
		if err == nil {
			payload, err = sealer.SealSnapshot(header, authors(m.want), content)
		}
		inbox.offer(madeItem{m, payload, err}, true)
	}()
	return 0
}

// encode puts the batches together.
func (m *making) encode(c rga.Codec) ([]byte, error) {
	if m.whole != nil {
		return m.whole, nil
	}
	doc := rga.New(scratch)
	for _, batch := range m.batches {
		if _, err := doc.Apply(batch); err != nil {
			return nil, fmt.Errorf("session: make a snapshot: %w", err)
		}
	}
	m.batches = nil
	if !doc.Version().Includes(m.want) {
		return nil, fmt.Errorf("%w: %v of %v", errIncomplete, doc.Version(), m.want)
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

// snapshotWanted answers the relay, if this participant holds all that the snapshot would stand for. Else it asks another.
func (p *Participant) snapshotWanted(it wantedItem) {
	held, _ := p.ed.Doc().Held()
	able := p.net.state == Online && p.net.caughtUp && p.Ready() && !p.ReadOnly() && !p.restore.active && p.making == nil
	if !able || held > 0 || it.covers.Incarnation != p.net.incarnation || p.integrity != (Integrity{Rewound: p.integrity.Rewound}) {
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
