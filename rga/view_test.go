package rga

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
)

// TestViewsStay: views read in other goroutines do not change while the document is edited. It is
// the race detector that makes it a whole test.
func TestViewsStay(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 9))
	a, b := New(ann), New(bob)
	var want []byte
	type snapshot struct {
		view *View
		text string
	}
	views := make(chan snapshot, 16)
	var readers sync.WaitGroup
	for range 3 {
		readers.Go(func() {
			var kept []snapshot
			for s := range views {
				kept = append(kept, s)
				for _, s := range kept[max(0, len(kept)-5):] {
					if got := s.view.String(); got != s.text {
						t.Errorf("a view changed: %d bytes, were %d", len(got), len(s.text))
					}
					line := s.view.LineAt(len(s.text) / 2)
					if got := strings.Count(s.text[:len(s.text)/2], "\n"); got != line {
						t.Errorf("line %d, not %d", line, got)
					}
				}
			}
		})
	}
	for i := range 3000 {
		e := Edit{Offset: rng.IntN(len(want) + 1), Insert: strings.Repeat("ab\n", rng.IntN(3)+rng.IntN(50)/49*500)}
		e.Delete = rng.IntN(min(len(want)-e.Offset, 20) + 1)
		from := a.Clock()
		_, changes, err := a.Edit(1, e)
		if err != nil {
			t.Error(err)
			break
		}
		if i%10 == 0 && i > 0 { // undo, and something from elsewhere
			_, undone, _ := a.Invert(1, ann, Ticks{from, a.Clock()})
			changes = append(changes, undone...)
			pass(t, a, b)
			mustEdit(t, b, Edit{Offset: b.Len() / 2, Insert: "b\n"})
			for raw := range b.Since(a.Version(), 1000) {
				res, err := a.Apply(raw)
				if err != nil {
					t.Error(err)
				}
				changes = append(changes, res.Changes...)
			}
		}
		for _, c := range changes {
			want = append(want[:c.Offset:c.Offset], append(bytes.Clone(c.Inserted), want[c.Offset+c.Deleted:]...)...)
		}
		if i%3 == 0 {
			views <- snapshot{a.View(), string(want)}
		}
	}
	close(views)
	readers.Wait()
	mustCheck(t, a)
}

func TestViewReads(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 9))
	d := New(ann)
	for range 400 {
		n := d.Len()
		mustEdit(t, d, Edit{Offset: rng.IntN(n + 1), Insert: strings.Repeat("xyz\n", rng.IntN(4))})
		if rng.IntN(30) == 0 {
			mustEdit(t, d, Edit{Offset: d.Len() / 2, Insert: strings.Repeat("0123456789abcd\n", 400)})
		}
		if n > 40 {
			off := rng.IntN(n - 30)
			mustEdit(t, d, Edit{Offset: off, Delete: rng.IntN(30)})
		}
	}
	mustCheck(t, d)
	v := d.View()
	want := v.String()
	if v.Len() != len(want) || v.Lines() != strings.Count(want, "\n")+1 || d.View() != v {
		t.Fatalf("%d bytes, %d lines", v.Len(), v.Lines())
	}
	for range 2000 {
		from := rng.IntN(len(want) + 1)
		to := from + rng.IntN(len(want)-from+1)
		if got := string(v.Append([]byte("+"), from, to)); got != "+"+want[from:to] {
			t.Fatalf("[%d, %d): %d bytes", from, to, len(got))
		}
		line := strings.Count(want[:from], "\n")
		if got := v.LineAt(from); got != line {
			t.Fatalf("offset %d is in line %d, not %d", from, got, line)
		}
		if got, start := v.LineStart(line), strings.LastIndexByte(want[:from], '\n')+1; got != start {
			t.Fatalf("line %d starts at %d, not %d", line, got, start)
		}
		back := []byte(nil)
		for c := range v.ChunksBack(from) {
			back = append(bytes.Clone(c), back...)
			if len(back) > 3000 {
				break
			}
		}
		if !strings.HasSuffix(want[:from], string(back)) || len(back) < min(from, 3000) {
			t.Fatalf("back from %d: %d bytes", from, len(back))
		}
	}
	for _, c := range []struct{ got, want int }{
		{v.LineStart(-1), 0},
		{v.LineStart(0), 0},
		{v.LineStart(v.Lines()), v.Len()},
		{v.LineStart(1 << 40), v.Len()},
		{v.LineAt(-5), 0},
		{v.LineAt(v.Len() + 5), v.Lines() - 1},
		{len(v.Append(nil, -5, v.Len()+5)), v.Len()},
		{len(v.Append(nil, 7, 3)), 0},
	} {
		if c.got != c.want {
			t.Errorf("%d, not %d", c.got, c.want)
		}
	}
	for range v.Chunks(0, v.Len()) {
		break
	}
	empty := New(bob).View()
	if empty.Len() != 0 || empty.Lines() != 1 || empty.String() != "" || empty.LineAt(0) != 0 || empty.LineStart(1) != 0 {
		t.Error("the empty document's view")
	}
}

// TestViewReadsDoNotAllocate: a viewport is read without allocating for each chunk or line.
func TestViewReadsDoNotAllocate(t *testing.T) {
	d := New(ann)
	for i := range 2000 {
		mustEdit(t, d, Edit{Offset: (i * 7919) % (d.Len() + 1), Insert: "ab\n"})
	}
	v := d.View()
	n := 0
	allocs := testing.AllocsPerRun(10, func() {
		for c := range v.Chunks(0, v.Len()) {
			n += len(c)
		}
		for line := range 1000 {
			n += v.LineAt(v.LineStart(line))
		}
	})
	if allocs > 4 {
		t.Errorf("%v allocations", allocs)
	}
}
