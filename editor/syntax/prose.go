package syntax

import "bytes"

// What Markdown may leave open: nothing, or a fence of at least so many ` or ~ (the state's lower bits, and whether they are ~).
const fenceTilde State = 1 << 8

// lexMarkdown reads Markdown.
func lexMarkdown(l *line) {
	indent := l.at
	for indent < len(l.text) && indent < 4 && l.text[indent] == ' ' {
		indent++
	}
	text := l.text[indent:]
	if n, tilde := fence(text); n >= 3 {
		l.fenced(State(min(n, 200)), tilde, len(bytes.TrimSpace(text)) == n)
		return
	}
	switch {
	case l.state != 0:
		l.rest(0, String)
	case bytes.HasPrefix(text, []byte("#")) && isHeading(text):
		l.rest(0, Heading)
	case bytes.HasPrefix(text, []byte(">")):
		l.rest(0, Comment)
	default:
		l.at = indent
		l.bullet()
		l.inline()
	}
}

// fence is the number of ` or ~ that text begins with.
func fence(text []byte) (n int, tilde bool) {
	if len(text) == 0 || text[0] != '`' && text[0] != '~' {
		return 0, false
	}
	for n < len(text) && text[n] == text[0] {
		n++
	}
	return n, text[0] == '~'
}

// fenced opens or closes a block of code.
func (l *line) fenced(n State, tilde, bare bool) {
	mark := n
	if tilde {
		mark |= fenceTilde
	}
	switch open := l.state; {
	case open == 0:
		l.state = mark
		l.rest(0, Preproc)
	case bare && open&fenceTilde == mark&fenceTilde && n >= open&^fenceTilde:
		l.state = 0
		l.rest(0, Preproc)
	default:
		l.rest(0, String)
	}
}

func isHeading(text []byte) bool {
	rest := bytes.TrimLeft(text, "#")
	return len(text)-len(rest) <= 6 && (len(rest) == 0 || rest[0] == ' ')
}

// bullet reads the mark of a list.
func (l *line) bullet() {
	l.blanks()
	from := l.at
	for l.at < len(l.text) && l.text[l.at] >= '0' && l.text[l.at] <= '9' {
		l.at++
	}
	if l.at < len(l.text) && (l.at > from && (l.text[l.at] == '.' || l.text[l.at] == ')') || l.at == from && bytes.IndexByte([]byte("-*+"), l.text[l.at]) >= 0) &&
		l.at+1 < len(l.text) && l.text[l.at+1] == ' ' {
		l.at++
		l.token(from, Keyword)
		return
	}
	l.at = from
}

// inline reads code, emphasis and links in a line.
func (l *line) inline() {
	for l.at < len(l.text) {
		from := l.at
		switch b := l.text[l.at]; {
		case b == '\\':
			l.at = min(l.at+2, len(l.text))
		case b == '`':
			n, _ := fence(l.text[l.at:])
			l.at += n
			if end := bytes.Index(l.text[l.at:], l.text[from:l.at]); end >= 0 {
				l.at += end + n
				l.token(from, String)
			}
		case l.has("**") || l.has("__"):
			l.span(2, Strong)
		case b == '*' || b == '_' && (from == 0 || !isLetter(l.text[from-1])):
			l.span(1, Emphasis)
		case b == '[':
			l.link()
		case l.has("http://") || l.has("https://"):
			for l.at < len(l.text) && bytes.IndexByte([]byte(" \t<>)\"'"), l.text[l.at]) < 0 {
				l.at++
			}
			l.token(from, Attribute)
		default:
			l.at++
		}
	}
}

// span reads text between two marks of n bytes.
func (l *line) span(n int, k Kind) {
	from := l.at
	mark := l.text[from : from+n]
	l.at += n
	end := bytes.Index(l.text[l.at:], mark)
	if end <= 0 || l.text[l.at] == ' ' {
		return
	}
	l.at += end + n
	l.token(from, k)
}

// link reads [text](address).
func (l *line) link() {
	from := l.at
	l.at++
	end := bytes.Index(l.text[l.at:], []byte("]("))
	if end < 0 {
		return
	}
	address := l.at + end + 1
	close := bytes.IndexByte(l.text[address:], ')')
	if close < 0 {
		return
	}
	l.at = address
	l.token(from, Tag)
	l.at = address + close + 1
	l.token(address, Attribute)
}

// lexDiff reads the differences of files.
func lexDiff(l *line) {
	kind := Plain
	switch t := l.text; {
	case len(t) == 0:
	case bytes.HasPrefix(t, []byte("+++")), bytes.HasPrefix(t, []byte("---")), bytes.HasPrefix(t, []byte("diff ")), bytes.HasPrefix(t, []byte("index ")):
		kind = Heading
	case t[0] == '+' || t[0] == '>':
		kind = Inserted
	case t[0] == '-' || t[0] == '<':
		kind = Deleted
	case bytes.HasPrefix(t, []byte("@@")):
		kind = Preproc
	}
	l.rest(0, kind)
}
