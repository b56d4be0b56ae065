//go:build !unix

package textfile

import (
	"io/fs"
	"os"
)

// keepOwner does nothing here: a new file inherits the access rights of its folder.
func keepOwner(*os.File, fs.FileInfo) {}

// syncFolder does nothing here: the rename is written through.
func syncFolder(string) error { return nil }
