package editor

import "strings"

// The internal register works where the terminal's clipboard does not, and knows what the terminal cannot tell: whether
// a whole line was copied without a selection. Pasted again, such a line goes above the caret's line.

// Clipboard is the internal register, filled by Copy and Cut.
func (e *Editor) Clipboard() string { return e.clipboard }

// Copy puts the selection, or the caret's whole line where nothing is selected, into the register and returns it.
func (e *Editor) Copy() string {
	from, to := e.copied()
	text := string(e.view.Append(nil, from, to))
	if text == "" {
		return ""
	}
	e.clipboardLine = e.sel.Empty()
	if e.clipboardLine && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	e.clipboard = text
	return text
}

// copied is what Copy and Cut take.
func (e *Editor) copied() (from, to int) {
	if from, to = e.sel.Span(); from != to {
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
	from, to := e.copied()
	text := e.Copy()
	if text == "" {
		return "", nil
	}
	return text, e.replaceSpan(at, single, from, to, "")
}

// Paste inserts text in place of the selection as one undo step. CR and CRLF become LF, what is not UTF-8 becomes U+FFFD.
// A line that was copied without a selection is inserted above the caret's line, which the caret does not leave.
func (e *Editor) Paste(at int64, text string) error {
	if strings.Contains(text, "\r") {
		text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	}
	from, to := e.sel.Span()
	if !e.clipboardLine || from != to || text != e.clipboard || e.readOnly {
		return e.replaceSpan(at, single, from, to, text)
	}
	start, _ := e.scan.line(from)
	if err := e.replaceSpan(at, single, start, start, text); err != nil {
		return err
	}
	caret := from + len(text)
	e.settle(Selection{caret, caret}, true)
	if n := len(e.undo); n > 0 {
		e.undo[n-1].after = e.place()
	}
	return nil
}
