package session_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
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

// plot is a room at a stranger's relay: ann shares, bob and eve are there; eve may read only, and is in league with the relay.
type plot struct {
	*stranger
	t             *testing.T
	ctx           context.Context // of everybody's connections
	ann, bob, eve *session.Participant

	injected map[string]*injection // by name; guarded by stranger.mu
}

func against(t *testing.T, text string, f func(p *plot)) {
	t.Helper()
	inHub(t, func(t *testing.T, h *hub) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		p := &plot{stranger: newStranger(h), t: t, ctx: ctx, injected: map[string]*injection{}}
		p.ann = p.enter("ann", session.Options{
			Link: seal.Link{Base: "http://relay"}, Owner: &h.owner, Text: []byte(text),
			Meta: map[string]string{session.MetaName: "confidential-plans.txt"},
		})
		check(t, p.ann.Drain(t.Context()))
		p.bob = p.enter("bob", session.Options{Link: h.link(seal.Write)})
		p.eve = p.enter("eve", session.Options{Link: h.link(seal.Read)})
		for _, x := range []*session.Participant{p.bob, p.eve} {
			check(t, x.WaitReady(t.Context()))
		}
		p.until("everybody is here", func() bool { return len(p.bob.Status(time.Now()).Peers) == 2 })
		f(p)
		for _, x := range p.all() {
			x.Close()
		}
	})
}

func (p *plot) enter(name string, o session.Options) *session.Participant {
	p.t.Helper()
	o.Name, o.Dial = name+"-the-participant", p.dial(name)
	x, err := session.New(o)
	check(p.t, err)
	p.running.Go(func() { _ = x.Run(p.ctx) })
	return x
}

func (p *plot) all() []*session.Participant { return []*session.Participant{p.ann, p.bob, p.eve} }

func (p *plot) until(what string, done func() bool) []session.Notice {
	p.t.Helper()
	return until(p.t, what, done, p.all()...)
}

// same waits until everybody has one text.
func (p *plot) same() {
	p.t.Helper()
	p.until("all have the same text", func() bool {
		return p.ann.Drained() && p.bob.Drained() && text(p.ann) == text(p.bob) && text(p.ann) == text(p.eve)
	})
}

func (p *plot) passes(d time.Duration) []session.Notice {
	p.t.Helper()
	end := time.Now().Add(d)
	return p.until("time to pass", func() bool { return !time.Now().Before(end) })
}

func (p *plot) types(x *session.Participant, text string) {
	p.t.Helper()
	check(p.t, x.Editor().Insert(time.Now().UnixMilli(), text))
}

func told(all []session.Notice, kind session.NoticeKind) bool {
	for _, n := range all {
		if n.Kind == kind {
			return true
		}
	}
	return false
}

// TestTheRelaySeesNothing: neither texts nor names are in anything that passed, as they are or encoded.
func TestTheRelaySeesNothing(t *testing.T) {
	secrets := []string{"the launch code is", "tango-victor-nine", "confidential-plans", "ann-the-participant", "bob-the-participant", "lunch at the harbour"}
	against(t, strings.Repeat(secrets[0]+" ", 300), func(p *plot) {
		p.types(p.bob, secrets[1])
		p.bob.Say(secrets[5])
		for range 40 {
			p.types(p.ann, "k")
			p.passes(60 * time.Millisecond)
		}
		p.same()
		seen := p.saw()
		if len(seen) < 10_000 {
			t.Fatalf("only %d bytes passed", len(seen))
		}
		for _, secret := range secrets {
			for _, form := range []string{
				secret, strings.ToUpper(secret), hex.EncodeToString([]byte(secret)), base64.StdEncoding.EncodeToString([]byte(secret))[:len(secret)],
			} {
				if bytes.Contains(seen, []byte(form)) {
					t.Errorf("%q passed the relay", form)
				}
			}
		}
		if !p.ann.Encrypted() || !p.eve.Encrypted() {
			t.Error("somebody believes that the room is not encrypted")
		}
	})
}

