package editor

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"coedit/rga"
)

// Insert puts text at every caret, in place of its selection. Texts inserted one after the other group into one undo step
// until a pause, a new word, a newline or a motion. What is not UTF-8 in it becomes U+FFFD.
func (e *Editor) Insert(at int64, text string) error {
	kind := typing
	if strings.Contains(text, "\n") {
		kind = single
	}
	text = strings.ToValidUTF8(text, string(utf8.RuneError))
	return e.editCarets(at, kind, func(_ int, c *caret) spot { return over(c.Selection, text) })
}

// Backspace deletes the selection, or the cluster before the caret, or from there to the start of the word; at a line's
// start the newline.
func (e *Editor) Backspace(at int64, word bool) error {
	return e.erase(at, backward, word, func(off int) (from, to int) { return e.scan.prev(off), off }, func(off int) (from, to int) {
		return e.scan.wordLeft(off), off
	})
}

// DeleteForward deletes the selection, or the cluster behind the caret, or up to the end of the word; at a line's end the
// newline.
func (e *Editor) DeleteForward(at int64, word bool) error {
	return e.erase(at, forward, word, func(off int) (from, to int) { return off, e.scan.next(off) }, func(off int) (from, to int) {
		return off, e.scan.wordRight(off)
	})
}

// erase deletes at every caret the selection, or else a cluster or a word. Clusters deleted one after the other group.
func (e *Editor) erase(at int64, group kind, word bool, cluster, toWord func(off int) (from, to int)) error {
	span := func(c *caret) (from, to int, k kind) {
		if from, to = c.Span(); from != to {
			return from, to, single
		}
		from, to = cluster(c.Head)
		if e.holdsNewline(from, to) {
			return from, to, single
		}
		if word {
			from, to = toWord(c.Head)
			return from, to, single
		}
		return from, to, group
	}
	_, _, k := span(&e.carets[e.primary])
	return e.editCarets(at, k, func(_ int, c *caret) spot {
		from, to, _ := span(c)
		return spot{from: from, to: to}
	})
}

// holdsNewline says whether the cluster [from, to) is a newline.
func (e *Editor) holdsNewline(from, to int) bool {
	b := e.scan.read(from, to)
	return len(b) == 1 && b[0] == '\n'
}

// Replace makes edits anywhere as one undo step: what became of a file that another program changed, or a text merged
// in. The selections follow as they follow the edits of others.
func (e *Editor) Replace(at int64, edits ...rga.Edit) error {
	if e.readOnly {
		return ErrReadOnly
	}
	ticks, changes, err := e.edit(at, edits...)
	if err != nil || empty(ticks) {
		return err
	}
	e.followOwn(changes)
	e.record(at, single, step{ticks: []rga.Ticks{ticks}}, "")
	e.changed(changes)
	return nil
}

// followOwn moves the carets with own edits that were not made at them.
func (e *Editor) followOwn(changes []rga.Change) {
	for i := range e.carets {
		e.carets[i].goal, e.carets[i].end = noGoal, false
	}
	e.followAll(changes)
}

// spot is what an edit does at one caret: it replaces [from, to) by text. The caret's selection is then at tail and head,
// which count from the start of what was inserted and may lie behind its end.
type spot struct {
	from, to   int
	text       string
	tail, head int
}

// over replaces a selection by text and puts the caret behind it.
func over(s Selection, text string) spot {
	from, to := s.Span()
	return spot{from, to, text, len(text), len(text)}
}

// editCarets makes at every caret, given by index, the edit that make returns for it, all as one batch and one undo step. The spots must be
// in the order of the carets; of those that overlap the later one is cut.
func (e *Editor) editCarets(at int64, kind kind, make func(i int, c *caret) spot) error {
	if e.readOnly {
		return ErrReadOnly
	}
	e.spots, e.edits = e.spots[:0], e.edits[:0]
	end := 0
	for i := range e.carets {
		s := make(i, &e.carets[i])
		s.from = max(s.from, end)
		s.to = max(s.to, s.from)
		end = s.to
		e.spots = append(e.spots, s)
		if s.from < s.to || s.text != "" {
			e.edits = append(e.edits, rga.Edit{Offset: s.from, Delete: s.to - s.from, Insert: s.text})
		}
	}
	if len(e.edits) == 0 {
		return nil
	}
	before, text := e.place(), e.spots[e.primary].text
	ticks, changes, err := e.edit(at, e.edits...)
	if err != nil {
		return err
	}
	shift := 0
	for i, s := range e.spots {
		base := s.from + shift
		e.carets[i] = caret{Selection: e.settled(Selection{base + s.tail, base + s.head}, true), goal: noGoal}
		shift += len(s.text) - (s.to - s.from)
	}
	clear(e.spots) // the texts need not live on
	clear(e.edits)
	e.arrange()
	e.record(at, kind, step{ticks: []rga.Ticks{ticks}, before: before, after: e.place()}, text)
	e.changed(changes)
	return nil
}

// edit changes the document and what follows from its text; the selections and the listeners are the caller's.
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
