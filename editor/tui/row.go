package tui

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"coedit/editor"
	"coedit/editor/syntax"
)

// mark colours a part of one line. Offsets count bytes from the line's start; the line's newline is the byte at its length.
type mark struct {
	from, to int // bytes covered; a caret covers the cluster at from
	look     style
	caret    bool
	label    string // caret: name shown behind the end of the line
	short    string // caret: shown where there is no room for the name
	tag      style  // look of the label
}

// painter draws one row of text into ANSI. The zero value is not useful; metrics and theme belong to the frame.
type painter struct {
	metrics editor.Metrics
	left    int // first column shown
	stop    int // byte of the line at which the row ends; 0: at the line's end
	width   int // columns shown
	marks   []mark
	theme   *theme
	looks   *Looks

	tokens   []syntax.Token // of the line; those before the place drawn are dropped
	base     style          // under everything
	edges    bool           // the row is scrolled sideways: what is cut off is marked at the edges
	indented int            // bytes of blanks that the line begins with
	trailing int            // bytes before the blanks that it ends with
	unit     int            // columns of one step of indentation

	out     strings.Builder
	layers  layers
	look    style // in force at the end of out
	cells   int   // written so far
	changed bool  // the text last written differs from the document's
	last    byte  // last byte written
}

// paint draws a line, which ends at an offset in the document; the row is not padded.
func (p *painter) paint(ed *editor.Editor, line, start, end int) string {
	right := p.left + p.width
	column, behind, filled := -1, 0, false
	cut := p.edges && p.width > 2
	left, width := p.left, p.width
	ed.Clusters(line, p.left, func(off int, cluster []byte, at int) bool {
		if filled = at >= right || p.stop > 0 && off-start >= p.stop; filled {
			return false
		}
		text, n := p.metrics.Display(cluster, at)
		if cut && column < 0 && p.left > 0 { // the first cell says that there is something before it
			p.left, p.width = left+1, p.width-1
			p.write("<", 1, p.theme.edge, true)
		}
		if cut && at+n > right-1 && (at+n > right || off+len(cluster) < end) {
			p.width = right - 1 - p.left // without the last cell
			p.cluster(text, n, at, off-start, cluster)
			p.write(">", 1, p.theme.edge, true)
			filled = true
			return false
		}
		p.cluster(text, n, at, off-start, cluster)
		column, behind = at, at+n
		return true
	})
	p.left, p.width = left, width
	if column < 0 { // the line ends before the first column shown
		_, behind = ed.Position(end)
	}
	if !filled && behind >= p.left && behind < right {
		behind += p.lineEnd(end-start, behind)
		p.labels()
	}
	if p.base != "" && !filled && p.cells < p.width {
		p.write(strings.Repeat(" ", p.width-p.cells), p.width-p.cells, p.base, true)
	}
	p.setLook("")
	return p.out.String()
}

// cluster writes the visible part of one cluster.
func (p *painter) cluster(text string, n, column, at int, source []byte) {
	look, caret := p.lookAt(at)
	from, to := max(column, p.left), min(column+n, p.left+p.width)
	if n > 0 && from >= to {
		return
	}
	if n == 0 && column < p.left {
		return
	}
	changed := string(source) != text
	ink := p.ink(at)
	if shown, ok := p.blank(source, column, at, n); ok && !caret {
		text, ink, changed = shown, p.theme.faint, true
	}
	if from > column || to < column+n {
		text = clip(text, n, from-column, to-column)
		changed = true
	}
	n = to - from
	if caret && n > 1 && from == column && isASCII(text) { // a caret on a tab or on ^A is one cell
		p.write(text[:1], 1, look, changed)
		look, caret = p.selectionAt(at), false
		text, n = text[1:], n-1
	}
	if !caret { // a caret shows in its own colours only
		look = p.over(ink, look)
	}
	p.write(text, n, look, changed)
}

// clip takes cells [from, to) out of text of n cells. A cluster that cannot be cut leaves blanks.
func clip(text string, n, from, to int) string {
	if isASCII(text) {
		return text[from:to]
	}
	if mark := strings.TrimRight(text, " "); from == 0 && len(text)-len(mark) == n-1 { // a mark in one cell, and blanks
		return mark + strings.Repeat(" ", to-1)
	}
	return strings.Repeat(" ", to-from)
}

