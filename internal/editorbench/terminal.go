package editorbench

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/creack/pty"
)

// Size of the terminal.
const (
	columns = 120
	rows    = 40
)

// terminal is the program under test and what it writes.
type terminal struct {
	cmd *exec.Cmd
	tty *os.File

	mu     sync.Mutex
	output []byte
	last   time.Time     // of the newest output
	more   chan struct{} // closed and replaced with each output
	ended  bool
}

// start runs the program.
func start(args, env []string, folder string) (*terminal, error) {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir, cmd.Env = folder, env
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: columns, Rows: rows})
	if err != nil {
		return nil, fmt.Errorf("start the editor in a terminal: %w", err)
	}
	t := &terminal{cmd: cmd, tty: tty, more: make(chan struct{})}
	go t.read()
	return t, nil
}

// read takes the output until the program ends.
func (t *terminal) read() {
	buf := make([]byte, 64<<10)
	for {
		n, err := t.tty.Read(buf)
		now := time.Now()
		t.mu.Lock()
		t.output = append(t.output, buf[:n]...)
		if n > 0 {
			t.last = now
		}
		t.ended = err != nil
		close(t.more)
		t.more = make(chan struct{})
		t.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// mark is how much output there is.
func (t *terminal) mark() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.output)
}

// await waits until the output behind a mark holds text, and returns when that came; an empty text: until there is any.
func (t *terminal) await(mark int, text string, limit time.Duration) (time.Time, error) {
	timeout := time.NewTimer(limit)
	defer timeout.Stop()
	for {
		t.mu.Lock()
		found := len(t.output) > mark && bytes.Contains(t.output[mark:], []byte(text))
		last, more, ended := t.last, t.more, t.ended
		t.mu.Unlock()
		switch {
		case found:
			return last, nil
		case ended:
			return last, fmt.Errorf("the editor ended; its last output: %q", tail(t.output))
		}
		select {
		case <-more:
		case <-timeout.C:
			return last, fmt.Errorf("%q did not appear within %v; the last output: %q", text, limit, tail(t.output))
		}
	}
}

func tail(b []byte) []byte { return b[max(len(b)-400, 0):] }

// quiet waits until nothing was written for some time, at most limit, and returns when the last output came.
func (t *terminal) quiet(silence, limit time.Duration) time.Time {
	deadline := time.Now().Add(limit)
	for {
		t.mu.Lock()
		last, more, ended := t.last, t.more, t.ended
		t.mu.Unlock()
		rest := silence - time.Since(last)
		if rest <= 0 || ended || time.Now().After(deadline) {
			return last
		}
		timer := time.NewTimer(rest)
		select {
		case <-more:
		case <-timer.C:
		}
		timer.Stop()
	}
}

func (t *terminal) press(keys string) error {
	_, err := t.tty.WriteString(keys)
	return err
}

// close ends the program.
func (t *terminal) close() {
	_ = t.cmd.Process.Kill()
	_ = t.tty.Close()
	_ = t.cmd.Wait()
}
