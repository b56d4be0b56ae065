package sim_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"coedit/editor"
	"coedit/internal/session"
	"coedit/internal/sim"
	"coedit/rga"
	"coedit/transport/seal"
)

// One pastes 5 MB while the other types: the other's turns stay short, and its keys are on its screen in the turn they
// are typed.
func TestPasteWhileTheOtherTypes(t *testing.T) {
	const size = 5 << 20
	inWorld(t, 1, func(t *testing.T, w *sim.World) {
		a := host(t, w, "A", "top\n\nbottom\n", sim.NewLine(1, 20*time.Millisecond, 5*time.Millisecond))
		b := join(t, w, "B", sim.NewLine(2, 20*time.Millisecond, 5*time.Millisecond))
		check(t, w.Settle(10*time.Second))
		a.Part.Editor().Move(editor.DocEnd, false, 0)
		check(t, a.Part.Editor().Paste(time.Now().UnixMilli(), strings.Repeat("0123456789abcde\n", size/16)))
		a.Part.Editor().Move(editor.DocEnd, false, 0)
		b.Part.Editor().Select(4, 4)
		typed := 0
		act := func(p *sim.Peer, now time.Time) error {
			if p != b || now.UnixMilli()%50 > 10 {
				return nil
			}
			at := b.Part.Editor().Selection().Head
			if err := b.Part.Editor().Insert(now.UnixMilli(), "k"); err != nil {
				return err
			}
			typed++
			if got := string(b.Part.Editor().View().Append(nil, at, at+1)); got != "k" {
				t.Errorf("key %d is not in the text at once: %q", typed, got)
			}
			return nil
		}
		turns := 0
		for a.Part.Editor().Doc().Clock() > b.Part.Editor().Doc().Version()[a.Part.Replica()] {
			if turns++; turns > 3000 {
				t.Fatalf("after 30 s B has %d bytes", b.Part.Editor().Doc().Len())
			}
			check(t, w.Advance(10*time.Millisecond, act))
		}
		check(t, w.Settle(10*time.Second))
		if typed < 5 {
			t.Errorf("only %d keys were typed meanwhile", typed)
		}
		if !strings.Contains(b.Text(), "top\n"+strings.Repeat("k", typed)+"\nbottom") {
			t.Error("B's keys are not together where they were typed")
		}
		for _, p := range w.Peers {
			if p.MaxOps > 512+4096 || p.MaxBytes > 256<<10 {
				t.Errorf("%s: a turn applied %d operations of %d bytes", p.Name, p.MaxOps, p.MaxBytes)
			}
		}
		if b.MaxBytes == 0 || turns < 20 {
			t.Errorf("the paste came in %d turns", turns)
		}
	})
}

// After a partner typed in between, one's undo takes back one's own edit only.
func TestUndoIsOnesOwn(t *testing.T) {
	inWorld(t, 1, func(t *testing.T, w *sim.World) {
		a := host(t, w, "A", "start end", sim.NewLine(1, 30*time.Millisecond, 0))
		b := join(t, w, "B", sim.NewLine(2, 30*time.Millisecond, 0))
		check(t, w.Settle(10*time.Second))
		a.Part.Editor().Select(6, 6)
		check(t, a.Part.Editor().Insert(0, "AAAA"))
		check(t, w.Settle(10*time.Second))
		b.Part.Editor().Select(8, 8)
		check(t, b.Part.Editor().Insert(0, "bb"))
		check(t, w.Settle(10*time.Second))
		if a.Text() != "start AAbbAAend" {
			t.Fatalf("before: %q", a.Text())
		}
		undo(t, a)
		check(t, w.Settle(10*time.Second))
		if b.Text() != "start bbend" {
			t.Errorf("A's undo: %q", b.Text())
		}
		undo(t, b)
		check(t, w.Settle(10*time.Second))
		if a.Text() != "start end" {
			t.Errorf("B's undo: %q", a.Text())
		}
		if ok, err := a.Part.Editor().Redo(0); !ok || err != nil {
			t.Fatalf("redo: %v, %v", ok, err)
		}
		check(t, w.Settle(10*time.Second))
		if b.Text() != "start AAAAend" {
			t.Errorf("A's redo: %q", b.Text())
		}
	})
}

