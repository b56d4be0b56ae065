//go:build !linux

package store

import "os"

// forgetCached does something on Linux only.
func forgetCached(*os.File) {}
