package main

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"coedit/editor"
)

// displayed is a text as the editor shows it: what others wrote cannot do anything to the terminal, and what is invisible is seen.
func displayed(metrics editor.Metrics, text []byte) string {
	var sb strings.Builder
	sb.Grow(len(text))
	for column := 0; len(text) > 0; {
		n := max(editor.FirstCluster(text), 1)
		shown, cells := metrics.Display(text[:n], column)
		if text[0] == '\n' {
			shown, cells, column = "\n", 0, 0
		}
		sb.WriteString(shown)
		column += cells
		text = text[n:]
	}
	return sb.String()
}

// escaped is JSON in which what a terminal could take for a command, or would not show, is escaped, too: it can only be in strings.
func escaped(record []byte) []byte {
	out := make([]byte, 0, len(record))
	for _, r := range string(record) {
		if r >= 0x7F && r <= 0x9F || unicode.Is(unicode.Bidi_Control, r) {
			out = fmt.Appendf(out, `\u%04x`, r)
		} else {
			out = utf8.AppendRune(out, r)
		}
	}
	return out
}

// writeDocument writes a document that others may have written: a file or a program gets its bytes, a terminal what the editor
// would show, line ends aside.
func (p *program) writeDocument(content []byte) error {
	if terminal(p.stdout) {
		content = []byte(displayed(editor.Metrics{}, []byte(strings.ReplaceAll(string(content), "\r\n", "\n"))))
	}
	if _, err := p.stdout.Write(content); err != nil {
		return failure(err, "", "cannot write the document: %s", cause(err))
	}
	return nil
}
