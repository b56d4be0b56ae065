package sim_test

import (
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"coedit/internal/sim"
	"coedit/transport"
	"coedit/transport/relay"
	"coedit/transport/wire"
)

// nacker stands before a relay and refuses edits at random, as one whose queues are full does: what comes behind a refused
// edit is dropped until that one comes again.
type nacker struct {
	transport.Conn
	in chan received

	mu      sync.Mutex // guards the following
	rng     *rand.Rand
	waiting uint64 // counter that was refused; 0: none
	refused int
}

type received struct {
	message []byte
	err     error
}

func newNacker(c transport.Conn, seed uint64) *nacker {
	n := &nacker{Conn: c, in: make(chan received, 1<<14), rng: rand.New(rand.NewPCG(seed, 0xacc))}
	go func() {
		for {
			message, err := c.ReadMessage()
			n.in <- received{message, err}
			if err != nil {
				return
			}
		}
	}()
	return n
}

func (n *nacker) ReadMessage() ([]byte, error) {
	r := <-n.in
	return r.message, r.err
}

func (n *nacker) WriteMessage(message []byte) error {
	var f wire.ClientFrame
	if err := wire.Unmarshal(message, &f); err != nil {
		return err
	}
	if p, ok := f.GetKind().(*wire.ClientFrame_Publish); ok && n.refuses(p.Publish.GetFrame().GetCounter()) {
		return nil
	}
	return n.Conn.WriteMessage(message)
}

func (n *nacker) refuses(counter uint64) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	switch {
	case n.waiting != 0 && counter > n.waiting:
		return true
	case n.rng.IntN(3) > 0:
		n.waiting = 0
		return false
	}
	n.waiting = counter
	n.refused++
	code := wire.Nack_RESOURCE_EXHAUSTED
	if n.rng.IntN(2) == 0 {
		code = wire.Nack_UNAVAILABLE
	}
	n.in <- received{message: wire.Marshal(&wire.RelayFrame{Kind: &wire.RelayFrame_Nack{Nack: &wire.Nack{
		Code: code, Counter: counter, Expected: counter, RetryAfterMs: uint64(1 + n.rng.IntN(400)), Text: "not now",
	}}})}
	return true
}

// A relay refuses a third of all edits, for a while each. None is lost, and everybody's stay in order.
func TestEditsRefusedAtRandom(t *testing.T) {
	eachSeed(t, 6, func(t *testing.T, w *sim.World, seed uint64) {
		var mu sync.Mutex
		var nackers []*nacker
		w.Between = func(c transport.Conn) transport.Conn {
			mu.Lock()
			defer mu.Unlock()
			nackers = append(nackers, newNacker(c, seed+uint64(len(nackers))))
			return nackers[len(nackers)-1]
		}
		w.Journals = seed%2 == 0
		room(t, w, 3, "one\n\ntwo\n")
		for _, p := range w.Peers[1:] { // in order means: what one types forwards stays together
			p.Part.Editor().Select(4, 4)
		}
		typed := map[string]string{}
		for range 60 {
			check(t, w.Advance(50*time.Millisecond, func(p *sim.Peer, now time.Time) error {
				if p == w.Peers[0] || w.Rand.IntN(3) > 0 {
					return nil
				}
				key := string(rune('a'+len(typed[p.Name])%26) - rune(32*(p.Name[1]-'1')))
				typed[p.Name] += key
				return p.Part.Editor().Insert(now.UnixMilli(), key)
			}))
		}
		check(t, w.Settle(2*time.Minute))
		refused := 0
		mu.Lock()
		defer mu.Unlock()
		for _, n := range nackers {
			n.mu.Lock()
			refused += n.refused
			n.mu.Unlock()
		}
		if refused < 10 {
			t.Errorf("only %d edits were refused", refused)
		}
		for name, run := range typed {
			if !strings.Contains(w.Peers[0].Text(), run) {
				t.Errorf("what %s typed is not together: %q in %q", name, run, w.Peers[0].Text())
			}
		}
	})
}

