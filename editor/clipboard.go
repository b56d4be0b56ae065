package editor

import (
	"strings"
	"unicode/utf8"
)

// The internal register works where the terminal's clipboard does not, and knows what the terminal cannot tell: whether
// whole lines were copied without a selection, and which part came from which caret. Pasted again, such a line goes above
// the caret's line, and such parts to as many carets one by one.

// Clipboard is the internal register, filled by Copy and Cut.
func (e *Editor) Clipboard() string { return e.clipboard }

// Copy puts the selections, or the carets' whole lines where nothing is selected, into the register and returns them, one
// to a line where there are several.
func (e *Editor) Copy() string {
	var parts []string
	end, lines := -1, true
	for i := range e.carets {
		c := &e.carets[i]
		from, to := e.copied(c)
		if c.Empty() && from < end {
			parts = append(parts, "") // the line of the caret before
			continue
		}
		end = to
		lines = lines && c.Empty()
		parts = append(parts, string(e.view.Append(nil, from, to)))
	}
	text := e.joined(parts, lines)
	if text == "" {
		return ""
	}
	e.clipboard, e.clipboardLine, e.clipboardParts = text, lines, nil
	if len(parts) > 1 {
		e.clipboardParts = parts
	}
	return text
}

// joined makes one text of what the carets copied; each line ends with a newline.
func (e *Editor) joined(parts []string, lines bool) string {
	if !lines {
		return strings.Join(parts, "\n")
	}
	for i, p := range parts {
		if p != "" && !strings.HasSuffix(p, "\n") {
			parts[i] += "\n"
		}
	}
	return strings.Join(parts, "")
}

// copied is what Copy and Cut take at a caret.
func (e *Editor) copied(c *caret) (from, to int) {
	if from, to = c.Span(); from != to {
		return from, to
	}
	start, end := e.scan.line(from)
	return start, min(end+1, e.view.Len())
}

// Cut copies, then deletes what was copied.
func (e *Editor) Cut(at int64) (string, error) {
	if e.readOnly {
		return "", ErrReadOnly
	}
	text := e.Copy()
	if text == "" {
		return "", nil
	}
	return text, e.editCarets(at, single, func(_ int, c *caret) spot {
		from, to := e.copied(c)
		return spot{from: from, to: to}
	})
}

// Paste inserts text in place of the selections as one undo step. CR and CRLF become LF, what is not UTF-8 becomes U+FFFD.
// With several carets each gets the whole of it, or its part where there are as many: parts copied here, or lines. A line
// that was copied without a selection is inserted above the caret's line, which the caret does not leave.
func (e *Editor) Paste(at int64, text string) error {
	if strings.Contains(text, "\r") {
		text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	}
	text = strings.ToValidUTF8(text, string(utf8.RuneError))
	parts := e.parts(text)
	part := func(i int) string {
		if parts == nil {
			return text
		}
		return parts[i]
	}
	if !e.clipboardLine || text != e.clipboard || e.selects() {
		return e.editCarets(at, single, func(i int, c *caret) spot { return over(c.Selection, part(i)) })
	}
	last := -1
	return e.editCarets(at, single, func(i int, c *caret) spot {
		start, _ := e.scan.line(c.Head)
		s := spot{from: start, to: start, head: c.Head - start}
		if start != last {
			s.text = part(i)
			s.head += len(s.text)
		}
		s.tail, last = s.head, start
		return s
	})
}

// selects says whether any selection is not empty.
func (e *Editor) selects() bool {
	for i := range e.carets {
		if !e.carets[i].Empty() {
			return true
		}
	}
	return false
}

// parts divides a text between the carets; nil: each gets all of it.
func (e *Editor) parts(text string) []string {
	n := len(e.carets)
	if n == 1 {
		return nil
	}
	if text == e.clipboard && len(e.clipboardParts) == n {
		return e.clipboardParts
	}
	if strings.Count(text, "\n") > n {
		return nil
	}
	if lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n"); len(lines) == n {
		return lines
	}
	return nil
}
