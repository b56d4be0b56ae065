package sim_test

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"coedit/internal/codec"
	"coedit/internal/sim"
	"coedit/transport/seal"
)

var (
	oneSeed = flag.Uint64("sim.seed", 0, "run this seed only")
	seeds   = flag.Uint64("sim.seeds", 0, "number of seeds; 0: the test's own")
)

func TestMain(m *testing.M) {
	flag.Parse()
	// The codecs share their encoders; made inside a bubble, they could not be used in another.
	warm := codec.Zstd.Compress(nil, []byte("warm"))
	if _, err := codec.Zstd.Decompress(nil, warm, len("warm")); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

// eachSeed runs f in its own bubble and world for every seed.
func eachSeed(t *testing.T, n uint64, f func(t *testing.T, w *sim.World, seed uint64)) {
	t.Helper()
	if *seeds > 0 {
		n = *seeds
	}
	from := uint64(1)
	if *oneSeed > 0 {
		from, n = *oneSeed, 1
	}
	for seed := from; seed < from+n; seed++ {
		inWorld(t, seed, func(t *testing.T, w *sim.World) {
			defer func() {
				if t.Failed() {
					t.Logf("seed %d: again with -run '^%s$' -sim.seed=%d", seed, t.Name(), seed)
				}
			}()
			f(t, w, seed)
		})
		if t.Failed() {
			return
		}
	}
}

func inWorld(t *testing.T, seed uint64, f func(t *testing.T, w *sim.World)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w, err := sim.NewWorld(seed)
		check(t, err)
		defer w.Close()
		f(t, w)
	})
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func host(t *testing.T, w *sim.World, name, text string, line *sim.Line) *sim.Peer {
	t.Helper()
	p, err := w.Host(name, text, line)
	check(t, err)
	check(t, w.Until(10*time.Second, "the host shares", p.Part.Drained))
	return p
}

func join(t *testing.T, w *sim.World, name string, line *sim.Line) *sim.Peer {
	t.Helper()
	p, err := w.Join(name, line, seal.Write)
	check(t, err)
	return p
}

// room makes a host and guests, n in all, on lines of different latencies, and waits until everybody has the text.
func room(t *testing.T, w *sim.World, n int, text string) {
	t.Helper()
	for i := range n {
		line := sim.NewLine(w.Rand.Uint64(), time.Duration(1+w.Rand.IntN(80))*time.Millisecond, 20*time.Millisecond)
		if name := fmt.Sprintf("p%d", i); i == 0 {
			host(t, w, name, text, line)
		} else {
			join(t, w, name, line)
		}
	}
	check(t, w.Settle(20*time.Second))
}

// The three-client run of the field: A and B are 200 ms apart, C is offline for 3 s, all insert at the same place.
func TestThreeClients(t *testing.T) {
	eachSeed(t, 20, func(t *testing.T, w *sim.World, seed uint64) {
		const text = "first line\nhere: \nlast line\n"
		a := host(t, w, "A", text, sim.NewLine(seed, 100*time.Millisecond, 0))
		join(t, w, "B", sim.NewLine(seed+1, 100*time.Millisecond, 0))
		c := join(t, w, "C", sim.NewLine(seed+2, 30*time.Millisecond, 0))
		check(t, w.Settle(10*time.Second))

		place := strings.Index(text, "here: ") + len("here: ")
		typed := map[string]string{"A": strings.Repeat("a", 60), "B": strings.Repeat("b", 60), "C": strings.Repeat("c", 60)}
		left := map[string]string{}
		for _, p := range w.Peers {
			p.Part.Editor().Select(place, place)
			left[p.Name] = typed[p.Name]
		}
		next := map[string]time.Time{}
		act := func(p *sim.Peer, now time.Time) error {
			if left[p.Name] == "" || now.Before(next[p.Name]) {
				return nil
			}
			key := left[p.Name][:1]
			left[p.Name] = left[p.Name][1:]
			next[p.Name] = now.Add(time.Duration(30+w.Rand.IntN(60)) * time.Millisecond)
			return p.Part.Editor().Insert(now.UnixMilli(), key)
		}
		c.Line.Down()
		check(t, w.Advance(3*time.Second, act))
		if c.Part.Status(time.Now()).Unacked == 0 {
			t.Error("C typed offline and is told that everything is acknowledged")
		}
		c.Line.Up()
		check(t, w.Advance(5*time.Second, act))
		check(t, w.Settle(20*time.Second))
		for name, run := range typed {
			if !strings.Contains(a.Text(), run) {
				t.Errorf("what %s typed was torn apart: %q", name, a.Text())
			}
		}
		if want := len(text) + 180; len(a.Text()) != want {
			t.Errorf("%d bytes in the end, want %d", len(a.Text()), want)
		}
	})
}