// TestAlteredFramesAreRefused: each byte position of bob's frames in turn; what comes through later whole is taken, and
// nobody is muted.
func TestAlteredFramesAreRefused(t *testing.T) {
	against(t, "text", func(p *plot) {
		at := 0
		p.cheat("bob", func(f *wire.RelayFrame) []*wire.RelayFrame {
			for _, frame := range frames(f) {
				frame.Payload = bytes.Clone(frame.Payload)
				frame.Payload[at%len(frame.Payload)] ^= 0x10
				at += 7
			}
			return []*wire.RelayFrame{f}
		})
		before := text(p.bob)
		var notices []session.Notice
		for i := range 30 {
			p.types(p.ann, fmt.Sprintf("%d", i))
			notices = append(notices, p.passes(200*time.Millisecond)...)
		}
		if text(p.bob) != before {
			t.Errorf("bob has taken an altered frame: %q", text(p.bob))
		}
		if s := p.bob.Status(time.Now()); s.Integrity.Tampered < 30 || !told(notices, session.Tampered) {
			t.Errorf("bob counts %+v", s.Integrity)
		}
		if s := p.eve.Status(time.Now()); s.Integrity != (session.Integrity{}) {
			t.Errorf("eve, who was not cheated, counts %+v", s.Integrity)
		}
		p.cheat("bob", nil)
		p.cut("bob")
		p.types(p.ann, "end")
		p.same()
	})
}

// TestReplayedFramesChangeNothing: the whole log comes again, with new numbers, which are the relay's to give.
func TestReplayedFramesChangeNothing(t *testing.T) {
	against(t, "text", func(p *plot) {
		p.types(p.ann, "one ")
		p.types(p.bob, "two ")
		p.same()
		var kept []*wire.Frame
		shift := uint64(0)
		p.cheat("bob", func(f *wire.RelayFrame) []*wire.RelayFrame {
			d := f.GetDeliver()
			if d == nil {
				return []*wire.RelayFrame{f}
			}
			d.After += shift
			for _, frame := range d.Frames {
				frame.Number += shift
				kept = append(kept, frame)
			}
			next := d.After + uint64(len(d.Frames))
			for _, old := range kept {
				again := *old
				next++
				again.Number = next
				shift++
				d.Frames = append(d.Frames, &again)
			}
			return []*wire.RelayFrame{f}
		})
		for range 10 {
			p.types(p.ann, "x")
			p.passes(100 * time.Millisecond)
		}
		p.same()
		if got := text(p.bob); strings.Count(got, "one") != 1 || strings.Count(got, "x") != 11 {
			t.Errorf("bob has %q", got)
		}
	})
}

// TestReorderedFrames: of one author the later frame comes first, with the other's number. Nothing wrong is shown at any
// time, that something is missing is told, and the room read again, where it is.
func TestReorderedFrames(t *testing.T) {
	against(t, "text", func(p *plot) {
		p.same()
		var held *wire.Frame
		p.cheat("bob", func(f *wire.RelayFrame) []*wire.RelayFrame {
			d := f.GetDeliver()
			if len(d.GetFrames()) != 1 || d.Frames[0].Replica != uint64(p.ann.Replica()) {
				return []*wire.RelayFrame{f}
			}
			if held == nil {
				held = d.Frames[0]
				return nil
			}
			first, second := *d.Frames[0], *held
			first.Number, second.Number = held.Number, d.Frames[0].Number
			d.After, d.Frames = first.Number-1, []*wire.Frame{&first, &second}
			held = nil
			return []*wire.RelayFrame{f}
		})
		p.types(p.ann, "a")
		p.passes(time.Second)
		p.types(p.ann, "b")
		shown := map[string]bool{}
		notices := p.until("bob has all of it", func() bool {
			shown[text(p.bob)] = true
			return text(p.bob) == "abtext"
		})
		if len(shown) != 2 || !shown["text"] {
			t.Errorf("bob shows %v, which nobody wrote", shown)
		}
		if !told(notices, session.Withheld) {
			t.Errorf("nothing is said of it: %v", notices)
		}
		p.cheat("bob", nil)
	})
}

