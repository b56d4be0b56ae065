package transport

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// pipeBuffer is how many messages a pipe holds in each direction before WriteMessage waits.
const pipeBuffer = 16

// Pipe returns the two ends of a connection in memory, for simulations and tests
// without a network: a message written at one is read at the other, in order. Each
// direction holds 16 messages. Closing either end ends both; what was written
// before can still be read. Deadlines count on the clock of package time, which
// testing/synctest fakes.
func Pipe() (Conn, Conn) {
	ab, ba := make(chan []byte, pipeBuffer), make(chan []byte, pipeBuffer)
	done := make(chan struct{})
	closeOnce := sync.OnceFunc(func() { close(done) })
	return &pipeEnd{in: ba, out: ab, done: done, close: closeOnce},
		&pipeEnd{in: ab, out: ba, done: done, close: closeOnce}
}

type pipeEnd struct {
	in    <-chan []byte
	out   chan<- []byte
	done  <-chan struct{}
	close func()

	read, write deadline
}

func (p *pipeEnd) ReadMessage() ([]byte, error) {
	expired := p.read.expired()
	select {
	case b := <-p.in:
		return b, nil
	default:
	}
	select {
	case b := <-p.in:
		return b, nil
	case <-p.done:
		select {
		case b := <-p.in:
			return b, nil
		default:
			return nil, fmt.Errorf("%w: %w", ErrLost, io.EOF)
		}
	case <-expired:
		return nil, fmt.Errorf("%w: %w", ErrLost, os.ErrDeadlineExceeded)
	}
}

func (p *pipeEnd) WriteMessage(b []byte) error {
	expired := p.write.expired()
	select {
	case <-p.done:
		return fmt.Errorf("%w: %w", ErrLost, io.ErrClosedPipe)
	case <-expired:
		return fmt.Errorf("%w: %w", ErrLost, os.ErrDeadlineExceeded)
	default:
	}
	select {
	case p.out <- append([]byte(nil), b...):
		return nil
	case <-p.done:
		return fmt.Errorf("%w: %w", ErrLost, io.ErrClosedPipe)
	case <-expired:
		return fmt.Errorf("%w: %w", ErrLost, os.ErrDeadlineExceeded)
	}
}

func (p *pipeEnd) SetReadDeadline(t time.Time) error  { p.read.set(t); return nil }
func (p *pipeEnd) SetWriteDeadline(t time.Time) error { p.write.set(t); return nil }

func (p *pipeEnd) Close() error {
	p.close()
	p.read.set(time.Time{})
	p.write.set(time.Time{})
	return nil
}

// deadline is a channel that closes at a time that may be set anew; setting it does
// not concern the call under way.
type deadline struct {
	mu    sync.Mutex
	timer *time.Timer
	ch    chan struct{}
}

func (d *deadline) set(t time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.timer != nil {
		d.timer.Stop()
		d.timer, d.ch = nil, nil
	}
	if t.IsZero() {
		return
	}
	ch := make(chan struct{})
	d.ch = ch
	d.timer = time.AfterFunc(time.Until(t), func() { close(ch) })
}

func (d *deadline) expired() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.ch
}
