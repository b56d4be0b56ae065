package rga

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// TestForwardRunsStayWhole: what two people type at one place at the same time is not mixed.
func TestForwardRunsStayWhole(t *testing.T) {
	a, b := New(ann), New(bob)
	mustEdit(t, a, Edit{Insert: "[]"})
	pass(t, a, b)
	for i, c := range "forward" {
		mustEdit(t, a, Edit{Offset: 1 + i, Insert: string(c)})
	}
	for i, c := range "WORDS" {
		mustEdit(t, b, Edit{Offset: 1 + i, Insert: string(c)})
	}
	pass(t, a, b)
	pass(t, b, a)
	mustCheck(t, a, b)
	if text(a) != text(b) || text(a) != "[WORDSforward]" { // equal times: the greater replica first
		t.Fatalf("%q, %q", text(a), text(b))
	}
}

// TestBackwardRunsMix: what is typed backwards is mixed, as the package says.
func TestBackwardRunsMix(t *testing.T) {
	a, b := New(ann), New(bob)
	for range 3 {
		mustEdit(t, a, Edit{Insert: "a"})
		mustEdit(t, b, Edit{Insert: "b"})
	}
	pass(t, a, b)
	pass(t, b, a)
	mustCheck(t, a, b)
	if text(a) != "bababa" || text(b) != text(a) {
		t.Fatalf("%q, %q", text(a), text(b))
	}
}

// TestOlderChildOfMidRun: an insertion behind an element in the middle of a run goes behind the rest
// of the run when it is older than that.
func TestOlderChildOfMidRun(t *testing.T) {
	for _, c := range []struct {
		typist, other ReplicaID
		want          string
	}{{ann, bob, "abXcd"}, {bob, ann, "abcdX"}} {
		a, b := New(c.typist), New(c.other)
		mustEdit(t, a, Edit{Insert: "ab"})
		pass(t, a, b)
		mustEdit(t, a, Edit{Offset: 2, Insert: "cd"})
		mustEdit(t, b, Edit{Offset: 2, Insert: "X"})
		pass(t, b, a)
		pass(t, a, b)
		mustCheck(t, a, b)
		if text(a) != c.want || text(b) != c.want {
			t.Errorf("%q, %q, not %q", text(a), text(b), c.want)
		}
	}
}

// TestTimeBeforeReplica: a later insertion at a place goes before an earlier one, whoever made it.
func TestTimeBeforeReplica(t *testing.T) {
	for _, ids := range [][2]ReplicaID{{ann, bob}, {bob, ann}} {
		a, b := New(ids[0]), New(ids[1])
		mustEdit(t, a, Edit{Insert: "|"})
		pass(t, a, b)
		mustEdit(t, b, Edit{Offset: 1, Insert: "old"})
		mustEdit(t, a, Edit{Insert: "xxxxxxxx"})
		mustEdit(t, a, Edit{Offset: 9, Insert: "new"})
		pass(t, a, b)
		pass(t, b, a)
		if text(a) != "xxxxxxxx|newold" || text(b) != text(a) {
			t.Errorf("%q, %q", text(a), text(b))
		}
	}
}

// originOf is the byte that the own element seq is attached to; ^ for the beginning.
func originOf(d *Doc, seq uint32) string {
	rep, o := d.self.origin(seq)
	if rep == fromStart {
		return "^"
	}
	return string(d.tree.reps[rep].arena.text[o])
}

