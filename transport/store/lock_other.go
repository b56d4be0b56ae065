//go:build !unix || solaris || aix

package store

import (
	"errors"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// lock is a shared lock on a file, which excludes a process that writes it: bbolt's own.
type lock struct{ db *bolt.DB }

func lockShared(path string) (*lock, error) {
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
