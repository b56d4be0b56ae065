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

// Dialer opens a connection to the relay. An error wrapping ErrRefused is final; any other is tried again.
type Dialer func(ctx context.Context) (Conn, error)

// idleReader is a Conn that knows how long ago the last byte arrived, which is
// sooner than the last whole message.
type idleReader interface {
	ReadIdle() time.Duration
}
