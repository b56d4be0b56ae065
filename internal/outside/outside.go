// Package outside names the programs that tests need and that are no part of Go: gcc's C compiler, tmux.
//
// A test calls [Need] first. On a developer's machine without the program the test is skipped, and `go test -v` says by
// name what was missing. Under CI=true nothing is skipped: the test fails, because .ci/run has installed every such
// program, and a test that silently stopped running would look like one that passes.
package outside

import (
	"os"
	"os/exec"
	"testing"
)

// Need ends the test unless every named program can be found in PATH. It returns the path of the first.
func Need(t testing.TB, programs ...string) string {
	t.Helper()
	first := ""
	for i, name := range programs {
		path, err := exec.LookPath(name)
		if err != nil {
			Missing(t, name)
		}
		if i == 0 {
			first = path
		}
	}
	return first
}

// Missing ends the test because the named part is not on this machine: skipped, or failed under CI=true.
func Missing(t testing.TB, part string) {
	t.Helper()
	if InCI() {
		t.Fatalf("%s is missing; under CI=true nothing is skipped: install it in .ci/run", part)
	}
	t.Skipf("skipped: %s is not on this machine", part)
}

// InCI says whether the tests run under CI=true.
func InCI() bool { return os.Getenv("CI") == "true" }
