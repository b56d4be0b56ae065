//go:build !windows && !linux && !darwin && !freebsd && !netbsd && !openbsd && !dragonfly

package journal

import (
	"errors"
	"os"
)

// lock fails: without locks two processes might write one journal.
func lock(*os.File) error { return errors.ErrUnsupported }