// TestFramesOfOtherRooms: ann has two rooms at this relay, with different keys; what she writes in one does not come out in the other.
func TestFramesOfOtherRooms(t *testing.T) {
	against(t, "text", func(p *plot) {
		other, err := seal.NewOwner(rand.NewChaCha8([32]byte{77}))
		check(t, err)
		elsewhere := p.enter("elsewhere", session.Options{Link: seal.Link{Base: "http://relay"}, Owner: &other, Text: []byte("from elsewhere")})
		check(t, elsewhere.Drain(p.ctx))
		elsewhere.Close()
		foreign := p.written("elsewhere")
		p.cheat("bob", func(f *wire.RelayFrame) []*wire.RelayFrame {
			for i, frame := range frames(f) {
				frame.Payload = foreign[i%len(foreign)].Payload
			}
			return []*wire.RelayFrame{f}
		})
		p.types(p.ann, "x")
		p.passes(time.Second)
		if got := text(p.bob); strings.Contains(got, "elsewhere") || p.bob.Status(time.Now()).Integrity.Tampered == 0 {
			t.Errorf("bob has %q and counts %+v", got, p.bob.Status(time.Now()).Integrity)
		}
		p.cheat("bob", nil)
	})
}

// TestLiesAboutNumbers: with holes, twice the same, or backwards the connection ends, and begins again.
func TestLiesAboutNumbers(t *testing.T) {
	for _, by := range []uint64{1, ^uint64(0), 1000} {
		against(t, "text", func(p *plot) {
			p.same()
			p.cheat("bob", func(f *wire.RelayFrame) []*wire.RelayFrame {
				for _, frame := range frames(f) {
					frame.Number += by
				}
				return []*wire.RelayFrame{f}
			})
			p.types(p.ann, "x")
			p.passes(2 * time.Second)
			if n := p.bob.Status(time.Now()).Integrity.Disordered; n == 0 {
				t.Errorf("numbers off by %d are not counted", int64(by))
			}
			p.cheat("bob", nil)
			p.same()
		})
	}
}

// TestWithheldEditsShow: bob is not given what ann writes; her presence, or anybody's, says that it is there.
func TestWithheldEditsShow(t *testing.T) {
	for name, passes := range map[string]func(p *plot, replica uint64) bool{
		"her presence passes":       func(*plot, uint64) bool { return true },
		"another's presence passes": func(p *plot, replica uint64) bool { return replica != uint64(p.ann.Replica()) },
	} {
		t.Run(name, func(t *testing.T) {
			against(t, "text", func(p *plot) {
				p.same()
				p.cheat("bob", func(f *wire.RelayFrame) []*wire.RelayFrame {
					if frames(f) != nil || f.GetPresence() != nil && !passes(p, f.GetPresence().Replica) {
						return nil
					}
					return []*wire.RelayFrame{f}
				})
				p.types(p.ann, "withheld")
				notices := p.passes(30 * time.Second)
				if s := p.bob.Status(time.Now()); s.Withheld == "" || !told(notices, session.Withheld) {
					t.Errorf("bob is not told: %+v", s)
				}
				p.cheat("bob", nil)
				p.cut("bob")
				p.types(p.ann, "!")
				p.same()
				p.passes(time.Second)
				if s := p.bob.Status(time.Now()); s.Withheld != "" {
					t.Errorf("after all has come: %q", s.Withheld)
				}
			})
		})
	}
}

// TestAnHonestRelayIsNotAccused, whatever the participants do.
func TestAnHonestRelayIsNotAccused(t *testing.T) {
	against(t, "text", func(p *plot) {
		for i := range 200 {
			p.types([]*session.Participant{p.ann, p.bob}[i%2], "k")
			if notices := p.passes(time.Duration(i) * 3 * time.Millisecond); told(notices, session.Withheld) || told(notices, session.Tampered) {
				t.Fatalf("accused: %v", notices)
			}
			if i%50 == 49 {
				p.cut("bob")
			}
		}
		if notices := p.passes(time.Minute); told(notices, session.Withheld) || told(notices, session.Tampered) {
			t.Errorf("accused: %v", notices)
		}
		for _, x := range p.all() {
			if s := x.Status(time.Now()); s.Integrity != (session.Integrity{}) || s.Withheld != "" {
				t.Errorf("%+v, %q", s.Integrity, s.Withheld)
			}
		}
	})
}

// TestReplayedPresence: what somebody said before is not taken for news.
func TestReplayedPresence(t *testing.T) {
	against(t, "text", func(p *plot) {
		p.same()
		var old *wire.RelayFrame
		p.cheat("bob", func(f *wire.RelayFrame) []*wire.RelayFrame {
			if f.GetPresence().GetReplica() != uint64(p.ann.Replica()) {
				return []*wire.RelayFrame{f}
			}
			if old == nil {
				old = f
				return []*wire.RelayFrame{f}
			}
			return []*wire.RelayFrame{f, old}
		})
		for i := range 4 {
			p.ann.SetPresence(session.Presence{Dirty: i%2 == 0})
			p.passes(200 * time.Millisecond)
		}
		if n := p.bob.Status(time.Now()).Integrity.Replayed; n == 0 {
			t.Error("not counted")
		}
		p.cheat("bob", nil)
	})
}

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

