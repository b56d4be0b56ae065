package tui

import "coedit/editor"

// pairReach bounds how far the partner of the bracket at the caret is looked for to be shown, in bytes: some tens of
// microseconds.
const pairReach = 32 << 10

// pair is the bracket at the caret and the one that it pairs with, as last looked for.
type pair struct {
	revision    uint64
	caret       editor.Selection
	here, there int
	found       bool
}

// findPair looks for the brackets to show, if the caret or the text has changed.
func (m *Model) findPair() {
	p, s := &m.pair, m.ed.Selection()
	if p.revision == m.ed.Revision() && p.caret == s {
		return
	}
	*p = pair{revision: m.ed.Revision(), caret: s}
	if s.Empty() {
		p.here, p.there, p.found = m.ed.MatchingBracket(s.Head, pairReach)
	}
}

// bracketMarks adds the brackets to the marks of the line [start, end].
func (m *Model) bracketMarks(span func(a, b int, look style)) {
	if m.pair.found {
		span(m.pair.here, m.pair.here+1, m.theme.bracket)
		span(m.pair.there, m.pair.there+1, m.theme.bracket)
	}
}
