package session

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"go.uber.org/goleak"

	"coedit/internal/codec"
	"coedit/rga"
	"coedit/transport"
	"coedit/transport/seal"
)

func TestMain(m *testing.M) {
	// What the codec makes when it is first used serves tests in virtual time and others, and must not belong to one of them.
	warm := codec.Zstd.Compress(nil, []byte("warm"))
	if _, err := codec.Zstd.Decompress(nil, warm, len("warm")); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

var errNobody = errors.New("nobody answers")

func noDial(context.Context) (transport.Conn, error) { return nil, errNobody }

var epoch = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// owner returns an owner secret that depends on the seed only.
func owner(t *testing.T, seed byte) seal.Secret {
	t.Helper()
	s, err := seal.NewOwner(rand.NewChaCha8([32]byte{seed}))
	check(t, err)
	return s
}

// lone is a host that believes to be online; no relay answers, so that a test can play it.
func lone(t *testing.T, text string) *Participant {
	t.Helper()
	o := owner(t, 1)
	p, err := New(Options{
		Link: seal.Link{Base: "http://127.0.0.1:1"}, Owner: &o, Text: []byte(text), Name: "ann", Dial: noDial,
		Suite: seal.SuitePlain, // a test can seal for others
		Now:   func() time.Time { return epoch }, Random: rand.NewChaCha8([32]byte{7}),
	})
	check(t, err)
	p.inbox.push(t.Context(), 0, onlineItem{incarnation: 1})
	p.inbox.push(t.Context(), 0, caughtUpItem{})
	p.Step(epoch, Budget{})
	return p
}

// settled is lone with everything acknowledged.
func settled(t *testing.T, text string) *Participant {
	t.Helper()
	p := lone(t, text)
	for p.Flush(epoch); !p.Drained(); p.Flush(epoch) {
		p.out.ack(p.out.counter)
	}
	return p
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// batchOf encodes everything that doc's replica did.
func batchOf(doc *rga.Doc, from uint64) []byte {
	b, _ := doc.AppendOwn(nil, from, 1<<30)
	return b
}

func typed(t *testing.T, id rga.ReplicaID, text string) *rga.Doc {
	t.Helper()
	doc := rga.New(id)
	_, _, err := doc.Edit(epoch.UnixMilli(), rga.Edit{Insert: text})
	check(t, err)
	return doc
}

func insert(t *testing.T, p *Participant, text string) {
	t.Helper()
	check(t, p.Editor().Insert(epoch.UnixMilli(), text))
}
