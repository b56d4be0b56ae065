package tui

import (
	"bytes"
	"slices"

	"coedit/editor/syntax"
	"coedit/rga"

	tea "charm.land/bubbletea/v2"
)

// Colouring a line needs the state before it, which follows from all text above. States are remembered every few kilobytes,
// as links of a chain: each follows from the one before it and the text between. An edit breaks one link. The chain is mended from its
// first broken link on; where a mended link comes to the state that was there before, the rest of the chain holds as it is. All
// of it happens in small pieces, so that a key never waits for a large file to be read.
const (
	linkEvery = 8 << 10   // bytes between remembered states
	mendBytes = 128 << 10 // read in one piece: some tenths of a millisecond, which a key may have to wait for
	mendLines = 4         // a piece is at least so many links, whatever their length
	guessFrom = 64 << 10  // bytes above the screen from which it is coloured while the chain does not reach there
	plainLine = 16 << 10  // bytes from which on a line is not read but passed over
)

// link is the state at the start of a line.
type link struct {
	off    int // of the line; follows the text
	state  syntax.State
	broken bool // does not follow from the link before it
}

// highlighter knows the states of one text.
type highlighter struct {
	name  string // of the file by which the language was found
	lang  *syntax.Language
	chain []link // ascending; the first is at 0
	first int    // no link before this one is broken
	whole bool   // the chain reaches the end of the text
	buf   []byte

	// The states of the lines shown, and for what they hold.
	shown    []syntax.State
	line     int
	revision uint64
	since    link // from which they follow
}

// begin reads a text from its start.
func (h *highlighter) begin(name string, lang *syntax.Language) {
	*h = highlighter{name: name, lang: lang, chain: []link{{}}, first: 1, buf: h.buf}
}

// follow keeps the chain at its places in the text, and breaks what an edit broke.
func (h *highlighter) follow(changes []rga.Change) {
	if len(h.chain) == 0 {
		return // nothing was read yet
	}
	for len(changes) > 0 {
		n := 1
		for n < len(changes) && changes[n].Offset >= changes[n-1].Offset+len(changes[n-1].Inserted) {
			n++
		}
		h.sweep(changes[:n])
		changes = changes[n:]
	}
}

// sweep goes once through the chain for changes in ascending order: replacing everywhere makes very many.
func (h *highlighter) sweep(changes []rga.Change) {
	kept, _ := slices.BinarySearchFunc(h.chain, changes[0].Offset+1, func(l link, off int) int { return l.off - off })
	kept = max(kept, 1) // the first link stays where it is
	next, moved := kept, 0
	keep := func() {
		h.chain[kept] = h.chain[next]
		h.chain[kept].off += moved
		kept++
		next++
	}
	for i := range changes {
		c := &changes[i]
		for next < len(h.chain) && h.chain[next].off+moved <= c.Offset {
			keep()
		}
		for next < len(h.chain) && h.chain[next].off+moved <= c.Offset+c.Deleted {
			next++
		}
		if next < len(h.chain) {
			h.chain[next].broken = true
		} else {
			h.whole = false
		}
		moved += len(c.Inserted) - c.Deleted
		h.first = min(h.first, kept)
	}
	for next < len(h.chain) {
		keep()
	}
	h.chain = h.chain[:kept]
}

// mend reads on for one piece and says whether more is to be done.
func (h *highlighter) mend(text *rga.View) (more bool) {
	if h.lang == nil || len(h.chain) == 0 {
		return false
	}
	for read, links := 0, 0; links < mendLines || read < mendBytes; links++ {
		for h.first < len(h.chain) && !h.chain[h.first].broken {
			h.first++
		}
		if h.first == len(h.chain) && h.whole {
			return false
		}
		read += h.relink(text)
	}
	return true
}

