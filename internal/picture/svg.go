package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"image/color"
	"strings"

	"coedit/internal/screen"
)

// Sizes in SVG units. A cell is as wide as six tenths of the font's size, which is what most monospaced fonts have; each run of
// text is stretched to its cells where a font is different.
const (
	fontSize   = 14.0
	cellWidth  = 8.4
	cellHeight = 19.0
	ascent     = 14.5 // of the baseline below the top of a cell
	margin     = 14.0
	titleBar   = 34.0
)

// Colours of the terminal itself.
const (
	paper = "#14181d"
	ink   = "#d6dbe1"
	frame = "#2a3038"
)

// svg draws a screen in the frame of a window. The text stays text: it can be selected and searched.
func svg(s screen.Screen) []byte {
	width := 2*margin + float64(s.Columns)*cellWidth
	height := titleBar + 2*margin + float64(s.Rows)*cellHeight
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %s %s" width="%s" height="%s" role="img" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="%s">`+"\n",
		number(width), number(height), number(width), number(height), number(fontSize))
	fmt.Fprintf(&b, "<title>%s</title>\n", escape("Three people edit one file: "+s.Title))
	fmt.Fprintf(&b, `<rect x="0.5" y="0.5" width="%s" height="%s" rx="9" fill="%s" stroke="%s"/>`+"\n", number(width-1), number(height-1), paper, frame)
	fmt.Fprintf(&b, `<path d="M0.5 %s V9.5 a9 9 0 0 1 9 -9 H%s a9 9 0 0 1 9 9 V%s Z" fill="%s"/>`+"\n", number(titleBar), number(width-9.5), number(titleBar), frame)
	for i, colour := range []string{"#ff5f57", "#febc2e", "#28c840"} {
		fmt.Fprintf(&b, `<circle cx="%d" cy="%s" r="6" fill="%s"/>`+"\n", 20+20*i, number(titleBar/2), colour)
	}
	fmt.Fprintf(&b, `<text x="%s" y="%s" text-anchor="middle" fill="#9aa4b0" font-size="13">%s</text>`+"\n", number(width/2), number(titleBar/2+4.5), escape(s.Title))
	fmt.Fprintf(&b, `<g transform="translate(%s %s)" xml:space="preserve">`+"\n", number(margin), number(titleBar+margin))
	for y := range s.Rows {
		row(&b, s, y)
	}
	if s.CursorShown {
		fmt.Fprintf(&b, `<rect x="%s" y="%s" width="2" height="%s" fill="#ffffff"/>`+"\n",
			number(float64(s.CursorX)*cellWidth), number(float64(s.CursorY)*cellHeight+1), number(cellHeight-2))
	}
	b.WriteString("</g>\n</svg>\n")
	return b.Bytes()
}

// look is how a cell is drawn.
type look struct {
	fg, bg                               string // bg "": the paper
	bold, faint, italic, underline, dash bool
}

func lookOf(c screen.Cell) look {
	l := look{bold: c.Bold, faint: c.Faint, italic: c.Italic, underline: c.Underline, dash: c.Strike, fg: ink}
	if c.Fg != nil {
		l.fg = hex(c.Fg)
	}
	if c.Bg != nil {
		l.bg = hex(c.Bg)
	}
	if c.Reverse {
		if l.bg == "" {
			l.bg = paper
		}
		l.fg, l.bg = l.bg, l.fg
	}
	return l
}

// row draws one row: first what lies behind the text, then the text, a run of equal looks at a time. A wide character is a run of
// its own, because fonts disagree about its width.
func row(b *bytes.Buffer, s screen.Screen, y int) {
	top := float64(y) * cellHeight
	for x := 0; x < s.Columns; {
		first := s.Cell(x, y)
		l, from := lookOf(first), x
		var text strings.Builder
		for x < s.Columns {
			c := s.Cell(x, y)
			if lookOf(c) != l || x > from && (c.Width > 1 || first.Width > 1 && c.Width > 0) {
				break
			}
			text.WriteString(c.Text)
			x++
		}
		left, cells := float64(from)*cellWidth, float64(x-from)*cellWidth
		if l.bg != "" {
			fmt.Fprintf(b, `<rect x="%s" y="%s" width="%s" height="%s" fill="%s"/>`+"\n", number(left), number(top), number(cells), number(cellHeight), l.bg)
		}
		words(b, l, text.String(), left, top, cells)
	}
}

// words draws the text of one run without the blanks around it.
func words(b *bytes.Buffer, l look, text string, left, top, width float64) {
	trimmed := strings.TrimLeft(text, " ")
	indent := float64(len(text)-len(trimmed)) * cellWidth
	left, width = left+indent, width-indent
	text = strings.TrimRight(trimmed, " ")
	width -= float64(len(trimmed)-len(text)) * cellWidth
	if text == "" {
		return
	}
	fmt.Fprintf(b, `<text x="%s" y="%s" textLength="%s" lengthAdjust="spacingAndGlyphs" fill="%s"%s>%s</text>`+"\n",
		number(left), number(top+ascent), number(width), l.fg, l.attributes(), escape(text))
}

func (l look) attributes() string {
	var out string
	if l.bold {
		out += ` font-weight="bold"`
	}
	if l.italic {
		out += ` font-style="italic"`
	}
	if l.faint {
		out += ` opacity="0.6"`
	}
	switch {
	case l.underline && l.dash:
		out += ` text-decoration="underline line-through"`
	case l.underline:
		out += ` text-decoration="underline"`
	case l.dash:
		out += ` text-decoration="line-through"`
	}
	return out
}

func hex(c color.Color) string {
	r, g, b, _ := c.RGBA()
	return fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8)
}

// number writes a length with at most two decimals.
func number(v float64) string {
	s := fmt.Sprintf("%.2f", v)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

func escape(text string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(text)) // a buffer takes everything
	return b.String()
}
