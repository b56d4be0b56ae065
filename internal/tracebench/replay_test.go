package tracebench

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"coedit/rga"
)

func TestSequentialTracesEndOnEndContent(t *testing.T) {
	for seed := range uint64(12) {
		for _, suffix := range []string{".json", ".json.gz"} {
			path := write(t, fmt.Sprintf("s%d%s", seed, suffix), sequentialTrace(seed, 60))
			reports, err := Run([]string{path}, 1, nil)
			if err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			if r := reports[0]; !r.EndContentOK || r.Trace != fmt.Sprintf("s%d", seed) {
				t.Fatalf("seed %d: %+v", seed, r)
			}
		}
	}
}

// TestByteEditsAgreeWithPlainText applies the converted edits to a plain buffer, so that the conversion is not only
// checked by the engine that it uses.
func TestByteEditsAgreeWithPlainText(t *testing.T) {
	for seed := range uint64(12) {
		r := prepared(t, write(t, "s.json", sequentialTrace(seed, 200)))
		var g gapBuffer
		for i := range r.edits {
			g.edit(&r.edits[i])
		}
		if g.String() != r.Trace.End {
			t.Fatalf("seed %d: %q instead of %q", seed, g.String(), r.Trace.End)
		}
	}
}

func TestConcurrentTracesEndOnEndContent(t *testing.T) {
	for seed := range uint64(12) {
		path := write(t, "c.json.gz", concurrentTrace(seed, 120))
		reports, err := Run([]string{path}, 1, nil)
		if err != nil || !reports[0].EndContentOK {
			t.Fatalf("seed %d: %+v, %v", seed, reports, err)
		}
	}
}

// TestConcurrentTraceBranches makes sure that the agents of the test above work apart from each other: a converter that
// merged everything at once would pass it otherwise.
func TestConcurrentTraceBranches(t *testing.T) {
	r := prepared(t, write(t, "c.json", concurrentTrace(7, 120)))
	if len(r.steps) < 20 {
		t.Fatalf("%d steps for 120 transactions of two agents", len(r.steps))
	}
	s := newReplicas(r, Options{})
	s.apart = true
	if _, err := s.play(); err != nil {
		t.Fatal(err)
	}
	concurrent := 0
	d := rga.New(reader)
	for e := len(s.ends) - 1; e >= 0; e-- { // backwards: what is not held needed nothing that came before it
		if b := s.batches[e]; len(b) > 0 {
			res, err := d.Apply(b)
			if err != nil {
				t.Fatal(err)
			}
			if !res.Held {
				concurrent++
			}
		}
	}
	if concurrent != 1 {
		t.Fatalf("%d batches depend on nothing; only the first may", concurrent)
	}
	if got := d.View().String(); got != r.Trace.End {
		t.Fatalf("delivered backwards: %q instead of %q", got, r.Trace.End)
	}
}

// TestEndContentWhateverTheIDs: which replica has the greater id decides only where two insert at the same place at the
// same time, and in these traces nobody does.
func TestEndContentWhateverTheIDs(t *testing.T) {
	for seed := range uint64(10) {
		endsWhateverTheIDs(t, prepared(t, write(t, "c.json", concurrentTrace(seed, 200))))
	}
}

func endsWhateverTheIDs(t *testing.T, r *Replay) {
	t.Helper()
	for _, first := range []int{1, r.Trace.Agents} {
		s := newReplicas(r, Options{})
		s.docs, s.out, s.in = nil, nil, nil
		for i := range r.Trace.Agents {
			s.enroll(rga.ReplicaID(1 + (first+i)%r.Trace.Agents))
		}
		if _, err := s.play(); err != nil {
			t.Fatal(err)
		}
		if !s.converged(r.Trace.End) {
			t.Fatalf("with the first agent's id %v the text is not endContent", s.docs[0].Replica())
		}
	}
}

// TestShuffledDelivery sends a concurrent trace's batches out of order, so that most wait for their causes.
func TestShuffledDelivery(t *testing.T) {
	for seed := range uint64(10) {
		r := prepared(t, write(t, "c.json", concurrentTrace(seed, 300)))
		deliverShuffled(t, r, seed)
	}
}

