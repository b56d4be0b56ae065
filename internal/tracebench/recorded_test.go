package tracebench

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"coedit/rga"
)

// recorded lists the recorded traces: the files of the folder COEDIT_TRACES, or of the one that lies beside the
// repository. They are no part of it: without them the test is skipped.
func recorded(tb testing.TB) []string {
	tb.Helper()
	dir := cmp.Or(os.Getenv("COEDIT_TRACES"), filepath.Join("..", "..", "..", "shared", "traces"))
	files, err := filepath.Glob(filepath.Join(dir, "*.json*"))
	if err != nil {
		tb.Fatal(err)
	}
	if len(files) == 0 {
		tb.Skipf("skipped: no recorded traces in %s; COEDIT_TRACES names another folder", dir)
	}
	return files
}

func traceName(path string) string {
	name, _, _ := strings.Cut(filepath.Base(path), ".json")
	return name
}

func TestRecordedTraces(t *testing.T) {
	for _, path := range recorded(t) {
		t.Run(traceName(path), func(t *testing.T) {
			r := prepared(t, path)
			report, err := Measure(r, Options{Runs: 1, Times: true}, nil)
			if err != nil || !report.EndContentOK {
				t.Fatalf("%+v, %v", report, err)
			}
			if r.Trace.Agents > 1 {
				deliverShuffled(t, r, 1)
				endsWhateverTheIDs(t, r)
				return
			}
			var g gapBuffer
			for i := range r.edits {
				g.edit(&r.edits[i])
			}
			if g.String() != r.Trace.End {
				t.Fatal("the byte edits, applied to plain text, do not end on endContent")
			}
		})
	}
}

// BenchmarkFloor is a plain gap buffer on the sequential traces, from an empty buffer each time and with the same
// collection before it that the engine's own runs have: a loop over nothing else would measure the caches.
func BenchmarkFloor(b *testing.B) {
	for _, path := range recorded(b) {
		r := prepared(b, path)
		if r.Trace.Agents > 1 {
			continue
		}
		b.Run(r.Trace.Name, func(b *testing.B) {
			var spent samples
			for b.Loop() {
				runtime.GC()
				began := time.Now()
				var g gapBuffer
				for i := range r.edits {
					g.edit(&r.edits[i])
				}
				spent.add(time.Since(began))
			}
			b.ReportMetric(spent.median()*1e6/float64(len(r.edits)), "ns/patch")
		})
	}
}

// BenchmarkOnePlace: three replicas insert 5,000 times each at the beginning of the same text without hearing of each
// other, one character at a time; then a fourth receives everything.
func BenchmarkOnePlace(b *testing.B) {
	const writers, each = 3, 5000
	for _, order := range []string{"in turns", "one by one"} {
		batches := onePlace(writers, each, order == "in turns")
		b.Run(fmt.Sprintf("%d/%s", writers*each, order), func(b *testing.B) {
			for b.Loop() {
				d := rga.New(reader)
				for _, batch := range batches {
					if _, err := d.Apply(batch); err != nil {
						b.Fatal(err)
					}
				}
				if d.Len() != writers*each {
					b.Fatalf("%d bytes", d.Len())
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(batches)), "ns/insertion")
		})
	}
}

// onePlace returns the batches, each writer's in order.
func onePlace(writers, each int, inTurns bool) [][]byte {
	batches := make([][]byte, 0, writers*each)
	for w := range writers {
		d := rga.New(replicaID(w + 1))
		for range each {
			ticks, _, err := d.Edit(0, rga.Edit{Insert: "x"})
			if err != nil {
				panic(err)
			}
			batch, _ := d.AppendOwn(nil, ticks.From, 1<<20)
			batches = append(batches, batch)
		}
	}
	if !inTurns {
		return batches
	}
	turns := make([][]byte, 0, len(batches))
	for i := range each {
		for w := range writers {
			turns = append(turns, batches[w*each+i])
		}
	}
	return turns
}
