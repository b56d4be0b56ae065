//go:build unix

package transport

import (
	"net"
	"syscall"
)

// readable waits until a connection can be read from, or its read deadline has passed. Compared with reading, it needs
// little stack: a goroutine that waits here lives on the 2 KB it began with.
type readable struct{ raw syscall.RawConn }

// newReadable is for connections whose bytes are those of the socket: not for TLS, which has some of its own.
func newReadable(c net.Conn) *readable {
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return nil
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return nil
	}
	return &readable{raw}
}

func (r *readable) wait() {
	waited := false
	_ = r.raw.Read(func(fd uintptr) bool { // whatever is wrong, reading will find it too
		if waited {
			return true
		}
		waited = true
		var b [1]byte
		_, _, err := syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK)
		return err != syscall.EAGAIN && err != syscall.EWOULDBLOCK && err != syscall.EINTR
	})
}
