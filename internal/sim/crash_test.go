package sim_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"coedit/internal/session"
	"coedit/internal/sim"
)

// crashes makes people type, and their processes be killed while a record of their journal is being written.
type crashes struct {
	w       *sim.World
	typists map[string]*sim.Typist
	safe    map[string]int // how many of a typist's tokens are in its journal
	act     func(p *sim.Peer, now time.Time) error
}

func newCrashes(w *sim.World) *crashes {
	c := &crashes{w: w, safe: map[string]int{}}
	var act func(*sim.Peer, time.Time) error
	c.typists, act = newTypists(w)
	c.act = func(p *sim.Peer, now time.Time) error {
		if !p.Disk.Broken() { // what was typed in the turns before is written
			c.safe[p.Name] = len(c.typists[p.Name].Tokens)
		}
		return act(p, now)
	}
	return c
}

// revive kills those whose disk has broken, starts them again, and looks what they have.
func (c *crashes) revive(t *testing.T) {
	t.Helper()
	for _, p := range slices.Clone(c.w.Peers) {
		if !p.Disk.Broken() {
			continue
		}
		c.w.Kill(p)
		again, err := c.w.Revive(p, 0)
		check(t, err)
		typist := c.typists[p.Name]
		for i := len(typist.Tokens) - 1; i >= 0; i-- {
			switch has := strings.Contains(again.Text(), typist.Tokens[i]); {
			case has:
			case i < c.safe[p.Name]:
				t.Errorf("%s was in %s's journal and is lost", typist.Tokens[i], p.Name)
			default:
				typist.Tokens = append(typist.Tokens[:i:i], typist.Tokens[i+1:]...)
			}
		}
		typist.Name += "'" // a token that was lost is not to be typed again
	}
}

// Everybody's process is killed again and again, at any write of its journal, also while the relay loses its log. What was in
// a journal is in the document in the end, once; and as nobody's replica differs, no id was used twice.
func TestKilledWhileWriting(t *testing.T) {
	eachSeed(t, 12, func(t *testing.T, w *sim.World, seed uint64) {
		w.Journals = true
		room(t, w, 2+w.Rand.IntN(2), "one\ntwo\nthree\n")
		c := newCrashes(w)
		for round := range 25 {
			if seed%3 == 0 && round == 12 {
				w.Server.Kill()
				check(t, w.Advance(300*time.Millisecond, c.act))
				w.Server.Start()
			}
			check(t, w.Advance(time.Duration(50+w.Rand.IntN(400))*time.Millisecond, c.act))
			c.revive(t)
			if p := w.Peers[w.Rand.IntN(len(w.Peers))]; round < 24 {
				p.Disk.BreakAfter(w.Rand.IntN(6), w.Rand.Float64())
			}
		}
		for _, p := range w.Peers {
			p.Disk.BreakAfter(-1, 0) // no more, unless it has broken
		}
		c.revive(t)
		check(t, w.Settle(time.Minute))
		tokens(t, w.Peers[0].Text(), c.typists)
	})
}

// A power cut takes what was not synced: the replica is a fresh one then, which brings what its journal has, and everybody
// ends with one text, in which nothing stands twice.
func TestPowerCut(t *testing.T) {
	eachSeed(t, 10, func(t *testing.T, w *sim.World, seed uint64) {
		w.Journals = true
		room(t, w, 3, "one\ntwo\nthree\n")
		typists, act := newTypists(w)
		for range 6 {
			check(t, w.Advance(time.Duration(200+w.Rand.IntN(800))*time.Millisecond, act))
			p := w.Peers[w.Rand.IntN(len(w.Peers))]
			w.Kill(p)
			if seed%2 == 0 { // the relay is on the same machine
				w.Server.Kill()
				w.Server.Start()
			}
			_, err := w.Revive(p, 1+w.Rand.IntN(20))
			check(t, err)
		}
		check(t, w.Advance(time.Second, act))
		check(t, w.Settle(time.Minute))
		text := w.Peers[0].Text()
		for _, typist := range typists {
			for _, token := range typist.Tokens {
				if n := strings.Count(text, token); n > 1 {
					t.Errorf("%s stands %d times in the document", token, n)
				}
			}
		}
	})
}

