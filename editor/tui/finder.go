package tui

import (
	"context"
	"strings"
	"sync/atomic"
	"time"

	"coedit/editor"
	"coedit/rga"

	tea "charm.land/bubbletea/v2"
)

// finder is the state of find and replace. Its bar lies between the text and the status line; the pattern outlives it, so that F3
// goes on without it.
//
// A search looks at once through as much as a key may cost. What is farther away is looked for in a command, on an immutable
// view; while it runs, what others edit is written down, and the place found is moved along.
type finder struct {
	open      bool
	focused   bool // keys go to the bar
	replacing bool // the bar has a field for the replacement
	inWith    bool // which has the keys

	query, with field
	regex, word bool
	caseOf      editor.Case
	scoped      bool
	scope       editor.Selection // looked in, if scoped; follows the text
	origin      int              // where the first match is looked for while the query is typed; follows the text

	pattern *editor.Pattern // nil: there is nothing to look for
	problem string          // what is wrong with the query

	visible visibleMatches
	count   matchCount
	bar     barMatches
	job     *findJob // nil: none is running
}

// findJob is a search under way in a command.
type findJob struct {
	cancel   context.CancelFunc
	percent  atomic.Int32
	revision uint64       // of the text looked through
	trail    []rga.Change // since then; their texts are not read
}

// trailLimit bounds the changes written down during a search; after more of them it begins anew.
const trailLimit = 20_000

// searchAtOnce is how many bytes are looked through before a key is answered, and searchPart how many between two looks at
// whether it is still wanted.
const (
	searchAtOnce = 128 << 10
	searchPart   = 1 << 20
)

func findCommands() []command {
	return []command{
		{groupFind, "find", []string{"ctrl+f"}, nil, func(m *Model) tea.Cmd { return m.openFind(false) }},
		{groupFind, "find and replace", []string{"ctrl+r"}, nil, func(m *Model) tea.Cmd { return m.openFind(true) }},
		{groupFind, "next match", []string{"f3"}, nil, func(m *Model) tea.Cmd { return m.findNext(false) }},
		{groupFind, "match before", []string{"shift+f3"}, nil, func(m *Model) tea.Cmd { return m.findNext(true) }},
		{groupFind, "replace all matches", nil, nil, (*Model).replaceAll},
		{groupFind, "regular expressions, or not", nil, nil, (*Model).toggleRegex},
		{groupFind, "whole words, or not", nil, nil, (*Model).toggleWord},
		{groupFind, "upper and lower case: by the query, exact, ignored", nil, nil, (*Model).toggleCase},
		{groupFind, "in the selection only, or not", nil, nil, (*Model).toggleScope},
	}
}

// openFind shows the bar. What is selected in one line becomes the query; a selection of several lines is what is looked in.
func (m *Model) openFind(replacing bool) tea.Cmd {
	f := &m.find
	again := f.open && f.focused
	f.open, f.focused, f.replacing = true, true, replacing || f.open && f.replacing
	f.inWith = replacing && again && !f.inWith
	from, to := m.ed.Selection().Span()
	f.origin = from
	if !again {
		switch text := m.ed.View(); {
		case text.LineAt(from) != text.LineAt(to):
			f.scoped, f.scope = true, editor.Selection{Anchor: from, Head: to}
		case from < to && to-from <= fieldLimit && !f.regex:
			f.query.set(string(text.Append(nil, from, to)))
		}
		f.query.selectAll()
	}
	m.layout()
	return m.searchAnew(false)
}

// closeFind takes the bar away. What was found last stays selected.
func (m *Model) closeFind() {
	m.stopJob()
	m.stopCount()
	m.find.open, m.find.focused, m.find.scoped = false, false, false
	m.layout()
}

// searchAnew takes the query and the options as they are now, and goes to the first match from where the search began if move.
func (m *Model) searchAnew(move bool) tea.Cmd {
	f := &m.find
	m.stopJob()
	m.stopCount()
	f.pattern, f.problem, f.count = nil, "", matchCount{again: f.count.again}
	if f.query.text == "" {
		return nil
	}
	p, err := editor.Query{Text: f.query.text, Regex: f.regex, Word: f.word, Case: f.caseOf}.Compile()
	if err != nil {
		f.problem = err.Error()
		return nil
	}
	f.pattern = p
	count := m.startCount()
	if !move {
		return count
	}
	return tea.Batch(count, m.search(f.origin, false))
}

// bounds is where to look.
func (f *finder) bounds(text *rga.View) (lo, hi int) {
	if !f.scoped {
		return 0, text.Len()
	}
	return f.scope.Span()
}

