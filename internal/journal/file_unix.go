//go:build unix

package journal

import (
	"errors"
	"os"
	"syscall"
)

// fileID names the file within this machine.
func fileID(f *os.File) (device, file uint64, ok bool) {
	info, err := f.Stat()
	if err != nil {
		return 0, 0, false
	}
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0, false
	}
	return uint64(s.Dev), uint64(s.Ino), true
}

// syncFolder brings a folder's names to the disk.
func syncFolder(path string) error {
	h, err := os.Open(path)
	if err != nil {
		return err
	}
	defer h.Close()
	if err := h.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, syscall.ENOTSUP) {
		return err
	}
	return nil
}
