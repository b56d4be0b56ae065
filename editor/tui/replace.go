package tui

import (
	"context"
	"strconv"

	"coedit/editor"

	tea "charm.land/bubbletea/v2"
)

// replaceOne replaces the match that is selected, and goes to the next; if none is selected it only does that.
func (m *Model) replaceOne() tea.Cmd {
	f := &m.find
	if f.pattern == nil {
		return nil
	}
	from, to := m.ed.Selection().Span()
	text, ok := f.pattern.Replacement(m.ed.View(), editor.Match{From: from, To: to}, f.with.text)
	if lo, hi := f.bounds(m.ed.View()); !ok || from < lo || to > hi {
		return m.findNext(false)
	}
	if err := m.ed.ReplaceSelection(m.at(), text); err != nil {
		return m.edited(err)
	}
	return m.findNext(false)
}

// replaceAll replaces all matches as one undo step. They are looked for in a command, in the text as it is now; what others edit
// meanwhile is merged.
func (m *Model) replaceAll() tea.Cmd {
	f := &m.find
	switch {
	case m.ed.ReadOnly():
		return m.edited(editor.ErrReadOnly)
	case f.pattern == nil:
		return m.openFind(true)
	}
	m.stopJob()
	ctx, cancel := context.WithCancel(m.ctx)
	job := &findJob{cancel: cancel}
	f.job = job
	view, version, pattern, with, query := m.ed.View(), m.ed.Doc().Version(), f.pattern, f.with.text, f.query.text
	lo, hi := f.bounds(view)
	return func() tea.Msg {
		edits, more := pattern.Replacements(view, lo, hi, with, manyEdits, func(at int) bool {
			job.percent.Store(int32(int64(at-lo) * 100 / int64(max(hi-lo, 1))))
			return ctx.Err() == nil
		})
		if ctx.Err() != nil {
			return nil
		}
		done := "Replaced " + count(len(edits), "match") + ". Undo takes all of it back."
		if len(edits) != 1 {
			done = "Replaced " + strconv.Itoa(len(edits)) + " matches. Undo takes all of it back."
		}
		return foundMsg{job: job, version: version, edits: edits, more: more, done: done, none: "Not found: " + query}
	}
}
