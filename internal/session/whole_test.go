package session

import (
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"coedit/internal/journal"
	"coedit/rga"
	"coedit/transport"
	"coedit/transport/seal"
)

// memory is a journal in memory.
type memory struct {
	mu  sync.Mutex // guards the following
	log []byte
}

func (m *memory) Append(then func(), records ...journal.Record) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.log = journal.Append(m.log, records...)
	if then != nil {
		then()
	}
}

// joining is a guest of a plain room, with a journal, and what its relay says being in the test's hands.
func joining(t *testing.T) (*Participant, *pump, *memory) {
	t.Helper()
	o := owner(t, 1)
	now := func() time.Time { return epoch }
	link, manifest, err := roomOf(Options{Owner: &o, Suite: seal.SuitePlain, Link: seal.Link{Base: "http://127.0.0.1:1"}, Now: now})
	check(t, err)
	m := &memory{log: journal.Head()}
	p, err := New(Options{Link: link, Name: "bob", Dial: noDial, Now: now, Random: rand.NewChaCha8([32]byte{9}), Journal: m})
	check(t, err)
	m.Append(nil, journal.Identity{Bytes: p.sealer.self.Bytes()})
	pm := newPump(p)
	pm.handle(t.Context(), transport.Online{Incarnation: 1, Head: 9, Generation: 1, Manifest: manifest})
	return p, pm, m
}

// snapshotOf is a room's snapshot that holds a document.
func snapshotOf(t *testing.T, p *Participant, doc *rga.Doc) transport.Snapshot {
	t.Helper()
	payload, err := p.sealer.SealSnapshot(snapshotHeader(p.link.Room), nil, doc.Encode())
	check(t, err)
	return transport.Snapshot{Generation: 1, Payload: payload}
}

// Who joins keeps the document as it came, not as the many batches that it is applied in; what comes behind it is kept, too.
func TestTheDocumentIsKeptAsItCame(t *testing.T) {
	p, pm, m := joining(t)
	ann := typed(t, 5, strings.Repeat("a line of the document\n", 2000))
	pm.handle(t.Context(), snapshotOf(t, p, ann))
	for p.Editor().Doc().Len() < ann.Len() {
		p.Step(epoch, Budget{})
	}
	before := ann.Clock()
	_, _, err := ann.Edit(epoch.UnixMilli(), rga.Edit{Insert: "later "})
	check(t, err)
	deliver(t, pm, sealed(t, p, 5, 2, batchOf(ann, before)))
	p.Step(epoch, Budget{})
	s := m.state(t)
	if len(s.Document) == 0 || len(s.Batches) != 1 {
		t.Errorf("a document of %d bytes and %d batches", len(s.Document), len(s.Batches))
	}
	doc, err := Recover(s, p.id)
	check(t, err)
	if got, want := doc.View().String(), ann.View().String(); got != want {
		t.Errorf("%d bytes come back, want %d", len(got), len(want))
	}
}

// A document that comes with own operations, or when there is something already, is kept in batches: nothing own may count as kept
// that is not.
func TestTheDocumentIsKeptInBatches(t *testing.T) {
	for name, seed := range map[string]func(t *testing.T, p *Participant) *rga.Doc{
		"own operations": func(t *testing.T, p *Participant) *rga.Doc {
			doc := typed(t, 5, "text")
			_, err := doc.Apply(batchOf(typed(t, p.id, "mine"), 0))
			check(t, err)
			return doc
		},
		"something here": func(t *testing.T, p *Participant) *rga.Doc {
			insert(t, p, "mine")
			p.Flush(epoch)
			return typed(t, 5, "text")
		},
	} {
		t.Run(name, func(t *testing.T) {
			p, pm, m := joining(t)
			pm.handle(t.Context(), snapshotOf(t, p, seed(t, p)))
			p.Step(epoch, Budget{})
			s := m.state(t)
			if s.Document != nil || len(s.Batches) == 0 {
				t.Errorf("a document of %d bytes and %d batches", len(s.Document), len(s.Batches))
			}
		})
	}
}
