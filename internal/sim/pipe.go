package sim

import (
	"io"
	"math/rand/v2"
	"os"
	"sync"
	"time"

	"coedit/transport"
)

// pipeBytes is how much may be under way in one direction before a writer waits, like the buffers of a TCP connection.
const pipeBytes = 1 << 20

// Line is a participant's way to the relay: how long a message takes, and whether it gets through at all. Safe for
// concurrent use; changes count for messages written after them.
type Line struct {
	mu      sync.Mutex // guards the following
	rng     *rand.Rand
	latency time.Duration // one way
	jitter  time.Duration // up to this is added at random; the order of messages stays
	rate    int           // bytes a second in each direction; 0: no limit
	down    bool          // no connection can be made
	dead    bool          // nothing gets through, and nobody is told: half-open
	open    []*pipeConn
}

// NewLine returns a line whose jitter comes from seed.
func NewLine(seed uint64, latency, jitter time.Duration) *Line {
	return &Line{rng: rand.New(rand.NewPCG(seed, 0x11e)), latency: latency, jitter: jitter}
}

// Slow lets so many bytes a second through in each direction; 0: no limit.
func (l *Line) Slow(rate int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rate = rate
}

// takes is how long the line is busy with a message.
func (l *Line) takes(bytes int) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.rate == 0 {
		return 0
	}
	return time.Duration(bytes) * time.Second / time.Duration(l.rate)
}

// Down cuts the connection, if there is one, and lets none be made until Up.
func (l *Line) Down() {
	l.mu.Lock()
	l.down = true
	l.mu.Unlock()
	l.Cut()
}

// Up lets connections be made, and messages through, again; those held up while the line was dead arrive now, as TCP
// sends again what was not acknowledged.
func (l *Line) Up() {
	l.mu.Lock()
	l.down, l.dead = false, false
	open := l.open
	l.mu.Unlock()
	for _, c := range open {
		c.in.wake()
		c.out.wake()
	}
}

// Dead lets nothing through, not even the end of a connection, and tells neither side, until Up.
func (l *Line) Dead() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.dead = true
}

// Cut breaks the connection; what is under way is lost.
func (l *Line) Cut() {
	l.mu.Lock()
	open := l.open
	l.open = nil
	l.mu.Unlock()
	for _, c := range open {
		c.cut()
	}
}

// usable says whether a connection can be made.
func (l *Line) usable() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.down && !l.dead
}

func (l *Line) isDead() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.dead
}

// delay draws how long the next message takes.
func (l *Line) delay() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	d := l.latency
	if l.jitter > 0 {
		d += time.Duration(l.rng.Int64N(int64(l.jitter)))
	}
	return d
}

// connect makes a connection and returns its two ends.
func (l *Line) connect() (client, relay transport.Conn) {
	there, back := newStream(l), newStream(l)
	a := &pipeConn{in: back, out: there}
	b := &pipeConn{in: there, out: back}
	l.mu.Lock()
	l.open = append(l.open, a)
	l.mu.Unlock()
	return a, b
}

// pipeConn is one end of a connection.
type pipeConn struct{ in, out *stream }

func (c *pipeConn) ReadMessage() ([]byte, error)      { return c.in.read() }
func (c *pipeConn) WriteMessage(m []byte) error       { return c.out.write(m) }
func (c *pipeConn) SetReadDeadline(t time.Time) error { c.in.setDeadline(&c.in.readBy, t); return nil }

func (c *pipeConn) SetWriteDeadline(t time.Time) error {
	c.out.setDeadline(&c.out.writeBy, t)
	return nil
}

func (c *pipeConn) Close() error { c.in.end(true); c.out.end(false); return nil }
func (c *pipeConn) cut()         { c.in.end(true); c.out.end(true) }

// stream carries messages one way, in order.
type stream struct {
	line    *Line
	changed chan struct{} // closed and replaced with every change; guarded by mu

	mu      sync.Mutex // guards the following
	queue   []message
	bytes   int
	last    time.Time // arrival of the newest message
	readBy  time.Time
	writeBy time.Time
	ended   bool // nothing more is written; what is under way still arrives
	broken  bool // nothing arrives any more
}

type message struct {
	at   time.Time // of arrival
	data []byte
}

func newStream(l *Line) *stream {
	return &stream{line: l, changed: make(chan struct{})}
}

// signal wakes whoever waits. The caller holds mu.
func (s *stream) signal() {
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *stream) wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.signal()
}

func (s *stream) setDeadline(which *time.Time, t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	*which = t
	s.signal()
}

// end stops the stream; broken loses what is under way, as a reader that closes and a connection that is cut do.
func (s *stream) end(broken bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	if broken {
		s.broken, s.queue, s.bytes = true, nil, 0
	}
	s.signal()
}

func (s *stream) write(data []byte) error {
	delay := s.line.delay()
	for {
		s.mu.Lock()
		now := time.Now()
		switch {
		case s.ended:
			s.mu.Unlock()
			return io.ErrClosedPipe
		case !s.writeBy.IsZero() && !now.Before(s.writeBy):
			s.mu.Unlock()
			return os.ErrDeadlineExceeded
		case s.bytes < pipeBytes:
			if at := now.Add(delay); at.After(s.last) {
				s.last = at
			}
			s.last = s.last.Add(s.line.takes(len(data)))
			s.queue = append(s.queue, message{s.last, append([]byte(nil), data...)})
			s.bytes += len(data)
			s.signal()
			s.mu.Unlock()
			return nil
		}
		until, changed := s.writeBy, s.changed
		s.mu.Unlock()
		waitFor(changed, until)
	}
}

func (s *stream) read() ([]byte, error) {
	for {
		s.mu.Lock()
		now, dead := time.Now(), s.line.isDead()
		switch {
		case s.broken || s.ended && len(s.queue) == 0 && !dead:
			s.mu.Unlock()
			return nil, io.EOF
		case !s.readBy.IsZero() && !now.Before(s.readBy):
			s.mu.Unlock()
			return nil, os.ErrDeadlineExceeded
		case len(s.queue) > 0 && !now.Before(s.queue[0].at) && !dead:
			m := s.queue[0]
			s.queue = s.queue[1:]
			s.bytes -= len(m.data)
			s.signal()
			s.mu.Unlock()
			return m.data, nil
		}
		until, changed := s.readBy, s.changed
		if len(s.queue) > 0 && !dead && (until.IsZero() || s.queue[0].at.Before(until)) {
			until = s.queue[0].at
		}
		s.mu.Unlock()
		waitFor(changed, until)
	}
}

// waitFor returns when changed is closed or the time (zero: never) has come.
func waitFor(changed <-chan struct{}, until time.Time) {
	if until.IsZero() {
		<-changed
		return
	}
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	select {
	case <-changed:
	case <-timer.C:
	}
}
