package transport

import (
	"net"
	"syscall"
)

// unsentBytes is how much the kernel takes from us beyond what it has sent. More would wait there, in the order in which it
// was written: what became urgent meanwhile could not overtake it, and a participant that does not read would cost megabytes of the
// kernel's memory. What is on its way is not limited by it.
const unsentBytes = 64 << 10

const tcpNotsentLowat = 0x19 // TCP_NOTSENT_LOWAT, which package syscall does not name

// limitUnsent asks for that; where it cannot be had, things work without.
func limitUnsent(c net.Conn) {
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) {
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpNotsentLowat, unsentBytes)
	})
}
