package syntax

import (
	"bytes"
	"path/filepath"
	"strings"
)

// Kind says what a token is.
type Kind uint8

// The kinds.
const (
	Plain Kind = iota
	Comment
	String
	Number
	Keyword
	Type
	Constant  // true, nil; in a shell the value of a variable
	Function  // a word that is called or defined
	Attribute // a key, a property, an annotation
	Tag       // of markup
	Preproc   // a line for the preprocessor, a directive
	Heading
	Emphasis
	Strong
	Inserted // of a diff
	Deleted

	// Kinds is the number of kinds.
	Kinds
)

// Token is a part of a line that is not Plain. Tokens of a line are in order and do not overlap; what they leave out is Plain.
type Token struct {
	From, To int
	Kind     Kind
}

// State is what a line leaves open.
type State uint32

// Start is the state before the first line.
const Start State = 0

// Language reads one language. nil reads nothing: all is plain.
type Language struct {
	name string
	lex  func(l *line)
}

// Name is what people call it.
func (g *Language) Name() string {
	if g == nil {
		return "plain text"
	}
	return g.name
}

// Tokens appends the tokens of a line to dst, and returns the state behind it.
func (g *Language) Tokens(dst []Token, text []byte, before State) ([]Token, State) {
	if g == nil {
		return dst, before
	}
	l := line{text: text, state: before, tokens: dst, keep: true}
	g.lex(&l)
	return l.tokens, l.state
}

// After returns the state behind a line.
func (g *Language) After(text []byte, before State) State {
	if g == nil {
		return before
	}
	l := line{text: text, state: before}
	g.lex(&l)
	return l.state
}

// line is one line being read.
type line struct {
	text   []byte
	at     int   // next byte to read
	state  State // before the line, and in the end behind it
	tokens []Token
	keep   bool // tokens are wanted
}

// token ends a token at l.at that began at from.
func (l *line) token(from int, k Kind) {
	if !l.keep || k == Plain || from >= l.at {
		return
	}
	if n := len(l.tokens); n > 0 && l.tokens[n-1].Kind == k && l.tokens[n-1].To == from && from > 0 {
		l.tokens[n-1].To = l.at
		return
	}
	l.tokens = append(l.tokens, Token{from, l.at, k})
}

// rest makes a token of what is left.
func (l *line) rest(from int, k Kind) {
	l.at = len(l.text)
	l.token(from, k)
}

// has says whether s stands at l.at.
func (l *line) has(s string) bool {
	return len(l.text)-l.at >= len(s) && string(l.text[l.at:l.at+len(s)]) == s
}

// until moves behind the next s, or to the end, and says whether there was one.
func (l *line) until(s string) bool {
	if i := bytes.Index(l.text[l.at:], []byte(s)); i >= 0 {
		l.at += i + len(s)
		return true
	}
	l.at = len(l.text)
	return false
}

// blanks moves behind spaces and tabs.
func (l *line) blanks() {
	for l.at < len(l.text) && (l.text[l.at] == ' ' || l.text[l.at] == '\t') {
		l.at++
	}
}

// For finds the language of a file by its name, or by its first line where the name says nothing. nil: none is known.
func For(name string, first []byte) *Language {
	base := filepath.Base(name)
	if g := byName[base]; g != nil {
		return g
	}
	if g := byName[strings.ToLower(filepath.Ext(base))]; g != nil {
		return g
	}
	if bytes.HasPrefix(first, []byte("#!")) {
		return byInterpreter(string(first))
	}
	switch {
	case bytes.HasPrefix(first, []byte("<?xml")):
		return byName[".xml"]
	case bytes.HasPrefix(bytes.ToLower(first), []byte("<!doctype html")):
		return byName[".html"]
	}
	return nil
}

// byInterpreter finds the language by the first line of a script.
func byInterpreter(first string) *Language {
	words := strings.Fields(strings.TrimPrefix(first, "#!"))
	for _, word := range words {
		program := strings.TrimRight(filepath.Base(word), "0123456789.")
		switch program {
		case "env", "-S", "busybox":
			continue
		case "sh", "bash", "zsh", "dash", "ksh", "ash":
			return byName[".sh"]
		case "python", "pypy":
			return byName[".py"]
		case "node", "deno", "bun":
			return byName[".js"]
		case "ruby":
			return byName[".rb"]
		case "lua":
			return byName[".lua"]
		case "make":
			return byName["Makefile"]
		}
		return nil
	}
	return nil
}

// Languages lists what is known, for the documentation.
func Languages() []string {
	names := make([]string, 0, len(languages))
	for _, g := range languages {
		names = append(names, g.name)
	}
	return names
}
