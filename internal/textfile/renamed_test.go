package textfile

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// A file that was renamed within its folder is found there, whatever asks for it; one that went elsewhere, or was deleted, is not.
func TestRenamedUnderneath(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("skipped: a file is known by its path there")
	}
	path := filepath.Join(t.TempDir(), "a.txt")
	folder := filepath.Dir(path)
	write(t, path, "text\n")
	write(t, filepath.Join(folder, "b.txt"), "text\n")
	if err := os.Symlink(path, filepath.Join(folder, "link.txt")); err != nil {
		t.Fatal(err)
	}
	f, _, format := open(t, path)
	to := func(err error) string {
		t.Helper()
		if !errors.Is(err, ErrGone) {
			t.Fatalf("%v is not ErrGone", err)
		}
		if renamed, ok := errors.AsType[*RenamedError](err); ok {
			return renamed.To
		}
		return ""
	}
	where := func() []string {
		t.Helper()
		_, _, _, reloaded := f.Reload()
		return []string{to(f.Check()), to(reloaded), to(f.Save(viewOf(t, "mine\n"), format, false))}
	}
	now := path
	rename := func(name string) {
		t.Helper()
		next := filepath.Join(folder, name)
		if err := os.Rename(now, next); err != nil {
			t.Fatal(err)
		}
		now = next
	}
	expect := func(when, want string) {
		t.Helper()
		for _, got := range where() {
			if got != want {
				t.Errorf("%s: it is called %q, want %q", when, got, want)
			}
		}
	}
	rename("c.txt")
	expect("renamed", "c.txt")
	rename("d.txt")
	expect("renamed again", "d.txt")
	rename("../e.txt")
	expect("moved elsewhere", "")
	rename("a.txt")
	save(t, f, "mine\n", format)
	rename("f.txt")
	expect("renamed after a save, which made another file of it", "f.txt")
	write(t, now, "written as well")
	expect("renamed and written", "")
	if err := os.Remove(now); err != nil {
		t.Fatal(err)
	}
	expect("deleted", "")
}
