package main

import (
	"context"
	crand "crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"coedit/transport/relay"
)

// goodbye bounds how long a relay that ends waits for its participants to go.
const goodbye = 5 * time.Second

// hub is a relay that listens.
type hub struct {
	relay  *relay.Relay
	server *http.Server
	ended  chan error // holds the server's end
}

// newIncarnation draws the number that tells one in-memory log from another.
func newIncarnation() (uint64, error) {
	var b [8]byte
	if _, err := crand.Read(b[:]); err != nil {
		return 0, fmt.Errorf("drawing random bytes: %w", err)
	}
	return binary.LittleEndian.Uint64(b[:]) | 1, nil
}

// startHub serves rooms on l, which it owns from now on; in memory, unless c says where.
func startHub(l net.Listener, c relay.Config) (*hub, error) {
	if c.Log == nil {
		incarnation, err := newIncarnation()
		if err != nil {
			l.Close()
			return nil, err
		}
		c.Log = relay.NewMemoryLog(incarnation)
	}
	h := &hub{relay: relay.New(c), ended: make(chan error, 1)}
	h.server = &http.Server{
		Handler:           h.relay.Handler(),
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          slog.NewLogLogger(c.Logger.Handler(), slog.LevelDebug),
	}
	h.server.SetKeepAlivesEnabled(false) // who is no participant does not stay
	go func() { h.ended <- h.server.Serve(l) }()
	return h, nil
}

// close sends everybody away, who come back by themselves if a relay starts again at this address, and ends the server.
func (h *hub) close() error { return h.closeWithin(goodbye) }

// closeWithin is close that cuts off who is still there after a time.
func (h *hub) closeWithin(limit time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	err := errors.Join(h.relay.Shutdown(ctx), h.server.Shutdown(ctx))
	if serve := <-h.ended; !errors.Is(serve, http.ErrServerClosed) {
		err = errors.Join(err, serve)
	}
	return err
}

// leave waits for load balancers to notice that this relay is ending, while it serves on.
func (h *hub) leave(delay time.Duration) {
	h.relay.Leave()
	if delay <= 0 {
		return
	}
	select {
	case <-time.After(delay):
	case err := <-h.ended:
		h.ended <- err
	}
}
