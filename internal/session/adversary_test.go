package session_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"coedit/internal/session"
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
