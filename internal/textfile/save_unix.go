//go:build unix

package textfile

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// keepOwner gives the new file the owner and group of the old, as far as the system allows.
func keepOwner(h *os.File, old fs.FileInfo) {
	was, ok := old.Sys().(*syscall.Stat_t)
	if !ok {
		return
	}
	info, err := h.Stat()
	if err != nil {
		return
	}
	if is, ok := info.Sys().(*syscall.Stat_t); ok && is.Uid == was.Uid && is.Gid == was.Gid {
		return
	}
	if h.Chown(int(was.Uid), int(was.Gid)) != nil {
		_ = h.Chown(-1, int(was.Gid)) // only root gives files away; the group may be allowed
	}
}

// syncFolder brings a rename to the disk.
func syncFolder(path string) error {
	h, err := os.Open(path)
	if err != nil {
		return nil // a folder may be writable without being readable; the file itself is on the disk
	}
	defer h.Close()
	if err := h.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, syscall.ENOTSUP) {
		return err
	}
	return nil
}