// When both deleted a word, one's undo does not bring it back against the other's deletion.
func TestUndoRespectsTheOthersDeletion(t *testing.T) {
	inWorld(t, 1, func(t *testing.T, w *sim.World) {
		a := host(t, w, "A", "keep word keep", sim.NewLine(1, 200*time.Millisecond, 0))
		b := join(t, w, "B", sim.NewLine(2, 200*time.Millisecond, 0))
		check(t, w.Settle(10*time.Second))
		for _, p := range w.Peers { // at the same time
			p.Part.Editor().Select(5, 10)
			check(t, p.Part.Editor().Backspace(0, false))
		}
		check(t, w.Settle(10*time.Second))
		undo(t, a)
		check(t, w.Settle(10*time.Second))
		if b.Text() != "keep keep" {
			t.Errorf("A's undo brought back what B deleted: %q", b.Text())
		}
		undo(t, b)
		check(t, w.Settle(10*time.Second))
		if a.Text() != "keep word keep" {
			t.Errorf("nobody deletes it any more: %q", a.Text())
		}
	})
}

func undo(t *testing.T, p *sim.Peer) {
	t.Helper()
	if _, err := p.Part.Editor().Undo(0); err != nil {
		t.Fatal(err)
	}
}

// A connection that is dead without a word is noticed within 10 s, and mended when the line is.
func TestHalfOpen(t *testing.T) {
	inWorld(t, 1, func(t *testing.T, w *sim.World) {
		a := host(t, w, "A", "text", sim.NewLine(1, 10*time.Millisecond, 0))
		b := join(t, w, "B", sim.NewLine(2, 10*time.Millisecond, 0))
		check(t, w.Settle(10*time.Second))
		b.Line.Dead()
		check(t, b.Part.Editor().Insert(0, "typed into nothing "))
		check(t, w.Until(10*time.Second, "B notices", func() bool { return b.Part.Status(time.Now()).State == session.Offline }))
		if n := b.Part.Status(time.Now()).Unacked; n != 1 {
			t.Errorf("%d unacknowledged edits, want 1", n)
		}
		b.Line.Up()
		check(t, w.Settle(20*time.Second))
		if a.Text() != "typed into nothing text" {
			t.Errorf("A has %q", a.Text())
		}
	})
}

// Readers follow, also through a restart of the relay, which they cannot restore.
func TestReaderFollowsThroughARestart(t *testing.T) {
	inWorld(t, 1, func(t *testing.T, w *sim.World) {
		a := host(t, w, "A", "text", sim.NewLine(1, 10*time.Millisecond, 0))
		r, err := w.Join("R", sim.NewLine(2, 10*time.Millisecond, 0), seal.Read)
		check(t, err)
		check(t, w.Settle(10*time.Second))
		w.Server.Kill()
		check(t, w.Advance(time.Second, nil))
		w.Server.Start()
		check(t, a.Part.Editor().Insert(0, "more "))
		check(t, w.Settle(60*time.Second))
		if r.Text() != "more text" {
			t.Errorf("the reader has %q", r.Text())
		}
	})
}

// The host is gone for good when the relay loses its log: a guest restores what the host wrote.
func TestRestoreWithoutTheHost(t *testing.T) {
	inWorld(t, 1, func(t *testing.T, w *sim.World) {
		a := host(t, w, "A", "the host's text\n", sim.NewLine(1, 10*time.Millisecond, 0))
		b := join(t, w, "B", sim.NewLine(2, 10*time.Millisecond, 0))
		check(t, w.Settle(10*time.Second))
		a.Part.Close()
		w.Peers = w.Peers[1:]
		w.Server.Kill()
		check(t, b.Part.Editor().Insert(0, "B: "))
		w.Server.Start()
		check(t, w.Settle(60*time.Second))
		c := join(t, w, "C", sim.NewLine(3, 10*time.Millisecond, 0))
		check(t, w.Settle(60*time.Second))
		if c.Text() != "B: the host's text\n" {
			t.Errorf("C has %q", c.Text())
		}
	})
}

// Who is here, who left, after everybody reconnected.
func TestPeersAfterRestart(t *testing.T) {
	inWorld(t, 1, func(t *testing.T, w *sim.World) {
		room(t, w, 4, "text")
		check(t, w.Until(5*time.Second, "all see all", seeAll(w, 3)))
		w.Server.Kill()
		gone := w.Peers[3]
		w.Peers = w.Peers[:3]
		gone.Line.Down()
		w.Server.Start()
		check(t, w.Until(40*time.Second, "the three see each other only", seeAll(w, 2)))
		gone.Part.Close()
	})
}

