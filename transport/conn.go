package transport

import (
	"context"
	"time"
)

// Conn is one connection that carries whole binary messages (a WebSocket, or a pipe in the simulator).
// One goroutine reads, one writes; Close may be called from any and ends both.
//
// The result of ReadMessage belongs to the caller; WriteMessage does not change its
// argument and may keep it. A deadline counts for the calls after it; the zero time is
// none. Bytes that arrive may push a read deadline on, so that a
// long message on a slow link is not taken for silence.
type Conn interface {
	ReadMessage() ([]byte, error)
	WriteMessage([]byte) error
	SetReadDeadline(time.Time) error
	SetWriteDeadline(time.Time) error
	Close() error
}

// BatchWriter is a Conn that writes several messages together, as few packets.
// They arrive as single messages, in order. The same rules hold as for WriteMessage.
type BatchWriter interface {
	WriteMessages(messages [][]byte) error
}

// WriteMessages writes messages in order, together where the connection can.
func WriteMessages(c Conn, messages [][]byte) error {
	if b, ok := c.(BatchWriter); ok && len(messages) > 1 {
		return b.WriteMessages(messages)
	}
	for _, m := range messages {
		if err := c.WriteMessage(m); err != nil {
			return err
		}
	}
	return nil
}

// Waiter is a Conn on which one can wait for something to read without a deep stack. It is for programs with
// thousands of connections, most of which say nothing most of the time.
type Waiter interface {
	// CanWait says whether WaitReadable waits.
	CanWait() bool
	// WaitReadable returns when ReadMessage has something to do: a message, the first bytes of one, the end, or the
	// read deadline.
	WaitReadable()
	// Buffered says whether something was received that ReadMessage did not return yet.
	Buffered() bool
}

// Dialer opens a connection to the relay. An error wrapping ErrRefused is final; any other is tried again.
type Dialer func(ctx context.Context) (Conn, error)

// idleReader is a Conn that knows how long ago the last byte arrived, which is
// sooner than the last whole message.
type idleReader interface {
	ReadIdle() time.Duration
}
