package rga_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"
	"unicode/utf8"

	"coedit/rga"
)

// pieces are a document's batches, as small as they can be, in causal order.
func pieces(d *rga.Doc) (batches [][]byte) {
	for raw := range d.Since(nil, 1) {
		batches = append(batches, raw)
	}
	return batches
}

// past is what a replica had that lost some batches: a document at some version, and the oracle's.
func past(t *testing.T, rng *rand.Rand, batches [][]byte, self rga.ReplicaID) (*rga.Doc, *oracle) {
	t.Helper()
	d, o := rga.New(self), newOracle()
	lossy := rng.IntN(3) > 0
	stop := rng.IntN(len(batches) + 1)
	for _, raw := range batches[:stop] {
		if lossy && rng.IntN(60) == 0 {
			continue
		}
		if _, err := d.Apply(raw); err != nil {
			t.Fatal(err)
		}
		if err := o.take(raw); err != nil {
			t.Fatal(err)
		}
	}
	o.waiting = nil
	return d, o
}

// TestAt: the text and metadata at a version are those of a replica that has just its ticks.
func TestAt(t *testing.T) {
	for seed := range uint64(80) {
		_, doc := run(t, seed)
		batches := pieces(doc)
		rng := rand.New(rand.NewPCG(seed, 6))
		for range 8 {
			then, o := past(t, rng, batches, 7)
			v := then.Version()
			p, err := doc.At(v)
			if err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			if got, want := p.View().String(), o.text(); got != want {
				t.Fatalf("seed %d: at %v: %q, by the oracle %q", seed, v, got, want)
			}
			sameView(t, p.View(), then.View())
			if !p.Version().Equal(v) {
				t.Fatalf("seed %d: version %v of %v", seed, p.Version(), v)
			}
			for _, key := range []string{"name", "eol"} {
				got, ok := p.Meta(key)
				if want, known := then.Meta(key); got != want || ok != known {
					t.Fatalf("seed %d: metadata %s %q, not %q", seed, key, got, want)
				}
			}
		}
		if p, err := doc.At(doc.Version()); err != nil || p.View().String() != doc.View().String() {
			t.Fatalf("seed %d: at the present version: %v", seed, err)
		}
	}
}

// sameView compares all that views can be asked.
func sameView(t *testing.T, a, b *rga.View) {
	t.Helper()
	if a.Len() != b.Len() || a.Lines() != b.Lines() || a.String() != b.String() {
		t.Fatalf("%d bytes, %d lines; %d bytes, %d lines", a.Len(), a.Lines(), b.Len(), b.Lines())
	}
	for line := range a.Lines() {
		start := a.LineStart(line)
		if start != b.LineStart(line) || a.LineAt(start) != line {
			t.Fatalf("line %d from %d, not %d", line, start, b.LineStart(line))
		}
	}
	for c := range a.ChunksBack(a.Len()) {
		if want := b.Append(nil, b.Len()-len(c), b.Len()); !bytes.Equal(c, want) {
			t.Fatalf("ends with %q, not %q", c, want)
		}
		break
	}
}

// TestAtNoVersion: At takes exactly the versions that a replica can reach.
func TestAtNoVersion(t *testing.T) {
	taken, refused := 0, 0
	for seed := range uint64(80) {
		_, doc := run(t, seed)
		batches := pieces(doc)
		rng := rand.New(rand.NewPCG(seed, 7))
		for range 8 {
			v := rga.Version{}
			for id, ticks := range doc.Version() {
				v[id] = ticks - rng.Uint64N(ticks+1)*rng.Uint64N(2)*rng.Uint64N(2)
			}
			if p, err := doc.At(v); err == nil && !utf8.ValidString(p.View().String()) {
				t.Fatalf("seed %d: at %v a rune is split: %q", seed, v, p.View())
			} else if err != nil && !errors.Is(err, rga.ErrVersion) {
				t.Fatal(err)
			}
			v = whole(doc, v)
			d := rga.New(7)
			for _, raw := range batches {
				info, err := rga.Inspect(raw)
				if err != nil {
					t.Fatal(err)
				}
				if info.Ticks.To > v[info.Replica] {
					continue
				}
				if _, err := d.Apply(raw); err != nil {
					t.Fatal(err)
				}
			}
			p, err := doc.At(v)
			switch {
			case err == nil:
				taken++
				if p.View().String() != d.View().String() || !d.Version().Equal(v) {
					t.Fatalf("seed %d: %v is no version, or its text is not %q", seed, v, p.View())
				}
			case !errors.Is(err, rga.ErrVersion):
				t.Fatal(err)
			default:
				refused++
				if d.Version().Equal(v) {
					t.Fatalf("seed %d: %v is a version: %v", seed, v, err)
				}
			}
		}
	}
	if taken < 20 || refused < 20 {
		t.Errorf("%d versions taken, %d refused: this tries out too little", taken, refused)
	}
}