// write appends text in a look. Where the text shown differs from the document's, an SGR sequence keeps the renderer from
// joining it with its neighbour into one cluster, which would take other cells than were counted.
func (p *painter) write(text string, n int, look style, changed bool) {
	if text == "" {
		return
	}
	if look != p.look {
		p.setLook(look)
	} else if (changed || p.changed) && (p.last >= utf8.RuneSelf || text[0] >= utf8.RuneSelf) {
		p.out.WriteString(sgrReset)
		p.out.WriteString(string(look))
	}
	p.out.WriteString(text)
	p.cells += n
	p.changed, p.last = changed, text[len(text)-1]
}

func (p *painter) setLook(look style) {
	if look == p.look {
		return
	}
	if p.look != "" {
		p.out.WriteString(sgrReset)
	}
	p.out.WriteString(string(look))
	p.look = look
}

// lookAt is the look of the cluster at an offset and whether somebody's caret stands on it. Carets win over selections, and
// earlier marks over later ones.
func (p *painter) lookAt(at int) (look style, caret bool) {
	for i := range p.marks {
		if m := &p.marks[i]; m.caret && m.from == at {
			return m.look, true
		}
	}
	return p.selectionAt(at), false
}

// selectionAt is the look of an offset without the carets.
func (p *painter) selectionAt(at int) style {
	for i := range p.marks {
		if m := &p.marks[i]; !m.caret && m.from <= at && at < m.to {
			return m.look
		}
	}
	return ""
}

// lineEnd draws the cell behind the line when it is marked: a caret there, or a selection that goes on in the next line.
func (p *painter) lineEnd(length, column int) (cells int) {
	look, caret := p.lookAt(length)
	if look == "" && !caret || column < p.left || column >= p.left+p.width {
		return 0
	}
	p.write(" ", 1, look, true)
	return 1
}

// labels writes the names of those whose caret is in this line, or their letters, where there is room behind its end.
func (p *painter) labels() {
	for i := range p.marks {
		m := &p.marks[i]
		if !m.caret || m.label == "" {
			continue
		}
		label := m.label
		n := p.measure(label)
		if p.cells+1+n+2 > p.width {
			if label, n = m.short, p.measure(m.short); n == 0 || p.cells+1+n+2 > p.width {
				return
			}
		}
		p.write(" ", 1, "", true)
		p.write(" "+label+" ", n+2, m.tag, true)
	}
}

func (p *painter) measure(text string) int {
	if isASCII(text) {
		return len(text)
	}
	_, n, _ := fit(p.metrics, text, p.width)
	return n
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// rowCache keeps drawn rows, by line number modulo its length.
type rowCache struct {
	rows []cachedRow
}

// cachedRow is what a row was drawn from, and the result.
type cachedRow struct {
	rowKey
	valid bool
	text  []byte // of a short line
	marks []mark
	out   string
	cells int // taken by out
}

// rowKey is what a row was drawn from beside bytes and marks.
type rowKey struct {
	spot
	gutter      int  // cells of the line number
	here        bool // the caret is in the line
	left, width int
	stop        int
	length      int // of the line in bytes
	unit        int // columns of one level of indentation
	coloured    bool
	state       syntax.State // before the line
	author      authorMark
	scoped      bool   // a part of the line is searched, where not everything is
	revision    uint64 // of the text, for long lines; short lines are compared byte by byte
}

// resize makes room for screens of n rows and drops what was drawn.
func (c *rowCache) resize(n int) {
	if 2*n > len(c.rows) {
		c.rows = make([]cachedRow, 2*n)
	}
	c.drop()
}

// drop forgets what was drawn: the looks or the widths changed.
func (c *rowCache) drop() {
	for i := range c.rows {
		c.rows[i].valid = false
	}
}

// slot is where a row is kept. Two rows of one screen may share one if lines are wrapped; then both are drawn each time.
func (c *rowCache) slot(at spot) *cachedRow { return &c.rows[(at.line+at.row*rowStride)%len(c.rows)] }

// rowStride parts the rows of one line, so that they seldom meet those of the next ones.
const rowStride = 61

// matches says whether the row was drawn from the same things.
func (r *cachedRow) matches(k rowKey, text []byte, marks []mark) bool {
	return r.valid && r.rowKey == k && slices.Equal(r.marks, marks) && bytes.Equal(r.text, text)
}

// keep remembers a row. It copies text and marks.
func (r *cachedRow) keep(k rowKey, text []byte, marks []mark, out string, cells int) {
	r.valid, r.rowKey = true, k
	r.text = append(r.text[:0], text...)
	r.marks = append(r.marks[:0], marks...)
	r.out, r.cells = out, cells
}
