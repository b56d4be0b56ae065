//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"coedit/internal/screen"
)

// asNobody runs a test of this package again as a user who is not root: root may write everything.
func asNobody(t *testing.T, name string) {
	t.Helper()
	folder, err := os.MkdirTemp("", "coedit-nobody") // t.TempDir is inside a folder of root's
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(folder)
	self, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	tmp := filepath.Join(folder, "tmp")
	for _, err := range []error{
		os.WriteFile(filepath.Join(folder, "test"), self, 0o755),
		os.Chmod(folder, 0o755), os.Mkdir(tmp, 0o777), os.Chmod(tmp, 0o777),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(filepath.Join(folder, "test"), "-test.run", "^"+name+"$", "-test.v")
	cmd.Dir = tmp
	cmd.Env = append(os.Environ(), "TMPDIR="+tmp, "HOME="+tmp)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("as another user: %v\n%s", err, out)
	}
}

// A file that may not be written is said to be so at once, and another name is offered.
func TestReadOnlyFileIsSaid(t *testing.T) {
	if os.Geteuid() == 0 {
		asNobody(t, "TestReadOnlyFileIsSaid")
		return
	}
	p := newPlace(t)
	path := p.file("notes.txt", "one\n")
	if err := os.Chmod(path, 0o444); err != nil {
		t.Fatal(err)
	}
	ann := p.coedit("ann", path)
	ann.until("it is said", screen.Shows("read-only here"))
	ann.types("my ")
	ann.Type(screen.Ctrl('s'))
	ann.until("another name is offered", screen.Shows("A: save under another name"))
	ann.Type("a")
	ann.until("a name is asked for", screen.Shows("Save as"))
	ann.Type("mine.txt" + screen.Enter)
	ann.until("it is saved there", screen.Shows("Saved mine.txt"))
	ann.Type(screen.Ctrl('q'))
	ann.exits(0)
	if got := p.read(filepath.Join(p.dir, "mine.txt")); got != "my one\n" || p.read(path) != "one\n" {
		t.Errorf("saved %q", got)
	}
}
