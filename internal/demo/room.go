package demo

import (
	"context"
	crand "crypto/rand"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"time"

	"coedit/internal/session"
	"coedit/transport/relay"
	"coedit/transport/seal"
)

// Room is a relay on loopback for one room.
type Room struct {
	Base  string // http://127.0.0.1:PORT
	Owner seal.Secret

	relay  *relay.Relay
	server *http.Server
	done   chan struct{} // closed when the server has ended
}

// OpenRoom starts a relay on a free port of loopback. The caller closes it.
func OpenRoom() (*Room, error) {
	owner, err := seal.NewOwner(crand.Reader)
	if err != nil {
		return nil, fmt.Errorf("demo: draw the room's secret: %w", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("demo: start a relay on loopback: %w", err)
	}
	r := &Room{
		Base: "http://" + listener.Addr().String(), Owner: owner,
		relay: relay.New(relay.Config{Log: relay.NewMemoryLog(incarnation())}),
		done:  make(chan struct{}),
	}
	r.server = &http.Server{Handler: r.relay.Handler(), ReadHeaderTimeout: 10 * time.Second}
	go func() {
		defer close(r.done)
		_ = r.server.Serve(listener) // ends with ErrServerClosed
	}()
	return r, nil
}

// Link is the room's link to write.
func (r *Room) Link() (seal.Link, error) {
	room, err := r.Owner.RoomID()
	if err != nil {
		return seal.Link{}, fmt.Errorf("demo: room: %w", err)
	}
	secret, err := r.Owner.Derive(seal.Write)
	if err != nil {
		return seal.Link{}, fmt.Errorf("demo: write secret: %w", err)
	}
	return seal.Link{Base: r.Base, Room: room, Secret: secret}, nil
}

// Host makes the participant that shares text in the room, as SampleName unless meta names it.
func (r *Room) Host(name string, text []byte, meta map[string]string) (*session.Participant, error) {
	if meta == nil {
		meta = map[string]string{session.MetaName: SampleName}
	}
	return session.New(session.Options{
		Link: seal.Link{Base: r.Base}, Owner: &r.Owner, Text: text, Meta: meta, Name: name, Agent: "coedit demo",
	})
}

// incarnation draws the number of a log.
func incarnation() uint64 { return rand.Uint64() | 1 }

// closeTimeout bounds how long a room waits for its participants to go.
const closeTimeout = 5 * time.Second

// Close ends the relay.
func (r *Room) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	err := errors.Join(r.relay.Shutdown(ctx), r.server.Shutdown(ctx))
	<-r.done
	if err != nil {
		return fmt.Errorf("demo: stop the relay: %w", err)
	}
	return nil
}