// TestPlacement: where an insertion attaches in a gap that holds deleted text.
func TestPlacement(t *testing.T) {
	type step struct {
		edit Edit
		by   ReplicaID
	}
	tests := []struct {
		name   string
		steps  []step
		insert Edit
		want   string // the origin's byte
	}{
		{"visible text", []step{{Edit{Insert: "abc"}, ann}}, Edit{Offset: 2, Insert: "X"}, "b"},
		{"own text just backspaced", []step{{Edit{Insert: "hello"}, ann}, {Edit{Offset: 3, Delete: 2}, ann}}, Edit{Offset: 3, Insert: "X"}, "o"},
		{"all own text backspaced", []step{{Edit{Insert: "ab"}, ann}, {Edit{Delete: 2}, ann}}, Edit{Insert: "X"}, "b"},
		{"own text replaced", []step{{Edit{Insert: "one two"}, ann}}, Edit{Offset: 4, Delete: 3, Insert: "X"}, "o"},
		{"own deleted text that is not the last", []step{
			{Edit{Insert: "one two"}, ann}, {Edit{Offset: 2, Delete: 2}, ann},
		}, Edit{Offset: 2, Insert: "X"}, "n"},
		{"another's deleted text", []step{{Edit{Insert: "abc"}, bob}, {Edit{Offset: 1, Delete: 2}, ann}}, Edit{Offset: 1, Insert: "X"}, "a"},
		{"own text that another deleted", []step{{Edit{Insert: "abc"}, ann}, {Edit{Offset: 1, Delete: 2}, bob}}, Edit{Offset: 1, Insert: "X"}, "c"},
		{"another's before own", []step{
			{Edit{Insert: "ab"}, bob}, {Edit{Offset: 2, Insert: "cd"}, ann}, {Edit{Offset: 1, Delete: 3}, ann},
		}, Edit{Offset: 1, Insert: "X"}, "a"},
		{"own before another's", []step{
			{Edit{Insert: "ab"}, bob}, {Edit{Offset: 1, Insert: "cd"}, ann}, {Edit{Offset: 1, Delete: 3}, ann},
		}, Edit{Offset: 1, Insert: "X"}, "d"},
		{"own with another's inside", []step{
			{Edit{Insert: "abc"}, ann}, {Edit{Offset: 2, Insert: "Z"}, bob}, {Edit{Offset: 1, Delete: 3}, ann},
		}, Edit{Offset: 1, Insert: "X"}, "a"},
		{"nothing at all", nil, Edit{Insert: "X"}, "^"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a, b := New(ann), New(bob)
			for _, s := range test.steps {
				d := a
				if s.by == bob {
					d = b
				}
				mustEdit(t, d, s.edit)
				pass(t, a, b)
				pass(t, b, a)
			}
			seq := a.self.seq
			mustEdit(t, a, test.insert)
			mustCheck(t, a)
			if got := originOf(a, seq); got != test.want {
				t.Errorf("attached to %q, not %q", got, test.want)
			}
		})
	}
}

// TestPlacementIgnoresLayout: how spans lie in leaves decides nothing: a document lived through and
// the same one loaded go on in the same way.
func TestPlacementIgnoresLayout(t *testing.T) {
	for seed := range uint64(30) {
		rng := rand.New(rand.NewPCG(seed, 8))
		a, b := New(ann), New(bob)
		edit := func(docs ...*Doc) {
			n := docs[0].Len()
			e := Edit{Offset: rng.IntN(n + 1), Insert: strings.Repeat("x", rng.IntN(4))}
			if rng.IntN(2) == 0 {
				e.Delete = rng.IntN(min(n-e.Offset, 8) + 1)
			}
			for _, d := range docs {
				mustEdit(t, d, e)
			}
		}
		for range 300 {
			edit(a)
			edit(b)
			if rng.IntN(4) == 0 {
				pass(t, a, b)
				pass(t, b, a)
			}
		}
		pass(t, b, a)
		c, err := Decode(a.Encode(), ann)
		if err != nil {
			t.Fatal(err)
		}
		for range 200 {
			edit(a, c)
		}
		mustCheck(t, a, c)
		if string(a.Encode()) != string(c.Encode()) {
			t.Fatalf("seed %d: the documents went apart", seed)
		}
	}
}

// TestManyPrepends: what must be stepped over at one place is stepped over by whole leaves.
func TestManyPrepends(t *testing.T) {
	docs := []*Doc{New(ann), New(bob), New(eve)}
	for range 2000 {
		for _, d := range docs {
			mustEdit(t, d, Edit{Insert: string('a' + rune(d.Replica()/10))})
		}
	}
	for _, a := range docs {
		for _, b := range docs {
			pass(t, a, b)
		}
	}
	mustCheck(t, docs...)
	if want := strings.Repeat("dcb", 2000); text(docs[0]) != want || text(docs[1]) != want || text(docs[2]) != want {
		t.Fatalf("%q", text(docs[0])[:40])
	}
}