// findNext goes to the next match behind the selection, or to the one before it.
func (m *Model) findNext(back bool) tea.Cmd {
	f := &m.find
	switch {
	case f.problem != "":
		m.say("That is no regular expression: " + f.problem)
		return nil
	case f.pattern == nil:
		return m.openFind(false)
	}
	from, to := m.ed.Selection().Span()
	if back {
		return m.search(from, true)
	}
	return m.search(to, false)
}

// search goes to the next match from an offset on.
func (m *Model) search(from int, back bool) tea.Cmd {
	f := &m.find
	m.stopJob()
	lo, hi := f.bounds(m.ed.View())
	sweep := f.pattern.Sweep(m.ed.View(), lo, hi, from, back)
	found, ok, done := sweep.Step(searchAtOnce)
	switch {
	case ok:
		m.goToMatch(found, sweep.Wrapped(), back)
		return nil
	case done:
		m.noMatch()
		return nil
	}
	ctx, cancel := context.WithCancel(m.ctx)
	job := &findJob{cancel: cancel, revision: m.ed.Revision()}
	f.job = job
	return func() tea.Msg {
		for ctx.Err() == nil {
			found, ok, done := sweep.Step(searchPart)
			job.percent.Store(int32(sweep.Percent()))
			if ok || done {
				return sweptMsg{job, found, ok, sweep.Wrapped(), back}
			}
		}
		return nil
	}
}

// sweptMsg is the result of a search in a command.
type sweptMsg struct {
	job     *findJob
	match   editor.Match
	ok      bool
	wrapped bool
	back    bool
}

// swept takes the result of a search, if it is still wanted.
func (m *Model) swept(msg sweptMsg) tea.Cmd {
	f := &m.find
	if f.job != msg.job {
		return nil
	}
	trail := msg.job.trail
	m.stopJob()
	if !msg.ok {
		m.noMatch()
		return nil
	}
	s := editor.Selection{Anchor: msg.match.From, Head: msg.match.To}
	if len(trail) <= trailLimit {
		s = s.Follow(trail)
	}
	match := editor.Match{From: s.Anchor, To: s.Head}
	if _, ok := f.pattern.Replacement(m.ed.View(), match, ""); !ok { // somebody edited it meanwhile
		return m.search(match.From, msg.back)
	}
	m.goToMatch(match, msg.wrapped, msg.back)
	return nil
}

// stopJob ends a search under way.
func (m *Model) stopJob() {
	if m.find.job != nil {
		m.find.job.cancel()
		m.find.job = nil
	}
}

func (m *Model) noMatch() {
	if !m.find.open {
		m.say("Not found: " + m.find.query.text)
	}
}

// goToMatch selects a match and shows it.
func (m *Model) goToMatch(match editor.Match, wrapped, back bool) {
	m.ed.Select(match.From, match.To)
	text := m.ed.View()
	if line := text.LineAt(match.From); !m.view.contains(line) {
		m.view.scrollTo(text, line-m.view.height/2)
	}
	m.reveal()
	switch {
	case wrapped && back:
		m.say("From the end again.")
	case wrapped:
		m.say("From the beginning again.")
	}
}

// followFind moves what the search remembers of the text with changes.
func (m *Model) followFind(changes []rga.Change) {
	f := &m.find
	if f.scoped {
		f.scope = f.scope.Follow(changes)
	}
	f.origin = editor.Selection{Anchor: f.origin, Head: f.origin}.Follow(changes).Head
	if f.job != nil && len(f.job.trail) <= trailLimit {
		f.job.trail = append(f.job.trail, changes...)
	}
	m.recount()
}

// visibleMatches are the matches on the screen.
type visibleMatches struct {
	pattern  *editor.Pattern
	revision uint64
	from, to int
	scope    editor.Selection
	matches  []editor.Match
}

// seen bounds what is looked through for the matches on the screen, in bytes, where lines are long.
const seen = 256 << 10

// findVisible looks for the matches on the screen, if they can have changed.
func (m *Model) findVisible() {
	f, text := &m.find, m.ed.View()
	v := &f.visible
	if f.pattern == nil || !f.open {
		*v = visibleMatches{}
		return
	}
	from := text.LineStart(m.view.line)
	if start, end := m.ed.LineBounds(m.view.line); end-start > longLine && !m.view.isWrapped(m.view.line) {
		from = max(start, m.ed.OffsetAt(m.view.line, m.view.left)-seen/2) // with what may begin on the left of the screen
	}
	to := min(text.LineStart(m.view.line+max(m.view.height, 1)), from+seen)
	lo, hi := f.bounds(text)
	scope := editor.Selection{Anchor: lo, Head: hi}
	if v.pattern == f.pattern && v.revision == m.ed.Revision() && v.from == from && v.to == to && v.scope == scope {
		return
	}
	*v = visibleMatches{f.pattern, m.ed.Revision(), from, to, scope, v.matches[:0]}
	for match := range f.pattern.Matches(text, max(from, lo), min(to, hi)) {
		v.matches = append(v.matches, match)
	}
}

