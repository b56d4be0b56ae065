package rga_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"coedit/rga"
)

// BenchmarkScale shows how cost grows with the text and with the number of replicas: edits and look-ups hardly,
// loading in proportion. Each case is measured once, so run it with -benchtime 1x. Metrics, not ns/op, are the result.
//
// The texts are made of insertions of 64 bytes at random places, so that there are as many spans as can be expected of
// years of typing; a text pasted as a whole would have few.
func BenchmarkScale(b *testing.B) {
	for _, c := range []struct {
		name     string
		bytes    int
		replicas int
	}{
		{"1MB", 1 << 20, 1},
		{"10MB", 10 << 20, 1},
		{"100MB", 100 << 20, 1},
		{"1MB,10replicas", 1 << 20, 10},
		{"1MB,100replicas", 1 << 20, 100},
		{"1MB,1000replicas", 1 << 20, 1000},
	} {
		b.Run(c.name, func(b *testing.B) {
			if c.bytes > 10<<20 && testing.Short() {
				b.Skip("large")
			}
			for b.Loop() {
				b.StopTimer()
				s := scale{b: b, rng: rand.New(rand.NewPCG(1, 7))}
				s.measure(s.document(c.bytes, c.replicas))
				b.StartTimer()
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

type scale struct {
	b   *testing.B
	rng *rand.Rand
}

// document is the encoding of a document whose text the replicas have written one after the other, all over it.
func (s *scale) document(bytes, replicas int) []byte {
	const line = "the quick brown fox jumps over the lazy dog, and so on and on\n"
	doc := rga.New(100)
	at := int64(1_700_000_000_000)
	for r := range replicas {
		for end := bytes / replicas * (r + 1); doc.Len() < end; at += 10 {
			s.edit(doc, at, rga.Edit{Offset: s.rng.IntN(doc.Len() + 1), Insert: line})
		}
		if r+1 < replicas {
			var err error
			if doc, err = rga.Decode(doc.Encode(), rga.ReplicaID(101+r)); err != nil {
				s.b.Fatal(err)
			}
		}
	}
	return doc.Encode()
}

func (s *scale) edit(d *rga.Doc, at int64, e rga.Edit) {
	if _, _, err := d.Edit(at, e); err != nil {
		s.b.Fatal(err)
	}
}

// measure reports how long loading takes, and of a lot of them one edit and one look-up,
// and what the text of a version costs.
func (s *scale) measure(doc []byte) {
	const many = 20_000
	fastest := time.Duration(1 << 62)
	var d *rga.Doc
	for range 3 {
		d = nil
		start := time.Now()
		var err error
		if d, err = rga.Decode(doc, 1); err != nil {
			s.b.Fatal(err)
		}
		fastest = min(fastest, time.Since(start))
	}
	s.b.ReportMetric(float64(fastest.Microseconds())/1000, "load-ms")
	s.b.ReportMetric(float64(fastest.Nanoseconds())/float64(d.Len()), "load-ns/byte")
	s.b.ReportMetric(float64(len(doc))/float64(d.Len()), "document-bytes/byte")

	start := time.Now()
	past, err := d.At(d.Version())
	if err != nil || past.View().Len() != d.Len() {
		s.b.Fatal(err)
	}
	s.b.ReportMetric(float64(time.Since(start).Nanoseconds())/float64(d.Len()), "at-ns/byte")

	partner, err := rga.Decode(doc, 2)
	if err != nil {
		s.b.Fatal(err)
	}
	var batches [][]byte
	for range many {
		from := partner.Clock()
		s.edit(partner, 1, rga.Edit{Offset: s.rng.IntN(partner.Len() + 1), Insert: "r"})
		raw, _ := partner.AppendOwn(nil, from, 1<<10)
		batches = append(batches, raw)
	}
	s.each("remote-ns", many, func(i int) {
		if res, err := d.Apply(batches[i]); err != nil || res.Held {
			s.b.Fatal(err)
		}
	})

	var buf []byte
	places := make([]int, many)
	for i := range places {
		places[i] = s.rng.IntN(d.Len())
	}
	s.each("local-ns", many, func(i int) {
		from := d.Clock()
		s.edit(d, 1, rga.Edit{Offset: places[i], Insert: "l"})
		buf, _ = d.AppendOwn(buf[:0], from, 1<<10)
	})
	s.each("typing-ns", many, func(i int) {
		from := d.Clock()
		s.edit(d, 1, rga.Edit{Offset: places[0] + i, Insert: "t"})
		buf, _ = d.AppendOwn(buf[:0], from, 1<<10)
	})
	v, sum := d.View(), 0
	s.each("line-ns", many, func(i int) { sum += v.LineStart(v.LineAt(places[i])) })
	if sum == 0 || strings.Count(v.String(), "\n")+1 != v.Lines() {
		s.b.Fatal("the lines are wrong")
	}
}

// each does something n times and reports how long one takes.
func (s *scale) each(metric string, n int, f func(int)) {
	start := time.Now()
	for i := range n {
		f(i)
	}
	s.b.ReportMetric(float64(time.Since(start).Nanoseconds())/float64(n), metric)
}
