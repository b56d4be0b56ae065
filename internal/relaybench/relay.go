package relaybench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// startLimit bounds how long a relay may take to listen, endLimit how long to end.
const (
	startLimit = 20 * time.Second
	endLimit   = 20 * time.Second
)

// process is a relay in a process of its own.
type process struct {
	o      Options
	dir    string // of the address file, and of the rooms
	listen string

	bareBytes int64 // of memory before anybody connected

	cmd    *exec.Cmd
	stderr *tail
	ended  chan struct{} // closed when it has ended
}

// startProcess starts a relay on a free port of loopback. The caller stops it and removes dir.
func startProcess(ctx context.Context, o Options, dir string) (*process, error) {
	p := &process{o: o, dir: dir, listen: "127.0.0.1:0"}
	return p, p.start(ctx)
}

// start starts the relay, at the address it had before if there was one.
func (p *process) start(ctx context.Context) error {
	address := filepath.Join(p.dir, "address")
	if err := os.Remove(address); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("relaybench: %w", err)
	}
	p.cmd, p.stderr, p.ended = exec.Command(p.o.Program, p.args(address)...), &tail{}, make(chan struct{})
	p.cmd.Stderr = p.stderr
	if err := p.cmd.Start(); err != nil {
		return fmt.Errorf("relaybench: start the relay: %w", err)
	}
	ended := p.ended
	go func() { defer close(ended); _ = p.cmd.Wait() }()
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	for tick := time.NewTicker(5 * time.Millisecond); ; {
		if b, err := os.ReadFile(address); err == nil {
			tick.Stop()
			p.listen = strings.TrimSpace(string(b))
			p.bareBytes, _ = ResidentBytes(p.cmd.Process.Pid)
			return nil
		}
		select {
		case <-tick.C:
		case <-p.ended:
			return fmt.Errorf("relaybench: the relay ended at once: %s", p.stderr)
		case <-ctx.Done():
			p.kill()
			return fmt.Errorf("relaybench: the relay does not listen after %s: %w", startLimit, ctx.Err())
		}
	}
}

func (p *process) args(address string) []string {
	if p.o.FIFO {
		return []string{"bench", "fifo-relay", "--listen", p.listen, "--address-file", address}
	}
	data := filepath.Join(p.dir, "rooms")
	if p.o.Memory {
		data = ""
	}
	return append([]string{"serve", "--listen", p.listen, "--address-file", address, "--data", data}, p.o.Serve...)
}

func (p *process) base() string { return "http://" + p.listen }

// kill ends the relay without asking it.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.ended
}

// stop asks the relay to end, and kills it if it does not.
func (p *process) stop() {
	_ = p.cmd.Process.Signal(os.Interrupt)
	late := time.AfterFunc(endLimit, func() { _ = p.cmd.Process.Kill() })
	defer late.Stop()
	<-p.ended
}

// tail keeps the end of what is written to it.
type tail struct{ b bytes.Buffer }

const tailBytes = 4 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.b.Write(p)
	if over := t.b.Len() - tailBytes; over > 0 {
		t.b.Next(over)
	}
	return len(p), nil
}

func (t *tail) String() string { return strings.TrimSpace(t.b.String()) }
