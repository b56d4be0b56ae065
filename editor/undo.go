package editor

import (
	"fmt"
	"slices"

	"coedit/rga"
)

// Undo: a step is what one undo takes back, as ranges of this replica's ticks; the document finds out what of them still
// stands. Edits join the last step while they are of one kind, at the caret, and follow without a pause.

// pause between two edits, in milliseconds, that separates undo steps.
const pause = 1000

// step is one undo step.
type step struct {
	ticks         []rga.Ticks // ascending
	before, after place       // the selections before the step was made and after it
}

// place is the selections as anchors; not set, the caret goes to what changed.
type place struct {
	set    bool
	main   anchored   // the primary selection
	others []anchored // in the order of the text
}

// anchored is a selection as anchors.
type anchored struct{ tail, head rga.Anchor }

// kind says which edits may be one step.
type kind uint8

const (
	single   kind = iota // always a step of its own
	typing               // text without newlines
	backward             // deleting before the caret
	forward              // deleting behind the caret
)

// group is the last undo step while it may grow.
type group struct {
	kind kind  // single: closed
	last int64 // unix milliseconds of its last edit
	rune rune  // last rune typed
}

func (g *group) close() { *g = group{} }

// place remembers the selections.
func (e *Editor) place() place {
	p := place{set: true, main: e.anchored(e.Selection())}
	for i := range e.carets {
		if i != e.primary {
			p.others = append(p.others, e.anchored(e.carets[i].Selection))
		}
	}
	return p
}

func (e *Editor) anchored(s Selection) anchored {
	from, to := s.Span()
	a := anchored{head: e.doc.AnchorAt(to, rga.After)}
	a.tail = a.head
	if from != to {
		a.tail = e.doc.AnchorAt(from, rga.Before)
	}
	if s.Head < s.Anchor {
		a.head, a.tail = a.tail, a.head
	}
	return a
}

// resolved is where a remembered selection is now; false where that cannot be said.
func (e *Editor) resolved(a anchored) (Selection, bool) {
	head, ok := e.doc.Resolve(a.head)
	tail, okTail := e.doc.Resolve(a.tail)
	return e.settled(Selection{tail, head}, true), ok && okTail
}

// restore goes to remembered selections, or to the last of the changes.
func (e *Editor) restore(p place, changes []rga.Change) {
	if s, ok := e.resolved(p.main); ok && p.set {
		e.only(s, true)
		for _, o := range p.others {
			if s, ok := e.resolved(o); ok {
				e.carets = append(e.carets, caret{Selection: s, goal: noGoal})
			}
		}
		e.arrange()
		return
	}
	if n := len(changes); n > 0 {
		off := changes[n-1].Offset + len(changes[n-1].Inserted)
		e.only(Selection{off, off}, true)
	}
}

// record keeps an own edit for undo, in the open step or a new one, and forgets what was undone before.
func (e *Editor) record(at int64, k kind, s step, text string) {
	clear(e.redo)
	e.redo = e.redo[:0]
	n := len(e.undo)
	joins := k != single && n > 0 && e.open.kind == k && at-e.open.last < pause &&
		(k != typing || s.before.lone() && !startsWord(e.open.rune, text))
	if joins {
		e.undo[n-1].join(s)
	} else {
		e.undo = append(e.undo, s)
	}
	e.open = group{kind: k, last: at}
	for _, r := range text {
		e.open.rune = r
	}
}

// lone says whether nothing was selected.
func (p place) lone() bool {
	return p.main.head == p.main.tail &&
		!slices.ContainsFunc(p.others, func(a anchored) bool { return a.head != a.tail })
}

// join adds a later step of the same group.
func (s *step) join(later step) {
	s.after = later.after
	for _, t := range later.ticks {
		if n := len(s.ticks); n > 0 && s.ticks[n-1].To == t.From {
			s.ticks[n-1].To = t.To
			continue
		}
		s.ticks = append(s.ticks, t)
	}
}

func empty(t rga.Ticks) bool { return t.From >= t.To }

// Undo takes back this replica's own last step, as far as it still stands, and goes to where it was. Steps of which
// nothing is left to see are passed over. It returns false where nothing was left to undo.
func (e *Editor) Undo(at int64) (bool, error) {
	return e.turn(at, &e.undo, &e.redo, func(s step) place { return s.before })
}

// Redo makes again what was undone last; an own edit in between ends that.
func (e *Editor) Redo(at int64) (bool, error) {
	return e.turn(at, &e.redo, &e.undo, func(s step) place { return s.after })
}

// turn inverts steps of one stack, the last first, until the text changes, and puts their inverses on the other.
func (e *Editor) turn(at int64, from, to *[]step, where func(step) place) (bool, error) {
	if e.readOnly {
		return false, ErrReadOnly
	}
	e.open.close()
	did := false
	for len(*from) > 0 {
		n := len(*from) - 1
		s := (*from)[n]
		ticks, changes, err := e.invert(at, s.ticks)
		if err == nil || len(ticks) > 0 {
			(*from)[n] = step{}
			*from = (*from)[:n]
		}
		if len(ticks) > 0 {
			did = true
			*to = append(*to, step{ticks: ticks, before: s.before, after: s.after})
		}
		if len(changes) > 0 {
			e.restore(where(s), changes)
			e.changed(changes)
		}
		if err != nil {
			return did, fmt.Errorf("editor: undo: %w", err)
		}
		if len(changes) > 0 {
			break
		}
	}
	return did, nil
}

// invert takes back ranges of own ticks, the latest first.
func (e *Editor) invert(at int64, ranges []rga.Ticks) (done []rga.Ticks, changes []rga.Change, err error) {
	for i := len(ranges) - 1; i >= 0; i-- {
		t, c, err := e.doc.Invert(at, e.doc.Replica(), ranges[i])
		if err != nil {
			return done, changes, err
		}
		if !empty(t) {
			done = append(done, t)
		}
		e.refresh(c)
		changes = append(changes, c...)
	}
	return done, changes, nil
}
