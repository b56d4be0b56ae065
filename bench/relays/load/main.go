// Command load puts a relay of Yjs documents, y-websocket's or hocuspocus's, under the load that `coedit bench relay` makes,
// and prints the figures under the same names, as one JSON object. It starts the server, whose command stands behind "--",
// as a process of its own on loopback, and stops it.
//
//	go run ./bench/relays/load --protocol y-websocket --rooms 1 --clients 50 --rate 2 --port 12345 -- node server.js
//
// Times, counts and CPU mean what package relaybench's documentation says; nothing is acknowledged by these servers.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"time"

	"coedit/internal/relaybench"
)

type options struct {
	protocol       string
	rooms, clients int
	rate           float64
	duration       time.Duration
	port           int
}

func main() {
	var o options
	flag.StringVar(&o.protocol, "protocol", "y-websocket", "y-websocket or hocuspocus")
	flag.IntVar(&o.rooms, "rooms", 1, "rooms")
	flag.IntVar(&o.clients, "clients", 50, "clients in each room")
	flag.Float64Var(&o.rate, "rate", 2, "updates a second of each client")
	flag.DurationVar(&o.duration, "duration", 20*time.Second, "how long the load lasts")
	flag.IntVar(&o.port, "port", 0, "port the server listens on")
	flag.Parse()
	if err := run(o, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

func run(o options, server []string) error {
	d, known := dialects[o.protocol]
	if !known || len(server) == 0 || o.port == 0 {
		return errors.New("name a --protocol, a --port, and behind -- the server to start")
	}
	cmd := exec.Command(server[0], server[1:]...)
	cmd.Env = append(os.Environ(), "HOST=127.0.0.1", "PORT="+strconv.Itoa(o.port))
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = cmd.Wait() }()
	defer func() { _ = cmd.Process.Kill(); <-ended }()
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(o.port))
	if err := listening(address, ended); err != nil {
		return err
	}
	l := &load{o: o, d: d, address: address, pid: cmd.Process.Pid}
	res, err := l.measure()
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(res)
}

// listening waits until the server answers.
func listening(address string, ended <-chan struct{}) error {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	for tick := time.NewTicker(20 * time.Millisecond); ; {
		if c, err := net.Dial("tcp", address); err == nil {
			tick.Stop()
			return c.Close()
		}
		select {
		case <-tick.C:
		case <-ended:
			return errors.New("the server ended at once")
		case <-ctx.Done():
			return fmt.Errorf("nothing listens at %s", address)
		}
	}
}

// result has the names of relaybench.Result.
type result = relaybench.Result