// Random edits of every kind, undo and redo included, over lines that break now and then.
func TestRandomEdits(t *testing.T) {
	eachSeed(t, 200, func(t *testing.T, w *sim.World, _ uint64) {
		room(t, w, 3, "package main\n\nfunc main() {\n}\n")
		check(t, w.Advance(2*time.Second, func(p *sim.Peer, now time.Time) error {
			switch n := w.Rand.IntN(400); {
			case n == 0:
				p.Line.Cut()
			case n == 1:
				p.Line.Down()
			case n < 8:
				p.Line.Up()
			case n < 60:
				return sim.Edit(p.Part.Editor(), w.Rand, now.UnixMilli())
			}
			return nil
		}))
		for _, p := range w.Peers {
			p.Line.Up()
		}
		check(t, w.Settle(60*time.Second))
	})
}

// tokens checks that everything typed stands in the document once.
func tokens(t *testing.T, text string, typists map[string]*sim.Typist) {
	t.Helper()
	for _, typist := range typists {
		for _, token := range typist.Tokens {
			if n := strings.Count(text, token); n != 1 {
				t.Errorf("%s stands %d times in the document", token, n)
			}
		}
	}
}

// newTypists gives everybody something to type, at random times.
func newTypists(w *sim.World) (map[string]*sim.Typist, func(p *sim.Peer, now time.Time) error) {
	typists := map[string]*sim.Typist{}
	for _, p := range w.Peers {
		typists[p.Name] = &sim.Typist{Name: p.Name + "."}
	}
	return typists, func(p *sim.Peer, now time.Time) error {
		if w.Rand.IntN(12) > 0 {
			return nil
		}
		return typists[p.Name].Type(p.Part.Editor(), w.Rand, now.UnixMilli())
	}
}

// The relay is killed while everybody types, and comes back without its log.
func TestRelayRestart(t *testing.T) {
	for _, n := range []int{2, 5} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			eachSeed(t, 20, func(t *testing.T, w *sim.World, _ uint64) {
				room(t, w, n, "one\ntwo\nthree\n")
				typists, act := newTypists(w)
				check(t, w.Advance(time.Second, act))
				w.Server.Kill()
				check(t, w.Advance(2*time.Second, act))
				for _, p := range w.Peers {
					if st := p.Part.Status(time.Now()); st.State.String() != "offline" || st.Unacked == 0 {
						t.Errorf("%s is %v with %d unacknowledged edits while the relay is dead", p.Name, st.State, st.Unacked)
					}
				}
				w.Server.Start()
				check(t, w.Advance(3*time.Second, act))
				check(t, w.Settle(60*time.Second))
				tokens(t, w.Peers[0].Text(), typists)
			})
		})
	}
}

// One is offline while the relay loses its log, the others restore it, and the one comes later with unsent edits. The
// host, meanwhile, may be gone.
func TestLateAfterRestore(t *testing.T) {
	eachSeed(t, 20, func(t *testing.T, w *sim.World, seed uint64) {
		room(t, w, 4, "one\ntwo\nthree\n")
		typists, act := newTypists(w)
		late := w.Peers[3]
		check(t, w.Advance(time.Second, act))
		late.Line.Down()
		check(t, w.Advance(time.Second, act))
		w.Server.Kill()
		check(t, w.Advance(500*time.Millisecond, act))
		w.Server.Start()
		check(t, w.Advance(4*time.Second, act))
		if seed%2 == 0 {
			w.Peers = w.Peers[1:] // nobody drives the host any more: its edits are restored by others
		}
		late.Line.Up()
		check(t, w.Advance(3*time.Second, act))
		check(t, w.Settle(60*time.Second))
		if seed%2 == 1 {
			tokens(t, w.Peers[0].Text(), typists)
		}
		fresh := join(t, w, "fresh", sim.NewLine(seed, 10*time.Millisecond, 0))
		check(t, w.Settle(60*time.Second))
		if fresh.Text() != w.Peers[0].Text() {
			t.Error("who joins after a restore has another text")
		}
	})
}

// Everything at once: lines that break, go dead, come back; a relay that dies again and again, in the middle of a
// restore too. Nothing typed is lost or doubled.
func TestChaos(t *testing.T) {
	eachSeed(t, 25, func(t *testing.T, w *sim.World, _ uint64) {
		room(t, w, 2+w.Rand.IntN(3), "one\ntwo\nthree\n")
		typists, act := newTypists(w)
		alive := true
		for range 25 {
			p := w.Peers[w.Rand.IntN(len(w.Peers))]
			switch w.Rand.IntN(8) {
			case 0:
				p.Line.Cut()
			case 1:
				p.Line.Down()
			case 2:
				p.Line.Dead()
			case 3, 4:
				p.Line.Up()
			case 5:
				if alive {
					w.Server.Kill()
				} else {
					w.Server.Start()
				}
				alive = !alive
			}
			check(t, w.Advance(time.Duration(w.Rand.IntN(600))*time.Millisecond, act))
		}
		if !alive {
			w.Server.Start()
		}
		for _, p := range w.Peers {
			p.Line.Up()
		}
		check(t, w.Until(time.Minute, "everything own is acknowledged", func() bool {
			return !slices.ContainsFunc(w.Peers, func(p *sim.Peer) bool { return !p.Part.Drained() })
		}))
		check(t, w.Advance(5*time.Second, act))
		check(t, w.Settle(2*time.Minute))
		tokens(t, w.Peers[0].Text(), typists)
	})
}
