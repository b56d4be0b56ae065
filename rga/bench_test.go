package rga_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"coedit/rga"
)

// BenchmarkTraceLocal types a recorded session, one chunk of a stream a patch.
func BenchmarkTraceLocal(b *testing.B) {
	for _, name := range sequentialTraces {
		edits := loadTrace(b, name).edits()
		b.Run(name, func(b *testing.B) {
			var buf []byte
			least := fastest{b: b, n: len(edits)}
			for b.Loop() {
				least.begin()
				d := rga.New(1)
				out := d.Outbox(0)
				for i := range edits {
					if _, _, err := d.Edit(int64(i)*200, edits[i]); err != nil {
						b.Fatal(err)
					}
					buf, _ = out.Append(buf[:0], 1<<20)
					d.Reuse()
				}
				least.end()
			}
			least.report()
		})
	}
}

// BenchmarkTraceRemote applies the chunks of a recorded session one by one.
func BenchmarkTraceRemote(b *testing.B) {
	for _, name := range sequentialTraces {
		edits := loadTrace(b, name).edits()
		a := rga.New(1)
		out := a.Outbox(0)
		var chunks [][]byte
		for i := range edits {
			if _, _, err := a.Edit(int64(i)*200, edits[i]); err != nil {
				b.Fatal(err)
			}
			chunk, _ := out.Append(nil, 1<<20)
			chunks = append(chunks, chunk)
		}
		b.Run(name, func(b *testing.B) {
			least := fastest{b: b, n: len(chunks)}
			for b.Loop() {
				least.begin()
				d := rga.New(2)
				in := d.Inbox()
				for _, chunk := range chunks {
					if _, err := in.Apply(chunk); err != nil {
						b.Fatal(err)
					}
					d.Reuse()
				}
				least.end()
			}
			least.report()
		})
	}
}

// BenchmarkTraceLoad loads the document of a recorded session.
func BenchmarkTraceLoad(b *testing.B) {
	for _, name := range sequentialTraces {
		edits := loadTrace(b, name).edits()
		a := rga.New(1)
		for i := range edits {
			if _, _, err := a.Edit(int64(i)*200, edits[i]); err != nil {
				b.Fatal(err)
			}
		}
		doc := a.Encode()
		b.Run(name, func(b *testing.B) {
			b.ReportMetric(float64(len(doc)), "document-bytes")
			least := fastest{b: b, n: 1}
			for b.Loop() {
				least.begin()
				if _, err := rga.Decode(doc, 2); err != nil {
					b.Fatal(err)
				}
				least.end()
			}
			least.report()
		})
	}
}

// fastest reports the mean and the shortest time of what is done n times in each turn: on a machine that does other
// things too, the shortest says more.
type fastest struct {
	b     *testing.B
	n     int
	began time.Time
	least time.Duration
}

func (f *fastest) begin() { f.began = time.Now() }

func (f *fastest) end() {
	if d := time.Since(f.began); f.least == 0 || d < f.least {
		f.least = d
	}
}

func (f *fastest) report() {
	f.b.ReportMetric(float64(f.b.Elapsed().Nanoseconds())/float64(f.b.N*f.n), "ns/patch")
	f.b.ReportMetric(float64(f.least.Nanoseconds())/float64(f.n), "min-ns/patch")
}

// BenchmarkRandomInserts inserts single bytes anywhere, and takes a view after each.
func BenchmarkRandomInserts(b *testing.B) {
	for _, views := range []bool{false, true} {
		b.Run(fmt.Sprintf("views=%v", views), func(b *testing.B) {
			rng := rand.New(rand.NewPCG(1, 1))
			d := rga.New(1)
			for b.Loop() {
				if _, _, err := d.Edit(0, rga.Edit{Offset: rng.IntN(d.Len() + 1), Insert: "x"}); err != nil {
					b.Fatal(err)
				}
				if views {
					d.View()
				}
			}
		})
	}
}

// BenchmarkPaste pastes 5 MB, takes it elsewhere and loads it.
func BenchmarkPaste(b *testing.B) {
	text := strings.Repeat("a line of an ordinary text file\n", 5<<20/32)
	var raw, doc []byte
	b.Run("edit", func(b *testing.B) {
		for b.Loop() {
			d := rga.New(1)
			if _, _, err := d.Edit(0, rga.Edit{Insert: text}); err != nil {
				b.Fatal(err)
			}
			raw, _ = d.AppendOwn(nil, 0, 10<<20)
			doc = d.Encode()
		}
	})
	b.Run("apply", func(b *testing.B) {
		for b.Loop() {
			if _, err := rga.New(2).Apply(raw); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("load", func(b *testing.B) {
		for b.Loop() {
			if _, err := rga.Decode(doc, 2); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("type-into", func(b *testing.B) {
		rng := rand.New(rand.NewPCG(1, 1))
		d, err := rga.Decode(doc, 2)
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if _, _, err := d.Edit(0, rga.Edit{Offset: rng.IntN(d.Len() + 1), Insert: "x"}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("lines", func(b *testing.B) {
		rng := rand.New(rand.NewPCG(1, 1))
		d, err := rga.Decode(doc, 2)
		if err != nil {
			b.Fatal(err)
		}
		v := d.View()
		for b.Loop() {
			v.LineStart(v.LineAt(rng.IntN(v.Len())))
		}
	})
}

// BenchmarkPrepends merges what three replicas inserted at one place at the same time.
func BenchmarkPrepends(b *testing.B) {
	const each = 5000
	var batches [][]byte
	for id := range rga.ReplicaID(3) {
		d := rga.New(id + 1)
		for range each {
			if _, _, err := d.Edit(0, rga.Edit{Insert: "x"}); err != nil {
				b.Fatal(err)
			}
			raw, _ := d.AppendOwn(nil, d.Clock()-1, 100)
			batches = append(batches, raw)
		}
	}
	for b.Loop() {
		d := rga.New(9)
		for _, raw := range batches {
			if _, err := d.Apply(raw); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(batches)), "ns/op-applied")
}
