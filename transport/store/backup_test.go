package store_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"coedit/transport"
	"coedit/transport/relay/logtest"
	"coedit/transport/store"
)

// serveLocal serves the store's socket, as a relay does.
func serveLocal(t *testing.T, s *store.Store) {
	t.Helper()
	l, err := s.ListenLocal()
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: s.Handler()}
	var ended sync.WaitGroup
	ended.Go(func() { _ = server.Serve(l) })
	t.Cleanup(func() {
		server.Close()
		ended.Wait()
	})
}

// TestABackupOfARunningRelayIsAStore: taken while frames come in, it holds all that was acknowledged before, and
// opens.
func TestABackupOfARunningRelayIsAStore(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, store.Options{})
	serveLocal(t, s)
	r := logtest.Open(t, s, "room")
	put := func(n uint64) {
		if _, err := logtest.Append(r, transport.Frame{Replica: 1, Counter: n, Payload: fmt.Appendf(nil, "frame %d", n)}, 0); err != nil {
			t.Error(err)
		}
	}
	for n := range uint64(100) {
		put(n + 1)
	}
	var writer sync.WaitGroup
	stop := make(chan struct{})
	writer.Go(func() {
		for n := uint64(101); ; n++ {
			select {
			case <-stop:
				return
			default:
				put(n)
			}
		}
	})
	copied := t.TempDir()
	report, err := store.Backup(t.Context(), dir, filepath.Join(copied, "rooms.db"), nil)
	close(stop)
	writer.Wait()
	if entries, _ := os.ReadDir(copied); len(entries) != 1 {
		t.Errorf("left beside the backup: %v", entries)
	}
	if err != nil || report.Rooms != 1 || report.Frames < 100 {
		t.Fatalf("backup: %+v, %v", report, err)
	}
	again := open(t, copied, store.Options{})
	other := logtest.Open(t, again, "room")
	// Numbers after those of the backup will be given to other frames: participants must not take it for the same log.
	restored := other.State().Incarnation
	if restored == 0 || restored == r.State().Incarnation {
		t.Errorf("the restored room has incarnation %d, as before", restored)
	}
	frames, err := other.Read(99, 1, 1000)
	if err != nil || string(frames[0].Payload) != "frame 100" {
		t.Errorf("%v, %v", frames, err)
	}
	other.Release(time.Unix(1, 0))
	if now := logtest.Open(t, reopen(t, again, store.Options{}), "room").State().Incarnation; now != restored {
		t.Errorf("at the next start it has incarnation %d, was %d", now, restored)
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestABackupOfAStoppedRelay(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, store.Options{})
	if _, err := logtest.Append(logtest.Open(t, s, "room"), transport.Frame{Replica: 1, Counter: 1, Payload: []byte("x")}, 0); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(t.TempDir(), "backup")
	if err := os.WriteFile(to, []byte("the one before"), 0o600); err != nil {
		t.Fatal(err)
	}
	if report, err := store.Backup(t.Context(), dir, to, nil); err != nil || report.Frames != 1 || report.File != to {
		t.Fatalf("%+v, %v", report, err)
	}
	if report, err := store.Check(to, nil); err != nil || report.Frames != 1 || len(report.Findings) != 0 {
		t.Errorf("%+v, %v", report, err)
	}
}

// TestABackupThatFailsLeavesTheOneBefore, whatever the reason.
func TestABackupThatFailsLeavesTheOneBefore(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, store.Options{})
	to := filepath.Join(t.TempDir(), "backup")
	if err := os.WriteFile(to, []byte("the one before"), 0o600); err != nil {
		t.Fatal(err)
	}
	refused := func(want error) {
		t.Helper()
		if _, err := store.Backup(t.Context(), dir, to, nil); !errors.Is(err, want) || !strings.Contains(err.Error(), dir) {
			t.Errorf("%v, want %v", err, want)
		}
		if b, err := os.ReadFile(to); err != nil || string(b) != "the one before" {
			t.Errorf("the old backup is now %q, %v", b, err)
		}
	}
	refused(store.ErrInUse) // by a relay that does not listen
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "rooms.db"), make([]byte, 20_000), 0o600); err != nil {
		t.Fatal(err)
	}
	refused(store.ErrDamaged)
}
