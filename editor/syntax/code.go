package syntax

import "bytes"

// quote is a way to write a string.
type quote struct {
	open, close string
	raw         bool // a backslash is a backslash
	lines       bool // may go on in the next line
	template    bool // ${ begins code, which } ends
	char        bool // one character, or what begins with an apostrophe is no string at all
}

// code describes a programming language for the one reader of them all.
type code struct {
	lineComments []string
	wordComment  bool // a line comment begins a word: not in a#b
	open, close  string
	nests        bool
	quotes       []quote
	words        map[string]Kind
	caseless     bool   // words are, and given in lower case
	inWords      string // bytes that belong to words besides letters, digits and _
	calls        bool   // a word before ( is a function
	capitals     bool   // a word with a capital at the beginning is a type
	annotation   byte   // begins a word that is an attribute; 0: none
	preproc      bool   // a line that begins with # is for the preprocessor
	variables    bool   // $name and ${name}
	regexps      bool   // /x/ where a value may begin
	rawHashes    bool   // r#"x"# of Rust
	keys         bool   // a word or string before : is a key
	settings     bool   // a word before = is a key

	class [256]uint8
}

// Classes of bytes.
const (
	classOther uint8 = iota
	classBlank
	classWord
	classDigit
	classOpen // something may begin here: a comment, a string, a brace
)

// Modes are the lowest bits of a state: what is open. From modeQuote on it is that quote.
const (
	modeNone State = iota
	modeComment
	modeQuote
	modeMask State = 15
)

// Behind the mode stands a number: how deep comments are nested, or how many # end a string.
const (
	countShift       = 4
	countMask  State = 0xFF << countShift
)

// Then, for templates: how many are open around, and how many braces in the code inside each.
const (
	levelShift        = 12
	levelMask   State = 3 << levelShift
	braceShift        = 14
	braceBits         = 6
	braceMask   State = 1<<braceBits - 1
	deepestCode       = 3
)

func (c *code) prepare() *code {
	for b := range 256 {
		switch {
		case b == ' ' || b == '\t':
			c.class[b] = classBlank
		case b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b == '_' || b >= 0x80:
			c.class[b] = classWord
		case b >= '0' && b <= '9':
			c.class[b] = classDigit
		}
	}
	for i := range len(c.inWords) {
		c.class[c.inWords[i]] = classWord
	}
	for _, s := range c.lineComments {
		c.class[s[0]] = classOpen
	}
	if c.open != "" {
		c.class[c.open[0]] = classOpen
	}
	for _, q := range c.quotes {
		c.class[q.open[0]] = classOpen
		if q.template {
			c.class['{'], c.class['}'] = classOpen, classOpen
		}
	}
	if c.annotation != 0 {
		c.class[c.annotation] = classOpen
	}
	if c.variables {
		c.class['$'] = classOpen
	}
	if c.regexps {
		c.class['/'] = classOpen
	}
	return c
}

// lex reads a line.
func (c *code) lex(l *line) {
	switch mode := l.state & modeMask; {
	case mode == modeComment:
		c.comment(l, 0)
	case mode >= modeQuote:
		c.string(l, 0, &c.quotes[mode-modeQuote])
	default:
		if c.preproc && c.directive(l) {
			return
		}
	}
	value := false // what was read last ends a value, so that / divides
	for l.at < len(l.text) {
		from := l.at
		switch b := l.text[l.at]; c.class[b] {
		case classBlank:
			l.at++
			continue
		case classWord:
			value = c.word(l)
			continue
		case classDigit:
			c.number(l)
			value = true
			continue
		case classOpen:
			if c.opened(l, value) {
				value = true
				continue
			}
		}
		if l.at == from {
			l.at++
		}
		b := l.text[from]
		value = b == ')' || b == ']' || b == '}'
	}
}

// directive reads a line for the preprocessor.
func (c *code) directive(l *line) bool {
	l.blanks()
	if l.at >= len(l.text) || l.text[l.at] != '#' {
		l.at = 0
		return false
	}
	from := l.at
	end := len(l.text)
	for _, s := range append([]string{c.open}, c.lineComments...) {
		if i := bytes.Index(l.text[l.at:], []byte(s)); i >= 0 {
			end = min(end, l.at+i)
		}
	}
	l.at = end
	l.token(from, Preproc)
	if l.at < len(l.text) {
		c.opened(l, false)
	}
	return l.at == len(l.text)
}

