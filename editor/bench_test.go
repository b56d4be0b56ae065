package editor

import (
	"strings"
	"testing"

	"coedit/rga"
)

// benchmarked is an editor of 100,000 lines with the caret in the middle.
func benchmarked(b *testing.B) *Editor {
	b.Helper()
	e := New(rga.New(1))
	if err := e.Replace(0, rga.Edit{Insert: strings.Repeat("\tif err := do(x, \"naïve\"); err != nil {\n", 100_000)}); err != nil {
		b.Fatal(err)
	}
	e.Select(e.OffsetAt(50_000, 20), e.OffsetAt(50_000, 20))
	b.ReportAllocs()
	b.ResetTimer()
	return e
}

func BenchmarkInsert(b *testing.B) {
	e := benchmarked(b)
	for i := range b.N {
		if err := e.Insert(int64(i), "x"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMove(b *testing.B) {
	for name, m := range map[string][2]Motion{"cluster": {Right, Left}, "word": {WordRight, WordLeft}, "line": {LineDown, LineUp}, "ends": {LineEnd, LineStart}} {
		b.Run(name, func(b *testing.B) {
			e := benchmarked(b)
			for i := range b.N {
				e.Move(m[i%2], false, 0)
			}
		})
	}
}

// BenchmarkRemote applies a key of another, with the caret elsewhere.
func BenchmarkRemote(b *testing.B) {
	e := benchmarked(b)
	o := New(rga.New(2))
	if _, err := o.Merge(e.Doc().Encode()); err != nil {
		b.Fatal(err)
	}
	var from uint64
	batches := make([][]byte, b.N)
	for i := range batches {
		if err := o.Insert(int64(i), "x"); err != nil {
			b.Fatal(err)
		}
		batches[i], from = o.Doc().AppendOwn(nil, from, 1<<16)
	}
	b.ResetTimer()
	for _, batch := range batches {
		if _, err := e.Apply(batch); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLongLine types at the end of a line of 5 MB and asks for the column, as a status line does.
func BenchmarkLongLine(b *testing.B) {
	e := New(rga.New(1))
	if err := e.Replace(0, rga.Edit{Insert: strings.Repeat("0123456789", 500_000)}); err != nil {
		b.Fatal(err)
	}
	e.Move(DocEnd, false, 0)
	e.Position(e.Selection().Head)
	b.ResetTimer()
	for i := range b.N {
		if err := e.Insert(int64(i), "x"); err != nil {
			b.Fatal(err)
		}
		e.Position(e.Selection().Head)
	}
}
