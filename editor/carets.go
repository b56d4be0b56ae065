package editor

import (
	"cmp"
	"slices"
)

// Several carets. What a key does it does at each of them, as one batch and one undo step. Two carets never stand at one
// place: they become one, and so do selections that overlap. Selections that only border on each other stay apart.

// MaxCarets bounds the carets of an editor, and with them what a key and a remote edit cost.
const MaxCarets = 1000

// caret is one place where the user types, with its selection and what its motions remember.
type caret struct {
	Selection      // both ends on cluster boundaries
	goal      int  // column in cells that vertical motion keeps, or noGoal
	end       bool // it was last sent to the end of a line
}

func lone(off int) caret { return caret{Selection: Selection{off, off}, goal: noGoal} }

// Selections returns every selection in the order of the text. There is at least one.
func (e *Editor) Selections() []Selection {
	return e.SelectionsIn(make([]Selection, 0, len(e.carets)), 0, e.view.Len())
}

// SelectionsIn appends the selections that touch [from, to] to dst, in the order of the text.
func (e *Editor) SelectionsIn(dst []Selection, from, to int) []Selection {
	i, _ := slices.BinarySearchFunc(e.carets, from, func(c caret, from int) int {
		_, end := c.Span()
		return cmp.Compare(end, from)
	})
	for ; i < len(e.carets); i++ {
		if start, _ := e.carets[i].Span(); start > to {
			break
		}
		dst = append(dst, e.carets[i].Selection)
	}
	return dst
}

// Carets is the number of carets.
func (e *Editor) Carets() int { return len(e.carets) }

// Selection is the primary selection, the one added last; its Head is the caret that others see.
func (e *Editor) Selection() Selection { return e.carets[e.primary].Selection }

// Select moves the caret to head and the selection's other end to anchor, and drops all other carets. Both are clamped to
// the text and moved to cluster boundaries, outward where something is selected. It ends the undo group.
func (e *Editor) Select(anchor, head int) {
	e.open.close()
	e.only(Selection{anchor, head}, false)
}

// only leaves one caret.
func (e *Editor) only(s Selection, forward bool) {
	e.carets = append(e.carets[:0], caret{Selection: e.settled(s, forward), goal: noGoal})
	e.primary = 0
}

// AddSelection adds a selection, as Select would set it, which becomes the primary one. It returns false where there are
// [MaxCarets] already.
func (e *Editor) AddSelection(anchor, head int) bool {
	if len(e.carets) >= MaxCarets {
		return false
	}
	e.open.close()
	e.add(caret{Selection: e.settled(Selection{anchor, head}, false), goal: noGoal})
	return true
}

// add adds a caret, which becomes the primary one.
func (e *Editor) add(c caret) {
	e.primary = len(e.carets)
	e.carets = append(e.carets, c)
	e.arrange()
}

// ToggleCaret adds a caret at an offset, or takes away the one that stands there unless it is the only one. It returns
// false where there are [MaxCarets] already.
func (e *Editor) ToggleCaret(off int) bool {
	s := e.settled(Selection{off, off}, false)
	i := slices.IndexFunc(e.carets, func(c caret) bool { return c.Selection == s })
	if i < 0 {
		return e.AddSelection(off, off)
	}
	if len(e.carets) > 1 {
		e.open.close()
		e.carets = slices.Delete(e.carets, i, i+1)
		if e.primary > i || e.primary == len(e.carets) {
			e.primary--
		}
	}
	return true
}

// AddCaretAbove adds a caret in the line above the uppermost caret, in the column of that, and AddCaretBelow one below
// the lowest. They return false where there is no such line, or no room for another caret.
func (e *Editor) AddCaretAbove() bool { return e.addBeside(e.carets[0], LineUp) }

// AddCaretBelow adds a caret below the lowest one; see AddCaretAbove.
func (e *Editor) AddCaretBelow() bool { return e.addBeside(e.carets[len(e.carets)-1], LineDown) }

func (e *Editor) addBeside(c caret, m Motion) bool {
	line := e.view.LineAt(c.Head)
	if m == LineUp && line == 0 || m == LineDown && line == e.view.Lines()-1 || len(e.carets) >= MaxCarets {
		return false
	}
	e.open.close()
	head, goal := e.vertical(c, m, 1)
	e.add(caret{Selection: Selection{head, head}, goal: goal})
	return true
}

// DropCarets leaves the primary caret alone, with its selection. It returns false where it is alone.
func (e *Editor) DropCarets() bool {
	if len(e.carets) == 1 {
		return false
	}
	e.open.close()
	e.carets = append(e.carets[:0], e.carets[e.primary])
	e.primary = 0
	return true
}

// Collapse leaves of every selection its caret.
func (e *Editor) Collapse() {
	e.open.close()
	for i := range e.carets {
		e.carets[i] = lone(e.carets[i].Head)
	}
	e.arrange()
}

// arrange brings the carets into the order of the text and makes one of those that meet.
func (e *Editor) arrange() {
	if len(e.carets) == 1 {
		return
	}
	first := e.carets[e.primary].Selection
	if !slices.IsSortedFunc(e.carets, before) {
		slices.SortStableFunc(e.carets, before)
	}
	kept := e.carets[:1]
	for _, c := range e.carets[1:] {
		last := &kept[len(kept)-1]
		if !last.meets(c.Selection) {
			kept = append(kept, c)
			continue
		}
		if c.Selection == first && last.Selection != first {
			c.Selection = c.with(last.Selection)
			first = c.Selection
			*last = c
			continue
		}
		wasFirst := last.Selection == first
		last.Selection = last.with(c.Selection)
		if wasFirst {
			first = last.Selection
		}
	}
	e.carets = kept
	e.primary = max(slices.IndexFunc(kept, func(c caret) bool { return c.Selection == first }), 0)
}

func before(a, b caret) int {
	fromA, toA := a.Span()
	fromB, toB := b.Span()
	return cmp.Or(cmp.Compare(fromA, fromB), cmp.Compare(toA, toB))
}

// meets says whether s and a selection that does not begin before it must become one.
func (s Selection) meets(next Selection) bool {
	_, end := s.Span()
	from, _ := next.Span()
	return from < end || from == end && (s.Empty() || next.Empty())
}

// with is s grown over another selection; it keeps its direction, if it has one.
func (s Selection) with(o Selection) Selection {
	from, to := s.Span()
	from2, to2 := o.Span()
	from, to = min(from, from2), max(to, to2)
	if s.Head < s.Anchor || s.Empty() && o.Head < o.Anchor {
		return Selection{to, from}
	}
	return Selection{from, to}
}

// SelectPrimary changes the primary selection as Select does and leaves the others, except those it then meets.
func (e *Editor) SelectPrimary(anchor, head int) {
	e.open.close()
	e.carets[e.primary] = caret{Selection: e.settled(Selection{anchor, head}, false), goal: noGoal}
	e.arrange()
}
