package demo

import (
	"context"
	"errors"
	"sync"

	"coedit/transport"
)

// errUnplugged is what dialling gives while the gate is closed.
var errUnplugged = errors.New("demo: the network is unplugged")

// gate is a partner's network cable: pulled out it breaks the connection and lets none be made.
type gate struct {
	dial transport.Dialer

	mu     sync.Mutex // guards the following
	closed bool
	conn   transport.Conn // newest
}

func (g *gate) connect(ctx context.Context) (transport.Conn, error) {
	if g.isClosed() {
		return nil, errUnplugged
	}
	conn, err := g.dial(ctx)
	if err != nil {
		return nil, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		_ = conn.Close()
		return nil, errUnplugged
	}
	g.conn = conn
	return conn, nil
}

func (g *gate) isClosed() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.closed
}

// unplug breaks the connection.
func (g *gate) unplug() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
	if g.conn != nil {
		_ = g.conn.Close()
		g.conn = nil
	}
}

func (g *gate) plug() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = false
}
