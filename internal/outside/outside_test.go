package outside

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// recorder is a testing.TB that notes how a test ended instead of ending it.
type recorder struct {
	testing.TB
	skipped, failed string
}

func (r *recorder) Helper() {}

func (r *recorder) Skipf(format string, a ...any) {
	r.skipped = fmt.Sprintf(format, a...)
	runtime.Goexit()
}

func (r *recorder) Fatalf(format string, a ...any) {
	r.failed = fmt.Sprintf(format, a...)
	runtime.Goexit()
}

func need(programs ...string) *recorder {
	r := &recorder{}
	done := make(chan struct{})
	go func() {
		defer close(done)
		Need(r, programs...)
	}()
	<-done
	return r
}

func TestMissingPartIsSkippedByName(t *testing.T) {
	t.Setenv("CI", "")
	r := need("go", "no-such-program-here")
	if !strings.Contains(r.skipped, "no-such-program-here") || r.failed != "" {
		t.Fatalf("skipped %q, failed %q", r.skipped, r.failed)
	}
}

func TestMissingPartFailsUnderCI(t *testing.T) {
	t.Setenv("CI", "true")
	r := need("no-such-program-here")
	if !strings.Contains(r.failed, "no-such-program-here") || r.skipped != "" {
		t.Fatalf("skipped %q, failed %q", r.skipped, r.failed)
	}
}

func TestPresentPart(t *testing.T) {
	if path := Need(t, "go"); path == "" {
		t.Fatal("no path for go, which runs this test")
	}
}