// TestAReaderWritesNothingByAnyPath: its own program refuses, the relay refuses, and where the relay lets it through, the others refuse.
func TestAReaderWritesNothingByAnyPath(t *testing.T) {
	against(t, "text", func(p *plot) {
		p.same()
		before := text(p.eve)
		if err := p.eve.Editor().Insert(0, "eve was here"); err == nil {
			t.Error("the editor takes a reader's edit")
		}
		p.passes(time.Second)

		// The file is written when who may write asks, and not for a reader, whatever its program sends.
		p.eve.AskSave()
		p.passes(2 * time.Second)
		if p.ann.SaveRequested() {
			t.Error("a reader has the host's file written")
		}
		p.bob.AskSave()
		p.until("what bob asks arrives", p.ann.SaveRequested)

		// Raw protocol, with a proof of what it has: refused by the relay, whatever its Hello says.
		f := p.forgery(seal.Read, 40)
		doc := rga.New(rga.ReplicaID(f.identity.ReplicaID()))
		_, _, err := doc.Edit(0, rga.Edit{Insert: "eve was here"})
		check(t, err)
		batch, _ := doc.AppendOwn(nil, 0, 1<<20)
		h := seal.Header{Room: p.link(seal.Read).Room, Replica: f.identity.ReplicaID(), Counter: 1, Class: byte(transport.ClassEdit)}
		forged := transport.Frame{Replica: h.Replica, Counter: 1, Class: transport.ClassEdit, Payload: f.seal(t, h, batch)}
		raw := transport.NewClient(transport.Options{
			Dial: p.hub.dial, Room: h.Room, Replica: h.Replica, Prove: func(c transport.Challenge) (transport.Proof, error) {
				m, err := seal.VerifyManifest(h.Room, c.Manifest)
				check(t, err)
				proof, err := seal.Prove(m, p.link(seal.Read).Secret, f.identity, seal.Challenge{Room: h.Room, Replica: h.Replica, Version: c.Version, Nonce: c.Nonce})
				return transport.Proof{Right: uint8(proof.Right), Signature: proof.Signature, Certificate: proof.Certificate, Replica: proof.Replica}, err
			},
		})
		check(t, raw.Publish(forged))
		if err := refusalOf(p, raw); err == nil || !strings.Contains(err.Error(), "read only") {
			t.Errorf("the relay says %v", err)
		}

		// A relay in league with it.
		head := p.relay.Stats().Frames
		p.inject("bob", forged)
		p.inject("ann", forged)
		p.types(p.bob, "bob ")
		p.passes(2 * time.Second)
		for name, x := range map[string]*session.Participant{"ann": p.ann, "bob": p.bob} {
			if strings.Contains(text(x), "eve was here") || x.Status(time.Now()).Integrity.Tampered == 0 {
				t.Errorf("%s has %q and counts %+v", name, text(x), x.Status(time.Now()).Integrity)
			}
		}
		if got := p.relay.Stats().Frames; got != head+1 || !strings.Contains(text(p.bob), before) {
			t.Errorf("%d frames in the log after %d and one of bob's; bob has %q", got, head, text(p.bob))
		}
	})
}

