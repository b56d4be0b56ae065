package demo

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"
)

// Summary is what a headless session ended with.
type Summary struct {
	Seed     uint64
	Replicas []Replica
	Edits    int // keys that changed the text
	Apart    int // of these, made by a partner who was offline
	Ops      int // operations in the document's history: one a byte inserted or deleted
	P50, P99 time.Duration
	Offline  time.Duration // how long a partner was offline
	Bytes    int           // of the text
	File     string        // that was saved; its folder may be gone, so only its name is printed
	Saved    string        // hash of the file on disk
	Equal    bool          // all replicas and the file hold the same bytes
	Took     time.Duration
}

// Replica is one participant's end.
type Replica struct {
	Name string
	Hash string // SHA-256 of the text, in hex
}

// String is the summary as the command prints it.
func (s Summary) String() string {
	var b strings.Builder
	verdict := "all equal"
	if !s.Equal {
		verdict = "NOT equal"
	}
	fmt.Fprintf(&b, "%d replicas, %s\n", len(s.Replicas), verdict)
	for _, r := range s.Replicas {
		fmt.Fprintf(&b, "  %-6s %s\n", r.Name, r.Hash)
	}
	fmt.Fprintf(&b, "  %-6s %s\n", "file", s.Saved)
	fmt.Fprintf(&b, "operations  %d, by %d keys (%d typed offline, for %.1f s)\n", s.Ops, s.Edits, s.Apart, s.Offline.Seconds())
	fmt.Fprintf(&b, "latency     p50 %.1f ms, p99 %.1f ms, from a key to the others' documents\n", millis(s.P50), millis(s.P99))
	fmt.Fprintf(&b, "text        %d bytes, saved as %s\n", s.Bytes, filepath.Base(s.File))
	fmt.Fprintf(&b, "took        %.1f s, seed %d\n", s.Took.Seconds(), s.Seed)
	return b.String()
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
