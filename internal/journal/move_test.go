package journal_test

import (
	"bytes"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"coedit/internal/journal"
)

// A journal that is of another file from now on is found by that one, with all that is in it, and only by that one; as a kill would
// leave it, and after its end.
func TestRenamed(t *testing.T) {
	for _, size := range []int{1, 100_000} { // bytes; the second is more than what is read to see what a journal is of
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			d := journal.Dir{Path: filepath.Join(t.TempDir(), "journals")}
			old, other := journal.About{Role: "alone", File: "/tmp/old"}, journal.About{Role: "alone", File: "/tmp/new", Name: "new"}
			w, err := d.Create(journal.Options{Compact: func(s *journal.State) ([]byte, error) {
				return bytes.Join(s.Batches, nil), nil
			}}, old)
			check(t, err)
			w.Append(nil, journal.Identity{Bytes: []byte("key")}, journal.Batch{Bytes: bytes.Repeat([]byte("x"), size)})
			before := w.Name()
			w.Rename(other)
			w.Append(nil, journal.Batch{Bytes: []byte("behind")})
			done := make(chan struct{})
			w.Append(func() { close(done) })
			<-done
			check(t, w.Err())
			check(t, w.Close())
			if w.Name() == before {
				t.Error("it has the name it had")
			}
			if left, err := d.List(journal.KeyOf(old)); err != nil || len(left) > 0 {
				t.Errorf("found by the old name: %v, %v", left, err)
			}
			found, err := d.List(journal.KeyOf(other))
			if err != nil || len(found) != 1 || found[0].Name != w.Name() {
				t.Fatalf("found by the new name: %v, %v", found, err)
			}
			taken := take(t, d, w.Name())
			if s := taken.State; s.About.File != "/tmp/new" || !s.Intact || string(s.Batches[len(s.Batches)-1]) != "behind" {
				t.Errorf("it holds %+v", s)
			}
			taken.Rename(other) // it is: nothing moves
			check(t, taken.Close())
			if taken.Name() != found[0].Name {
				t.Errorf("it is called %s now", taken.Name())
			}
		})
	}
}

// What a journal is of stands at its beginning after it was renamed: the log is compacted.
func TestRenamedIsCompacted(t *testing.T) {
	d := journal.Dir{Path: filepath.Join(t.TempDir(), "journals")}
	w, err := d.Create(journal.Options{Compact: func(*journal.State) ([]byte, error) { return []byte("document"), nil }},
		journal.About{Role: "alone", File: "/tmp/old"})
	check(t, err)
	w.Append(nil, journal.Identity{Bytes: []byte("key")}, journal.Batch{Bytes: bytes.Repeat([]byte("x"), 100_000)})
	w.Rename(journal.About{Role: "alone", File: "/tmp/new"})
	var about journal.About
	for end := time.Now().Add(time.Minute); about.File != "/tmp/new" && time.Now().Before(end); { // until the log is replaced
		written := make(chan struct{})
		w.Append(func() { close(written) }, journal.Saved{Version: []byte("v")})
		<-written
		about, _ = d.Head(w.Name()) // it may be about to move
	}
	if about.File != "/tmp/new" {
		t.Errorf("it begins with %q", about.File)
	}
	check(t, w.Close())
}
