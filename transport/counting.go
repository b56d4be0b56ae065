package transport

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// countingConn notes when bytes arrive, and lets them push the read deadline on. What
// is written can be held back and sent in one piece.
type countingConn struct {
	net.Conn
	start time.Time
	heard atomic.Int64 // time of the last byte, as nanoseconds since start (a clock that is set does not matter)
	idle  atomic.Int64 // the read deadline as a span after the last byte, nanoseconds; 0 none
	armed int64        // time at which the read deadline was set last, like heard; owned by the reader

	mu   sync.Mutex    // guards held; while bytes are held, taken over the write that ends it
	held *bytes.Buffer // what is written meanwhile; nil: nothing is held back
}

// heldBuffers are lent for the time of one batch: an idle connection holds none.
var heldBuffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// maxHeldBuffer is the size above which a buffer is not kept for another batch.
const maxHeldBuffer = 256 << 10

func newCountingConn(c net.Conn) *countingConn {
	return &countingConn{Conn: c, start: time.Now()}
}

func (c *countingConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 {
		now := int64(time.Since(c.start))
		c.heard.Store(now)
		// Setting a deadline costs as much as reading a short message: an eighth of it may be missing.
		if idle := c.idle.Load(); idle > 0 && now-c.armed > idle/8 {
			c.armed = now
			_ = c.Conn.SetReadDeadline(c.start.Add(time.Duration(now + idle)))
		}
	}
	return n, err
}

// Write sends, or adds to what is held back.
func (c *countingConn) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held != nil {
		return c.held.Write(b)
	}
	return c.Conn.Write(b)
}

// hold keeps back what is written until release.
func (c *countingConn) hold() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held = heldBuffers.Get().(*bytes.Buffer)
}

// release sends in one piece what was held back.
func (c *countingConn) release() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	held := c.held
	c.held = nil
	_, err := c.Conn.Write(held.Bytes())
	if held.Reset(); held.Cap() <= maxHeldBuffer {
		heldBuffers.Put(held)
	}
	return err
}

func (c *countingConn) readIdle() time.Duration {
	return time.Since(c.start) - time.Duration(c.heard.Load())
}

// hijacker puts a countingConn under the WebSocket a relay accepts.
type hijacker struct {
	http.ResponseWriter
	conn     *countingConn
	reader   *bufio.Reader // what the WebSocket reads through; nil: its own
	readable *readable     // or nil
}

// readBuffer is what a connection's reader holds all the time, in bytes. (A WebSocket takes no smaller one than 257.)
const readBuffer = 512

// Hijack takes the connection out of the HTTP server.
func (h *hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c, rw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, fmt.Errorf("transport: taking over the connection: %w", err)
	}
	limitUnsent(c)
	h.conn = newCountingConn(c)
	if rw.Reader.Buffered() > 0 {
		return h.conn, rw, nil // the other side did not wait for the answer, which the WebSocket refuses
	}
	h.reader, h.readable = bufio.NewReaderSize(h.conn, readBuffer), newReadable(c)
	return h.conn, bufio.NewReadWriter(h.reader, rw.Writer), nil
}
