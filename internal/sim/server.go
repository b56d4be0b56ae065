package sim

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"coedit/transport"
	"coedit/transport/relay"
)

// errDown is what dialling gives while the line or the relay is down.
var errDown = errors.New("sim: nobody answers")

// Server is a relay that can be killed and started again without its log.
type Server struct {
	mu          sync.Mutex // guards the following
	relay       *relay.Relay
	lines       map[*Line]bool
	incarnation uint64
	config      relay.Config // of relays started from now on; the log is the server's
	log         relay.Log
	serving     sync.WaitGroup
}

// NewServer starts a relay.
func NewServer() *Server {
	s := &Server{lines: map[*Line]bool{}}
	s.Start()
	return s
}

// Start begins a new incarnation, with an empty log.
func (s *Server) Start() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.incarnation++
	s.log = relay.NewMemoryLog(s.incarnation << 32) // one for each room made is added
	s.start()
}

// start is Start with the log that there is. The caller holds mu.
func (s *Server) start() {
	c := s.config
	c.Log = s.log
	s.relay = relay.New(c)
}

// Restart ends the relay as kill -9 does, and starts it again, with the log that it had and another configuration.
func (s *Server) Restart(c relay.Config) {
	s.Kill()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.config = c
	s.start()
}

// Stats are the running relay's.
func (s *Server) Stats() relay.Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.relay.Stats()
}

// Kill ends the relay as kill -9 does: every connection breaks, nothing is said, the log is gone.
func (s *Server) Kill() {
	s.mu.Lock()
	old := s.relay
	s.relay = nil
	lines := s.lines
	s.lines = map[*Line]bool{}
	s.mu.Unlock()
	for l := range lines {
		l.Cut()
	}
	s.serving.Wait()
	stop(old)
}

// Close ends the relay for good.
func (s *Server) Close() {
	s.mu.Lock()
	old := s.relay
	s.relay = nil
	s.mu.Unlock()
	stop(old)
	s.serving.Wait()
}

func stop(r *relay.Relay) {
	if r == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := r.Shutdown(ctx); err != nil {
		panic(fmt.Sprintf("sim: the relay did not stop: %v", err))
	}
}

// Dialer connects over a line.
func (s *Server) Dialer(l *Line) transport.Dialer {
	return func(ctx context.Context) (transport.Conn, error) {
		select {
		case <-time.After(2 * l.delay()):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.relay == nil || !l.usable() {
			return nil, errDown
		}
		client, server := l.connect()
		s.lines[l] = true
		r := s.relay
		s.serving.Go(func() { r.ServeConn(server) })
		return client, nil
	}
}