func TestAtErrors(t *testing.T) {
	d := rga.New(1)
	if _, _, err := d.Edit(1, rga.Edit{Insert: "aé世"}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.Edit(1, rga.Edit{Offset: 1, Delete: 5}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		ticks uint64
		want  string
		ok    bool
	}{
		{0, "", true},
		{1, "a", true},
		{2, "", false},
		{3, "aé", true},
		{5, "", false},
		{6, "aé世", true},
		{7, "", false},
		{8, "a世", true},
		{10, "", false},
		{11, "a", true},
		{12, "", false},
		{1 << 40, "", false},
	} {
		p, err := d.At(rga.Version{1: c.ticks})
		if c.ok != (err == nil) || err != nil && !errors.Is(err, rga.ErrVersion) {
			t.Errorf("after %d ticks: %v", c.ticks, err)
		} else if c.ok && p.View().String() != c.want {
			t.Errorf("after %d ticks: %q, not %q", c.ticks, p.View(), c.want)
		}
	}
	if _, err := d.At(rga.Version{9: 1}); !errors.Is(err, rga.ErrVersion) {
		t.Errorf("a version with a stranger's tick: %v", err)
	}
}

// TestReplay: steps come in an order in which each beginning is a version, and their changes make its text.
func TestReplay(t *testing.T) {
	for seed := range uint64(60) {
		_, doc := run(t, seed)
		v := rga.Version{}
		var text []byte
		var listed []rga.Step
		for s := range doc.Steps() {
			listed = append(listed, s)
		}
		ticks, i := uint64(0), 0
		for s, then := range doc.Replay() {
			if s.Ticks.From != v[s.Replica] || s.Ticks.To <= s.Ticks.From {
				t.Fatalf("seed %d: step %+v after %v", seed, s, v)
			}
			v[s.Replica] = s.Ticks.To
			ticks += s.Ticks.To - s.Ticks.From
			if n := s.Inserted + s.Deleted + s.Restored + s.Metadata; uint64(n) != s.Ticks.To-s.Ticks.From {
				t.Fatalf("seed %d: step %+v has %d ticks", seed, s, n)
			}
			for _, c := range s.Changes {
				text = append(text[:c.Offset:c.Offset], append(bytes.Clone(c.Inserted), text[c.Offset+c.Deleted:]...)...)
			}
			if got := then.View().String(); got != string(text) || !then.Version().Equal(v) {
				t.Fatalf("seed %d: %q by the changes, %q", seed, text, got)
			}
			if i%10 == 0 {
				p, err := doc.At(v)
				if err != nil || p.View().String() != string(text) {
					t.Fatalf("seed %d: at %v %q, not %q: %v", seed, v, p.View(), text, err)
				}
			}
			l := listed[i]
			if i++; l.Replica != s.Replica || l.Ticks != s.Ticks || l.At != s.At {
				t.Fatalf("seed %d: %+v was listed as %+v", seed, s, l)
			}
		}
		if !v.Equal(doc.Version()) || string(text) != doc.View().String() || i != len(listed) {
			t.Fatalf("seed %d: ends at %v, not %v", seed, v, doc.Version())
		}
	}
}

// TestReplayInTime: what is not bound by causality comes in the order of time.
func TestReplayInTime(t *testing.T) {
	docs := []*rga.Doc{rga.New(1), rga.New(2), rga.New(3)}
	for i := range 30 {
		d := docs[i%3]
		if _, _, err := d.Edit(int64(1+i)*5000, rga.Edit{Insert: "x"}); err != nil {
			t.Fatal(err)
		}
	}
	for _, d := range docs[1:] {
		if _, err := docs[0].Merge(d.Encode()); err != nil {
			t.Fatal(err)
		}
	}
	i := int64(0)
	for s := range docs[0].Steps() {
		if i++; s.At != i*5000 || s.Inserted != 1 {
			t.Fatalf("step %d: %+v", i, s)
		}
	}
	if i != 30 {
		t.Fatalf("%d steps", i)
	}
}

// TestBlame: every byte is blamed on the tick that inserted it.
func TestBlame(t *testing.T) {
	for seed := range uint64(100) {
		_, doc := run(t, seed)
		o := newOracle()
		for _, raw := range pieces(doc) {
			if err := o.take(raw); err != nil {
				t.Fatal(err)
			}
		}
		times := map[rga.ReplicaID][]int64{} // by tick
		for s := range doc.Steps() {
			for range s.Ticks.To - s.Ticks.From {
				times[s.Replica] = append(times[s.Replica], s.At)
			}
		}
		blamed(t, seed, doc, o, times)
	}
}

// blamed compares what a document says of who inserted what with the oracle's elements.
func blamed(t *testing.T, seed uint64, doc *rga.Doc, o *oracle, times map[rga.ReplicaID][]int64) {
	t.Helper()
	var text []*oracleElement
	o.textOf(func(e *oracleElement) bool {
		if e.visible() && !o.forgotten[e.id] {
			text = append(text, e)
		}
		return false
	})
	if len(text) != doc.Len() {
		t.Fatalf("seed %d: %d bytes, by the oracle %d", seed, doc.Len(), len(text))
	}
	rng := rand.New(rand.NewPCG(seed, 9))
	for range 10 {
		from := rng.IntN(len(text) + 1)
		to := from + rng.IntN(len(text)-from+1)
		end := from
		for _, r := range doc.Blame(from, to) {
			if r.From != end || r.To <= r.From || uint64(r.To-r.From) != r.Ticks.To-r.Ticks.From {
				t.Fatalf("seed %d: run %+v behind %d", seed, r, end)
			}
			end = r.To
			for k := range r.To - r.From {
				e, tick := text[r.From+k], r.Ticks.From+uint64(k)
				if e.id.Replica != r.Replica || e.tick != tick || times[r.Replica][tick] != r.At {
					t.Fatalf("seed %d: byte %d is of %v, tick %d; blamed on %+v", seed, r.From+k, e.id, e.tick, r)
				}
			}
		}
		if end != to {
			t.Fatalf("seed %d: blame of [%d, %d) ends at %d", seed, from, to, end)
		}
	}
}

// TestEditAt: what was edited from a copy of a version comes out as if a replica had edited there.
func TestEditAt(t *testing.T) {
	differ := 0
	for seed := range uint64(300) {
		_, doc := run(t, seed%60)
		batches := pieces(doc)
		rng := rand.New(rand.NewPCG(seed, 8))
		const self = 7
		there, _ := past(t, rng, batches, self)
		v := there.Version()
		here, err := rga.Decode(doc.Encode(), self)
		if err != nil {
			t.Fatal(err)
		}
		edits := someEdits(rng, there.View().String())

		if _, _, err := there.Edit(1, edits...); err != nil {
			t.Fatal(err)
		}
		mirror := []byte(here.View().String())
		ticks, changes, err := here.EditAt(1, v, edits...)
		if err != nil {
			t.Fatal(err)
		}
		if err := here.Check(); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		for _, c := range changes {
			mirror = append(mirror[:c.Offset:c.Offset], append(bytes.Clone(c.Inserted), mirror[c.Offset+c.Deleted:]...)...)
		}
		merged := rga.New(8)
		for _, d := range []*rga.Doc{doc, there} {
			if _, err := merged.Merge(d.Encode()); err != nil {
				t.Fatal(err)
			}
		}
		want := merged.View().String()
		if got := here.View().String(); got != want || got != string(mirror) {
			t.Fatalf("seed %d: edits %+v of %v:\n%q, by the changes\n%q, by a branch\n%q", seed, edits, v, got, mirror, want)
		}
		if want != there.View().String() && ticks.To > 0 {
			differ++
		}
		// It is an op like any other: it is the same elsewhere, and can be undone.
		if _, err := doc.Merge(here.Encode()); err != nil {
			t.Fatal(err)
		}
		same(t, "edited at a version", seed, doc, here)
		before := mustAt(t, doc, doc.Version(), self, ticks.From)
		if _, _, err := here.Invert(2, self, ticks); err != nil {
			t.Fatal(err)
		}
		if got := here.View().String(); got != before {
			t.Fatalf("seed %d: undone: %q, was %q", seed, got, before)
		}
	}
	if differ < 100 {
		t.Errorf("only %d edits met something new", differ)
	}
}

// mustAt is the text without a replica's ticks from from on.
func mustAt(t *testing.T, d *rga.Doc, v rga.Version, id rga.ReplicaID, from uint64) string {
	t.Helper()
	v[id] = from
	p, err := d.At(v)
	if err != nil {
		t.Fatal(err)
	}
	return p.View().String()
}

// someEdits are edits of a text, some of which touch one another.
func someEdits(rng *rand.Rand, text string) (edits []rga.Edit) {
	off := 0
	runes := []rune(text)
	for off <= len(runes) && len(edits) < 6 {
		if rng.IntN(3) > 0 {
			off += rng.IntN(len(runes) - off + 1)
		}
		n := min(rng.IntN(6)*rng.IntN(2), len(runes)-off)
		e := rga.Edit{Offset: len(string(runes[:off])), Delete: len(string(runes[off : off+n]))}
		if rng.IntN(4) > 0 {
			e.Insert = []string{"(", "neu", "、世", "\n\n"}[rng.IntN(4)]
		}
		edits = append(edits, e)
		off += n
		if off == len(runes) {
			break
		}
	}
	return edits
}

func TestEditAtErrors(t *testing.T) {
	d := rga.New(1)
	if _, _, err := d.Edit(1, rga.Edit{Insert: "aé"}); err != nil {
		t.Fatal(err)
	}
	v := d.Version()
	if _, _, err := d.Edit(1, rga.Edit{Delete: 3}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		v    rga.Version
		edit rga.Edit
		want error
	}{
		{v, rga.Edit{Offset: 4}, rga.ErrRange},
		{v, rga.Edit{Offset: 2}, rga.ErrRange},
		{v, rga.Edit{Offset: 1, Delete: 1}, rga.ErrRange},
		{v, rga.Edit{Offset: 1, Delete: 3}, rga.ErrRange},
		{v, rga.Edit{Offset: -1}, rga.ErrRange},
		{v, rga.Edit{Delete: -1}, rga.ErrRange},
		{v, rga.Edit{Insert: "\xff"}, rga.ErrInvalid},
		{rga.Version{1: 2}, rga.Edit{}, rga.ErrVersion},
		{rga.Version{1: 99}, rga.Edit{}, rga.ErrVersion},
	} {
		before := d.Version()
		if _, _, err := d.EditAt(1, c.v, c.edit); !errors.Is(err, c.want) {
			t.Errorf("%+v at %v: %v", c.edit, c.v, err)
		}
		if !d.Version().Equal(before) || d.Len() != 0 {
			t.Fatalf("%+v at %v changed something", c.edit, c.v)
		}
	}
	// What is deleted already is not deleted again, and leaves no trace.
	before := d.Encode()
	if ticks, changes, err := d.EditAt(999_999, v, rga.Edit{Delete: 3}); err != nil || len(changes) > 0 || ticks.From != ticks.To {
		t.Errorf("%v, %v, %v", ticks, changes, err)
	}
	if !bytes.Equal(d.Encode(), before) {
		t.Error("an edit of nothing was written down")
	}
	if _, changes, err := d.EditAt(1, v, rga.Edit{Offset: 1, Insert: "x"}); err != nil || len(changes) != 1 || d.View().String() != "x" {
		t.Errorf("%v, %v, %q", changes, err, d.View())
	}
}
