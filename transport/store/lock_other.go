//go:build !unix || solaris || aix

package store

import (
	"errors"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// lock is a lock on a file, which excludes a process that writes it: bbolt's own, a shared one. That nobody came
// between is seen when the file is opened.
type lock struct{ db *bolt.DB }

func lockFile(path string, _ bool) (*lock, error) {
	db, err := bolt.Open(path, 0o600, &bolt.Options{ReadOnly: true, Timeout: lockTimeout})
	if errors.Is(err, berrors.ErrTimeout) {
		err = ErrInUse
	}
	if err != nil {
		return nil, err
	}
	return &lock{db}, nil
}

func (l *lock) release() { l.db.Close() }

// fasten does nothing: these systems write what they cached, or say so when the file is opened.
func (l *lock) fasten(int64) error { return nil }
