package relaybench

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"coedit/transport"
	"coedit/transport/wire"

	"github.com/spf13/cobra"
)

// fifoQueue is how many messages wait for one participant before the whole room waits.
const fifoQueue = 256

// fifoRelay is what a relay is without any of what the real one does about flow, for comparison: each participant has a queue,
// first in, first out, edits and presence alike, and whoever publishes waits until there is room in all of them. Nothing is
// kept, nobody is refused, and one who does not read stops the room. It speaks version 1 of the protocol as far as a load needs it.
type fifoRelay struct {
	up transport.Upgrader

	mu    sync.Mutex // guards the following
	rooms map[string]*fifoRoom
}

type fifoRoom struct {
	mu      sync.Mutex // guards the following; held while a frame is handed out
	head    uint64
	members map[*fifoMember]struct{}
}

type fifoMember struct {
	queue chan *wire.RelayFrame
	done  chan struct{} // closed when the connection has ended
}

func newFIFO() *fifoRelay {
	return &fifoRelay{up: transport.Upgrader{MaxMessage: transport.DefaultMaxMessage}, rooms: map[string]*fifoRoom{}}
}

func (f *fifoRelay) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	conn, err := f.up.Upgrade(w, req)
	if err != nil {
		return
	}
	go f.serve(conn)
}

func (f *fifoRelay) room(id string) *fifoRoom {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.rooms[id] == nil {
		f.rooms[id] = &fifoRoom{members: map[*fifoMember]struct{}{}}
	}
	return f.rooms[id]
}

func (f *fifoRelay) serve(conn transport.Conn) {
	defer conn.Close()
	hello := receive(conn).GetHello()
	if hello == nil {
		return
	}
	m := &fifoMember{queue: make(chan *wire.RelayFrame, fifoQueue), done: make(chan struct{})}
	defer close(m.done)
	go m.write(conn)
	room := f.room(hello.GetRoom())
	room.join(m)
	defer room.leave(m)
	for {
		in := receive(conn)
		switch {
		case in == nil:
			return
		case in.GetPublish() != nil:
			room.publish(m, in.GetPublish().GetFrame())
		case in.GetPing() != nil:
			m.send(&wire.RelayFrame{Kind: &wire.RelayFrame_Pong{Pong: &wire.Pong{
				ClientTime: in.GetPing().GetClientTime(), RelayTime: time.Now().UnixMicro(),
			}}})
		}
	}
}

// receive is the next message; nil when the connection has ended or said something else.
func receive(conn transport.Conn) *wire.ClientFrame {
	b, err := conn.ReadMessage()
	if err != nil {
		return nil
	}
	f := new(wire.ClientFrame)
	if wire.Unmarshal(b, f) != nil {
		return nil
	}
	return f
}

func (m *fifoMember) write(conn transport.Conn) {
	for {
		select {
		case f := <-m.queue:
			if conn.WriteMessage(wire.Marshal(f)) != nil {
				conn.Close()
				return
			}
		case <-m.done:
			return
		}
	}
}

func (m *fifoMember) send(f *wire.RelayFrame) {
	select {
	case m.queue <- f:
	case <-m.done:
	}
}

func (r *fifoRoom) join(m *fifoMember) {
	r.mu.Lock()
	defer r.mu.Unlock()
	// The incarnation is one: nothing outlives this process.
	m.send(&wire.RelayFrame{Kind: &wire.RelayFrame_Welcome{Welcome: &wire.Welcome{
		Version: 1, Incarnation: 1, Head: r.head, RelayTime: time.Now().UnixMicro(), PingIntervalMs: 3000,
		Limits: &wire.Limits{
			MaxMessage: transport.DefaultMaxMessage, MaxFrame: transport.DefaultMaxMessage - transport.FrameOverhead,
			MaxPresence: transport.DefaultMaxPresence, MaxSnapshot: transport.DefaultMaxSnapshot,
		},
	}}})
	if r.head > 0 { // who comes late has nothing to read; a mark for each number keeps its place in the log right
		frames := make([]*wire.Frame, r.head)
		for i := range frames {
			frames[i] = &wire.Frame{Number: uint64(i) + 1}
		}
		m.send(&wire.RelayFrame{Kind: &wire.RelayFrame_Deliver{Deliver: &wire.Deliver{Frames: frames}}})
	}
	r.members[m] = struct{}{}
}

func (r *fifoRoom) leave(m *fifoMember) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.members, m)
}

func (r *fifoRoom) publish(from *fifoMember, f *wire.Frame) {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := &wire.RelayFrame{Kind: &wire.RelayFrame_Deliver{Deliver: &wire.Deliver{After: r.head, Frames: []*wire.Frame{f}}}}
	r.head++
	f.Number = r.head
	for m := range r.members {
		m.send(out)
	}
	from.send(&wire.RelayFrame{Kind: &wire.RelayFrame_Ack{Ack: &wire.Ack{Counter: f.GetCounter()}}})
}

// FIFOCommand serves a fifoRelay; `coedit bench relay --fifo` starts it in place of `serve`.
func FIFOCommand() *cobra.Command {
	var listen, addressFile string
	cmd := &cobra.Command{
		Use: "fifo-relay", Short: "A relay without flow control, for comparison", Args: cobra.NoArgs, Hidden: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			l, err := net.Listen("tcp", listen)
			if err != nil {
				return fmt.Errorf("relaybench: %w", err)
			}
			server := &http.Server{Handler: newFIFO(), ReadHeaderTimeout: startLimit}
			ended := make(chan error, 1)
			go func() { ended <- server.Serve(l) }()
			// In one step: whoever waits for the file reads it whole.
			if err := os.WriteFile(addressFile+".new", []byte(l.Addr().String()+"\n"), 0o600); err != nil {
				return fmt.Errorf("relaybench: %w", err)
			}
			if err := os.Rename(addressFile+".new", addressFile); err != nil {
				return fmt.Errorf("relaybench: %w", err)
			}
			<-cmd.Context().Done()
			_ = server.Shutdown(context.WithoutCancel(cmd.Context()))
			<-ended
			return nil
		},
	}
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:0", "address")
	cmd.Flags().StringVar(&addressFile, "address-file", "", "write host:port there")
	return cmd
}