// A relay takes ten edits a second, and somebody types fifty: they gather, nothing is refused, and everything arrives.
func TestEditsGatherUnderALimit(t *testing.T) {
	inWorld(t, 1, func(t *testing.T, w *sim.World) {
		w.Server.Restart(relay.Config{FramesPerSecond: 10, Burst: 5})
		a := host(t, w, "A", "text\n", sim.NewLine(1, time.Millisecond, 0))
		b := join(t, w, "B", sim.NewLine(2, time.Millisecond, 0))
		check(t, w.Settle(10*time.Second))
		before := w.Server.Stats().Frames
		typed := ""
		check(t, w.Advance(10*time.Second, func(p *sim.Peer, now time.Time) error {
			if p != b || now.UnixMilli()%20 != 0 {
				return nil
			}
			typed += "k"
			return p.Part.Editor().Insert(now.UnixMilli(), "k")
		}))
		check(t, w.Settle(10*time.Second))
		stats := w.Server.Stats()
		if frames := stats.Frames - before; frames > 110 || len(typed) < 400 {
			t.Errorf("%d frames of %d keys in ten seconds", frames, len(typed))
		}
		if n := stats.Nacks["RESOURCE_EXHAUSTED"]; n > 0 {
			t.Errorf("%d edits were refused", n)
		}
		if a.Text() != typed+"text\n" {
			t.Errorf("A has %d bytes", len(a.Text()))
		}
	})
}

// A relay asks for snapshots while people type: one of them makes it, the log is cut, who joins gets it all, and confirms.
func TestSnapshotsOnRequest(t *testing.T) {
	eachSeed(t, 5, func(t *testing.T, w *sim.World, seed uint64) {
		w.Server.Restart(relay.Config{TailFrames: 60, SnapshotPatience: 5 * time.Second})
		room(t, w, 3, "one\ntwo\nthree\n")
		typists, act := newTypists(w)
		for range 4 {
			check(t, w.Advance(3*time.Second, act))
			if seed%2 == 0 { // those who made, or were asked to make, may be gone
				p := w.Peers[w.Rand.IntN(len(w.Peers))]
				p.Line.Cut()
			}
		}
		check(t, w.Settle(time.Minute))
		tokens(t, w.Peers[0].Text(), typists)
		stats := w.Server.Stats()
		if stats.Snapshots == 0 || stats.Snapshots > stats.Wanted {
			t.Errorf("%d snapshots were stored, %d asked for", stats.Snapshots, stats.Wanted)
		}
		late := join(t, w, "late", sim.NewLine(seed, 30*time.Millisecond, 0))
		check(t, w.Settle(time.Minute))
		if late.Text() != w.Peers[0].Text() {
			t.Error("who joined late has another text")
		}
	})
}

// A guest on a line of 8 KB a second pastes 300 KB and types on: its link is found to be slow, so what it sends is
// compressed, and nothing is lost.
func TestSlowLine(t *testing.T) {
	inWorld(t, 1, func(t *testing.T, w *sim.World) {
		a := host(t, w, "A", "text\n", sim.NewLine(1, time.Millisecond, 0))
		slow := sim.NewLine(2, 20*time.Millisecond, 5*time.Millisecond)
		slow.Slow(8 << 10)
		b := join(t, w, "B", slow)
		check(t, w.Settle(30*time.Second))
		before := w.Server.Stats().FrameBytes
		pasted := strings.Repeat("a line that is much like the others\n", 300<<10/36)
		check(t, b.Part.Editor().Paste(time.Now().UnixMilli(), pasted))
		check(t, w.Advance(2*time.Second, func(p *sim.Peer, now time.Time) error {
			if p != b || now.UnixMilli()%100 != 0 {
				return nil
			}
			return b.Part.Editor().Insert(now.UnixMilli(), "k")
		}))
		check(t, w.Settle(2*time.Minute))
		if !strings.HasPrefix(a.Text(), pasted+"kkk") {
			t.Errorf("A has %d bytes", len(a.Text()))
		}
		if sent := w.Server.Stats().FrameBytes - before; sent > uint64(len(pasted)/2) {
			t.Errorf("%d bytes were sent for a paste of %d", sent, len(pasted))
		}
	})
}

// A relay that keeps its log is killed again and again: nothing need be restored, and nothing is lost.
func TestRelayWithItsLogKilled(t *testing.T) {
	eachSeed(t, 5, func(t *testing.T, w *sim.World, _ uint64) {
		w.Journals = true
		room(t, w, 3, "one\ntwo\nthree\n")
		typists, act := newTypists(w)
		for range 4 {
			check(t, w.Advance(time.Second, act))
			w.Server.Restart(relay.Config{})
		}
		check(t, w.Advance(time.Second, act))
		check(t, w.Settle(time.Minute))
		tokens(t, w.Peers[0].Text(), typists)
		if n := w.Server.Stats().Snapshots; n > 0 {
			t.Errorf("%d snapshots were put to restore a log that was not lost", n)
		}
	})
}
