package screen

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/creack/pty"
)

// ErrUnsupported says that this system has no pseudo-terminals.
var ErrUnsupported = errors.New("no pseudo-terminals on this system")

// ErrTimeout is wrapped by the error of [Terminal.WaitFor] when the condition did not come true in time.
var ErrTimeout = errors.New("the screen did not come to that")

// ErrEnded is wrapped by the error of [Terminal.WaitFor] when the program ended without the condition having come true.
var ErrEnded = errors.New("the program ended")

// tailWait is how long the last character of a chunk is kept back, in case the next chunk extends it.
const tailWait = 5 * time.Millisecond

// Options say what to run and on which screen.
type Options struct {
	Args          []string // program and arguments
	Env           []string // "NAME=value", added to this process's environment; TERM is xterm-256color and COLORTERM truecolor unless set here
	Dir           string   // "" is the present one
	Columns, Rows int      // 0: 80 x 24
}

// Terminal is a running command and its screen. Its methods may be called from any goroutine.
type Terminal struct {
	cmd  *exec.Cmd
	tty  *os.File
	em   *emulator
	done chan struct{} // closed when the command has ended and all of its output is shown
	wg   sync.WaitGroup

	mu     sync.Mutex
	ready  sync.Cond // input has something, or closed
	input  []byte    // typed and not yet written
	closed bool      // Close was called
}

// Start starts the command on a screen of its own. The caller must Close the terminal.
func Start(o Options) (*Terminal, error) {
	if o.Columns == 0 {
		o.Columns, o.Rows = 80, 24
	}
	cmd := exec.Command(o.Args[0], o.Args[1:]...)
	cmd.Dir = o.Dir
	cmd.Env = append(environment(), o.Env...)
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: uint16(o.Columns), Rows: uint16(o.Rows)})
	if errors.Is(err, pty.ErrUnsupported) {
		return nil, ErrUnsupported
	} else if err != nil {
		return nil, fmt.Errorf("starting %s in a pseudo-terminal: %w", o.Args[0], err)
	}
	if err := nonblocking(tty); err != nil {
		_ = cmd.Process.Kill()
		_ = tty.Close()
		return nil, errors.Join(err, cmd.Wait())
	}
	t := &Terminal{cmd: cmd, tty: tty, em: newEmulator(o.Columns, o.Rows), done: make(chan struct{})}
	t.ready.L = &t.mu
	t.wg.Go(func() { t.em.replies(func(p []byte) { t.Type(string(p)) }) })
	t.wg.Go(t.feed)
	t.wg.Go(t.show)
	return t, nil
}

// environment is this process's, as in a terminal that can show everything; without what says that this is not one.
func environment() []string {
	var env []string
	drop := map[string]bool{"NO_COLOR": true, "CI": true, "TMUX": true, "SSH_TTY": true, "STY": true, "COLUMNS": true, "LINES": true}
	for _, pair := range os.Environ() {
		if name, _, _ := strings.Cut(pair, "="); !drop[name] {
			env = append(env, pair)
		}
	}
	return append(env, "TERM=xterm-256color", "COLORTERM=truecolor")
}

// feed writes what was typed, until the terminal is closed or the program's side is gone.
func (t *Terminal) feed() {
	for {
		t.mu.Lock()
		for len(t.input) == 0 && !t.closed {
			t.ready.Wait()
		}
		p := t.input
		t.input = nil
		closed := t.closed
		t.mu.Unlock()
		if closed {
			return
		}
		if _, err := t.tty.Write(p); err != nil {
			return
		}
	}
}

// show reads the program's output to its end and shows it.
func (t *Terminal) show() {
	chunks := make(chan []byte)
	t.wg.Go(func() {
		defer close(chunks)
		for {
			buf := make([]byte, 16<<10)
			n, err := t.tty.Read(buf)
			if n > 0 {
				chunks <- buf[:n]
			}
			if err != nil { // EIO when the program has gone, on Linux
				return
			}
		}
	})
	timer := time.NewTimer(tailWait)
	defer timer.Stop()
	var tail []byte
	for open := true; open; {
		var late <-chan time.Time
		if len(tail) > 0 {
			timer.Reset(tailWait)
			late = timer.C
		}
		var p []byte
		select {
		case p, open = <-chunks:
			p = append(tail, p...)
			n := openTail(p)
			if !open {
				n = 0
			}
			p, tail = p[:len(p)-n], append([]byte(nil), p[len(p)-n:]...)
		case <-late:
			p, tail = tail, nil
		}
		if len(p) > 0 {
			t.em.write(p)
		}
	}
	_ = t.cmd.Wait() // its state is asked for in Exit
	close(t.done)
}

// Type sends bytes as if they were typed. It never blocks.
func (t *Terminal) Type(text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.input = append(t.input, text...)
	t.ready.Signal()
}

// Screen is what the terminal shows now.
func (t *Terminal) Screen() Screen {
	s, _ := t.em.snapshot()
	return s
}

// Output is the newest output of the program as it wrote it, escape sequences and all: at least the last 4 MiB.
func (t *Terminal) Output() []byte { return t.em.written() }

// WaitFor waits until the condition holds for the screen, and returns that screen. The error of a condition that did not
// come true in time, or that can no longer, shows the last screen.
func (t *Terminal) WaitFor(limit time.Duration, cond func(Screen) bool) (Screen, error) {
	timeout := time.NewTimer(limit)
	defer timeout.Stop()
	for {
		ended := t.ended() // before the look at the screen, so that the last output is seen
		s, changed := t.em.snapshot()
		if cond(s) {
			return s, nil
		}
		if ended {
			return s, fmt.Errorf("%w (exit code %d); the screen:\n%s", ErrEnded, t.cmd.ProcessState.ExitCode(), s)
		}
		select {
		case <-changed:
		case <-t.done:
		case <-timeout.C:
			return s, fmt.Errorf("%w within %v; the screen:\n%s", ErrTimeout, limit, s)
		}
	}
}

func (t *Terminal) ended() bool {
	select {
	case <-t.done:
		return true
	default:
		return false
	}
}

// Exit waits until the program has ended, and returns its exit code; -1 when a signal ended it.
func (t *Terminal) Exit(limit time.Duration) (int, error) {
	timeout := time.NewTimer(limit)
	defer timeout.Stop()
	select {
	case <-t.done:
		return t.cmd.ProcessState.ExitCode(), nil
	case <-timeout.C:
		return 0, fmt.Errorf("the program did not end within %v; the screen:\n%s", limit, t.Screen())
	}
}

// Resize gives the screen another size and tells the program.
func (t *Terminal) Resize(columns, rows int) error {
	t.em.resize(columns, rows)
	return setSize(t.tty, columns, rows)
}

// Pid is the process id of the command.
func (t *Terminal) Pid() int { return t.cmd.Process.Pid }

// Kill ends the program at once, as kill -9 does.
func (t *Terminal) Kill() error { return t.cmd.Process.Kill() }

// Signal sends the program a signal.
func (t *Terminal) Signal(s os.Signal) error { return t.cmd.Process.Signal(s) }

// Close ends the program if it is still running, and everything that Start started. It may be called again.
func (t *Terminal) Close() {
	t.mu.Lock()
	again := t.closed
	t.closed = true
	t.ready.Signal()
	t.mu.Unlock()
	if again {
		return
	}
	if !t.ended() {
		_ = t.cmd.Process.Kill()
	}
	_ = t.tty.Close()
	t.em.close()
	t.wg.Wait()
}
