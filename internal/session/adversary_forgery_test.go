package session_test

import (
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"coedit/internal/session"
	"coedit/rga"
	"coedit/transport"
	"coedit/transport/seal"
	"coedit/transport/wire"
)

// forgery is a forger with what eve knows; may says with which right its certificate is.
func (p *plot) forgery(right seal.Right, seed byte) forger {
	p.t.Helper()
	manifest, err := seal.NewManifest(p.owner, seal.SuiteXChaCha, 0)
	check(p.t, err)
	m, err := seal.VerifyManifest(p.link(seal.Read).Room, manifest)
	check(p.t, err)
	id, err := seal.NewIdentity(seal.SuiteXChaCha, rand.NewChaCha8([32]byte{seed}))
	check(p.t, err)
	c, err := seal.Certify(m, p.link(right).Secret, right, id)
	check(p.t, err)
	return forger{p.link(seal.Read).Secret.Bytes, id, c.Bytes}
}

// inject lets somebody be sent frames behind the next one that it is sent; the numbers of all later ones follow.
func (p *plot) inject(name string, made ...transport.Frame) {
	p.stranger.mu.Lock()
	in := p.injected[name]
	if in == nil {
		in = &injection{}
		p.injected[name] = in
	}
	p.stranger.mu.Unlock()
	in.mu.Lock()
	in.made = append(in.made, made...)
	in.mu.Unlock()
	p.cheat(name, in.change)
}

// injection is what one participant is sent besides.
type injection struct {
	mu    sync.Mutex
	made  []transport.Frame
	shift uint64 // frames sent besides so far
}

func (in *injection) change(f *wire.RelayFrame) []*wire.RelayFrame {
	d := f.GetDeliver()
	if d == nil {
		return []*wire.RelayFrame{f}
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	d.After += in.shift
	for _, frame := range d.Frames {
		frame.Number += in.shift
	}
	for _, m := range in.made {
		m.Number = d.After + uint64(len(d.Frames)) + 1
		d.Frames = append(d.Frames, m.Wire())
	}
	in.shift += uint64(len(in.made))
	in.made = nil
	return []*wire.RelayFrame{f}
}

// TestNobodyWritesForAnother: mallory may write, and has every secret of the room; the keys of others it has not.
func TestNobodyWritesForAnother(t *testing.T) {
	against(t, "text", func(p *plot) {
		p.same()
		f := p.forgery(seal.Write, 41)
		ann := p.ann.Replica()
		doc := rga.New(ann)
		_, _, err := doc.Edit(0, rga.Edit{Insert: strings.Repeat("?", 500)})
		check(t, err)
		clock := p.ann.Editor().Doc().Clock()
		batch, _ := doc.AppendOwn(nil, clock, 1<<20)
		asAnn := seal.Header{Room: p.link(seal.Read).Room, Replica: uint64(ann), Counter: 1000, Class: byte(transport.ClassEdit)}
		asSelf := asAnn
		asSelf.Replica, asSelf.Counter = f.identity.ReplicaID(), 1
		bare := f
		bare.certificate = nil
		p.inject("bob",
			transport.Frame{Replica: asAnn.Replica, Counter: 1000, Class: transport.ClassEdit, Payload: f.seal(t, asAnn, batch)},
			transport.Frame{Replica: asAnn.Replica, Counter: 1001, Class: transport.ClassEdit, Payload: bare.seal(t, asAnn, batch)},
			transport.Frame{Replica: asSelf.Replica, Counter: 1, Class: transport.ClassEdit, Payload: f.seal(t, asSelf, batch)}, // ann's operations in its own name
		)
		p.types(p.bob, "b")
		notices := p.passes(2 * time.Second)
		if strings.Contains(text(p.bob), "?") || p.bob.Status(time.Now()).Integrity.Tampered < 2 || !told(notices, session.Unreadable) {
			t.Errorf("bob has %q and counts %+v: %v", text(p.bob), p.bob.Status(time.Now()).Integrity, notices)
		}
		p.cheat("bob", nil)
		p.types(p.ann, "still heard")
		p.until("ann is not muted", func() bool { return strings.Contains(text(p.bob), "still heard") })
	})
}

// TestFramesWithoutACertificateWait: an author of whom nothing is known is neither shown nor muted; once its certificate is
// there, what it wrote is.
func TestFramesWithoutACertificateWait(t *testing.T) {
	against(t, "text", func(p *plot) {
		p.same()
		f := p.forgery(seal.Write, 42)
		doc := rga.New(rga.ReplicaID(f.identity.ReplicaID()))
		_, _, err := doc.Edit(0, rga.Edit{Insert: "carol"})
		check(t, err)
		batch, _ := doc.AppendOwn(nil, 0, 1<<20)
		_, _, err = doc.Edit(0, rga.Edit{Offset: 5, Insert: "!"})
		check(t, err)
		second, _ := doc.AppendOwn(nil, 5, 1<<20)
		h := seal.Header{Room: p.link(seal.Read).Room, Replica: f.identity.ReplicaID(), Counter: 1, Class: byte(transport.ClassEdit)}
		bare := f
		bare.certificate = nil
		p.inject("bob", transport.Frame{Replica: h.Replica, Counter: 1, Class: transport.ClassEdit, Payload: bare.seal(t, h, batch)})
		p.types(p.ann, "a")
		p.passes(time.Second)
		if strings.Contains(text(p.bob), "carol") {
			t.Errorf("bob has %q", text(p.bob))
		}
		h.Counter = 2
		p.inject("bob", transport.Frame{Replica: h.Replica, Counter: 2, Class: transport.ClassEdit, Payload: f.seal(t, h, second)})
		p.types(p.ann, "a")
		p.until("carol's edits come with her certificate", func() bool { return strings.Contains(text(p.bob), "carol!") })
		p.cheat("bob", nil)
	})
}
