package tui

import (
	"strings"

	"coedit/editor/syntax"
)

// Looks are laid over each other: the caret's line, then what the language says of a word, then selections. Each is an SGR
// sequence that says nothing about what it does not change.

// ink is the look of a byte by its language. Bytes are asked for in order.
func (p *painter) ink(at int) style {
	for len(p.tokens) > 0 && p.tokens[0].To <= at {
		p.tokens = p.tokens[1:]
	}
	if len(p.tokens) > 0 && p.tokens[0].From <= at {
		return p.theme.syntax[p.tokens[0].Kind]
	}
	return ""
}

// layers is a look made of others, as it was made last.
type layers struct {
	ink, mark style
	all       style
}

// over lays the look of a mark over that of the language, and both over that of the line.
func (p *painter) over(ink, mark style) style {
	if p.base == "" && mark == "" {
		return ink
	}
	if p.base == "" && ink == "" {
		return mark
	}
	if p.layers.ink != ink || p.layers.mark != mark || p.layers.all == "" {
		p.layers = layers{ink, mark, p.base + ink + mark}
	}
	return p.layers.all
}

// blank is what is shown in the place of a blank: the mark of a space or a tab where blanks are to be seen, or a guide where a
// step of the indentation begins.
func (p *painter) blank(source []byte, column, at, cells int) (shown string, ok bool) {
	if p.looks == nil || len(source) != 1 || source[0] != ' ' && source[0] != '\t' {
		return "", false
	}
	signs := &blankSigns
	if p.looks.ASCII {
		signs = &asciiBlankSigns
	}
	switch {
	case p.looks.Whitespace && source[0] == '\t':
		return signs.tab + strings.Repeat(" ", cells-1), true
	case p.looks.Whitespace:
		return signs.space, true
	case p.looks.Guides && at < p.indented && p.indented < p.trailing && column > 0 && column%p.unit == 0:
		return signs.guide + strings.Repeat(" ", cells-1), true
	}
	return "", false
}

// blankSigns are what blanks are shown as, each in one cell.
var (
	blankSigns      = signs{tab: "→", space: "·", guide: "│"}
	asciiBlankSigns = signs{tab: ">", space: ".", guide: "|"}
)

type signs struct{ tab, space, guide string }

// syntaxLooks are the colours of the kinds of words, as numbers of the 256 that nearly all terminals have: they take fewer bytes on the
// wire than others.
type syntaxLooks [syntax.Kinds]style

// paletteOf lists the colours for a background; empty: the text's own.
var (
	darkInk = map[syntax.Kind]string{
		syntax.Comment: "245", syntax.String: "114", syntax.Number: "215", syntax.Keyword: "111", syntax.Type: "80", syntax.Constant: "215",
		syntax.Function: "186", syntax.Attribute: "117", syntax.Tag: "111", syntax.Preproc: "176", syntax.Heading: "111",
		syntax.Inserted: "114", syntax.Deleted: "210",
	}
	lightInk = map[syntax.Kind]string{
		syntax.Comment: "242", syntax.String: "22", syntax.Number: "130", syntax.Keyword: "25", syntax.Type: "23", syntax.Constant: "130",
		syntax.Function: "94", syntax.Attribute: "24", syntax.Tag: "25", syntax.Preproc: "90", syntax.Heading: "25",
		syntax.Inserted: "22", syntax.Deleted: "124",
	}
	darkStrongInk = map[syntax.Kind]string{
		syntax.Comment: "252", syntax.String: "157", syntax.Number: "223", syntax.Keyword: "159", syntax.Type: "123", syntax.Constant: "223",
		syntax.Function: "229", syntax.Attribute: "159", syntax.Tag: "159", syntax.Preproc: "225", syntax.Heading: "231",
		syntax.Inserted: "157", syntax.Deleted: "224",
	}
	lightStrongInk = map[syntax.Kind]string{
		syntax.Comment: "238", syntax.String: "22", syntax.Number: "52", syntax.Keyword: "18", syntax.Type: "17", syntax.Constant: "52",
		syntax.Function: "53", syntax.Attribute: "17", syntax.Tag: "18", syntax.Preproc: "53", syntax.Heading: "16",
		syntax.Inserted: "22", syntax.Deleted: "52",
	}
	// The sixteen colours differ from terminal to terminal, and of some only a few can be read on both backgrounds.
	sixteenInk = map[syntax.Kind]string{
		syntax.Comment: "6", syntax.String: "2", syntax.Number: "5", syntax.Constant: "5", syntax.Preproc: "5", syntax.Attribute: "6",
		syntax.Inserted: "2", syntax.Deleted: "1",
	}
)