// refusalOf runs a client until it is refused.
func refusalOf(p *plot, c *transport.Client) error {
	ended := make(chan error, 1)
	p.running.Go(func() { ended <- c.Run(p.ctx) })
	for range c.Events() {
		continue
	}
	return <-ended
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

// puts is a writer's program that puts any snapshot it likes in place of the room's.
func (p *plot) puts(f forger, doc *rga.Doc) {
	p.t.Helper()
	room := p.link(seal.Write).Room
	h := seal.Header{Room: room, Replica: f.identity.ReplicaID(), Class: byte(transport.ClassSnapshot)}
	content := append([]byte{0, 0}, doc.Encode()...)
	c := transport.NewClient(transport.Options{
		Dial: p.dial("mallory"), Room: room, Replica: h.Replica, Prove: func(c transport.Challenge) (transport.Proof, error) {
			m, err := seal.VerifyManifest(room, c.Manifest)
			check(p.t, err)
			proof, err := seal.Prove(m, p.link(seal.Write).Secret, f.identity, seal.Challenge{Room: room, Replica: h.Replica, Version: c.Version, Nonce: c.Nonce})
			return transport.Proof{Right: uint8(proof.Right), Signature: proof.Signature, Certificate: proof.Certificate, Replica: proof.Replica}, err
		},
	})
	ctx, cancel := context.WithCancel(p.ctx)
	defer cancel()
	p.running.Go(func() { _ = c.Run(ctx) })
	for ev := range c.Events() {
		switch ev := ev.(type) {
		case transport.CaughtUp:
			c.PutSnapshot(ev.Generation, ev.Cursor, f.seal(p.t, h, content), true)
		case transport.SnapshotStored:
			return
		case transport.SnapshotConflict, transport.SnapshotRefused:
			p.t.Fatalf("the relay did not take the snapshot: %v", ev)
		}
	}
}

// TestABadSnapshotReplacesNothing: a writer says in a snapshot that others wrote something else. Those who were there keep what
// they have, and are told; who comes later is shown whose word it is.
func TestABadSnapshotReplacesNothing(t *testing.T) {
	against(t, "what ann wrote", func(p *plot) {
		p.same()
		ann := p.ann.Replica()
		lie := rga.New(ann)
		_, _, err := lie.Edit(0, rga.Edit{Insert: "what mallory w"})
		check(t, err)
		for _, key := range []string{"x", session.MetaName} {
			_, err = lie.SetMeta(0, key, "lie")
			check(t, err)
		}
		for lie.Clock() < p.ann.Editor().Doc().Clock() {
			_, err = lie.SetMeta(0, "more", fmt.Sprint(lie.Clock()))
			check(t, err)
		}
		f := p.forgery(seal.Write, 43)
		p.puts(f, lie)
		notices := p.passes(5 * time.Second)
		for name, x := range map[string]*session.Participant{"ann": p.ann, "bob": p.bob, "eve": p.eve} {
			if text(x) != "what ann wrote" {
				t.Errorf("%s has %q", name, text(x))
			}
		}
		if n := p.bob.Status(time.Now()).Integrity.BadSnapshots; n != 1 || !told(notices, session.Tampered) {
			t.Errorf("bob counts %d: %v", n, notices)
		}
		late := p.enter("late", session.Options{Link: p.link(seal.Write)})
		check(t, late.WaitReady(p.ctx))
		if maker, ok := late.VouchedBy(ann, 0); !ok || maker != rga.ReplicaID(f.identity.ReplicaID()) {
			t.Errorf("who comes later is told that %x vouches: %v", maker, ok)
		}
		late.Close()
	})
}

// TestAlteredSnapshotsAreRefused: what the relay changes in a snapshot is not shown to anybody.
func TestAlteredSnapshotsAreRefused(t *testing.T) {
	against(t, "text", func(p *plot) {
		p.same()
		doc, err := rga.Decode(p.ann.Editor().Doc().Encode(), 5)
		check(t, err)
		p.puts(p.forgery(seal.Write, 44), doc)
		p.passes(time.Second)
		changed := 0
		p.cheat("late", func(f *wire.RelayFrame) []*wire.RelayFrame {
			if s := f.GetSnapshot(); s != nil {
				s.Payload = bytes.Clone(s.Payload)
				s.Payload[len(s.Payload)/2] ^= 1
				changed++
			}
			return []*wire.RelayFrame{f}
		})
		late := p.enter("late", session.Options{Link: p.link(seal.Write)})
		until(t, "it is refused", func() bool { return late.Status(time.Now()).Integrity.Tampered > 0 }, late)
		if text(late) != "" || changed == 0 {
			t.Errorf("it shows %q", text(late))
		}
		p.cheat("late", nil)
		p.cut("late")
		until(t, "the snapshot is here as it is", func() bool { return text(late) == "text" }, late)
		if n := p.bob.Status(time.Now()).Integrity; n != (session.Integrity{}) {
			t.Errorf("bob, before whom it was right, counts %+v", n)
		}
		late.Close()
	})
}
