package transport

import (
	"strings"
	"testing"
	"time"
)

// TestMessagesWrittenTogetherArriveSingly, of every size, in order.
func TestMessagesWrittenTogetherArriveSingly(t *testing.T) {
	client, server := sockets(t, 1<<20)
	var messages [][]byte
	for i, size := range []int{1, 0, 125, 126, 3, 70_000, 4096, 2} {
		messages = append(messages, []byte(strings.Repeat(string(rune('a'+i)), size)))
	}
	a, b := Pipe()
	for _, way := range [][2]Conn{{client, server}, {server, client}, {a, b}} {
		for _, batch := range [][][]byte{messages, messages[:1], nil, messages[2:]} {
			wrote := make(chan error, 1)
			go func() { wrote <- WriteMessages(way[0], batch) }()
			for i, want := range batch {
				if got, err := way[1].ReadMessage(); err != nil || string(got) != string(want) {
					t.Fatalf("message %d: %d bytes, %v; want %d bytes", i, len(got), err, len(want))
				}
			}
			if err := <-wrote; err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestWaitingEndsWhenThereIsSomethingToRead: a message, the deadline, the end; and it says when something is left.
func TestWaitingEndsWhenThereIsSomethingToRead(t *testing.T) {
	client, server := sockets(t, 1<<20)
	w, ok := server.(Waiter)
	if !ok || !w.CanWait() {
		t.Skip("not on this system")
	}
	waited := make(chan struct{})
	wait := func() {
		go func() { w.WaitReadable(); waited <- struct{}{} }()
	}
	wait()
	select {
	case <-waited:
		t.Fatal("nothing was sent")
	case <-time.After(20 * time.Millisecond):
	}
	if err := WriteMessages(client, [][]byte{[]byte("one"), []byte("two")}); err != nil {
		t.Fatal(err)
	}
	<-waited
	for _, want := range []string{"one", "two"} {
		if b, err := server.ReadMessage(); err != nil || string(b) != want {
			t.Fatalf("%q, %v", b, err)
		}
		if left := w.Buffered(); left != (want == "one") {
			t.Errorf("after %q, something left: %t", want, left)
		}
	}
	_ = server.SetReadDeadline(time.Now().Add(time.Millisecond))
	wait()
	<-waited
	_ = server.SetReadDeadline(time.Time{})
	wait()
	_ = client.Close()
	<-waited
	if _, err := server.ReadMessage(); err == nil {
		t.Error("read from a closed connection")
	}
}
