package rga_test

import (
	"testing"

	"coedit/rga"
)

// BenchmarkHistory looks at the past of a recorded session: the text half way, all steps, and an edit of that text.
func BenchmarkHistory(b *testing.B) {
	for _, name := range sequentialTraces {
		d := rga.New(1)
		for i, e := range loadTrace(b, name).edits() {
			if _, _, err := d.Edit(int64(i)*200, e); err != nil {
				b.Fatal(err)
			}
		}
		var half rga.Version
		for s := range d.Steps() {
			half = rga.Version{s.Replica: s.Ticks.To}
			if s.Ticks.To > d.Clock()/2 {
				break
			}
		}
		b.Run(name+"/at", func(b *testing.B) {
			for b.Loop() {
				if _, err := d.At(half); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+"/replay", func(b *testing.B) {
			steps := 0
			for b.Loop() {
				for range d.Replay() {
					steps++
				}
			}
			b.ReportMetric(float64(steps)/float64(b.N), "steps")
		})
		b.Run(name+"/blame", func(b *testing.B) {
			for b.Loop() {
				d.Blame(0, d.Len())
			}
		})
	}
}
