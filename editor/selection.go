package editor

import (
	"bytes"

	"coedit/rga"
)

// Selection runs from Anchor (where it began) to Head (the caret); equal: no selection.
type Selection struct{ Anchor, Head int }

// Empty says whether nothing is selected.
func (s Selection) Empty() bool { return s.Anchor == s.Head }

// Span returns the selection's ends in the order of the text.
func (s Selection) Span() (from, to int) {
	return min(s.Anchor, s.Head), max(s.Anchor, s.Head)
}

// settled is a selection clamped to the text, on boundaries. Inside a cluster a selection grows, and a lone caret goes to
// the cluster's end if forward, else to its start.
func (e *Editor) settled(s Selection, forward bool) Selection {
	n := e.view.Len()
	s.Anchor, s.Head = min(max(s.Anchor, 0), n), min(max(s.Head, 0), n)
	switch {
	case s.Empty() && forward:
		s.Head = e.scan.ceil(s.Head)
		s.Anchor = s.Head
	case s.Empty():
		s.Head = e.scan.floor(s.Head)
		s.Anchor = s.Head
	case s.Anchor < s.Head:
		s.Anchor, s.Head = e.scan.floor(s.Anchor), e.scan.ceil(s.Head)
	default:
		s.Head, s.Anchor = e.scan.floor(s.Head), e.scan.ceil(s.Anchor)
	}
	return s
}

// followAll moves every selection with changes that were not made at the carets, after the text changed.
func (e *Editor) followAll(changes []rga.Change) {
	for i := range e.carets {
		c := &e.carets[i]
		c.Selection = e.settled(c.follow(changes), true)
	}
	e.arrange()
}

// follow moves the selection with changes that were not made at the caret. A lone caret stays before what is inserted at
// it; a selection does not grow over what is inserted at its ends.
func (s Selection) follow(changes []rga.Change) Selection {
	for _, c := range changes {
		if s.Empty() {
			s.Head = moved(s.Head, c, false)
			s.Anchor = s.Head
			continue
		}
		from, to := s.Span()
		from, to = moved(from, c, true), moved(to, c, false)
		from = min(from, to) // nothing of it is left
		if s.Anchor < s.Head {
			s = Selection{from, to}
		} else {
			s = Selection{to, from}
		}
	}
	return s
}

// followEnd moves a lone caret that was sent to the end of a line which another is typing: what that one types on goes
// before the caret, so that the word stays whole. A line begun there does not take it along.
func (s Selection) followEnd(changes []rga.Change) Selection {
	for _, c := range changes {
		at := c.Offset == s.Head && c.Deleted == 0
		s.Head = moved(s.Head, c, false)
		if at {
			line, _, _ := bytes.Cut(c.Inserted, []byte{'\n'})
			s.Head += len(line)
		}
	}
	s.Anchor = s.Head
	return s
}

// moved is where an offset is after a change. Inside what was deleted it goes to the start of that. At the very place of
// an insertion it stays before it, or goes behind it if push.
func moved(off int, c rga.Change, push bool) int {
	switch {
	case off < c.Offset || off == c.Offset && !push:
		return off
	case off >= c.Offset+c.Deleted:
		return off + len(c.Inserted) - c.Deleted
	case push:
		return c.Offset + len(c.Inserted)
	}
	return c.Offset
}
