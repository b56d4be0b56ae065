package relay_test

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"coedit/transport"
	"coedit/transport/relay"
)

// lateLog says that it grew a second after it has answered.
type lateLog struct{ relay.Log }

func (l lateLog) Open(room string, manifest []byte, grew func()) (relay.RoomLog, error) {
	return l.Log.Open(room, manifest, func() {
		time.Sleep(time.Second)
		grew()
	})
}

// countedConn counts writes, of one message or several.
type countedConn struct {
	transport.Conn
	writes atomic.Int64
}

func (c *countedConn) WriteMessage(b []byte) error {
	c.writes.Add(1)
	return c.Conn.WriteMessage(b)
}

func (c *countedConn) WriteMessages(messages [][]byte) error {
	c.writes.Add(1)
	return transport.WriteMessages(c.Conn, messages)
}

// TestAnAcknowledgementIsWrittenWithWhatIsNew: one write for the author, as for everybody else. A frame that was there already
// is answered at once, for nothing new comes.
func TestAnAcknowledgementIsWrittenWithWhatIsNew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 1)
		hub := newRelay(relay.Config{Log: lateLog{relay.NewMemoryLog(1)}})
		a, b := transport.Pipe()
		counted := &countedConn{Conn: b}
		served := make(chan struct{})
		go func() {
			defer close(served)
			hub.ServeConn(counted)
		}()
		r := &raw{t, a}
		r.join(h, 7, version2)
		synctest.Wait()
		for n := range uint64(3) {
			before := counted.writes.Load()
			r.send(publish(7, n+1, "x"))
			r.acked(n + 1)
			time.Sleep(2 * time.Second) // by then the log has said that it grew
			synctest.Wait()
			if wrote := counted.writes.Load() - before; wrote != 1 {
				t.Errorf("frame %d: %d writes for the acknowledgement and the frame", n+1, wrote)
			}
		}
		asked := time.Now()
		r.send(publish(7, 2, "x"))
		r.acked(3)
		if took := time.Since(asked); took > 0 {
			t.Errorf("a frame that was there already is answered after %v", took)
		}
		_ = a.Close()
		<-served
	})
}