func seeAll(w *sim.World, others int) func() bool {
	return func() bool {
		for _, p := range w.Peers {
			if st := p.Part.Status(time.Now()); st.State != session.Online || len(st.Peers) != others {
				return false
			}
		}
		return true
	}
}

// Editors without relay or transport, on a network that delivers everything late, in any order, and up to three times.
func TestDuplicatedAndReordered(t *testing.T) {
	n := uint64(200)
	if *seeds > 0 {
		n = *seeds
	}
	from := uint64(1)
	if *oneSeed > 0 {
		from, n = *oneSeed, 1
	}
	for seed := from; seed < from+n; seed++ {
		mesh(t, seed)
		if t.Failed() {
			t.Fatalf("seed %d: again with -run '^%s$' -sim.seed=%d", seed, t.Name(), seed)
		}
	}
}

func mesh(t *testing.T, seed uint64) {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 0x3e54))
	eds := make([]*editor.Editor, 3)
	sent := make([]uint64, 3)
	mail := make([][][]byte, 3) // what is under way to each
	for i := range eds {
		eds[i] = editor.New(rga.New(rga.ReplicaID(i + 1)))
	}
	send := func(i int) {
		for clock := eds[i].Doc().Clock(); sent[i] < clock; {
			batch, to := eds[i].Doc().AppendOwn(nil, sent[i], 1+rng.IntN(200))
			sent[i] = to
			for j := range mail {
				for range 1 + rng.IntN(3) {
					if j != i {
						mail[j] = append(mail[j], batch)
					}
				}
			}
		}
	}
	receive := func(j int) {
		k := rng.IntN(len(mail[j]))
		batch := mail[j][k]
		mail[j][k] = mail[j][len(mail[j])-1]
		mail[j] = mail[j][:len(mail[j])-1]
		_, err := eds[j].Apply(batch)
		check(t, err)
	}
	for step := range 150 {
		i := rng.IntN(3)
		switch {
		case rng.IntN(2) == 0:
			check(t, sim.Edit(eds[i], rng, int64(step)))
		case rng.IntN(3) == 0:
			send(i)
		case len(mail[i]) > 0:
			receive(i)
		}
		check(t, eds[i].Doc().Check())
	}
	for i := range eds {
		send(i)
	}
	for j := range eds {
		for len(mail[j]) > 0 {
			receive(j)
		}
		check(t, eds[j].Doc().Check())
		if held, _ := eds[j].Doc().Held(); held > 0 {
			t.Errorf("%d batches held in the end", held)
		}
		if got, want := eds[j].View().String(), eds[0].View().String(); got != want {
			t.Errorf("replica %d has %q, replica 1 %q", j+1, got, want)
		}
		if string(eds[j].Doc().Encode()) != string(eds[0].Doc().Encode()) {
			t.Errorf("replica %d has another history than replica 1", j+1)
		}
	}
}

// The simulated network itself: order, latency, the end of a connection.
func TestLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := sim.NewServer()
		line := sim.NewLine(1, 50*time.Millisecond, 0)
		line.Down()
		if _, err := server.Dialer(line)(t.Context()); err == nil {
			t.Error("connected over a line that is down")
		}
		line.Up()
		began := time.Now()
		conn, err := server.Dialer(line)(t.Context())
		check(t, err)
		if d := time.Since(began); d != 100*time.Millisecond {
			t.Errorf("connecting took %v, want a round trip", d)
		}
		check(t, conn.SetReadDeadline(time.Now().Add(time.Second)))
		if _, err := conn.ReadMessage(); err == nil {
			t.Error("the relay spoke first")
		}
		if d := time.Since(began); d != 1100*time.Millisecond {
			t.Errorf("the deadline came after %v", d)
		}
		server.Kill()
		check(t, conn.SetReadDeadline(time.Time{}))
		if _, err := conn.ReadMessage(); err == nil {
			t.Error("a killed relay still speaks")
		}
		if _, err := server.Dialer(line)(t.Context()); err == nil {
			t.Error("connected to a killed relay")
		}
		server.Close()
	})
}