// The host and its relay die with edits that nobody else has; it comes back with them, in the same room, and its guests too.
func TestHostAndRelayKilled(t *testing.T) {
	eachSeed(t, 4, func(t *testing.T, w *sim.World, seed uint64) {
		w.Journals = true
		a := host(t, w, "A", "text\n", sim.NewLine(seed, time.Millisecond, 0))
		b := join(t, w, "B", sim.NewLine(seed+1, 30*time.Millisecond, 0))
		check(t, w.Settle(10*time.Second))
		b.Line.Down()
		check(t, w.Advance(100*time.Millisecond, nil))
		check(t, a.Part.Editor().Insert(0, "of the host "))
		check(t, b.Part.Editor().Insert(0, "of the guest "))
		check(t, w.Advance(100*time.Millisecond, nil))
		w.Kill(a)
		if seed%2 == 0 {
			w.Kill(b)
		}
		w.Server.Kill()
		w.Server.Start()
		again, err := w.Revive(a, 0)
		check(t, err)
		if again.Part.Replica() != a.Part.Replica() {
			t.Error("the host is another replica")
		}
		b.Line.Up()
		if seed%2 == 0 {
			_, err := w.Revive(b, 0)
			check(t, err)
		}
		check(t, w.Settle(time.Minute))
		for _, want := range []string{"of the host ", "of the guest "} {
			if strings.Count(again.Text(), want) != 1 {
				t.Errorf("%q in %q", want, again.Text())
			}
		}
	})
}

// A guest that was killed sends what was not acknowledged in the very frames it had sent, when it is started again; and it has
// its document while the relay cannot be reached.
func TestGuestResumesOffline(t *testing.T) {
	inWorld(t, 1, func(t *testing.T, w *sim.World) {
		w.Journals = true
		a := host(t, w, "A", "text\n", sim.NewLine(1, 20*time.Millisecond, 0))
		b := join(t, w, "B", sim.NewLine(2, 20*time.Millisecond, 0))
		check(t, w.Settle(10*time.Second))
		check(t, b.Part.Editor().Insert(0, "sent "))
		check(t, w.Advance(30*time.Millisecond, nil)) // under way: the acknowledgement is not here yet
		b.Line.Down()
		check(t, b.Part.Editor().Insert(0, "not sent "))
		check(t, w.Advance(30*time.Millisecond, nil))
		w.Kill(b)
		again, err := w.Revive(b, 0)
		check(t, err)
		check(t, w.Advance(100*time.Millisecond, nil))
		if got := again.Text(); got != "sent not sent text\n" || !again.Part.Ready() {
			t.Errorf("without the relay there is %q, ready: %v", got, again.Part.Ready())
		}
		if again.Part.Replica() != b.Part.Replica() || again.Part.Drained() {
			t.Error("another replica, or one with nothing to send")
		}
		again.Line.Up()
		check(t, w.Settle(time.Minute))
		if a.Text() != "sent not sent text\n" {
			t.Errorf("the host has %q", a.Text())
		}
	})
}

// A journal that was put back to an earlier state, with everything about it as it was, is found out by what the room has of
// its replica: nothing is sent under its ids, and a fresh replica brings what the journal has.
func TestJournalPutBack(t *testing.T) {
	inWorld(t, 1, func(t *testing.T, w *sim.World) {
		w.Journals = true
		a := host(t, w, "A", "text\n", sim.NewLine(1, 5*time.Millisecond, 0))
		b := join(t, w, "B", sim.NewLine(2, 5*time.Millisecond, 0))
		check(t, w.Settle(10*time.Second))
		check(t, b.Part.Editor().Insert(0, "before "))
		b.Line.Down()
		check(t, w.Advance(100*time.Millisecond, nil))
		old, state, err := b.Disk.Restart(0)
		check(t, err)
		b.Line.Up()
		check(t, w.Settle(10*time.Second))
		check(t, b.Part.Editor().Insert(0, "after "))
		check(t, w.Settle(10*time.Second))
		w.Kill(b)

		again, err := w.ReviveFrom(b, old, state)
		check(t, err)
		check(t, w.Until(20*time.Second, "it is found out", func() bool {
			return errors.Is(again.Part.Status(time.Now()).Err, session.ErrBehind)
		}))
		w.Kill(again)
		_, state, err = old.Restart(0)
		check(t, err)
		state.Intact = false // as journal.Dir.Take says of a journal that was found to be behind
		again, err = w.ReviveFrom(b, sim.NewDisk(), state)
		check(t, err)
		check(t, again.Part.Editor().Insert(0, "then "))
		check(t, w.Settle(10*time.Second))
		for _, word := range []string{"before ", "after ", "then "} {
			if strings.Count(a.Text(), word) != 1 {
				t.Errorf("%q in %q", word, a.Text())
			}
		}
	})
}