// word reads a word and says whether it is a value.
func (c *code) word(l *line) (value bool) {
	from := l.at
	for l.at < len(l.text) {
		k := c.class[l.text[l.at]]
		if k != classWord && k != classDigit {
			break
		}
		l.at++
	}
	if c.rawHashes && l.at-from <= 2 && l.at < len(l.text) && (l.text[l.at] == '#' || l.text[l.at] == '"') && l.text[l.at-1] == 'r' && c.hashes(l, from) {
		return true
	}
	if !l.keep && !c.regexps {
		return true
	}
	k := c.kind(l.text[from:l.at])
	if k == Plain {
		k = c.guess(l, from)
	}
	l.token(from, k)
	return k != Keyword
}

// kind looks a word up.
func (c *code) kind(word []byte) Kind {
	if !c.caseless {
		return c.words[string(word)]
	}
	if len(word) > 24 {
		return Plain
	}
	var low [24]byte
	for i, b := range word {
		if b >= 'A' && b <= 'Z' {
			b += 'a' - 'A'
		}
		low[i] = b
	}
	return c.words[string(low[:len(word)])]
}

// guess tells a word by what is around it.
func (c *code) guess(l *line, from int) Kind {
	next := l.at
	for next < len(l.text) && l.text[next] == ' ' {
		next++
	}
	if next < len(l.text) {
		switch b := l.text[next]; {
		case b == '(' && c.calls, b == '!' && c.rawHashes && next+1 < len(l.text) && l.text[next+1] != '=':
			return Function
		case b == ':' && c.keys, b == '=' && c.settings:
			return Attribute
		}
	}
	if b := l.text[from]; c.capitals && b >= 'A' && b <= 'Z' {
		return Type
	}
	return Plain
}

func (c *code) number(l *line) {
	from := l.at
	for l.at < len(l.text) {
		b := l.text[l.at]
		k := c.class[b]
		exponent := (b == '+' || b == '-') && (l.text[l.at-1] == 'e' || l.text[l.at-1] == 'E') && !(from+1 < l.at && l.text[from+1] == 'x')
		dot := b == '.' && (l.at+1 >= len(l.text) || l.text[l.at+1] != '.') && l.at > from
		if k != classWord && k != classDigit && !exponent && !dot {
			break
		}
		l.at++
	}
	l.token(from, Number)
}

// opened reads what begins at l.at; false: nothing does, and nothing was read.
func (c *code) opened(l *line, value bool) bool {
	from, b := l.at, l.text[l.at]
	for _, s := range c.lineComments {
		if l.has(s) && (!c.wordComment || from == 0 || c.class[l.text[from-1]] == classBlank || l.text[from-1] == ';') {
			l.rest(from, Comment)
			return true
		}
	}
	if c.open != "" && l.has(c.open) {
		l.at += len(c.open)
		l.state = l.state&^(modeMask|countMask) | modeComment | 1<<countShift
		c.comment(l, from)
		return true
	}
	for i := range c.quotes {
		q := &c.quotes[i]
		if !l.has(q.open) || q.char && !isChar(l.text[from:]) {
			continue
		}
		l.at += len(q.open)
		l.state = l.state&^modeMask | modeQuote + State(i)
		c.string(l, from, q)
		return true
	}
	switch {
	case b == '{' || b == '}':
		return c.brace(l, b)
	case b == '$' && c.variables:
		c.variable(l)
		return true
	case b == '/' && c.regexps && !value:
		return c.regexp(l)
	case b == c.annotation && b != 0:
		l.at++
		for l.at < len(l.text) && (c.class[l.text[l.at]] == classWord || c.class[l.text[l.at]] == classDigit || l.text[l.at] == '.') {
			l.at++
		}
		l.token(from, Attribute)
		return l.at > from+1
	}
	return false
}

// isChar says whether text begins with a character between apostrophes, not with a lifetime or a label.
func isChar(text []byte) bool {
	if len(text) > 1 && text[1] == '\\' {
		return true
	}
	end := bytes.IndexByte(text[min(1, len(text)):], '\'')
	return end > 0 && end <= 4 && (end == 1 || text[1] >= 0x80)
}

