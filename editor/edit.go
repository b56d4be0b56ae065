package editor

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"coedit/rga"
)

// Insert puts text at the caret, in place of the selection. Texts inserted one after the other group into one undo step
// until a pause, a new word, a newline or a motion. What is not UTF-8 in it becomes U+FFFD.
func (e *Editor) Insert(at int64, text string) error {
	from, to := e.sel.Span()
	kind := typing
	if strings.Contains(text, "\n") {
		kind = single
	}
	return e.replaceSpan(at, kind, from, to, text)
}

// Newline breaks the line at the caret; the new one begins with the indentation of the old.
func (e *Editor) Newline(at int64) error {
	from, to := e.sel.Span()
	start, _ := e.scan.line(from)
	indent := min(e.scan.skipRight(start, func(r rune) bool { return r == ' ' || r == '\t' }), from)
	return e.replaceSpan(at, single, from, to, "\n"+string(e.view.Append(nil, start, indent)))
}

// Backspace deletes the selection, or the cluster before the caret, or from there to the start of the word; at a line's
// start the newline.
func (e *Editor) Backspace(at int64, word bool) error {
	from, to := e.sel.Span()
	kind := single
	if from == to {
		kind = backward
		from = e.scan.prev(to)
		if e.holdsNewline(from, to) {
			kind = single
		} else if word {
			kind, from = single, e.scan.wordLeft(to)
		}
	}
	return e.replaceSpan(at, kind, from, to, "")
}

// DeleteForward deletes the selection, or the cluster behind the caret, or up to the end of the word; at a line's end the
// newline.
func (e *Editor) DeleteForward(at int64, word bool) error {
	from, to := e.sel.Span()
	kind := single
	if from == to {
		kind = forward
		to = e.scan.next(from)
		if e.holdsNewline(from, to) {
			kind = single
		} else if word {
			kind, to = single, e.scan.wordRight(from)
		}
	}
	return e.replaceSpan(at, kind, from, to, "")
}

// holdsNewline says whether the cluster [from, to) is a newline.
func (e *Editor) holdsNewline(from, to int) bool {
	b := e.scan.read(from, to)
	return len(b) == 1 && b[0] == '\n'
}

// Replace makes edits anywhere as one undo step: what became of a file that another program changed, or a text merged
// in. The selection follows as it follows the edits of others.
func (e *Editor) Replace(at int64, edits ...rga.Edit) error {
	if e.readOnly {
		return ErrReadOnly
	}
	ticks, changes, err := e.edit(at, edits...)
	if err != nil || empty(ticks) {
		return err
	}
	e.settle(e.sel.follow(changes), true)
	e.goal, e.end = noGoal, false
	e.record(at, single, step{ticks: []rga.Ticks{ticks}}, "")
	e.changed(changes)
	return nil
}

// replaceSpan replaces [from, to), which the caret is at, by text and puts the caret behind it.
func (e *Editor) replaceSpan(at int64, kind kind, from, to int, text string) error {
	if e.readOnly {
		return ErrReadOnly
	}
	if from == to && text == "" {
		return nil
	}
	text = strings.ToValidUTF8(text, string(utf8.RuneError))
	before := e.place()
	ticks, changes, err := e.edit(at, rga.Edit{Offset: from, Delete: to - from, Insert: text})
	if err != nil {
		return err
	}
	caret := from + len(text)
	e.settle(Selection{caret, caret}, true)
	e.goal, e.end = noGoal, false
	e.record(at, kind, step{ticks: []rga.Ticks{ticks}, before: before, after: e.place()}, text)
	e.changed(changes)
	return nil
}

// edit changes the document and what follows from its text; the selection and the listeners are the caller's.
func (e *Editor) edit(at int64, edits ...rga.Edit) (rga.Ticks, []rga.Change, error) {
	ticks, changes, err := e.doc.Edit(at, edits...)
	if err != nil {
		return rga.Ticks{}, nil, fmt.Errorf("editor: edit: %w", err)
	}
	e.refresh(changes)
	return ticks, changes, nil
}

// startsWord says whether typing next after last begins a word: a new undo step.
func startsWord(last rune, next string) bool {
	r, _ := utf8.DecodeRuneInString(next)
	return unicode.IsSpace(last) && !unicode.IsSpace(r)
}
