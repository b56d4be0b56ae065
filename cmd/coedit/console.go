package main

import (
	"io"
	"strings"
	"sync"

	"github.com/charmbracelet/x/term"
)

// screen is where a program for the whole screen writes to.
func (p *program) screen() io.Writer {
	if f, ok := p.stdout.(term.File); ok && p.onConsole() {
		return &console{File: f}
	}
	return p.stdout
}

// onConsole says whether the terminal is the Linux kernel's own.
func (p *program) onConsole() bool { return strings.HasPrefix(p.getenv("TERM"), "linux") }

// console is a Linux console. It is not told what it does not understand: it would print a part of that, as kernels of before 2020 do
// with most of it. Kernels print what is inside of a string (titles, the clipboard, questions about colours), and what is behind a
// prefix or an intermediate byte that they do not know (key protocols, the cursor's shape, questions about modes).
type console struct {
	term.File

	mu     sync.Mutex
	filter consoleFilter // guarded by mu
	passed []byte        // guarded by mu; kept for its memory
}

func (c *console) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.passed = c.filter.pass(c.passed[:0], p)
	if _, err := c.File.Write(c.passed); err != nil {
		return 0, err
	}
	return len(p), nil
}

// consoleFilter takes out of a stream, in any pieces, the sequences that a Linux console does not understand.
type consoleFilter struct {
	state   consoleState
	pending []byte // of the sequence that is not whole yet
}

type consoleState int

const (
	consoleText      consoleState = iota
	consoleEscape                 // ESC
	consoleCSI                    // ESC [, and more
	consoleString                 // in a string, which ends with BEL or ESC \
	consoleStringEnd              // in a string, behind an ESC
)

// longestCSI is longer in bytes than any control sequence that makes sense.
const longestCSI = 256

// leaveScreen leaves the second screen, which old consoles do not have: there the text would stay.
const (
	leaveScreen = "\x1b[?1049l"
	clearScreen = "\x1b[H\x1b[J"
)

// pass appends to out what of p may be written.
func (f *consoleFilter) pass(out, p []byte) []byte {
	for _, b := range p {
		switch f.state {
		case consoleText:
			if b != 0x1b {
				out = append(out, b)
				continue
			}
			f.pending, f.state = append(f.pending[:0], b), consoleEscape
		case consoleEscape:
			out = f.escape(out, b)
		case consoleCSI:
			if f.pending = append(f.pending, b); b >= 0x40 || b < 0x20 || len(f.pending) > longestCSI {
				out = f.csi(out)
				f.state = consoleText
			}
		case consoleString:
			if b == 0x07 {
				f.state = consoleText
			} else if b == 0x1b {
				f.state = consoleStringEnd
			}
		case consoleStringEnd:
			f.state = consoleString
			if b == '\\' {
				f.state = consoleText
			}
		}
	}
	return out
}

// escape takes the byte behind an ESC.
func (f *consoleFilter) escape(out []byte, b byte) []byte {
	f.pending = append(f.pending, b)
	switch b {
	case '[':
		f.state = consoleCSI
		return out
	case ']', 'P', 'X', '^', '_': // OSC, DCS, SOS, PM, APC
		f.state = consoleString
		return out
	}
	f.state = consoleText
	return append(out, f.pending...)
}

// csi appends the control sequence that is whole now, if the console understands it.
func (f *consoleFilter) csi(out []byte) []byte {
	body := f.pending[len("\x1b["):]
	for i, b := range body[:len(body)-1] {
		if b < 0x30 || b > '?' || b > ';' && (b != '?' || i > 0) { // neither a parameter nor DEC's prefix
			return out
		}
	}
	switch final := body[len(body)-1]; {
	case final < 0x40 || final > 0x7e:
		return out
	case body[0] == '?' && final != 'h' && final != 'l' && final != 'W':
		return out
	case string(f.pending) == leaveScreen:
		out = append(out, clearScreen...)
	}
	return append(out, f.pending...)
}
