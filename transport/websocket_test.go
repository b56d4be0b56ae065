package transport

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// sockets gives both ends of a WebSocket over loopback: the one that dialed, the one that upgraded.
func sockets(t *testing.T, max int) (client, server Conn) {
	t.Helper()
	got := make(chan Conn, 1)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		up := Upgrader{MaxMessage: max}
		c, err := up.Upgrade(w, r)
		if err != nil {
			t.Error(err)
		}
		got <- c
	}))
	t.Cleanup(s.Close)
	client, err := WebSocket(s.URL)(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	server = <-got
	t.Cleanup(func() {
		_ = client.Close()
		_ = server.Close()
	})
	return client, server
}

func TestWebSocketsCarryWholeMessages(t *testing.T) {
	client, server := sockets(t, 1<<20)
	for _, size := range []int{0, 1, 125, 126, 4095, 65536, 1 << 20} {
		want := strings.Repeat("m", size)
		for _, way := range [][2]Conn{{client, server}, {server, client}} {
			wrote := make(chan error, 1)
			go func() { wrote <- way[0].WriteMessage([]byte(want)) }()
			if got, err := way[1].ReadMessage(); err != nil || string(got) != want {
				t.Fatalf("message of %d bytes: %d bytes, %v", size, len(got), err)
			}
			if err := <-wrote; err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestWebSocketLimitsMessagesAndCanStillAnswer(t *testing.T) {
	client, server := sockets(t, 1000)
	go func() { _ = client.WriteMessage(make([]byte, 1001)) }()
	if _, err := server.ReadMessage(); !errors.Is(err, ErrTooLarge) || !strings.Contains(err.Error(), "1000") {
		t.Fatalf("a message over the limit: %v, want ErrTooLarge naming it", err)
	}
	if err := server.WriteMessage([]byte("too large")); err != nil {
		t.Fatal(err)
	}
	if b, err := client.ReadMessage(); err != nil || string(b) != "too large" {
		t.Errorf("the answer: %q, %v", b, err)
	}
}

func TestWebSocketRefusesTextMessages(t *testing.T) {
	client, server := sockets(t, 1000)
	if err := client.(*wsConn).ws.WriteMessage(websocket.TextMessage, []byte("hi")); err != nil {
		t.Fatal(err)
	}
	if _, err := server.ReadMessage(); !errors.Is(err, ErrProtocol) {
		t.Errorf("a text message: %v, want ErrProtocol", err)
	}
}

// TestClosingLingersForTheLastMessage: the peer sends much that nobody reads, which
// would make TCP drop the last message if the connection were closed at once.
func TestClosingLingersForTheLastMessage(t *testing.T) {
	client, server := sockets(t, 1000)
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		_ = client.WriteMessage(make([]byte, 8<<20))
	}()
	if _, err := server.ReadMessage(); !errors.Is(err, ErrTooLarge) {
		t.Fatal(err)
	}
	if err := server.WriteMessage([]byte("farewell")); err != nil {
		t.Fatal(err)
	}
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		_ = server.(*wsConn).CloseLingering(20 * time.Second)
	}()
	<-sent
	if b, err := client.ReadMessage(); err != nil || string(b) != "farewell" {
		t.Errorf("the last message: %q, %v", b, err)
	}
	if _, err := client.ReadMessage(); !errors.Is(err, ErrLost) {
		t.Errorf("after it: %v, want ErrLost", err)
	}
	_ = client.Close()
	<-closed
}

func TestBytesPushTheReadDeadlineOn(t *testing.T) {
	t.Parallel()
	client, server := sockets(t, 1<<20)
	const idle = 2 * time.Second // a write may be late by three quarters of it on a busy machine
	if err := server.SetReadDeadline(time.Now().Add(idle)); err != nil {
		t.Fatal(err)
	}
	// A message that takes longer than the deadline, a little at a time.
	w, err := client.(*wsConn).ws.NextWriter(websocket.BinaryMessage)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for range 8 {
			<-time.After(idle / 4)
			_, _ = w.Write(make([]byte, 5000))
		}
		_ = w.Close()
	}()
	start := time.Now()
	if b, err := server.ReadMessage(); err != nil || len(b) != 40000 {
		t.Fatalf("%d bytes, %v", len(b), err)
	}
	if d := time.Since(start); d < idle {
		t.Fatalf("the message took %v, which proves nothing", d)
	}
	if d := server.(*wsConn).ReadIdle(); d > idle {
		t.Errorf("idle for %v", d)
	}
	if _, err := server.ReadMessage(); !errors.Is(err, os.ErrDeadlineExceeded) || !errors.Is(err, ErrLost) {
		t.Errorf("then silence: %v, want ErrDeadlineExceeded", err)
	}
}

func TestPipesKeepWhatWasWrittenBeforeTheEnd(t *testing.T) {
	a, b := Pipe()
	for i := range byte(3) {
		if err := a.WriteMessage([]byte{i}); err != nil {
			t.Fatal(err)
		}
	}
	_ = a.Close()
	for i := range byte(3) {
		if m, err := b.ReadMessage(); err != nil || m[0] != i {
			t.Errorf("message %d: %v, %v", i, m, err)
		}
	}
	if _, err := b.ReadMessage(); !errors.Is(err, ErrLost) {
		t.Errorf("after the end: %v", err)
	}
	if err := b.WriteMessage(nil); !errors.Is(err, ErrLost) {
		t.Errorf("writing to nobody: %v", err)
	}
}

func TestPipesKeepDeadlines(t *testing.T) {
	a, _ := Pipe()
	defer a.Close()
	_ = a.SetReadDeadline(time.Now().Add(time.Millisecond))
	if _, err := a.ReadMessage(); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("reading: %v", err)
	}
	for range pipeBuffer {
		if err := a.WriteMessage([]byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	_ = a.SetWriteDeadline(time.Now().Add(time.Millisecond))
	if err := a.WriteMessage([]byte("x")); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("writing to a full pipe: %v", err)
	}
	_ = a.SetWriteDeadline(time.Time{})
}
