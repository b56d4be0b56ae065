package relay_test

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"coedit/transport"
	"coedit/transport/relay"
	"coedit/transport/wire"
)

// FuzzServeConn: a participant may send anything. The relay neither panics nor hangs,
// and leaves nothing behind; somebody else in the room can still work.
// The input is a list of messages, each preceded by its length in two bytes. A first byte that is odd lets the participant
// be admitted in version 2 before.
func FuzzServeConn(f *testing.F) {
	h := newHouse(f, 1)
	first := encode(f, hello(h, 7))
	names, err := filepath.Glob("../testdata/golden/v*/client_*.bin")
	if err != nil || len(names) == 0 {
		f.Fatal(names, err)
	}
	admitted := func(b []byte) []byte { return append([]byte{1}, b...) }
	list := func(messages ...[]byte) []byte {
		b := []byte{0}
		for _, m := range messages {
			b = append(binary.BigEndian.AppendUint16(b, uint16(len(m))), m...)
		}
		return b
	}
	all := [][]byte{first}
	for _, n := range names {
		b, err := os.ReadFile(n)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(list(b))
		f.Add(list(first, b, b))
		f.Add(admitted(list(b, b)[1:]))
		all = append(all, b)
	}
	f.Add(list(all...))
	f.Add(list(first, encode(f, publish(7, 1, "a")), encode(f, publish(7, 3, "c")), encode(f, publish(7, 1, "b"))))
	f.Add(list(first, encode(f, putChunk(0, 1, 1, "x", transport.Cursor{}, true))))
	f.Fuzz(func(t *testing.T, input []byte) {
		synctest.Test(t, func(t *testing.T) {
			hub := newRelay(relay.Config{MaxSnapshot: 1 << 20})
			other := dialRaw(t, hub)
			other.join(h, 8)
			a, b := transport.Pipe()
			done := make(chan struct{})
			go func() {
				defer close(done)
				hub.ServeConn(b)
			}()
			if len(input) > 0 && input[0]&1 == 1 {
				(&raw{t, a}).join(h, 7, version2)
			}
			input = input[min(1, len(input)):]
			go func() { // reads what it is told
				for {
					if _, err := a.ReadMessage(); err != nil {
						return
					}
				}
			}()
			for len(input) >= 2 {
				n := int(binary.BigEndian.Uint16(input))
				input = input[2:]
				n = min(n, len(input))
				if a.WriteMessage(input[:n]) != nil {
					break
				}
				input = input[n:]
			}
			synctest.Wait()
			_ = a.Close()
			<-done
			other.send(publish(8, 1, "still here"))
			other.acked(1)
			if s := hub.Stats(); s.Present != 1 {
				t.Errorf("%d present, want the other one", s.Present)
			}
			_ = other.conn.Close()
			stop(t, hub)
		})
	})
}

// FuzzSocket: after the request for a WebSocket anything may come, also what is no WebSocket at all. That connection ends or
// waits for its deadline, and the relay serves on.
func FuzzSocket(f *testing.F) {
	h := newHouse(f, 1)
	masked := func(opcode byte, payload []byte) []byte { // with a mask of zeros
		return append([]byte{0x80 | opcode, 0x80 | byte(len(payload)), 0, 0, 0, 0}, payload...)
	}
	ping := wire.Marshal(&wire.ClientFrame{Kind: &wire.ClientFrame_Ping{Ping: &wire.Ping{ClientTime: 1}}})
	long := encode(f, hello(h, 7))
	frame := append([]byte{0x82, 0xfe, byte(len(long) >> 8), byte(len(long)), 0, 0, 0, 0}, long...)
	f.Add(masked(2, ping))
	f.Add(append(frame, masked(2, ping)...))
	f.Add(append(frame, masked(9, []byte("control"))...))
	f.Add(masked(8, []byte{3, 0xe8}))
	f.Add(masked(3, nil)) // no such opcode
	f.Add([]byte{0x02, 0x80, 0, 0, 0, 0, 0x02, 0x80, 0, 0, 0, 0})
	f.Add([]byte{0x82, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 1})
	f.Add([]byte("GET / HTTP/1.1\r\n\r\n"))
	hub := newRelay(relay.Config{HandshakeTimout: 20 * time.Millisecond, MaxMessage: 1 << 20})
	url := serveHTTP(f, hub)
	host := strings.TrimPrefix(url, "http://")
	f.Fuzz(func(t *testing.T, input []byte) {
		c, err := net.Dial("tcp", host)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_ = c.SetDeadline(time.Now().Add(20 * time.Second))
		request := "GET /r/ HTTP/1.1\r\nHost: " + host + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
			"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: coedit\r\n\r\n"
		if _, err := c.Write([]byte(request)); err != nil {
			t.Fatal(err)
		}
		answer := make([]byte, 12)
		if _, err := io.ReadFull(c, answer); err != nil || string(answer) != "HTTP/1.1 101" {
			t.Fatalf("%q, %v", answer, err)
		}
		_, _ = c.Write(input)
		_ = c.(*net.TCPConn).CloseWrite()
		if _, err := io.Copy(io.Discard, c); err != nil && errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatal("the connection neither ended nor was ended")
		}
		if hub.Ready() != nil {
			t.Fatal("the relay is not ready any more")
		}
	})
}