// deliverShuffled applies the batches to a new replica in an order of its own: within windows, since a replica bounds
// what it holds.
func deliverShuffled(t *testing.T, r *Replay, seed uint64) {
	t.Helper()
	const window = 4096
	s := newReplicas(r, Options{})
	s.apart = true
	if _, err := s.play(); err != nil {
		t.Fatal(err)
	}
	order := make([]int, len(s.ends))
	for i := range order {
		order[i] = i
	}
	rng := rand.New(rand.NewPCG(seed, 3))
	for from := 0; from < len(order); from += window {
		part := order[from:min(from+window, len(order))]
		rng.Shuffle(len(part), func(i, j int) { part[i], part[j] = part[j], part[i] })
	}
	d, held := rga.New(reader), 0
	for _, e := range order {
		b := s.batches[e]
		if len(b) == 0 {
			continue
		}
		res, err := d.Apply(b)
		if err != nil {
			t.Fatalf("seed %d: edit %d: %v", seed, e, err)
		}
		if res.Held {
			held++
		}
	}
	if held < len(order)/4 {
		t.Errorf("seed %d: %d of %d batches were held", seed, held, len(order))
	}
	if n, bytes := d.Held(); n != 0 || bytes != 0 {
		t.Fatalf("seed %d: %d batches of %d bytes are still held, missing %v", seed, n, bytes, d.Missing())
	}
	if d.View().String() != r.Trace.End {
		t.Fatalf("seed %d: shuffled delivery did not end on endContent", seed)
	}
	if err := d.Check(); err != nil {
		t.Fatalf("seed %d: %v", seed, err)
	}
}

func TestMalformedTraces(t *testing.T) {
	txns := func(s string) string { return `{"endContent":"","txns":[` + s + `]}` }
	concurrent := func(s string) string {
		return `{"kind":"concurrent","numAgents":2,"endContent":"","txns":[` + s + `]}`
	}
	for name, c := range map[string]struct{ json, says string }{
		"empty":         {``, "unexpected end"},
		"no JSON":       {`hello`, "invalid character"},
		"trailing":      {txns("") + "x", "after top-level value"},
		"list":          {`[]`, "cannot unmarshal"},
		"no end":        {`{"txns":[]}`, "no endContent"},
		"kind":          {`{"kind":"tree","endContent":"","txns":[]}`, `"tree"`},
		"no agents":     {`{"kind":"concurrent","endContent":"","txns":[]}`, "0 agents"},
		"many agents":   {`{"kind":"concurrent","numAgents":1000000000,"endContent":"","txns":[]}`, "agents for 0 transactions"},
		"start":         {`{"kind":"concurrent","numAgents":1,"startContent":"x","endContent":"x","txns":[]}`, "startContent"},
		"agent":         {concurrent(`{"agent":2,"patches":[]}`), "agent 2 of 2"},
		"parent ahead":  {concurrent(`{"agent":0,"parents":[0],"patches":[]}`), "names 0 as its parent"},
		"parent before": {concurrent(`{"agent":0,"parents":[-1],"patches":[]}`), "names -1 as its parent"},
		"two parts":     {txns(`{"patches":[[0,0]]}`), "2 parts"},
		"null part":     {txns(`{"patches":[[0,null,"x"]]}`), "null for a part"},
		"text position": {txns(`{"patches":[["0",0,"x"]]}`), "cannot unmarshal"},
		"fraction":      {txns(`{"patches":[[0.5,0,"x"]]}`), "cannot unmarshal"},
		"negative":      {txns(`{"patches":[[-1,0,"x"]]}`), "at -1"},
		"outside":       {txns(`{"patches":[[0,0,"äöü"],[4,0,"x"]]}`), "at 4 of a text of 3"},
		"delete beyond": {txns(`{"patches":[[0,0,"äöü"],[2,2,""]]}`), "deletes 2 characters at 2 of a text of 3"},
		"overflow":      {txns(`{"patches":[[0,0,"a"],[1,9223372036854775807,""]]}`), "of a text of 1"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Run([]string{writeBytes(t, "bad.json", []byte(c.json))}, 1, nil)
			if !errors.Is(err, ErrTrace) || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "bad.json") {
				t.Fatalf("error %v; it should wrap ErrTrace, name the file and say %q", err, c.says)
			}
		})
	}
}

func TestDamagedGzip(t *testing.T) {
	for _, b := range []string{"\x1f\x8b", "\x1f\x8bnothing", "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x00cut"} {
		if _, err := Read(strings.NewReader(b), "x"); !errors.Is(err, ErrTrace) {
			t.Errorf("%q: error %v", b, err)
		}
	}
}

func TestWrongEndContent(t *testing.T) {
	trace := sequentialTrace(1, 20)
	trace["endContent"] = "something else"
	reports, err := Run([]string{write(t, "wrong.json", trace)}, 1, nil)
	if !errors.Is(err, ErrEndContent) || len(reports) != 1 || reports[0].EndContentOK {
		t.Fatalf("reports %+v, error %v", reports, err)
	}
}

func TestTimesArePartOfTheHistoryOnRequest(t *testing.T) {
	txns := []any{}
	for i := range 50 {
		txns = append(txns, map[string]any{
			"time":    fmt.Sprintf("2024-02-03T04:%02d:06.789Z", i),
			"patches": []any{[]any{0, 0, "x"}},
		})
	}
	path := write(t, "times.json", map[string]any{"endContent": strings.Repeat("x", 50), "txns": txns})
	with, err := RunWith([]string{path}, Options{Times: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	without, err := Run([]string{path}, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	if with[0].DocBytes < without[0].DocBytes+50 {
		t.Fatalf("%d bytes with 50 times, %d without", with[0].DocBytes, without[0].DocBytes)
	}
}
