package store

import (
	"os"

	"golang.org/x/sys/unix"
)

// forgetCached makes the following reads come from the disk. After a sync that failed, the system may go on showing
// what never reached it. Where it cannot be done, nothing is lost but that.
func forgetCached(f *os.File) { _ = unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED) }
