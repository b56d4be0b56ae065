package syntax

import "bytes"

// A text in several lines that a key of YAML has: the state is 1 and how far the key is indented.

// lexYAML reads YAML.
func lexYAML(l *line) {
	l.blanks()
	if l.state != 0 {
		if l.at == len(l.text) || State(l.at) >= l.state {
			l.rest(0, String)
			return
		}
		l.state = 0
	}
	indent := l.at
	if l.has("---") || l.has("...") || l.has("%") {
		l.rest(l.at, Preproc)
		return
	}
	for l.has("- ") || l.has("-") && l.at+1 == len(l.text) {
		from := l.at
		l.at++
		l.token(from, Keyword)
		l.blanks()
	}
	if end := yamlKey(l.text[l.at:]); end > 0 {
		from := l.at
		l.at += end
		l.token(from, Attribute)
		l.at++ // the colon
		l.blanks()
	}
	l.yamlValue(indent)
}

// yamlKey is the length of the key that text begins with; 0: it begins with none.
func yamlKey(text []byte) int {
	quoted := byte(0)
	for i, b := range text {
		switch {
		case quoted != 0:
			if b == quoted {
				quoted = 0
			}
		case i == 0 && (b == '"' || b == '\''):
			quoted = b
		case b == '#' && i > 0 && text[i-1] == ' ', i == 0 && bytes.IndexByte([]byte("{[&*!|>#"), b) >= 0:
			return 0
		case b == ':' && (i+1 == len(text) || text[i+1] == ' '):
			return i
		}
	}
	return 0
}

func (l *line) yamlValue(indent int) {
	for l.at < len(l.text) {
		from := l.at
		switch b := l.text[l.at]; {
		case b == '#' && (from == 0 || l.text[from-1] == ' ' || l.text[from-1] == '\t'):
			l.rest(from, Comment)
		case b == '"' || b == '\'':
			l.quoted(b, b == '"')
		case b == '&' || b == '*' || b == '!':
			l.bare()
			l.token(from, Preproc)
		case (b == '|' || b == '>') && from > 0:
			l.bare()
			l.token(from, Keyword)
			if len(bytes.TrimSpace(l.text[l.at:])) == 0 {
				l.state = State(indent) + 1
			}
		case b == ' ' || b == '\t' || bytes.IndexByte([]byte("{}[],:"), b) >= 0:
			l.at++
		default:
			l.bare()
			l.token(from, scalar(l.text[from:l.at]))
		}
	}
}

// bare moves behind a word.
func (l *line) bare() {
	l.at++
	for l.at < len(l.text) && bytes.IndexByte([]byte(" \t,]}"), l.text[l.at]) < 0 {
		l.at++
	}
}

// quoted reads a string in one line.
func (l *line) quoted(end byte, escapes bool) {
	from := l.at
	for l.at++; l.at < len(l.text); l.at++ {
		switch {
		case l.text[l.at] == '\\' && escapes:
			l.at++
		case l.text[l.at] == end:
			l.at++
			l.token(from, String)
			return
		}
	}
	l.at = len(l.text)
	l.token(from, String)
}

// scalar is the kind of a value that is not quoted.
func scalar(word []byte) Kind {
	switch string(word) {
	case "true", "false", "null", "yes", "no", "on", "off", "~", "True", "False":
		return Constant
	}
	digits := 0
	for i, b := range word {
		switch {
		case b >= '0' && b <= '9':
			digits++
		case b == '.' || b == '_' || i == 0 && (b == '-' || b == '+'):
		default:
			return Plain
		}
	}
	if digits > 0 {
		return Number
	}
	return Plain
}

// lexINI reads sections and settings.
func lexINI(l *line) {
	l.blanks()
	from := l.at
	if from == len(l.text) {
		return
	}
	switch b := l.text[from]; {
	case b == '#' || b == ';':
		l.rest(from, Comment)
		return
	case b == '[':
		l.rest(from, Heading)
		return
	}
	equals := bytes.IndexByte(l.text[from:], '=')
	if equals < 0 {
		return
	}
	l.at = from + len(bytes.TrimRight(l.text[from:from+equals], " \t"))
	l.token(from, Attribute)
	l.at = from + equals + 1
	l.blanks()
	value := l.at
	l.rest(value, scalar(bytes.TrimSpace(l.text[value:])))
}

// lexMake reads makefiles: rules, variables, comments.
func lexMake(l *line) {
	if bytes.HasPrefix(l.text, []byte("\t")) {
		l.variables()
		return
	}
	hash := bytes.IndexByte(l.text, '#')
	head := l.text
	if hash >= 0 {
		head = l.text[:hash]
	}
	colon, equals := bytes.IndexByte(head, ':'), bytes.IndexByte(head, '=')
	switch first, _, _ := bytes.Cut(head, []byte(" ")); {
	case directives[string(first)]:
		l.at = len(first)
		l.token(0, Keyword)
	case equals > 0 && (colon < 0 || colon >= equals-2):
		l.at = len(bytes.TrimRight(head[:equals], " \t:?+!"))
		l.token(0, Attribute)
	case colon > 0:
		l.at = colon
		l.token(0, Function)
	}
	l.variables()
}

var directives = map[string]bool{
	"include": true, "-include": true, "ifeq": true, "ifneq": true, "ifdef": true, "ifndef": true, "else": true, "endif": true,
	"define": true, "endef": true, "export": true, "unexport": true, "override": true, "vpath": true,
}

// variables reads $(NAME), $@ and a comment at the end.
func (l *line) variables() {
	for l.at < len(l.text) {
		from := l.at
		switch b := l.text[l.at]; {
		case b == '#' && (from == 0 || l.text[from-1] != '\\'):
			l.rest(from, Comment)
		case b == '$' && from+1 < len(l.text) && (l.text[from+1] == '(' || l.text[from+1] == '{'):
			end := ")"
			if l.text[from+1] == '{' {
				end = "}"
			}
			l.until(end)
			l.token(from, Constant)
		case b == '$' && from+1 < len(l.text):
			l.at += 2
			l.token(from, Constant)
		default:
			l.at++
		}
	}
}
