package editor

import (
	"bytes"
	"errors"

	"coedit/rga"
)

// ErrNoComment is returned by ToggleComment for a language whose comments are not known.
var ErrNoComment = errors.New("editor: no comments are known for this kind of file")

// commentReach bounds the part of a line that is looked at.
const commentReach = 4 << 10

// commented is one line to comment or the other way round.
type commented struct {
	start, end int // of the line
	indent     int // bytes of its indentation
	inside     bool
	head, tail int // bytes that make it a comment, with the blanks inside
}

// ToggleComment makes comments of the lines that the selections touch, or lines of comments where all of them are. Empty
// lines do not count. The marks go behind the least indentation of them.
func (e *Editor) ToggleComment(at int64, l Language) error {
	if l.Line == "" && l.Open == "" {
		return ErrNoComment
	}
	var lines []commented
	all, least := true, commentReach
	err := e.lines(commentReach, func(start, end int, text []byte) {
		rest := bytes.TrimLeft(text, " \t")
		if len(rest) == 0 {
			return
		}
		c := commented{start: start, end: end, indent: len(text) - len(rest)}
		c.find(rest, l)
		all = all && c.inside
		least = min(least, c.indent)
		lines = append(lines, c)
	})
	if err != nil {
		return err
	}
	var edits []rga.Edit
	for _, c := range lines {
		edits = append(edits, c.toggle(l, all, least)...)
	}
	return e.rewrite(at, edits, kept)
}

// find says whether the line's text behind its indentation is a comment.
func (c *commented) find(rest []byte, l Language) {
	head, tail := l.Line, ""
	if head == "" {
		head, tail = l.Open, l.Close
	}
	if tail != "" && c.end-c.start > commentReach { // its end is not in rest
		return
	}
	trimmed := bytes.TrimRight(rest, " \t")
	if !bytes.HasPrefix(rest, []byte(head)) || !bytes.HasSuffix(trimmed, []byte(tail)) || len(trimmed) < len(head)+len(tail) {
		return
	}
	c.inside, c.head = true, len(head)
	inner := trimmed[len(head) : len(trimmed)-len(tail)]
	if bytes.HasPrefix(inner, []byte(" ")) {
		c.head++
		inner = inner[1:]
	}
	if tail != "" {
		c.tail = len(rest) - len(trimmed) + len(tail)
		if bytes.HasSuffix(inner, []byte(" ")) {
			c.tail++
		}
	}
}

// toggle returns the edits of one line.
func (c *commented) toggle(l Language, off bool, indent int) []rga.Edit {
	switch {
	case off:
		edits := []rga.Edit{{Offset: c.start + c.indent, Delete: c.head}}
		if c.tail > 0 {
			edits = append(edits, rga.Edit{Offset: c.end - c.tail, Delete: c.tail})
		}
		return edits
	case l.Line != "":
		return []rga.Edit{{Offset: c.start + indent, Insert: l.Line + " "}}
	}
	return []rga.Edit{{Offset: c.start + indent, Insert: l.Open + " "}, {Offset: c.end, Insert: " " + l.Close}}
}
