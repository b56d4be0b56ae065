package filewatch

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// notices waits until the watcher says something; the events of what happened before it was made may come late.
func notices(t *testing.T, w *Watcher, what string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := w.Wait(ctx); err != nil {
		t.Fatalf("%s is not noticed: %v", what, err)
	}
}

// watching makes sure that it is the system that tells, and not a look.
func watching(t *testing.T, path string) *Watcher {
	t.Helper()
	w := New(path)
	t.Cleanup(w.Close)
	if w.system == nil || w.look != lookSeldom {
		t.Skip("this system does not watch files")
	}
	w.look = time.Hour
	return w
}

func TestChangesAreNoticed(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "file.txt")
	write(t, path, "one\n")
	w := watching(t, path)
	write(t, path, "two\n")
	notices(t, w, "a write")
	write(t, path+".new", "three\n")
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
	notices(t, w, "another file in its place")
	if err := os.Rename(path, path+".old"); err != nil {
		t.Fatal(err)
	}
	notices(t, w, "that it was renamed")
	write(t, path, "four\n")
	notices(t, w, "that it is back")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	notices(t, w, "that it is gone")
}

// What happens beside the file is no news.
func TestOtherFilesAreNot(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "file.txt")
	w := watching(t, path)
	ctx, cancel := context.WithTimeout(t.Context(), 5*quietAfter)
	defer cancel()
	write(t, filepath.Join(folder, "other"), "text")
	if err := w.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a write beside it: %v", err)
	}
	write(t, path, "new")
	notices(t, w, "that it was made")
}

func TestThroughALink(t *testing.T) {
	folder := t.TempDir()
	target := filepath.Join(folder, "real", "target")
	if err := os.Mkdir(filepath.Dir(target), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, target, "one\n")
	link := filepath.Join(folder, "link")
	if err := os.Symlink(target, link); err != nil {
		t.Skipf("symbolic links cannot be made here: %v", err)
	}
	w := watching(t, link)
	write(t, target, "two\n")
	notices(t, w, "a write of what the link leads to")
	if err := errors.Join(os.Remove(link), os.Symlink("elsewhere", link)); err != nil {
		t.Fatal(err)
	}
	notices(t, w, "that the link leads elsewhere")
}

// Where the system does not watch, a look every two seconds notices; a program that goes on writing is not waited for for ever.
func TestLooking(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file.txt")
	write(t, path, "one\n")
	synctest.Test(t, func(t *testing.T) {
		w := newWatcher(path)
		defer w.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := w.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("without a change: %v", err)
		}
		write(t, path, "one and a half\n")
		began := time.Now()
		if err := w.Wait(t.Context()); err != nil || time.Since(began) > lookOften+patience {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if err := w.Wait(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
