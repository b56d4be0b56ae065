package session

import (
	"testing"

	"coedit/internal/journal"
	"coedit/rga"
	"coedit/transport/seal"
)

// BenchmarkKeptKey is a key typed into a document whose operations go into a journal on disk; the owner's part of it, and how
// many bytes of the log it takes.
func BenchmarkKeptKey(b *testing.B) {
	d := journal.Dir{Path: b.TempDir()}
	w, err := d.Create(journal.Options{}, journal.About{Role: "alone"})
	if err != nil {
		b.Fatal(err)
	}
	self, err := seal.NewIdentity(seal.SuiteXChaCha, zeros{})
	if err != nil {
		b.Fatal(err)
	}
	doc, keeper, err := Begin(w, self, 0, []byte("text\n"))
	if err != nil {
		b.Fatal(err)
	}
	keys := 0
	for b.Loop() {
		if _, _, err := doc.Edit(0, rga.Edit{Offset: keys, Insert: "k"}); err != nil {
			b.Fatal(err)
		}
		keeper.Own()
		keys++
	}
	b.StopTimer()
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	entries, err := d.List("")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(entries[0].Size)/float64(keys), "log-B/op")
}

// zeros is a source of bytes that are all the same.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) { return len(b), nil }