// matchMarks adds the matches in the line [start, end] to its marks.
func (m *Model) matchMarks(start, end int, span func(a, b int, look style)) {
	for _, match := range m.find.visible.matches {
		if match.From > end {
			return
		}
		if match.To > start {
			span(match.From, match.To, m.theme.match)
		}
	}
}

// countLimit is the most matches that are counted.
const countLimit = 100_000

// countPause is the time between two counts while the text changes; a count that took long is followed by a longer one.
const countPause = 300 * time.Millisecond

// matchCount is what is known of the number of matches.
type matchCount struct {
	cancel   context.CancelFunc // of the count under way; nil: none is
	percent  *atomic.Int32
	known    bool
	starts   []int // offsets in the text of that revision
	more     bool  // there are more than that
	revision uint64
	again    bool // a count is scheduled
}

type (
	countedMsg struct {
		pattern  *editor.Pattern
		revision uint64
		starts   []int
		more     bool
		took     time.Duration
	}
	recountMsg struct{}
)

// startCount counts the matches in a command.
func (m *Model) startCount() tea.Cmd {
	f := &m.find
	if f.pattern == nil || !f.open || f.count.cancel != nil {
		return nil
	}
	ctx, cancel := context.WithCancel(m.ctx)
	percent := &atomic.Int32{}
	f.count.cancel, f.count.percent = cancel, percent
	view, pattern, revision := m.ed.View(), f.pattern, m.ed.Revision()
	lo, hi := f.bounds(view)
	return func() tea.Msg {
		began := time.Now()
		starts, more := pattern.Count(view, lo, hi, countLimit, func(at int) bool {
			percent.Store(int32(int64(at-lo) * 100 / int64(max(hi-lo, 1))))
			return ctx.Err() == nil
		})
		if ctx.Err() != nil {
			return nil
		}
		return countedMsg{pattern, revision, starts, more, time.Since(began)}
	}
}

// stopCount ends a count under way.
func (m *Model) stopCount() {
	if m.find.count.cancel != nil {
		m.find.count.cancel()
		m.find.count.cancel = nil
	}
}

// counted takes the result of a count. If the text has changed meanwhile it is counted again after a while.
func (m *Model) counted(msg countedMsg) tea.Cmd {
	f := &m.find
	if msg.pattern != f.pattern || f.count.cancel == nil {
		return nil
	}
	m.stopCount()
	f.count.known = true
	f.count.starts, f.count.more, f.count.revision = msg.starts, msg.more, msg.revision
	if msg.revision == m.ed.Revision() || f.count.again {
		return nil
	}
	f.count.again = true
	return m.after(max(countPause, 4*msg.took), recountMsg{})
}

// recount has the matches counted again after a change of the text.
func (m *Model) recount() {
	f := &m.find
	if f.open && f.pattern != nil && f.count.cancel == nil && !f.count.again {
		f.count.again = true
		m.later = append(m.later, m.after(countPause, recountMsg{}))
	}
}

// label is where among the matches the selection is, or how many there are, or what hinders.
func (m *Model) findLabel() string {
	f := &m.find
	switch {
	case f.problem != "":
		return f.problem
	case f.pattern == nil:
		return ""
	case f.job != nil:
		return "searching, " + percent(f.job.percent.Load())
	case !f.count.known && f.count.percent != nil && f.count.percent.Load() > 0:
		return "counting, " + percent(f.count.percent.Load())
	case !f.count.known:
		return "..."
	}
	return f.count.text(m.ed.Selection(), m.ed.Revision())
}

func (m *Model) toggleRegex() tea.Cmd {
	m.find.regex = !m.find.regex
	return m.optionChanged()
}

func (m *Model) toggleWord() tea.Cmd {
	m.find.word = !m.find.word
	return m.optionChanged()
}

func (m *Model) toggleCase() tea.Cmd {
	m.find.caseOf = (m.find.caseOf + 1) % (editor.CaseIgnored + 1)
	return m.optionChanged()
}

func (m *Model) toggleScope() tea.Cmd {
	f := &m.find
	if f.scoped {
		f.scoped = false
		return m.optionChanged()
	}
	if m.ed.Selection().Empty() {
		m.say("Select first what is to be searched.")
		return nil
	}
	from, to := m.ed.Selection().Span()
	f.scoped, f.scope, f.origin = true, editor.Selection{Anchor: from, Head: to}, from
	return m.optionChanged()
}

// optionChanged shows the bar, where the option is seen, and searches anew.
func (m *Model) optionChanged() tea.Cmd {
	if !m.find.open {
		return m.openFind(false)
	}
	return m.searchAnew(strings.TrimSpace(m.find.query.text) != "")
}