// relink makes the first broken link, or the next one behind the chain's end, and returns how many bytes it read.
func (h *highlighter) relink(text *rga.View) int {
	from := h.chain[h.first-1]
	to := text.Len()
	if h.first < len(h.chain) {
		to = h.chain[h.first].off
	}
	if to-from.off > 2*linkEvery { // a new link on the way
		off, state := h.read(text, from.off, from.off+linkEvery, from.state)
		if off < to {
			h.chain = slices.Insert(h.chain, h.first, link{off: off, state: state})
			if h.first++; h.first < len(h.chain) {
				h.chain[h.first].broken = true
			}
			return off - from.off
		}
	}
	if h.first == len(h.chain) {
		h.whole = true // what is behind the last link is read when it is shown
		return 0
	}
	_, state := h.read(text, from.off, to, from.state)
	next := &h.chain[h.first]
	next.broken = false
	if next.state != state {
		next.state = state
		if h.first+1 < len(h.chain) {
			h.chain[h.first+1].broken = true
		}
	}
	return to - from.off
}

// read passes over whole lines from a line's start until at least to, or the text's end, and returns where it is then, with the state
// there.
func (h *highlighter) read(text *rga.View, from, to int, state syntax.State) (int, syntax.State) {
	for from < to {
		h.buf = text.Append(h.buf[:0], from, min(max(to, from+1)+linkEvery, from+plainLine+linkEvery, text.Len()))
		rest, used := h.buf, 0
		for from+used < to {
			n := bytes.IndexByte(rest, '\n')
			if n < 0 {
				break
			}
			if n < plainLine {
				state = h.lang.After(rest[:n], state)
			}
			rest, used = rest[n+1:], used+n+1
		}
		if used == 0 { // a line that is longer than the buffer, or the last one
			next := text.LineStart(text.LineAt(from) + 1)
			if next <= from || next >= text.Len() && (next == from || text.LineAt(from) == text.Lines()-1) {
				return text.Len(), state
			}
			if next-from <= plainLine {
				state = h.lang.After(text.Append(h.buf[:0], from, next-1), state)
			}
			used = next - from
		}
		from += used
	}
	return from, state
}

// before returns the states before so many lines from a line on, which are those shown.
func (h *highlighter) before(text *rga.View, revision uint64, line, count int) []syntax.State {
	if h.lang == nil {
		return nil
	}
	off := text.LineStart(line)
	i, found := slices.BinarySearchFunc(h.chain, off, func(l link, off int) int { return l.off - off })
	if !found {
		i--
	}
	from := h.chain[max(i, 0)]
	if off-from.off > guessFrom {
		from = link{off: text.LineStart(text.LineAt(off - guessFrom))}
	}
	from.broken = false // is about what stands before it
	if h.line == line && len(h.shown) >= count && h.revision == revision && h.since == from {
		return h.shown
	}
	h.line, h.revision, h.since = line, revision, from
	h.shown = h.shown[:0]
	_, state := h.read(text, from.off, off, from.state)
	for len(h.shown) < count {
		h.shown = append(h.shown, state)
		next := text.LineStart(line + len(h.shown))
		if off < next {
			_, state = h.read(text, off, next, state)
			off = next
		}
	}
	return h.shown
}

type mendMsg struct{}

// mend goes on reading the text for its colours, in pieces.
func (m *Model) mend() tea.Cmd {
	if !m.looks.Highlight {
		return nil
	}
	if m.colours.name != m.name || len(m.colours.chain) == 0 {
		m.findLanguage()
	}
	if m.mending || !m.colours.mend(m.ed.View()) {
		return nil
	}
	m.mending = true
	return func() tea.Msg { return mendMsg{} }
}

// findLanguage takes the language that the file's name and first line say, and reads the text for it.
func (m *Model) findLanguage() {
	text := m.ed.View()
	first := text.Append(nil, 0, min(text.Len(), 256))
	if i := bytes.IndexByte(first, '\n'); i >= 0 {
		first = first[:i]
	}
	m.colours.begin(m.name, syntax.For(m.name, first))
	m.cache.drop()
}
