package rga_test

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
	"unicode/utf8"

	"coedit/rga"
)

// trace is recorded typing: github.com/josephg/editing-traces describes the format.
type trace struct {
	StartContent string     `json:"startContent"`
	EndContent   string     `json:"endContent"`
	NumAgents    int        `json:"numAgents"`
	Txns         []traceTxn `json:"txns"`
}

type traceTxn struct {
	Parents []int        `json:"parents"`
	Agent   int          `json:"agent"`
	Patches []tracePatch `json:"patches"`
}

// tracePatch replaces deleted code points at pos.
type tracePatch struct {
	pos, deleted int
	inserted     string
}

func (p *tracePatch) UnmarshalJSON(b []byte) error {
	return json.Unmarshal(b, &[]any{&p.pos, &p.deleted, &p.inserted})
}

// loadTrace reads a trace of the folder that COEDIT_TRACES names, or of shared/traces next to the checkout.
func loadTrace(tb testing.TB, name string) *trace {
	tb.Helper()
	dir := os.Getenv("COEDIT_TRACES")
	if dir == "" {
		dir = filepath.Join(moduleRoot(tb), "..", "shared", "traces")
	}
	f, err := os.Open(filepath.Join(dir, name+".json.gz"))
	if os.IsNotExist(err) {
		tb.Skipf("no trace %s in %s; COEDIT_TRACES names another folder", name, dir)
	}
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		tb.Fatal(err)
	}
	var tr trace
	if err := json.NewDecoder(z).Decode(&tr); err != nil {
		tb.Fatal(err)
	}
	return &tr
}

func moduleRoot(tb testing.TB) string {
	dir, err := os.Getwd()
	for err == nil {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if up := filepath.Dir(dir); up != dir {
			dir = up
			continue
		}
		break
	}
	tb.Fatal("no go.mod above the test's folder", err)
	return ""
}

// wideRunes knows where the code points of more than one byte are, to turn code points into bytes.
type wideRunes struct {
	at  []int // by ascending position in code points
	len []int // bytes
}

// bytes is the length in bytes of the code points [from, to).
func (w *wideRunes) bytes(from, to int) int {
	n := to - from
	for i, at := range w.at {
		if at >= from && at < to {
			n += w.len[i] - 1
		}
	}
	return n
}

func (w *wideRunes) replace(pos, deleted int, inserted string) {
	var at, sizes []int
	k := utf8.RuneCountInString(inserted)
	if len(w.at) == 0 && k == len(inserted) {
		return
	}
	add := func(p, n int) { at, sizes = append(at, p), append(sizes, n) }
	i := 0
	for ; i < len(w.at) && w.at[i] < pos; i++ {
		add(w.at[i], w.len[i])
	}
	p := pos
	for _, r := range inserted {
		if n := utf8.RuneLen(r); n > 1 {
			add(p, n)
		}
		p++
	}
	for ; i < len(w.at); i++ {
		if w.at[i] >= pos+deleted {
			add(w.at[i]-deleted+k, w.len[i])
		}
	}
	w.at, w.len = at, sizes
}

// edits turns all patches into edits by bytes.
func (tr *trace) edits() []rga.Edit {
	var w wideRunes
	w.replace(0, 0, tr.StartContent)
	var edits []rga.Edit
	for _, txn := range tr.Txns {
		for _, p := range txn.Patches {
			e := rga.Edit{Offset: w.bytes(0, p.pos), Delete: w.bytes(p.pos, p.pos+p.deleted), Insert: p.inserted}
			w.replace(p.pos, p.deleted, p.inserted)
			edits = append(edits, e)
		}
	}
	return edits
}

var sequentialTraces = []string{"automerge-paper", "rustcode", "json-crdt-blog-post", "friendsforever_flat"}

