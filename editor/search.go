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
		p.scan(v, stretch{from, to, to}, nil, func(m Match, _ []byte, _ []int) bool { return yield(m) })
	}
}

// stretch is where to search: for matches that begin in [from, until) and end at the latest at to.
type stretch struct{ from, until, to int }

// first returns the first match in a stretch.
func (p *Pattern) first(v *rga.View, s stretch) (found Match, ok bool) {
	p.scan(v, s, nil, func(m Match, _ []byte, _ []int) bool {
		found, ok = m, true
		return false
	})
	return found, ok
}

// last returns the last match in a stretch.
func (p *Pattern) last(v *rga.View, s stretch) (found Match, ok bool) {
	for s.until > s.from && !ok {
		start := s.from
		if s.until-s.from > searchWindow {
			start = max(v.LineStart(v.LineAt(s.until-searchWindow)), s.from)
			if s.until-start > searchWindow+searchReach { // a long line
				start = s.until - searchWindow
			}
		}
		p.scan(v, stretch{start, s.until, s.to}, nil, func(m Match, _ []byte, _ []int) bool {
			found, ok = m, true
			return true
		})
		s.until = start
	}
	return found, ok
}

// scan calls f for each match in a stretch with the text it was found in, and where in that, until f returns false. Between
// windows it calls tick, if that is not nil, with the place it has come to, and ends if that returns false.
func (p *Pattern) scan(v *rga.View, where stretch, tick func(at int) bool, f func(m Match, text []byte, loc []int) bool) {
	from, until, to := max(where.from, 0), min(where.until, v.Len()), min(where.to, v.Len())
	s := scanner{text: v}
	var text []byte
	at := max(v.LineStart(v.LineAt(from)), s.runeStart(from-searchReach))
	for at < until && (tick == nil || tick(at)) {
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
			case m.From >= end || m.From >= until:
				return false
			}
			from = m.To
			going = f(m, text, loc)
			return going
		})
		if !going {
			return
		}
		at = max(end, min(from, until))
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

// Count returns where the matches in [from, to) begin, at most limit of them; more says that there would be more. Now and then it
// calls going with the place it has come to, and ends if that returns false.
func (p *Pattern) Count(v *rga.View, from, to, limit int, going func(at int) bool) (starts []int, more bool) {
	p.scan(v, stretch{from, to, to}, going, func(m Match, _ []byte, _ []int) bool {
		if more = len(starts) == limit; !more {
			starts = append(starts, m.From)
		}
		return !more
	})
	return starts, more
}

// Replacements returns the edits that replace the matches in [from, to), at most limit of them; more says that there would be
// more. going is as for Count. In the replacement of a regular expression $1 or ${1} is what the first group matched, ${name} a
// named one, $0 all of it, $$ a dollar; \n is a new line and \t a tab.
func (p *Pattern) Replacements(
	v *rga.View, from, to int, with string, limit int, going func(at int) bool,
) (edits []rga.Edit, more bool) {
	p.scan(v, stretch{from, to, to}, going, func(m Match, text []byte, loc []int) bool {
		if more = len(edits) == limit; !more {
			edits = append(edits, rga.Edit{Offset: m.From, Delete: m.To - m.From, Insert: p.expand(with, text, loc)})
		}
		return !more
	})
	return edits, more
}

// Replacement returns what a match is to be replaced by; false where it is no match.
func (p *Pattern) Replacement(v *rga.View, m Match, with string) (text string, ok bool) {
	where := stretch{max(v.LineStart(v.LineAt(m.From)), m.From-searchReach), m.From + 1, v.Len()}
	p.scan(v, where, nil, func(found Match, in []byte, loc []int) bool {
		if ok = found == m; ok {
			text = p.expand(with, in, loc)
		}
		return !ok
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
