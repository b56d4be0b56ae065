package textfile

import (
	"bytes"
	"hash/maphash"
	"unicode"
	"unicode/utf8"

	"coedit/rga"
)

// A diff in three steps, each inside what the one before found different: lines, then words, then runes. Words come first
// because the fewest runes are not the best edit: two unrelated lines always share some letters, and an edit made of
// fragments reads badly when another participant changed the same line.

const (
	maxFine   = 256 << 10 // bytes of both sides up to which lines that differ are compared by words
	maxAlike  = 2 << 10   // bytes of both sides up to which it is asked first whether they are nearly the same
	diffSteps = 16 << 20  // comparisons in all: a few tenths of a second
	fineSteps = 1 << 20   // comparisons inside one place where lines differ, so that there are enough for the next
)

// Diff returns edits that turn old into new: ascending, not overlapping, of whole runes where both are UTF-8. They are as
// few as can be found in bounded time; where the texts have too little in common a part is replaced as a whole.
func Diff(old, new []byte) []rga.Edit {
	d := differ{old: old, new: new, seed: maphash.MakeSeed(), lcs: lcs{steps: diffSteps}}
	d.diff(byLines, span{0, len(old)}, span{0, len(new)})
	return d.edits
}

// span is a half-open range of bytes.
type span struct{ from, to int }

func (s span) len() int { return s.to - s.from }

// differ finds the edits from old to new.
type differ struct {
	old, new []byte
	edits    []rga.Edit
	seed     maphash.Seed
	lcs      lcs
}

// The levels of comparison.
const (
	byLines = iota
	byWords
	byRunes
	notAtAll
)

// cutters return the length of a text's first token, by level.
var cutters = [...]func([]byte) int{byLines: lineLen, byWords: wordLen, byRunes: runeLen}

// diff appends the edits between two spans, comparing tokens of a level.
func (d *differ) diff(level int, a, b span) {
	if level == byLines {
		a, b = d.trim(a, b, wholeLines) // most of a file is the same, most often
	}
	ra, rb := d.trim(a, b, wholeRunes)
	if ra.len() == 0 || rb.len() == 0 || level == notAtAll || level > byLines && a.len()+b.len() > maxFine {
		d.emit(a, b)
		return
	}
	if level == byWords && a.len()+b.len() <= maxAlike && d.match(byRunes, a, b, 3, 4) {
		return // hardly changed
	}
	need := 0
	if level == byRunes {
		need = 1 // half of the runes
	}
	if !d.match(level, a, b, need, 2) {
		d.emit(a, b)
	}
}

// match appends the edits between two spans by the tokens that they share, if those are at least num/den of the longer
// side's.
func (d *differ) match(level int, a, b span, num, den int) bool {
	ta, tb := d.tokens(level, d.old, a), d.tokens(level, d.new, b)
	allowed := d.lcs.steps
	if level > byLines {
		allowed = min(allowed, fineSteps)
	}
	pairs := d.lcs.pairs(ta.ids, tb.ids, allowed)
	if den*len(pairs) < num*max(len(ta.ids), len(tb.ids)) {
		return false
	}
	for _, p := range pairs {
		sa, sb := ta.span(p.a), tb.span(p.b)
		if !bytes.Equal(d.old[sa.from:sa.to], d.new[sb.from:sb.to]) {
			continue // two tokens of one hash
		}
		if a.from < sa.from || b.from < sb.from {
			d.diff(level+1, span{a.from, sa.from}, span{b.from, sb.from})
		}
		a.from, b.from = sa.to, sb.to
	}
	d.diff(level+1, a, b)
	return true
}

// emit appends the edit that replaces a by b; it joins the one before if that ends here.
func (d *differ) emit(a, b span) {
	if a, b = d.trim(a, b, wholeRunes); a.len() == 0 && b.len() == 0 {
		return
	}
	text := string(d.new[b.from:b.to])
	if n := len(d.edits); n > 0 {
		if last := &d.edits[n-1]; last.Offset+last.Delete == a.from {
			last.Delete += a.len()
			last.Insert += text
			return
		}
	}
	d.edits = append(d.edits, rga.Edit{Offset: a.from, Delete: a.len(), Insert: text})
}

// trim cuts off what both begin and end with, up to places where both may be cut.
func (d *differ) trim(a, b span, cut func(x []byte, i int) bool) (span, span) {
	x, y := d.old[a.from:a.to], d.new[b.from:b.to]
	n := commonPrefix(x, y)
	for n > 0 && !(cut(x, n) && cut(y, n)) {
		n--
	}
	x, y = x[n:], y[n:]
	m := commonSuffix(x, y)
	for m > 0 && !(cut(x, len(x)-m) && cut(y, len(y)-m)) {
		m--
	}
	return span{a.from + n, a.to - m}, span{b.from + n, b.to - m}
}

// wholeLines says whether a cut at i is between two lines, or at an end.
func wholeLines(b []byte, i int) bool { return i == 0 || i == len(b) || b[i-1] == '\n' }

// wholeRunes says whether a cut at i is not inside a rune.
func wholeRunes(b []byte, i int) bool { return i == len(b) || utf8.RuneStart(b[i]) }

func commonPrefix(x, y []byte) int {
	n := min(len(x), len(y))
	i := 0
	for ; i+256 <= n && bytes.Equal(x[i:i+256], y[i:i+256]); i += 256 {
	}
	for i < n && x[i] == y[i] {
		i++
	}
	return i
}

func commonSuffix(x, y []byte) int {
	n := min(len(x), len(y))
	i := 0
	for ; i+256 <= n && bytes.Equal(x[len(x)-i-256:len(x)-i], y[len(y)-i-256:len(y)-i]); i += 256 {
	}
	for i < n && x[len(x)-1-i] == y[len(y)-1-i] {
		i++
	}
	return i
}

// tokens is a span cut into tokens.
type tokens struct {
	ends []int // offset of each one's end
	from int
	ids  []uint64 // hash of each
}

func (t *tokens) span(i int) span {
	if i == 0 {
		return span{t.from, t.ends[0]}
	}
	return span{t.ends[i-1], t.ends[i]}
}

func (d *differ) tokens(level int, text []byte, s span) tokens {
	t := tokens{from: s.from}
	for at := s.from; at < s.to; {
		n := cutters[level](text[at:s.to])
		t.ids = append(t.ids, maphash.Bytes(d.seed, text[at:at+n]))
		at += n
		t.ends = append(t.ends, at)
	}
	return t
}

func lineLen(b []byte) int {
	if i := bytes.IndexByte(b, '\n'); i >= 0 {
		return i + 1
	}
	return len(b)
}

// wordLen is the length of a run of cased letters, digits and underscores, of blanks, or of any other rune alone.
func wordLen(b []byte) int {
	kind, n := wordKind(b)
	for kind != 0 && n < len(b) {
		k, m := wordKind(b[n:])
		if k != kind {
			break
		}
		n += m
	}
	return n
}

func wordKind(b []byte) (kind, n int) {
	r, n := utf8.DecodeRune(b)
	switch {
	case r == ' ' || r == '\t':
		return 1, n
	case r == '_' || unicode.IsUpper(r) || unicode.IsLower(r) || unicode.IsDigit(r):
		return 2, n
	}
	return 0, n
}

func runeLen(b []byte) int {
	_, n := utf8.DecodeRune(b)
	return n
}
