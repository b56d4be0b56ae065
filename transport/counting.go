package transport

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// countingConn notes when bytes arrive, and lets them push the read deadline on.
type countingConn struct {
	net.Conn
	start time.Time
	heard atomic.Int64 // time of the last byte, as nanoseconds since start (a clock that is set does not matter)
	idle  atomic.Int64 // the read deadline as a span after the last byte, nanoseconds; 0 none
}

func newCountingConn(c net.Conn) *countingConn {
	return &countingConn{Conn: c, start: time.Now()}
}

func (c *countingConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 {
		c.heard.Store(int64(time.Since(c.start)))
		if idle := c.idle.Load(); idle > 0 {
			_ = c.Conn.SetReadDeadline(time.Now().Add(time.Duration(idle)))
		}
	}
	return n, err
}

func (c *countingConn) readIdle() time.Duration {
	return time.Since(c.start) - time.Duration(c.heard.Load())
}

// hijacker puts a countingConn under the WebSocket a relay accepts.
type hijacker struct {
	http.ResponseWriter
	conn *countingConn
}

// Hijack takes the connection out of the HTTP server.
func (h *hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c, rw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, fmt.Errorf("transport: taking over the connection: %w", err)
	}
	h.conn = newCountingConn(c)
	return h.conn, rw, nil
}
