package transport_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http/httptest"

	"coedit/transport"
	"coedit/transport/relay"
	"coedit/transport/seal"
)

// Anna makes a room on a relay and publishes; Ben joins later and hears it.
func Example() {
	hub := relay.New(relay.Config{Log: relay.NewMemoryLog(42)})
	server := httptest.NewServer(hub.Handler())
	defer server.Close()
	defer func() { _ = hub.Shutdown(context.Background()) }()

	owner, _ := seal.NewOwner(bytes.NewReader(make([]byte, 32)))
	room, _ := owner.RoomID()
	manifest, _ := seal.NewManifest(owner, seal.SuitePlain, 1_700_000_000_000)
	ctx, leave := context.WithCancel(context.Background())
	defer leave()

	anna := transport.NewClient(transport.Options{Dial: transport.WebSocket(server.URL), Room: room, Replica: 1, Manifest: manifest})
	go func() { _ = anna.Run(ctx) }()
	if err := anna.Publish(transport.Frame{Replica: 1, Counter: 1, Payload: []byte("hello")}); err != nil {
		fmt.Println(err)
	}
	for e := range anna.Events() {
		if e, ok := e.(transport.Acked); ok {
			fmt.Println("the relay has frame", e.Counter)
			break
		}
	}

	ben := transport.NewClient(transport.Options{Dial: transport.WebSocket(server.URL), Room: room, Replica: 2})
	go func() { _ = ben.Run(ctx) }()
	for e := range ben.Events() {
		if e, ok := e.(transport.Delivered); ok {
			fmt.Printf("ben hears %q, number %d\n", e.Frames[0].Payload, e.Frames[0].Number)
			break
		}
	}
	// Output:
	// the relay has frame 1
	// ben hears "hello", number 1
}
