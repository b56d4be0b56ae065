package editor

import (
	"bytes"
	"strings"
)

// Indentation: what one level of it is in this text is found out from the text, once something in it is indented.

// looked is how many bytes of a text are looked at for its indentation.
const looked = 64 << 10

// Indentation is one level of the text's indentation: a tab, or some spaces; while nothing is indented, what
// SetIndentation said, or four spaces.
func (e *Editor) Indentation() string {
	if e.indents == "" && !e.unindented {
		e.indents = detectIndent(e.view.Append(nil, 0, min(e.view.Len(), looked)))
		e.unindented = e.indents == ""
	}
	switch {
	case e.indents != "":
		return e.indents
	case e.indentsElse != "":
		return e.indentsElse
	}
	return "    "
}

// SetIndentation says what one level of indentation is while the text does not show it.
func (e *Editor) SetIndentation(unit string) { e.indentsElse = unit }

// detectIndent finds what a text indents with: a tab, or the smallest indentation by spaces; empty: nothing is indented.
func detectIndent(text []byte) string {
	tabs, spaces, smallest := 0, 0, 9
	for line := range bytes.Lines(text) {
		rest := bytes.TrimLeft(line, " ")
		n := len(line) - len(rest)
		switch {
		case line[0] == '\t':
			tabs++
		case n >= 2 && n <= 8 && len(rest) > 0 && rest[0] != '\n' && rest[0] != '*':
			spaces++
			smallest = min(smallest, n)
		}
	}
	switch {
	case tabs == 0 && spaces == 0:
		return ""
	case tabs >= spaces:
		return "\t"
	}
	return strings.Repeat(" ", smallest)
}

// Newline breaks the line at every caret. The new line begins with the indentation of the old, and one level more behind an
// opening bracket; a closing bracket that follows at once goes to a line of its own.
func (e *Editor) Newline(at int64) error {
	unit := e.Indentation()
	return e.editCarets(at, single, func(_ int, c *caret) spot {
		from, to := c.Span()
		start, _ := e.scan.line(from)
		blanks := min(e.scan.skipRight(start, isIndent), from)
		indent := string(e.view.Append(nil, start, blanks))
		text := "\n" + indent
		opening := e.byteBefore(e.scan.skipLeft(from, isIndent))
		if !isOpening(opening) {
			return spot{from, to, text, len(text), len(text)}
		}
		text += unit
		head := len(text)
		if b := e.scan.read(to, to+1); len(b) == 1 && b[0] == partner(opening) {
			text += "\n" + indent
		}
		return spot{from, to, text, head, head}
	})
}

// closeReach bounds in bytes how far Type looks for the bracket that one is typed to close.
const closeReach = 64 << 10

// Type inserts what was typed, as Insert does. A closing bracket that is the first thing in its line is indented like the line
// of the bracket that it closes.
func (e *Editor) Type(at int64, text string) error {
	if len(text) != 1 || strings.IndexByte(closings, text[0]) < 0 || e.selects() {
		return e.Insert(at, text)
	}
	moves := false
	spots := make([]spot, len(e.carets))
	for i := range e.carets {
		spots[i] = e.closing(e.carets[i].Head, text)
		moves = moves || spots[i].from < spots[i].to
	}
	if !moves {
		return e.Insert(at, text)
	}
	return e.editCarets(at, single, func(i int, _ *caret) spot { return spots[i] })
}

// closing is the edit by which a closing bracket is typed at an offset.
func (e *Editor) closing(off int, bracket string) spot {
	s := spot{off, off, bracket, 1, 1}
	start, _ := e.scan.line(off)
	if e.scan.skipRight(start, isIndent) < off || start == off {
		return s
	}
	open, ok := e.openingBefore(off, partner(bracket[0]), bracket[0], closeReach)
	if !ok || open >= start {
		return s
	}
	line, _ := e.scan.line(open)
	indent := e.view.Append(nil, line, e.scan.skipRight(line, isIndent))
	if string(indent) == string(e.view.Append(nil, start, off)) {
		return s
	}
	text := string(indent) + bracket
	return spot{start, off, text, len(text), len(text)}
}

func isIndent(r rune) bool { return r == ' ' || r == '\t' }

// byteBefore is the byte before an offset; 0 at the beginning.
func (e *Editor) byteBefore(off int) byte {
	if b := e.scan.read(off-1, off); len(b) == 1 {
		return b[0]
	}
	return 0
}

// The brackets that pair.
const (
	openings = "([{"
	closings = ")]}"
)

func isOpening(b byte) bool { return b != 0 && strings.IndexByte(openings, b) >= 0 }

// partner is the bracket that b pairs with; 0: b is none.
func partner(b byte) byte {
	if i := strings.IndexByte(openings, b); i >= 0 {
		return closings[i]
	}
	if i := strings.IndexByte(closings, b); i >= 0 {
		return openings[i]
	}
	return 0
}
