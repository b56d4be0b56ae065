package store

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"coedit/transport"

	bolt "go.etcd.io/bbolt"
)

// TestALogThatSomebodyWroteInBetweenIsNotTouched: between reading rooms.db and locking it for good another relay had the
// folder, and was killed.
func TestALogThatSomebodyWroteInBetweenIsNotTouched(t *testing.T) {
	dir := t.TempDir()
	path, log := filepath.Join(dir, fileName), filepath.Join(dir, walName)
	s, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	before, err := inspectFile(path, inspection{toWrite: true, wal: readWalFile(log)})
	if err != nil || !before.wal.shut {
		t.Fatalf("%+v, %v", before, err)
	}

	if s, err = Open(dir, Options{}); err != nil {
		t.Fatal(err)
	}
	r, err := s.Open("room", []byte("m"), func() {})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	r.Append(transport.Frame{Replica: 1, Counter: 1, Payload: []byte("frame")}, 0, func(_ uint64, err error) { done <- err })
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	database, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	logged, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.WriteFile(path, database, 0o600), os.WriteFile(log, logged, 0o600)); err != nil {
		t.Fatal(err)
	}

	f := &files{img: before}
	if f.db, err = bolt.Open(path, 0o600, &bolt.Options{NoFreelistSync: true}); err != nil {
		t.Fatal(err)
	}
	if err := f.settle(dir); !errors.Is(err, ErrInUse) {
		t.Errorf("it says %v", err)
	}
	if err := f.db.Close(); err != nil {
		t.Fatal(err)
	}
	if now, err := os.ReadFile(log); err != nil || !bytes.Equal(now, logged) {
		t.Errorf("the log has %d bytes and had %d, %v", len(now), len(logged), err)
	}
}
