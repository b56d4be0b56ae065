package rga

import (
	"maps"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"
)

// setLogged makes and logs an own op that sets a deleter's counter on elements, as a peer's batch can.
func setLogged(d *Doc, target *replica, seq, n uint32, deleter *replica, counter uint32) {
	d.set(target, seq, n, deleter.self, counter)
	d.self.logSet(target, seq, n, deleter.self, counter, false)
}

// crowded is a document in which each of so many elements has a state of its own, and each state has marks of many deleters.
func crowded(t testing.TB, deleters, elements int) *Doc {
	t.Helper()
	d := New(ann)
	for i := range deleters {
		o := New(ReplicaID(1000 + i))
		mustEdit(t, o, Edit{Insert: "x"})
		pass(t, o, d)
	}
	text := make([]byte, elements)
	for i := range text {
		text[i] = 'y'
	}
	mustEdit(t, d, Edit{Insert: string(text)})
	d.sign(0)
	for i := range deleters {
		setLogged(d, d.self, 0, uint32(elements), d.tree.reps[1+i], 1)
	}
	for i := range elements {
		setLogged(d, d.self, uint32(i), 1, d.tree.reps[1+i%deleters], uint32(2+i/deleters))
	}
	mustCheck(t, d)
	return d
}

// allocated is the bytes allocated by f.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestStatesAreShared: elements that many deleters have touched, each in a way of its own, take memory in proportion to
// the ops, not to the ops times the deleters.
func TestStatesAreShared(t *testing.T) {
	d := crowded(t, 1000, 8000)
	doc := d.Encode()
	var loaded *Doc
	bytes := allocated(func() {
		var err error
		if loaded, err = Decode(doc, bob); err != nil {
			t.Fatal(err)
		}
	})
	t.Logf("a document of %d bytes allocates %d", len(doc), bytes)
	if limit := 300 * uint64(len(doc)); bytes > limit {
		t.Errorf("loading %d bytes allocates %d, more than %d", len(doc), bytes, limit)
	}
	mustCheck(t, loaded)
}

// TestManyOpsOverManyElements: ops that each set all of many elements apart from each other load in proportion to both,
// not to one times the other, and as if they had come one by one.
func TestManyOpsOverManyElements(t *testing.T) {
	const elements, ops = 1500, 6000
	d := crowded(t, 50, elements)
	for i := range uint32(ops) {
		from := i % 400
		setLogged(d, d.self, from, elements-from-i%300, d.tree.reps[1+i%50], 1000+i/50)
	}
	mustCheck(t, d)
	doc := d.Encode()
	start := time.Now()
	loaded, err := Decode(doc, ann)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes load in %v", len(doc), time.Since(start))
	mustCheck(t, loaded)
	if text(loaded) != text(d) || string(loaded.Encode()) != string(doc) {
		t.Fatal("it is another document")
	}
	for seq := range uint32(elements) {
		for i := range uint32(51) {
			if a, b := counterOf(d, seq, i), counterOf(loaded, seq, i); a != b {
				t.Fatalf("element %d: counter of %d is %d, loaded %d", seq, i, a, b)
			}
		}
	}
}

// counterOf is a deleter's counter on an own element, by the deleter's index in d.
func counterOf(d *Doc, seq, deleter uint32) uint32 {
	p := d.tree.find(d.self.self, seq)
	return d.vis.counter(d.tree.leaves[p.leaf].p.spans[p.i].state, deleter)
}

// TestStatesAreSwept: states that no element has any more are forgotten, whichever way the ops come.
func TestStatesAreSwept(t *testing.T) {
	d := crowded(t, 50, 1000)
	states := len(d.vis.nodes)
	other := New(bob)
	catchUp := func() {
		for raw := range d.Since(other.Version(), 1<<20) {
			if _, err := other.Apply(raw); err != nil {
				t.Fatal(err)
			}
		}
	}
	catchUp()
	for i := range uint32(150) {
		setLogged(d, d.self, 0, 1000, d.tree.reps[1+i%25], 1000+i) // the others keep elements apart
	}
	catchUp()
	for range 10 {
		ticks, _, err := d.Invert(0, ann, Ticks{d.Clock() - 1000, d.Clock()})
		if err != nil || ticks.From == ticks.To {
			t.Fatal(ticks, err)
		}
	}
	catchUp()
	for _, c := range []*Doc{d, other} {
		mustCheck(t, c)

		if n := len(c.vis.nodes); n > 4*states {
			t.Errorf("%d nodes for what took %d before", n, states)
		}
	}
	if text(d) != text(other) || string(d.Encode()) != string(other.Encode()) {
		t.Fatal("two documents")
	}
}

// TestVisibilityIsAMap: a state is a set of counters by deleter, whatever was done in which order; equal ones are one.
func TestVisibilityIsAMap(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	deleters := []uint32{0, 1, 2, 3, 7, 8, 255, 256, 1 << 20, 1<<31 - 1, forgotten}
	v := newVisibility()
	states := []uint32{0}
	known := []map[uint32]uint32{{}}
	for range 20_000 {
		i := rng.IntN(len(states))
		deleter, counter := deleters[rng.IntN(len(deleters))], rng.Uint32N(4)
		state, m := states[i], maps.Clone(known[i])
		if counter == 0 {
			state = v.with(state, deleter, 0)
			delete(m, deleter)
		} else {
			state = v.raise(state, deleter, counter)
			m[deleter] = max(m[deleter], counter)
		}
		hides := uint32(0)
		for _, d := range deleters {
			if got := v.counter(state, d); got != m[d] {
				t.Fatalf("counter of %d is %d, not %d", d, got, m[d])
			}
			hides |= m[d] & 1
		}
		if state&hiddenBit != hides || v.forgets(state) != (m[forgotten] > 0) {
			t.Fatalf("%v: state %d, forgets %v", m, state, v.forgets(state))
		}
		if len(states) < 200 {
			states, known = append(states, state), append(known, m)
		} else {
			states[i], known[i] = state, m
		}
		if rng.IntN(500) == 0 {
			v.sweep(func(keep func(uint32)) {
				for _, s := range states {
					keep(s)
				}
			})
			if v.used > 32*len(states) {
				t.Fatalf("%d nodes after a sweep", v.used)
			}
		}
		for k := range 5 {
			j := rng.IntN(len(states))
			if (states[j] == state) != maps.Equal(known[j], m) {
				t.Fatalf("%d: %v is %d, %v is %d", k, known[j], states[j], m, state)
			}
		}
	}
	if err := v.check(); err != nil {
		t.Fatal(err)
	}
}

// BenchmarkSetManySpans deletes and brings back a text of many spans, by the ops of another replica.
func BenchmarkSetManySpans(b *testing.B) {
	const spans = 50_000
	d := New(ann)
	rng := rand.New(rand.NewPCG(1, 2))
	mustEdit(b, d, Edit{Insert: strings.Repeat("y", 2*spans)})
	for range spans {
		mustEdit(b, d, Edit{Offset: rng.IntN(d.Len()), Insert: "z"})
	}
	copied, err := Decode(d.Encode(), bob)
	if err != nil {
		b.Fatal(err)
	}
	var raw []byte
	for counter := uint32(1); b.Loop(); counter++ {
		b.StopTimer()
		from := d.Clock()
		d.sign(0)
		setLogged(d, d.self, 0, d.self.seq, d.self, counter)
		raw, _ = d.AppendOwn(raw[:0], from, 1<<20)
		b.StartTimer()
		if res, err := copied.Apply(raw); err != nil || res.Ops != 1 {
			b.Fatal(res, err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*2*spans), "ns/span")
}
