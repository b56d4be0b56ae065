package relay_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"coedit/transport/relay"
)

// A relay served by net/http, and its orderly end.
func Example() {
	hub := relay.New(relay.Config{Log: relay.NewMemoryLog(42), MaxPerRoom: 20, RoomTTL: time.Hour})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	server := &http.Server{Handler: hub.Handler(), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }()

	resp, err := http.Get("http://" + listener.Addr().String() + "/healthz")
	if err != nil {
		fmt.Println(err)
		return
	}
	body, _ := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	fmt.Print("health: ", string(body))

	// First the participants, who come back by themselves; then the listener.
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	fmt.Println("shutdown:", hub.Shutdown(ctx), server.Shutdown(ctx))
	// Output:
	// health: ok
	// shutdown: <nil> <nil>
}
