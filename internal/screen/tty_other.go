//go:build !unix

package screen

import "os"

func nonblocking(*os.File) error { return ErrUnsupported }

func setSize(*os.File, int, int) error { return ErrUnsupported }
