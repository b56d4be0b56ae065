package editor

import (
	"bytes"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Case says whether upper and lower case are the same to a search.
type Case uint8

// The ways to treat case.
const (
	CaseSmart   Case = iota // ignored unless the query has an upper-case letter
	CaseExact               // never ignored
	CaseIgnored             // always ignored
)

// Query is what to look for.
type Query struct {
	Text  string
	Regex bool // RE2, as package regexp has it; else the text itself
	Word  bool // only whole words
	Case  Case
}

// Pattern is a compiled query. It may be used from any goroutine.
//
// In a regular expression ^ and $ stand for the beginning and end of a line, and nothing but \n itself matches a line end:
// no dot and no class, so that .* and [^a]* stay in their line. Matches of nothing are left out.
type Pattern struct {
	regex   *regexp.Regexp // nil: literal
	groups  bool           // regex is the user's, with groups to refer to
	needs   []byte         // in lower case: what each match of regex holds, in either case; looked for first, being faster
	literal []byte         // lower case with fold
	fold    bool           // ASCII letters of either case are the same
	word    bool
	across  bool // a match can go over several lines
}

// Compile makes a pattern of a query. An error is about a regular expression and fit to be shown.
func (q Query) Compile() (*Pattern, error) {
	p := &Pattern{word: q.Word, groups: q.Regex}
	ignore := q.Case == CaseIgnored || q.Case == CaseSmart && !hasUpper(q.Text, q.Regex)
	text := q.Text
	switch {
	case q.Regex:
	case !ignore:
		p.literal = []byte(text)
		return p, nil
	case isASCII(text):
		p.literal, p.fold = bytes.ToLower([]byte(text)), true
		return p, nil
	default:
		text = regexp.QuoteMeta(text)
	}
	flags := syntax.Perl &^ syntax.OneLine
	if ignore {
		flags |= syntax.FoldCase
	}
	tree, err := syntax.Parse(text, flags)
	if err != nil {
		return nil, patternError(err)
	}
	if p.across = keepToLines(tree); !p.across {
		p.needs = needed(tree)
	}
	if p.regex, err = regexp.Compile(tree.String()); err != nil {
		return nil, patternError(err)
	}
	return p, nil
}

// patternError says what is wrong with a regular expression in few words.
func patternError(err error) error {
	if e, ok := err.(*syntax.Error); ok {
		return fmt.Errorf("%s: %s", e.Code, e.Expr)
	}
	return err
}

// hasUpper says whether a query has an upper-case letter; in a regular expression not one that a backslash gives a meaning.
func hasUpper(text string, regex bool) bool {
	escaped := false
	for _, r := range text {
		switch {
		case escaped:
			escaped = false
		case regex && r == '\\':
			escaped = true
		case unicode.IsUpper(r):
			return true
		}
	}
	return false
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

// keepToLines takes the newline out of every class and dot. It returns true where a newline is asked for by itself.
func keepToLines(re *syntax.Regexp) (across bool) {
	switch re.Op {
	case syntax.OpLiteral:
		across = slices.Contains(re.Rune, '\n')
	case syntax.OpAnyChar:
		re.Op = syntax.OpAnyCharNotNL
	case syntax.OpCharClass:
		re.Rune = without(re.Rune, '\n')
		if len(re.Rune) == 0 {
			re.Op = syntax.OpNoMatch
		}
	}
	for _, sub := range re.Sub {
		across = keepToLines(sub) || across
	}
	return across
}

// without takes a rune out of a class, which is pairs of first and last runes.
func without(class []rune, r rune) []rune {
	var out []rune
	for i := 0; i < len(class); i += 2 {
		lo, hi := class[i], class[i+1]
		if r < lo || r > hi {
			out = append(out, lo, hi)
			continue
		}
		if lo < r {
			out = append(out, lo, r-1)
		}
		if r < hi {
			out = append(out, r+1, hi)
		}
	}
	return out
}

// each calls f with each match in text as package regexp gives it, until f returns false.
func (p *Pattern) each(text []byte, f func(loc []int) bool) {
	if p.regex == nil {
		p.eachLiteral(text, f)
		return
	}
	if len(p.needs) < 2 {
		p.eachIn(text, 0, len(text), f)
		return
	}
	next := foldIndex{text: text, want: p.needs, lower: -1, upper: -1}
	for at := 0; ; {
		i := next.from(at)
		if i < 0 {
			return
		}
		start := at + bytes.LastIndexByte(text[at:i], '\n') + 1
		at = len(text)
		if n := bytes.IndexByte(text[i:], '\n'); n >= 0 {
			at = i + n
		}
		if !p.eachIn(text, start, at, f) {
			return
		}
	}
}

// eachIn calls f with each match of the regular expression in text[from:to]; it returns what f did.
func (p *Pattern) eachIn(text []byte, from, to int, f func(loc []int) bool) bool {
	for _, loc := range p.regex.FindAllSubmatchIndex(text[from:to], -1) {
		for i := range loc {
			if loc[i] >= 0 {
				loc[i] += from
			}
		}
		if loc[0] < loc[1] && p.isWord(text, loc[0], loc[1]) && !f(loc) {
			return false
		}
	}
	return true
}

// needed is the longest ASCII text, in lower case, that is part of whatever an expression matches.
func needed(re *syntax.Regexp) []byte {
	switch re.Op {
	case syntax.OpLiteral:
		if text := strings.ToLower(string(re.Rune)); isASCII(text) {
			return []byte(text)
		}
	case syntax.OpCapture, syntax.OpPlus:
		return needed(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return needed(re.Sub[0])
		}
	case syntax.OpConcat:
		var best []byte
		for _, sub := range re.Sub {
			if text := needed(sub); len(text) > len(best) {
				best = text
			}
		}
		return best
	}
	return nil
}

func (p *Pattern) eachLiteral(text []byte, f func(loc []int) bool) {
	if len(p.literal) == 0 {
		return
	}
	var loc [2]int
	next := foldIndex{text: text, want: p.literal, lower: -1, upper: -1}
	for at := 0; ; {
		i := -1
		if p.fold {
			i = next.from(at)
		} else if i = bytes.Index(text[at:], p.literal); i >= 0 {
			i += at
		}
		if i < 0 {
			return
		}
		end := i + len(p.literal)
		if !p.isWord(text, i, end) {
			_, n := utf8.DecodeRune(text[i:])
			at = i + n
			continue
		}
		loc = [2]int{i, end}
		if !f(loc[:]) {
			return
		}
		at = end
	}
}

// isWord says whether text[from:to] is not part of longer words, if that is asked for.
func (p *Pattern) isWord(text []byte, from, to int) bool {
	if !p.word {
		return true
	}
	joins := func(outside, inside rune) bool {
		c := classOf(outside)
		return (c == word || c == joined) && classOf(inside) == word
	}
	if from > 0 {
		outside, _ := utf8.DecodeLastRune(text[:from])
		inside, _ := utf8.DecodeRune(text[from:])
		if joins(outside, inside) {
			return false
		}
	}
	if to < len(text) {
		outside, _ := utf8.DecodeRune(text[to:])
		inside, _ := utf8.DecodeLastRune(text[:to])
		return !joins(outside, inside)
	}
	return true
}

// foldIndex finds an ASCII text in lower case where the case of ASCII letters does not matter.
type foldIndex struct {
	text, want   []byte
	lower, upper int // where the first letter was found last, in either case; len(text): not any more; -1: not looked for
}

// from returns the first place at or behind an offset; -1: there is none. Offsets must not go back.
func (x *foldIndex) from(at int) int {
	first := x.want[0]
	for {
		x.lower = x.ahead(x.lower, at, first)
		x.upper = x.ahead(x.upper, at, byte(unicode.ToUpper(rune(first))))
		at = min(x.lower, x.upper)
		if at+len(x.want) > len(x.text) {
			return -1
		}
		if equalFold(x.text[at:at+len(x.want)], x.want) {
			return at
		}
		at++
	}
}

// ahead is where b is found at or behind at, known being where it was found last.
func (x *foldIndex) ahead(known, at int, b byte) int {
	if known >= at {
		return known
	}
	if i := bytes.IndexByte(x.text[at:], b); i >= 0 {
		return at + i
	}
	return len(x.text)
}

// equalFold compares with a text in lower case.
func equalFold(b, lower []byte) bool {
	for i, c := range b {
		if c != lower[i] && (c < 'A' || c > 'Z' || c+'a'-'A' != lower[i]) {
			return false
		}
	}
	return true
}