// comment reads on in a comment that began at from.
func (c *code) comment(l *line, from int) {
	depth := int(l.state & countMask >> countShift)
	for depth > 0 && l.at < len(l.text) {
		switch {
		case l.has(c.close):
			l.at += len(c.close)
			depth--
		case c.nests && depth < 255 && l.has(c.open):
			l.at += len(c.open)
			depth++
		default:
			l.at++
		}
	}
	l.token(from, Comment)
	l.state = l.state&^(modeMask|countMask) | State(depth)<<countShift
	if depth > 0 {
		l.state |= modeComment
	}
}

// string reads on in a string that began at from.
func (c *code) string(l *line, from int, q *quote) {
	hashes := int(l.state & countMask >> countShift)
	for l.at < len(l.text) {
		b := l.text[l.at]
		switch {
		case b == '\\' && !q.raw && hashes == 0:
			l.at = min(l.at+2, len(l.text))
			continue
		case b == q.close[0] && l.has(q.close) && (hashes == 0 || endsRaw(l.text[l.at+1:], hashes-1)):
			l.at += len(q.close) + max(hashes-1, 0)
			l.token(from, c.stringKind(l))
			l.state &^= modeMask | countMask
			return
		case b == '$' && q.template && l.has("${") && l.state&levelMask>>levelShift < deepestCode:
			l.token(from, String)
			l.at += 2
			level := l.state & levelMask >> levelShift
			l.state = l.state&^modeMask + 1<<levelShift
			l.state &^= braceMask << (braceShift + braceBits*level)
			return
		}
		l.at++
	}
	l.token(from, String)
	if !q.lines && hashes == 0 && !(len(l.text) > 0 && l.text[len(l.text)-1] == '\\' && !q.raw && !q.char) {
		l.state &^= modeMask | countMask
	}
}

// stringKind is Attribute for a string that is a key.
func (c *code) stringKind(l *line) Kind {
	if !c.keys {
		return String
	}
	for _, b := range l.text[l.at:] {
		if b == ':' {
			return Attribute
		}
		if b != ' ' {
			break
		}
	}
	return String
}

// endsRaw says whether n # stand at the beginning of text.
func endsRaw(text []byte, n int) bool {
	for i := range n {
		if i >= len(text) || text[i] != '#' {
			return false
		}
	}
	return true
}

// hashes reads a raw string of Rust whose r was read; false: it is none.
func (c *code) hashes(l *line, from int) bool {
	n := 0
	for l.at+n < len(l.text) && l.text[l.at+n] == '#' && n < 200 {
		n++
	}
	if l.at+n >= len(l.text) || l.text[l.at+n] != '"' {
		return false
	}
	l.at += n + 1
	l.state = l.state&^(modeMask|countMask) | modeQuote | State(n+1)<<countShift // quotes[0] is the string
	c.string(l, from, &c.quotes[0])
	return true
}

// brace counts the braces in the code of a template, and goes back into the template behind the last.
func (c *code) brace(l *line, b byte) bool {
	level := l.state & levelMask >> levelShift
	if level == 0 {
		return false
	}
	shift := braceShift + braceBits*(level-1)
	depth := l.state >> shift & braceMask
	switch {
	case b == '{' && depth < braceMask:
		l.state += 1 << shift
	case b == '}' && depth > 0:
		l.state -= 1 << shift
	case b == '}':
		for i := range c.quotes {
			if c.quotes[i].template {
				l.at++
				l.state = l.state - 1<<levelShift | modeQuote + State(i)
				c.string(l, l.at, &c.quotes[i])
				return true
			}
		}
	}
	return false
}

// variable reads $name, ${...} or $1.
func (c *code) variable(l *line) {
	from := l.at
	l.at++
	if l.at < len(l.text) && l.text[l.at] == '{' {
		if !l.until("}") {
			l.at = len(l.text)
		}
		l.token(from, Constant)
		return
	}
	for l.at < len(l.text) && (c.class[l.text[l.at]] == classWord || c.class[l.text[l.at]] == classDigit) {
		l.at++
	}
	l.token(from, Constant)
}

// regexp reads /x/; false: it does not end in this line, so it is none.
func (c *code) regexp(l *line) bool {
	from, class := l.at, false
	for i := l.at + 1; i < len(l.text); i++ {
		switch b := l.text[i]; {
		case b == '\\':
			i++
		case b == '[':
			class = true
		case b == ']':
			class = false
		case b == '/' && !class:
			l.at = i + 1
			for l.at < len(l.text) && l.text[l.at] >= 'a' && l.text[l.at] <= 'z' {
				l.at++
			}
			l.token(from, String)
			return true
		}
	}
	return false
}
