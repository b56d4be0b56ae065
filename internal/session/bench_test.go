package session

import (
	"slices"
	"strings"
	"testing"
	"time"

	"coedit/rga"
	"coedit/transport/seal"
)

// BenchmarkKeyUnderPaste is one turn of an owner that types while 5 MB of a partner's paste arrive: a step with the default
// budget, a key, a flush. The metrics are turns.
func BenchmarkKeyUnderPaste(b *testing.B) {
	o, err := seal.NewOwner(strings.NewReader(strings.Repeat("s", 64)))
	if err != nil {
		b.Fatal(err)
	}
	author := rga.New(5)
	if _, _, err := author.Edit(0, rga.Edit{Insert: strings.Repeat("0123456789abcde\n", 5<<20/16)}); err != nil {
		b.Fatal(err)
	}
	var batches [][]byte
	for from := uint64(0); from < author.Clock(); {
		batch, to := author.AppendOwn(nil, from, batchBytes)
		batches, from = append(batches, batch), to
	}
	var turns []time.Duration
	for b.Loop() {
		p, err := New(Options{Owner: &o, Text: []byte("text\n"), Dial: noDial})
		if err != nil {
			b.Fatal(err)
		}
		p.inbox.push(b.Context(), 0, onlineItem{incarnation: 1})
		for i, batch := range batches {
			info, err := rga.Inspect(batch)
			if err != nil {
				b.Fatal(err)
			}
			p.inbox.offer(batchItem{batch, info}, true)
			if i%8 < 7 {
				continue
			}
			began := time.Now()
			p.Step(began, Budget{})
			if err := p.Editor().Insert(0, "k"); err != nil {
				b.Fatal(err)
			}
			p.Flush(began)
			turns = append(turns, time.Since(began))
		}
	}
	slices.Sort(turns)
	b.ReportMetric(float64(turns[len(turns)/2].Microseconds()), "µs-p50")
	b.ReportMetric(float64(turns[len(turns)*99/100].Microseconds()), "µs-p99")
}
