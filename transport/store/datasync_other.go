//go:build !linux

package store

import "os"

// datasync writes to disk what was written to the file.
func datasync(f *os.File) error { return f.Sync() }
