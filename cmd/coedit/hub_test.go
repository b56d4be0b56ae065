package main

import (
	"log/slog"
	"net"
	"net/http"
	"testing"

	"coedit/transport/relay"
)

// TestWhoIsNoParticipantDoesNotStay: a connection that became no WebSocket ends with its answer, and takes no place.
func TestWhoIsNoParticipantDoesNotStay(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h, err := startHub(l, relay.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Get("http://" + l.Addr().String() + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK || !resp.Close {
		t.Errorf("status %d, and the connection is kept: %v", resp.StatusCode, !resp.Close)
	}
	if err := h.close(); err != nil {
		t.Error(err)
	}
}
