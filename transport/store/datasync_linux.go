package store

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// datasync writes to disk what was written to the file, and its size, but not the time of that.
func datasync(f *os.File) error {
	for {
		err := unix.Fdatasync(int(f.Fd()))
		if !errors.Is(err, unix.EINTR) {
			return os.NewSyscallError("fdatasync", err)
		}
	}
}
