package editor

import (
	"sort"

	"coedit/rga"
)

// rewrite makes edits, in the order of the text and apart, as one undo step, and then selects what after returns, which
// counts in the text as it is then. after gets a function that says where an offset of the text before is now: what stood
// at an insertion goes behind it if push.
func (e *Editor) rewrite(at int64, edits []rga.Edit, after func(i int, s Selection, now func(off int, push bool) int) Selection) error {
	if e.readOnly {
		return ErrReadOnly
	}
	if len(edits) == 0 {
		return nil
	}
	before := e.place()
	shifts := make([]int, len(edits)+1) // before each edit
	for i, d := range edits {
		shifts[i+1] = shifts[i] + len(d.Insert) - d.Delete
	}
	ticks, changes, err := e.edit(at, edits...)
	if err != nil {
		return err
	}
	now := func(off int, push bool) int {
		i := sort.Search(len(edits), func(i int) bool { return edits[i].Offset >= off })
		if i > 0 && off < edits[i-1].Offset+edits[i-1].Delete { // inside what is gone
			return edits[i-1].Offset + shifts[i-1] + min(off-edits[i-1].Offset, len(edits[i-1].Insert))
		}
		for push && i < len(edits) && edits[i].Offset == off && edits[i].Delete == 0 {
			i++
		}
		return off + shifts[i]
	}
	for i := range e.carets {
		e.carets[i] = caret{Selection: e.settled(after(i, e.carets[i].Selection, now), true), goal: noGoal}
	}
	e.arrange()
	e.record(at, single, step{ticks: []rga.Ticks{ticks}, before: before, after: e.place()}, "")
	e.changed(changes)
	return nil
}

// kept is an after of rewrite: selections stay at their text, carets go behind what is inserted at them.
func kept(_ int, s Selection, now func(off int, push bool) int) Selection {
	if s.Empty() {
		off := now(s.Head, true)
		return Selection{off, off}
	}
	from, to := s.Span()
	from, to = now(from, false), now(to, true)
	if s.Head < s.Anchor {
		return Selection{to, from}
	}
	return Selection{from, to}
}

// block is some lines that follow each other.
type block struct{ first, last int }

// blocks are the lines that the selections touch, in the order of the text; those that follow each other are one block.
// A selection that ends before a line's first character does not touch it.
func (e *Editor) blocks() []block {
	var out []block
	for i := range e.carets {
		from, to := e.carets[i].Span()
		b := block{e.view.LineAt(from), e.view.LineAt(to)}
		if b.last > b.first && e.view.LineStart(b.last) == to {
			b.last--
		}
		if n := len(out) - 1; n >= 0 && b.first <= out[n].last+1 {
			out[n].last = max(out[n].last, b.last)
		} else {
			out = append(out, b)
		}
	}
	return out
}

// MaxLines bounds the lines that one command changes.
const MaxLines = 20000

// lines calls f for each line of the blocks with its offset and at most the first reach bytes of its text, in a buffer that
// is valid during the call. It returns ErrTooMany where there are too many lines.
func (e *Editor) lines(reach int, f func(start, end int, text []byte)) error {
	blocks := e.blocks()
	total := 0
	for _, b := range blocks {
		total += b.last - b.first + 1
	}
	if total > MaxLines {
		return ErrTooMany
	}
	var text []byte
	for _, b := range blocks {
		for i := b.first; i <= b.last; i++ {
			start, end := e.scan.bounds(i)
			text = e.view.Append(text[:0], start, min(end, start+reach))
			f(start, end, text)
		}
	}
	return nil
}
