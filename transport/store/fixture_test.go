package store_test

import (
	"os"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"coedit/transport/relay"
	"coedit/transport/relay/logtest"
	"coedit/transport/store"
)

func TestMain(m *testing.M) {
	if played, code := playRole(); played {
		os.Exit(code)
	}
	goleak.VerifyTestMain(m)
}

// folders remembers where a store is.
var folders sync.Map

// open opens a store, which ends with the test, and then is checked.
func open(t logtest.TB, dir string, o store.Options) *store.Store {
	t.Helper()
	s, err := store.Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	folders.Store(s, dir)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
		folders.Delete(s)
	})
	return s
}

func reopen(t logtest.TB, old *store.Store, o store.Options) *store.Store {
	t.Helper()
	dir, _ := folders.Load(old)
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	return open(t, dir.(string), o)
}

func TestStore(t *testing.T) {
	logtest.Run(t, logtest.Maker{
		New: func(tb logtest.TB, l logtest.Limits) relay.Log {
			return open(tb, t.TempDir(), store.Options{RoomBytes: l.RoomBytes, TotalBytes: l.TotalBytes})
		},
		Restart: func(tb logtest.TB, old relay.Log, now time.Time) relay.Log {
			return reopen(tb, old.(*store.Store), store.Options{Started: now})
		},
	})
}
