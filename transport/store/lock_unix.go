//go:build unix && !solaris && !aix

package store

import (
	"errors"
	"os"
	"syscall"
)

// lock is a lock on a file, as bbolt takes it: a shared one excludes a process that writes, an exclusive one every
// other.
type lock struct{ f *os.File }

func lockFile(path string, exclusive bool) (*lock, error) {
	how, mode := syscall.LOCK_SH, os.O_RDONLY
	if exclusive {
		how, mode = syscall.LOCK_EX, os.O_RDWR
	}
	f, err := os.OpenFile(path, mode, 0)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = ErrInUse
		}
		return nil, err
	}
	return &lock{f}, nil
}

func (l *lock) release() { l.f.Close() }

// fasten writes the file's first pages once more, as they are, and syncs. A commit may have ended between writing its
// page and the disk's answer, or by an answer that was an error: then what is read is perhaps only in the system's
// cache, and the tree it took the place of, which is the one on disk, must not be written over before this one is
// there. The lock is an exclusive one.
func (l *lock) fasten(pages int64) error {
	b := make([]byte, pages)
	if _, err := l.f.ReadAt(b, 0); err != nil {
		return err
	}
	if _, err := l.f.WriteAt(b, 0); err != nil {
		return err
	}
	return l.f.Sync()
}