func TestTraces(t *testing.T) {
	for _, name := range sequentialTraces {
		t.Run(name, func(t *testing.T) {
			tr := loadTrace(t, name)
			edits := tr.edits()
			a, b := rga.New(1), rga.New(2)
			var batches [][]byte
			opBytes := 0
			sent := uint64(0)
			send := func() {
				raw, to := a.AppendOwn(nil, sent, 1<<20)
				batches, sent, opBytes = append(batches, raw), to, opBytes+len(raw)
			}
			if tr.StartContent != "" {
				edits = append([]rga.Edit{{Insert: tr.StartContent}}, edits...)
			}
			start := time.Now()
			for i, e := range edits {
				if _, _, err := a.Edit(int64(i)*200, e); err != nil {
					t.Fatal(err)
				}
				send()
			}
			local := time.Since(start)
			start = time.Now()
			for _, raw := range batches {
				if _, err := b.Apply(raw); err != nil {
					t.Fatal(err)
				}
			}
			remote := time.Since(start)
			doc := a.Encode()
			start = time.Now()
			c, err := rga.Decode(doc, 3)
			if err != nil {
				t.Fatal(err)
			}
			load := time.Since(start)
			n := time.Duration(len(edits))
			t.Logf("%d edits: local %v each, remote %v each, %.1f bytes a batch, document %d bytes, load %v",
				n, local/n, remote/n, float64(opBytes)/float64(n), len(doc), load)
			for _, d := range []*rga.Doc{a, b, c} {
				if err := d.Check(); err != nil {
					t.Fatal(err)
				}
				if d.View().String() != tr.EndContent {
					t.Error("the end content differs")
				}
				same(t, name, 0, a, d)
			}
		})
	}
}

// TestConcurrentTrace replays two people's branches and merges as they happened.
func TestConcurrentTrace(t *testing.T) {
	tr := loadTrace(t, "friendsforever.concurrent")
	docs := make([]*rga.Doc, tr.NumAgents)
	for i := range docs {
		docs[i] = rga.New(rga.ReplicaID(i + 1))
	}
	versions := make([]rga.Version, len(tr.Txns))
	batches := map[rga.ReplicaID][][]byte{}
	ends := map[rga.ReplicaID][]uint64{}
	var all [][]byte
	for i, txn := range tr.Txns {
		d := docs[txn.Agent]
		want := rga.Version{}
		for _, p := range txn.Parents {
			want.Merge(versions[p])
		}
		for id, ticks := range want {
			have := d.Version()[id]
			next, _ := slices.BinarySearch(ends[id], have+1)
			for k := next; k < len(ends[id]) && ends[id][k] <= ticks; k++ {
				if res, err := d.Apply(batches[id][k]); err != nil || res.Held {
					t.Fatalf("txn %d: %+v, %v", i, res, err)
				}
			}
		}
		if !d.Version().Equal(want) {
			t.Fatalf("txn %d: at version %v, parents are %v", i, d.Version(), want)
		}
		for _, p := range txn.Patches {
			sent := d.Clock()
			if _, _, err := d.Edit(int64(i)*100, editAt(d, p)); err != nil {
				t.Fatal(err)
			}
			raw, to := d.AppendOwn(nil, sent, 1<<20)
			if to != d.Clock() {
				t.Fatalf("txn %d: one batch to %d of %d", i, to, d.Clock())
			}
			id := d.Replica()
			batches[id], ends[id], all = append(batches[id], raw), append(ends[id], to), append(all, raw)
		}
		versions[i] = d.Version()
	}
	late := rga.New(99)
	held := 0
	for window := range slices.Chunk(all, 1000) {
		rand.New(rand.NewPCG(1, 1)).Shuffle(len(window), func(i, j int) { window[i], window[j] = window[j], window[i] })
		for _, raw := range window {
			res, err := late.Apply(raw)
			if err != nil {
				t.Fatal(err)
			}
			if res.Held {
				held++
			}
		}
	}
	if n, _ := late.Held(); n > 0 || held == 0 {
		t.Fatalf("%d batches of %d still held", n, held)
	}
	for _, d := range append(docs, late) {
		for _, o := range docs {
			if _, err := d.Merge(o.Encode()); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.Check(); err != nil {
			t.Fatal(err)
		}
		if got := d.View().String(); got != tr.EndContent {
			t.Fatalf("replica %d: the end content differs:\n%s", d.Replica(), firstDifference(got, tr.EndContent))
		}
		same(t, "concurrent trace", 0, docs[0], d)
	}
}

// editAt turns a patch into an edit of the document as it is.
func editAt(d *rga.Doc, p tracePatch) rga.Edit {
	runes, off, from, to := 0, 0, d.Len(), d.Len()
	for c := range d.View().Chunks(0, d.Len()) {
		for _, b := range c {
			if utf8.RuneStart(b) {
				if runes == p.pos {
					from = off
				}
				if runes == p.pos+p.deleted {
					to = off
				}
				runes++
			}
			off++
		}
	}
	return rga.Edit{Offset: from, Delete: to - from, Insert: p.inserted}
}

func firstDifference(a, b string) string {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	clip := func(s string) string { return s[max(0, i-20):min(len(s), i+60)] }
	return fmt.Sprintf("at %d: %q, not %q", i, clip(a), clip(b))
}
