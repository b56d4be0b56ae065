//go:build unix

package textfile

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// asUser runs a test of this package again as a user who is not root: root may write everything.
func asUser(t *testing.T, name string) {
	t.Helper()
	folder, err := os.MkdirTemp("", "textfile") // t.TempDir is inside a folder of root's
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(folder)
	program := filepath.Join(folder, "test")
	self, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(program, self, 0o755); err != nil {
		t.Fatal(err)
	}
	tmp := filepath.Join(folder, "tmp")
	for _, err := range []error{os.Chmod(folder, 0o755), os.Mkdir(tmp, 0o777), os.Chmod(tmp, 0o777)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(program, "-test.run", "^"+name+"$", "-test.v")
	cmd.Dir = tmp
	cmd.Env = append(os.Environ(), "TMPDIR="+tmp, "HOME="+tmp)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("as another user: %v\n%s", err, out)
	}
}

// The owner and group stay where the system allows it, and the set-group bit with them.
func TestSaveKeepsTheOwner(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file.txt")
	write(t, path, "old\n")
	uid, gid := os.Getuid(), os.Getgid()
	if os.Geteuid() == 0 {
		uid, gid = 12345, 54321
	}
	if err := os.Chown(path, uid, gid); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o750|os.ModeSetgid); err != nil {
		t.Fatal(err)
	}
	f, _, format := open(t, path)
	save(t, f, "new\n", format)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	st := info.Sys().(*syscall.Stat_t)
	if int(st.Uid) != uid || int(st.Gid) != gid || info.Mode() != 0o750|os.ModeSetgid {
		t.Fatalf("owner %d:%d became %d:%d, mode %v", uid, gid, st.Uid, st.Gid, info.Mode())
	}
}

// A pipe would block whoever opens it.
func TestOpenRefusesAPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o644); err != nil {
		t.Fatal(err)
	}
	_, _, _, err := Open(path)
	mustRefuse(t, err, ErrSpecial, path)
}
