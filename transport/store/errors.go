package store

import (
	"errors"
	"fmt"
)

// Errors of a Store, beside those of package relay.
var (
	// ErrInUse: another process has the store open.
	ErrInUse = errors.New("in use by another process")
	// ErrDamaged: the file is not as it was written.
	ErrDamaged = errors.New("damaged")
	// ErrUnavailable: the last commit failed, and the store has not come back yet. Nothing was stored.
	ErrUnavailable = errors.New("the store cannot be used at the moment")
	// ErrBusy: more waits to be stored than the store takes.
	ErrBusy = errors.New("too much waits to be stored")
	// ErrShut: the store was closed by this process.
	ErrShut = errors.New("the store is shut")
)

// VersionError says that a store was written by a later program.
type VersionError struct{ Found uint32 }

func (e *VersionError) Error() string {
	return fmt.Sprintf("its format is version %d, and this program knows versions up to %d", e.Found, formatVersion)
}

// FileError names the file something is wrong with.
type FileError struct {
	File string
	Err  error
}

func (e *FileError) Error() string { return e.File + ": " + e.Err.Error() }

// Unwrap gives what is wrong.
func (e *FileError) Unwrap() error { return e.Err }
