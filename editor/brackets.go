package editor

// Brackets are paired by counting alone: one inside a string or a comment counts, too. How far is looked is bounded by the
// caller, in bytes.

// MatchingBracket returns the offsets of the bracket at the caret, or else right before it, and of the one it pairs with;
// false where there is none within reach.
func (e *Editor) MatchingBracket(off, reach int) (here, there int, ok bool) {
	for _, at := range []int{off, off - 1} {
		b := e.scan.read(at, at+1)
		if len(b) == 0 || partner(b[0]) == 0 {
			continue
		}
		if there, ok = e.pairOf(at, b[0], reach); ok {
			return at, there, true
		}
	}
	return 0, 0, false
}

// pairOf finds the bracket that the one at an offset pairs with.
func (e *Editor) pairOf(at int, b byte, reach int) (int, bool) {
	if isOpening(b) {
		return e.closingFrom(at+1, b, partner(b), reach)
	}
	return e.openingBefore(at, partner(b), b, reach)
}

// closingFrom finds the closing bracket of a pair that is open at off.
func (e *Editor) closingFrom(off int, opening, closing byte, reach int) (int, bool) {
	depth, at := 1, off
	for chunk := range e.view.Chunks(off, min(off+reach, e.view.Len())) {
		for i, c := range chunk {
			switch c {
			case opening:
				depth++
			case closing:
				if depth--; depth == 0 {
					return at + i, true
				}
			}
		}
		at += len(chunk)
	}
	return 0, false
}

// openingBefore finds the opening bracket of a pair that is still open at off.
func (e *Editor) openingBefore(off int, opening, closing byte, reach int) (int, bool) {
	depth, at := 1, off
	for chunk := range e.view.ChunksBack(off) {
		for i := len(chunk) - 1; i >= 0; i-- {
			switch chunk[i] {
			case closing:
				depth++
			case opening:
				if depth--; depth == 0 {
					return at - len(chunk) + i, true
				}
			}
		}
		if at -= len(chunk); off-at >= reach {
			break
		}
	}
	return 0, false
}

// jumpReach bounds how far a command looks for a bracket.
const jumpReach = 16 << 20

// JumpToBracket moves every caret that is at a bracket to the one it pairs with: before it, if it was before the first. It
// returns false where no caret moved.
func (e *Editor) JumpToBracket() bool {
	e.open.close()
	moved := false
	for i := range e.carets {
		c := &e.carets[i]
		here, there, ok := e.MatchingBracket(c.Head, jumpReach)
		if !ok {
			continue
		}
		moved = true
		*c = lone(e.scan.floor(there + c.Head - here))
	}
	e.arrange()
	return moved
}

// expandReach bounds how far ExpandSelections looks for the brackets around.
const expandReach = 1 << 20

// ExpandSelections grows every selection to the next larger of: the word, the line's text, what is between the brackets around
// it, that with the brackets, the whole text.
func (e *Editor) ExpandSelections() {
	e.open.close()
	e.reselect(e.expanded)
}

// reselect puts what f makes of it in the place of each selection.
func (e *Editor) reselect(f func(Selection) Selection) {
	for i := range e.carets {
		e.carets[i] = caret{Selection: e.settled(f(e.carets[i].Selection), false), goal: noGoal}
	}
	e.arrange()
}

// expanded is the smallest of the regions that hold more than s.
func (e *Editor) expanded(s Selection) Selection {
	from, to := s.Span()
	best := Selection{0, e.view.Len()}
	consider := func(a, b int) {
		if a <= from && to <= b && b-a > to-from && b-a < best.Head-best.Anchor {
			best = Selection{a, b}
		}
	}
	consider(e.scan.wordAt(from))
	start, end := e.scan.line(from)
	consider(min(e.scan.skipRight(start, isIndent), end), end)
	for i := range len(openings) {
		open, ok := e.openingBefore(from, openings[i], closings[i], expandReach)
		if !ok {
			continue
		}
		shut, ok := e.closingFrom(to, openings[i], closings[i], expandReach)
		if !ok {
			continue
		}
		consider(open+1, shut)
		consider(open, shut+1)
	}
	return best
}

// SelectLines selects the lines that each selection touches, with their newlines.
func (e *Editor) SelectLines() {
	e.open.close()
	e.reselect(func(s Selection) Selection {
		from, to := s.Span()
		start, _ := e.scan.line(from)
		_, end := e.scan.line(to)
		return Selection{start, min(end+1, e.view.Len())}
	})
}
