package editor

import (
	"iter"
	"strconv"
	"strings"

	"coedit/rga"
)

// Searching reads a view in windows of whole lines, so it needs little memory, may run anywhere, and can be cut into parts
// between which the caller looks whether it is still wanted.

const (
	searchWindow = 64 << 10 // bytes read at once, and then up to the end of the line
	searchReach  = 64 << 10 // how far behind a window its matches may end; longer lines are cut
)

// Match is a place that a pattern matches.
type Match struct{ From, To int }

// Matches yields the matches in [from, to) in order. They do not overlap.
func (p *Pattern) Matches(v *rga.View, from, to int) iter.Seq[Match] {
	return func(yield func(Match) bool) {
		p.scan(v, from, to, func(m Match, _ []byte, _ []int) bool { return yield(m) })
	}
}

// First returns the first match in [from, to).
func (p *Pattern) First(v *rga.View, from, to int) (Match, bool) {
	for m := range p.Matches(v, from, to) {
		return m, true
	}
	return Match{}, false
}

// Last returns the last match in [from, to).
func (p *Pattern) Last(v *rga.View, from, to int) (found Match, ok bool) {
	for end := to; end > from && !ok; {
		start := from
		if end-from > searchWindow {
			start = max(v.LineStart(v.LineAt(end-searchWindow)), from)
			if start >= end || end-start > searchWindow+searchReach { // a long line
				start = end - searchWindow
			}
		}
		for m := range p.Matches(v, start, to) {
			if m.From >= end {
				break
			}
			found, ok = m, true
		}
		end = start
	}
	return found, ok
}

// scan calls f for each match in [from, to) with the text it was found in, and where in that, until f returns false.
func (p *Pattern) scan(v *rga.View, from, to int, f func(m Match, text []byte, loc []int) bool) {
	from, to = max(from, 0), min(to, v.Len())
	s := scanner{text: v}
	var text []byte
	at := max(v.LineStart(v.LineAt(from)), s.runeStart(from-searchReach))
	for at < to {
		end, textEnd := s.window(at, p.across)
		lead := at
		if at > 0 {
			lead = s.runeStart(at - 1) // so that the word before is seen
		}
		text = v.Append(text[:0], lead, textEnd)
		going := true
		p.each(text, func(loc []int) bool {
			m := Match{lead + loc[0], lead + loc[1]}
			switch {
			case m.From < at || m.From < from || m.To > to:
				return true
			case m.From >= end:
				return false
			}
			from = m.To
			going = f(m, text, loc)
			return going
		})
		if !going {
			return
		}
		at = max(end, min(from, to))
	}
}

// window returns where a window that begins at an offset ends, and up to where its matches may go.
func (s *scanner) window(at int, across bool) (end, textEnd int) {
	n := s.text.Len()
	line := s.text.LineAt(min(at+searchWindow, n))
	lineEnd := n
	if line+1 < s.text.Lines() {
		lineEnd = s.text.LineStart(line + 1)
	}
	if end = lineEnd; end-at > searchWindow+searchReach {
		end = s.runeStart(at + searchWindow)
		lineEnd = min(lineEnd, s.runeStart(end+searchReach))
	}
	if across {
		return end, s.runeStart(min(end+searchReach, n))
	}
	return end, lineEnd
}

// runeStart is the start of the rune that holds the byte at an offset.
func (s *scanner) runeStart(off int) int {
	for off = max(off, 0); off > 0 && off < s.text.Len(); off-- {
		if b := s.read(off, off+1); b[0]&0xC0 != 0x80 {
			break
		}
	}
	return off
}

// Replacements returns the edits that replace the matches in [from, to), at most limit of them; more says that there would be
// more. In the replacement of a regular expression $1 or ${1} is what the first group matched, ${name} a named one, $0 all of it,
// $$ a dollar; \n is a new line and \t a tab.
func (p *Pattern) Replacements(v *rga.View, from, to int, with string, limit int) (edits []rga.Edit, more bool) {
	p.scan(v, from, to, func(m Match, text []byte, loc []int) bool {
		if len(edits) == limit {
			more = true
			return false
		}
		edits = append(edits, rga.Edit{Offset: m.From, Delete: m.To - m.From, Insert: p.expand(with, text, loc)})
		return true
	})
	return edits, more
}

// Replacement returns what a match is to be replaced by; false where it is no match.
func (p *Pattern) Replacement(v *rga.View, m Match, with string) (text string, ok bool) {
	line := v.LineStart(v.LineAt(m.From))
	p.scan(v, max(line, m.From-searchReach), v.Len(), func(found Match, in []byte, loc []int) bool {
		if ok = found == m; ok {
			text = p.expand(with, in, loc)
		}
		return found.From < m.From
	})
	return text, ok
}

// expand puts the groups of a match into a replacement.
func (p *Pattern) expand(with string, text []byte, loc []int) string {
	if !p.groups || !strings.ContainsAny(with, `$\`) {
		return with
	}
	var sb strings.Builder
	for with != "" {
		i := strings.IndexAny(with, `$\`)
		if i < 0 {
			break
		}
		sb.WriteString(with[:i])
		var n int
		if with[i] == '\\' {
			n = unescape(&sb, with[i:])
		} else {
			n = p.group(&sb, with[i:], text, loc)
		}
		with = with[i+n:]
	}
	return sb.String() + with
}

// unescape writes what an escape at the start of s stands for and returns its length.
func unescape(sb *strings.Builder, s string) int {
	if len(s) > 1 {
		if i := strings.IndexByte(`nt\`, s[1]); i >= 0 {
			sb.WriteByte("\n\t\\"[i])
			return 2
		}
	}
	sb.WriteByte('\\')
	return 1
}

// group writes the group that s begins to name and returns the length of the name.
func (p *Pattern) group(sb *strings.Builder, s string, text []byte, loc []int) int {
	if strings.HasPrefix(s, "$$") {
		sb.WriteByte('$')
		return 2
	}
	name, n := "", 1
	if strings.HasPrefix(s, "${") {
		if end := strings.IndexByte(s, '}'); end > 0 {
			name, n = s[2:end], end+1
		}
	} else {
		for n < len(s) && n < 3 && s[n] >= '0' && s[n] <= '9' {
			n++
		}
		name = s[1:n]
	}
	if name == "" {
		sb.WriteByte('$')
		return 1
	}
	k, err := strconv.Atoi(name)
	if err != nil {
		k = p.regex.SubexpIndex(name)
	}
	if k >= 0 && 2*k+1 < len(loc) && loc[2*k] >= 0 {
		sb.Write(text[loc[2*k]:loc[2*k+1]])
	}
	return n
}

// ReplaceSelection puts text in the place of the selections as an undo step of its own.
func (e *Editor) ReplaceSelection(at int64, text string) error {
	return e.editCarets(at, single, func(_ int, c *caret) spot { return over(c.Selection, text) })
}

// Follow is where a selection is after changes that others made: it stays at its text and does not grow over what is
// inserted at its ends.
func (s Selection) Follow(changes []rga.Change) Selection { return s.follow(changes) }
