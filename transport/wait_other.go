//go:build !unix

package transport

import "net"

// readable is not there on this system: goroutines wait in Read.
type readable struct{}

func newReadable(net.Conn) *readable { return nil }

func (*readable) wait() {}
