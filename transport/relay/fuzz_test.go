package relay_test

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"

	"coedit/transport"
	"coedit/transport/relay"
)

// FuzzServeConn: a participant may send anything. The relay neither panics nor hangs,
// and leaves nothing behind; somebody else in the room can still work.
// The input is a list of messages, each preceded by its length in two bytes.
func FuzzServeConn(f *testing.F) {
	h := newHouse(f, 1)
	first := encode(f, hello(h, 7))
	names, err := filepath.Glob("../testdata/golden/v1/client_*.bin")
	if err != nil || len(names) == 0 {
		f.Fatal(names, err)
	}
	list := func(messages ...[]byte) (b []byte) {
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
