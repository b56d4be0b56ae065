package tui

import (
	"bytes"
	"os"
	"regexp"
	"unicode/utf8"
)

// WholeInput is the terminal's input for [tea.WithInput], handed on in whole characters and whole sequences. What comes over a slow
// link can be cut anywhere, and Bubble Tea gives up after 50 milliseconds on what is not complete: a character cut in a paste
// would be lost, a key would become text, and a paste whose end was cut would never end.
//
// Escape and Escape [ outside a paste are handed on at once: they may be all that was pressed.
type WholeInput struct {
	*os.File

	held    []byte // read, but not yet complete
	pasting bool
	matched int // bytes of a paste's mark that were handed on last
}

// NewWholeInput returns the input that comes from a terminal.
func NewWholeInput(f *os.File) *WholeInput { return &WholeInput{File: f} }

// incomplete bounds what is held back, in bytes: longer sequences than that are none that mean a key.
const incomplete = 64

// Read reads what is there. It may return nothing, and no error, where nothing of it is complete.
func (in *WholeInput) Read(p []byte) (int, error) {
	if len(p) < 2*incomplete {
		return in.File.Read(p)
	}
	n := copy(p, in.held)
	m, err := in.File.Read(p[n : len(p)-consoleGrowth(len(p))])
	n += m
	if err != nil {
		in.held = in.held[:0]
		return n, err
	}
	pasting := in.pasting
	in.follow(p[:n])
	keep := in.cut(p[:n])
	in.held = append(in.held[:0], p[n-keep:n]...)
	n -= keep
	if !pasting && !in.pasting && !bytes.Contains(p[:n], []byte(pasteMark)) {
		n = knownKeys(p, n)
	}
	return n, nil
}

// pasteMark begins what stands before and behind a paste; a 0 or 1 and a ~ follow.
const pasteMark = "\x1b[20"

// follow finds out whether a paste is going on behind b. What is held back is seen again with the next call, but no mark is whole
// in it.
func (in *WholeInput) follow(b []byte) {
	for i, c := range b {
		switch {
		case in.matched < len(pasteMark) && c == pasteMark[in.matched]:
			in.matched++
			continue
		case in.matched == len(pasteMark) && (c == '0' || c == '1') && i+1 < len(b) && b[i+1] == '~':
			in.pasting = c == '0'
		}
		in.matched = 0
		if c == pasteMark[0] {
			in.matched = 1
		}
	}
}

// begun is the beginning of a control sequence that goes on; in a paste it may be shorter.
var begun = regexp.MustCompile(`^\x1b(\[\[?[0-9;:<=>?]*)?$`)

// cut is how many bytes at the end of b are the beginning of something.
func (in *WholeInput) cut(b []byte) int {
	tail := b[max(len(b)-incomplete, 0):]
	if i := bytes.LastIndexByte(tail, '\x1b'); i >= 0 && begun.Match(tail[i:]) && (in.pasting || len(tail)-i > len("\x1b[")) {
		in.matched = 0 // it is seen again
		return len(tail) - i
	}
	return len(tail) - len(wholeRunes(tail))
}

// wholeRunes drops an incomplete rune at the end of b.
func wholeRunes(b []byte) []byte {
	for i := 1; i < utf8.UTFMax && i <= len(b); i++ {
		if c := b[len(b)-i]; utf8.RuneStart(c) {
			if !utf8.FullRune(b[len(b)-i:]) {
				return b[:len(b)-i]
			}
			break
		}
	}
	return b
}
