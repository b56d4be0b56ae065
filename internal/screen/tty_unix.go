//go:build unix

package screen

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// nonblocking puts the terminal's file back into non-blocking mode, which starting a command in it ended: without it a
// Write to a program that does not read outlasts Close.
func nonblocking(tty *os.File) error {
	return control(tty, func(fd int) error { return syscall.SetNonblock(fd, true) })
}

// setSize tells the terminal and the program in it the size, and leaves the file non-blocking.
func setSize(tty *os.File, columns, rows int) error {
	return control(tty, func(fd int) error {
		return unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Col: uint16(columns), Row: uint16(rows)})
	})
}

func control(tty *os.File, f func(fd int) error) error {
	conn, err := tty.SyscallConn()
	if err == nil {
		var inner error
		err = errors.Join(conn.Control(func(fd uintptr) { inner = f(int(fd)) }), inner)
	}
	if err != nil {
		return fmt.Errorf("pseudo-terminal: %w", err)
	}
	return nil
}
