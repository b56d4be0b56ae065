package tui

import (
	"image/color"

	"github.com/charmbracelet/x/ansi"
)

// look is what a style is made of; the methods return a changed copy. It is what is needed here of Lip Gloss's Style, which also
// lays out, wraps and borders, and would be the largest part of the terminal program.
type look struct {
	bold, faint, italic, underline, reverse, struck bool

	fore, back color.Color // nil: the terminal's
}

func (l look) Bold(on bool) look      { l.bold = on; return l }
func (l look) Faint(on bool) look     { l.faint = on; return l }
func (l look) Italic(on bool) look    { l.italic = on; return l }
func (l look) Underline(on bool) look { l.underline = on; return l }
func (l look) Reverse(on bool) look   { l.reverse = on; return l }

func (l look) Strikethrough(on bool) look { l.struck = on; return l }

func (l look) Foreground(c color.Color) look { l.fore = c; return l }
func (l look) Background(c color.Color) look { l.back = c; return l }

// sgr is the sequence that switches a look on.
func sgr(l look) style {
	var s ansi.Style
	if l.bold {
		s = s.Bold()
	}
	if l.italic {
		s = s.Italic(true)
	}
	if l.underline {
		s = s.Underline(true)
	}
	if l.reverse {
		s = s.Reverse(true)
	}
	if l.faint {
		s = s.Faint()
	}
	if l.fore != nil {
		s = s.ForegroundColor(l.fore)
	}
	if l.back != nil {
		s = s.BackgroundColor(l.back)
	}
	if l.struck {
		s = s.Strikethrough(true)
	}
	if len(s) == 0 {
		return ""
	}
	return style(s.String())
}
