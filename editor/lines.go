package editor

import (
	"errors"
	"strings"

	"coedit/rga"
)

// ErrTooMany is returned by commands that would change more than [MaxLines] lines or places.
var ErrTooMany = errors.New("editor: too many lines at once")

// MoveLines moves the lines that the selections touch by one line up or down; the selections go with them. What becomes of
// it for others is that the line passed over moved: carets in the moved lines, and what is typed there meanwhile, stay.
func (e *Editor) MoveLines(at int64, down bool) error {
	blocks := e.blocks()
	moves := make([]int, len(blocks)) // by how many bytes each block moves
	var edits []rga.Edit
	for i, b := range blocks {
		start, _ := e.scan.bounds(b.first)
		_, end := e.scan.bounds(b.last)
		switch {
		case !down && b.first > 0:
			passed, passedEnd := e.scan.bounds(b.first - 1)
			text := string(e.view.Append(nil, passed, passedEnd))
			edits = append(edits, rga.Edit{Offset: passed, Delete: start - passed}, rga.Edit{Offset: end, Insert: "\n" + text})
			moves[i] = passed - start
		case down && b.last < e.view.Lines()-1:
			_, passedEnd := e.scan.bounds(b.last + 1)
			text := string(e.view.Append(nil, end+1, passedEnd))
			edits = append(edits, rga.Edit{Offset: start, Insert: text + "\n"}, rga.Edit{Offset: end, Delete: passedEnd - end})
			moves[i] = passedEnd - end
		}
	}
	of := make([]int, len(e.carets)) // the block of each caret
	for i, k := 0, 0; i < len(e.carets); i++ {
		from, _ := e.carets[i].Span()
		for line := e.view.LineAt(from); line > blocks[k].last; {
			k++
		}
		of[i] = k
	}
	length := e.view.Len()
	return e.rewrite(at, edits, func(i int, s Selection, _ func(int, bool) int) Selection {
		by := moves[of[i]]
		return Selection{min(s.Anchor+by, length), min(s.Head+by, length)}
	})
}

// Duplicate inserts each selection once more behind itself and selects the copy, or copies the caret's line below it and
// goes there.
func (e *Editor) Duplicate(at int64) error {
	copied := -1 // start of the line copied last
	return e.editCarets(at, single, func(_ int, c *caret) spot {
		if from, to := c.Span(); from != to {
			text := string(e.view.Append(nil, from, to))
			return spot{to, to, text, c.Anchor - from, c.Head - from}
		}
		start, end := e.scan.line(c.Head)
		s := spot{from: end, to: end, head: 1 + c.Head - start}
		if start != copied {
			copied = start
			s.text = "\n" + string(e.view.Append(nil, start, end))
		} else {
			s.head -= 1 + end - start
		}
		s.tail = s.head
		return s
	})
}

// JoinLines joins the lines of each selection, or the caret's line and the next, with one blank in place of the line end and the
// blanks around it; none where a line is empty.
func (e *Editor) JoinLines(at int64) error {
	var edits []rga.Edit
	for _, b := range e.blocks() {
		if b.last-b.first >= MaxLines {
			return ErrTooMany
		}
		for line := b.first; line < max(b.last, b.first+1) && line+1 < e.view.Lines(); line++ {
			start, end := e.scan.bounds(line)
			next, nextEnd := e.scan.bounds(line + 1)
			from := max(e.scan.skipLeft(end, isIndent), start)
			to := min(e.scan.skipRight(next, isIndent), nextEnd)
			glue := " "
			if from == start || to == nextEnd {
				glue = ""
			}
			if n := len(edits); n > 0 && from < edits[n-1].Offset+edits[n-1].Delete { // a line of blanks alone
				edits[n-1].Delete = to - edits[n-1].Offset
				continue
			}
			edits = append(edits, rga.Edit{Offset: from, Delete: to - from, Insert: glue})
		}
	}
	return e.rewrite(at, edits, kept)
}

// Indent inserts one level of indentation at the beginning of the lines of the selections if one of them goes over several
// lines; else at each caret what brings it to the next level, in place of its selection.
func (e *Editor) Indent(at int64) error {
	unit := e.Indentation()
	if !e.severalLines() {
		return e.editCarets(at, single, func(_ int, c *caret) spot {
			text := unit
			if unit != "\t" {
				from, _ := c.Span()
				_, column := e.Position(from)
				text = unit[column%len(unit):]
			}
			return over(c.Selection, text)
		})
	}
	var edits []rga.Edit
	err := e.lines(1, func(start, _ int, text []byte) {
		if len(text) > 0 {
			edits = append(edits, rga.Edit{Offset: start, Insert: unit})
		}
	})
	if err != nil {
		return err
	}
	return e.rewrite(at, edits, kept)
}

// Outdent takes one level of indentation away from the lines of the selections.
func (e *Editor) Outdent(at int64) error {
	unit := e.Indentation()
	var edits []rga.Edit
	err := e.lines(64, func(start, _ int, text []byte) {
		n := 0
		for n < len(text) && n < max(len(unit), 2) && text[n] == ' ' {
			n++
		}
		if len(text) > 0 && text[0] == '\t' {
			n = 1
		}
		if n > 0 {
			edits = append(edits, rga.Edit{Offset: start, Delete: n})
		}
	})
	if err != nil {
		return err
	}
	return e.rewrite(at, edits, kept)
}

func (e *Editor) severalLines() bool {
	for i := range e.carets {
		from, to := e.carets[i].Span()
		if from != to && e.view.LineAt(from) != e.view.LineAt(to) {
			return true
		}
	}
	return false
}

// Convert puts what f makes of it in the place of each selection, or of the word at a caret.
func (e *Editor) Convert(at int64, f func(string) string) error {
	if e.readOnly {
		return ErrReadOnly
	}
	var edits []rga.Edit
	for i := range e.carets {
		from, to := e.carets[i].Span()
		if from == to {
			from, to = e.scan.wordAt(from)
		}
		if n := len(edits); n > 0 {
			from = max(from, edits[n-1].Offset+edits[n-1].Delete)
		}
		old := string(e.view.Append(nil, from, to))
		if text := strings.ToValidUTF8(f(old), ""); text != old {
			edits = append(edits, rga.Edit{Offset: from, Delete: to - from, Insert: text})
		}
	}
	return e.rewrite(at, edits, func(_ int, s Selection, now func(int, bool) int) Selection {
		from, to := now(s.Anchor, false), now(s.Head, false)
		return Selection{from, to}
	})
}

// TrailingBlanks returns the edits that take blanks away from the ends of lines, at most limit of them; more says that there
// would be more. It takes time in proportion to the text and may run anywhere.
func TrailingBlanks(v *rga.View, limit int) (edits []rga.Edit, more bool) {
	off, run := 0, -1 // where the blanks before off begin; -1: there are none
	flush := func() bool {
		if run >= 0 {
			if len(edits) == limit {
				return false
			}
			edits = append(edits, rga.Edit{Offset: run, Delete: off - run})
		}
		run = -1
		return true
	}
	for c := range v.Chunks(0, v.Len()) {
		for _, b := range c {
			switch {
			case b == '\n':
				if !flush() {
					return edits, true
				}
			case b != ' ' && b != '\t':
				run = -1
			case run < 0:
				run = off
			}
			off++
		}
	}
	return edits, !flush()
}
