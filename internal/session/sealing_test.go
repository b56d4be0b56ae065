package session

import (
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"coedit/internal/journal"
	"coedit/rga"
	"coedit/transport"
)

// gate is a source of randomness, without which nothing is sealed, that a test can shut or break.
type gate struct {
	mu   sync.Mutex // guards the following
	rng  *rand.ChaCha8
	shut chan struct{} // nil: it is open
	err  error
}

func (g *gate) Read(b []byte) (int, error) {
	g.mu.Lock()
	shut := g.shut
	g.mu.Unlock()
	if shut != nil {
		<-shut
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.err != nil {
		return 0, g.err
	}
	return g.rng.Read(b)
}

func (g *gate) set(shut chan struct{}, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut, g.err = shut, err
}

// gated is a host of a sealed room that believes to be online, with everything acknowledged, a journal, and a gate.
func gated(t *testing.T) (*Participant, *gate, *memory) {
	t.Helper()
	g, m, o := &gate{rng: rand.NewChaCha8([32]byte{7})}, &memory{log: journal.Head()}, owner(t, 1)
	p, err := New(Options{
		Owner: &o, Text: []byte("text\n"), Name: "ann", Dial: noDial, Journal: m, Random: g,
		Now: func() time.Time { return epoch },
	})
	check(t, err)
	p.inbox.push(t.Context(), 0, onlineItem{incarnation: 1})
	p.inbox.push(t.Context(), 0, caughtUpItem{})
	p.Step(epoch, Budget{})
	for p.publish(epoch); !p.Drained(); p.publish(epoch) {
		p.sealed()
		p.acked(p.out.counter)
	}
	return p, g, m
}

// state reads a journal that must be whole.
func (m *memory) state(t *testing.T) *journal.State {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	s, _, err := journal.Read(m.log)
	check(t, err)
	return s
}

// While nothing can be sealed at all the owner goes on: a paste fills the window, and keys are typed behind it. When sealing goes on,
// the frames follow each other without a hole, and hold all of it.
func TestTheOwnerDoesNotSeal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // which fails where everybody waits
		p, g, m := gated(t)
		before := p.out.counter
		shut := make(chan struct{})
		g.set(shut, nil)
		insert(t, p, strings.Repeat("0123456789abcde\n", 4<<20/16))
		for range 100 {
			p.publish(epoch)
			insert(t, p, "k")
		}
		if n := len(p.out.inflight); n == 0 || p.out.bytes() > windowBytes+batchBytes {
			t.Errorf("%d frames of %d bytes wait", n, p.out.bytes())
		}
		if s := m.state(t); s.Counter != before {
			t.Errorf("frame %d was sealed, and nothing could be", s.Counter)
		}
		close(shut)
		g.set(nil, nil)
		for p.publish(epoch); !p.Drained(); p.publish(epoch) {
			p.sealed()
			p.acked(p.out.counter)
		}
		s := m.state(t)
		if s.Counter != p.out.counter || s.AckedTo != p.ed.Doc().Clock() || len(s.Frames) != 0 {
			t.Errorf("the journal has frame %d of %d, acknowledged to tick %d of %d", s.Counter, p.out.counter, s.AckedTo, p.ed.Doc().Clock())
		}
	})
}

// The frames hold what was typed, in the order of their counters.
func TestSealedFramesAreInOrder(t *testing.T) {
	p, _, m := gated(t)
	other := rga.New(99)
	_, err := other.Apply(batchOf(p.ed.Doc(), 0))
	check(t, err)
	insert(t, p, strings.Repeat("a line that is pasted\n", 20_000))
	p.publish(epoch)
	p.sealed()
	reader := newPump(p)
	frames := m.state(t).Frames
	for _, f := range frames {
		batch, info, err := reader.open(transport.Frame{
			Replica: uint64(p.id), Counter: f.Counter, Class: transport.Class(f.Class), Payload: f.Payload,
		})
		check(t, err)
		if info.Ticks.To != f.To {
			t.Errorf("frame %d ends before tick %d, and is said to before %d", f.Counter, info.Ticks.To, f.To)
		}
		_, err = other.Apply(batch)
		check(t, err)
	}
	if len(frames) < 2 || other.Version()[p.id] != p.out.published {
		t.Errorf("%d frames up to tick %d, want %d", len(frames), other.Version()[p.id], p.out.published)
	}
}

// Frames that cannot be sealed are as if they had never been numbered. When it can be done again, they go out.
func TestWhatCannotBeSealedIsTakenBack(t *testing.T) {
	p, g, m := gated(t)
	counter, published := p.out.counter, p.out.published
	broken := errors.New("no randomness")
	g.set(nil, broken)
	insert(t, p, strings.Repeat("pasted\n", 50_000))
	p.publish(epoch)
	check(t, p.inbox.wait(t.Context()))
	p.Step(epoch, Budget{})
	if p.out.counter != counter || p.out.published != published || len(p.out.inflight) != 0 || !errors.Is(p.net.err, broken) {
		t.Errorf("frame %d, tick %d, %d in flight: %v", p.out.counter, p.out.published, len(p.out.inflight), p.net.err)
	}
	g.set(nil, nil)
	for p.publish(epoch); !p.Drained(); p.publish(epoch) {
		p.sealed()
		p.acked(p.out.counter)
	}
	if s := m.state(t); s.Counter != p.out.counter || s.Counter == counter {
		t.Errorf("the journal has frame %d, want %d", s.Counter, p.out.counter)
	}
}

// What is published anew comes in the journal behind the frames that are over, also where these are being sealed still.
func TestARestartWaitsForTheFramesBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, g, m := gated(t)
		shut := make(chan struct{})
		g.set(shut, nil)
		insert(t, p, strings.Repeat("pasted\n", 50_000))
		p.publish(epoch)
		last := p.out.counter
		go func() {
			synctest.Wait() // until the owner waits
			close(shut)
			g.set(nil, nil)
		}()
		p.publishAnew(0)
		if s := m.state(t); s.Counter != last || s.Acked != last || s.AckedTo != 0 || len(s.Frames) != 0 {
			t.Errorf("the journal says frame %d, over up to %d, from tick %d on, want %d", s.Counter, s.Acked, s.AckedTo, last)
		}
	})
}
