package tui

import (
	"image/color"

	"coedit/editor/syntax"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"
)

// style is an SGR sequence that switches a look on; sgrReset ends it. Empty: the terminal's default.
type style string

const sgrReset = "\x1b[m"

// peerColours are the colours of participants, by [presence.State.Colour]. They
// are of middle lightness, so that they can be told from black and from white
// backgrounds, and are shown reversed: without colours a caret is a reversed cell.
var peerColours = []string{
	"#c2410c", // orange
	"#0e7490", // cyan
	"#a21caf", // magenta
	"#4d7c0f", // olive
	"#1d6fd8", // blue
	"#be123c", // red
	"#6d5bd0", // violet
	"#0e8259", // green
	"#a16207", // amber
	"#c0267e", // pink
	"#7008f8", // indigo
	"#805058", // mauve
	"#686030", // khaki
	"#9860a0", // lilac
	"#0048f0", // ultramarine
	"#984030", // brick
}

// Theme is a choice of looks.
type Theme int

// The themes. ThemeAuto is dark or light by the terminal's background, and ThemeContrast is for that background, too.
const (
	ThemeAuto Theme = iota
	ThemeDark
	ThemeLight
	ThemeContrast
	ThemeNone // bold, underlined and reversed instead of colours
	themes
)

var themeNames = [themes]string{"auto", "dark", "light", "contrast", "none"}

func (t Theme) String() string { return themeNames[t] }

// ThemeByName finds a theme by what String says of it.
func ThemeByName(name string) (Theme, bool) {
	for i, n := range themeNames {
		if n == name {
			return Theme(i), true
		}
	}
	return 0, false
}

// ThemeNames lists the themes.
func ThemeNames() []string { return themeNames[:] }

// theme holds every look, computed once for a background and a colour profile.
type theme struct {
	gutter, gutterHere style
	line               style // under the caret's line
	edge               style // where a line goes on beyond the edge
	faint              style // visible blanks and guides
	thumb              style // of the scrollbar
	syntax             syntaxLooks
	selection          style
	caret              style // own carets but the primary one
	match              style // what was searched for
	scope              style // where it is searched, if not everywhere
	bracket            style // at the caret, and the one it pairs with
	status             style
	good, warn, bad    style // words of the status line
	sheet, sheetTitle  style
	key                style
	peers              []peerLook
}

// peerLook is how one participant is drawn.
type peerLook struct {
	caret     style // the cell the caret stands on
	selection style
	label     style // name beside the text and in the status line
}

// newTheme computes the looks. Where the profile has few colours or none, attributes carry the meaning.
func newTheme(choice Theme, dark bool, p colorprofile.Profile) theme {
	strong := choice == ThemeContrast
	switch choice {
	case ThemeDark, ThemeLight:
		dark = choice == ThemeDark
	case ThemeNone:
		p = colorprofile.ASCII
	}
	pick := lipgloss.LightDark(dark)
	c := func(light, darkColour string) color.Color {
		return pick(lipgloss.Color(light), lipgloss.Color(darkColour))
	}
	base := look{}
	rich := p >= colorprofile.ANSI256
	grey := base.Foreground(c("#767676", "#8a8a8a"))
	switch {
	case p < colorprofile.ANSI:
		grey = base.Faint(true)
	case strong:
		grey = base.Foreground(c("#303030", "#d0d0d0"))
	}
	t := theme{
		gutter:     sgr(grey),
		edge:       sgr(base.Reverse(true)),
		faint:      sgr(base.Faint(true)),
		thumb:      sgr(base.Reverse(true)),
		gutterHere: sgr(base.Bold(true)),
		selection:  sgr(base.Reverse(true)),
		caret:      sgr(base.Reverse(true).Underline(true)),
		match:      sgr(base.Bold(true).Underline(true)),
		scope:      sgr(base.Italic(true)),
		bracket:    sgr(base.Bold(true).Underline(true)),
		status:     sgr(base.Reverse(true)),
		good:       sgr(base.Reverse(true)),
		warn:       sgr(base.Reverse(true).Bold(true)),
		bad:        sgr(base.Reverse(true).Bold(true).Underline(true)),
		sheet:      "",
		sheetTitle: sgr(base.Reverse(true).Bold(true)),
		key:        sgr(base.Bold(true)),
	}
	if rich {
		t.edge = sgr(base.Bold(true).Foreground(c("25", "111")))
		t.faint = sgr(base.Foreground(c("250", "240")))
		t.thumb = sgr(base.Background(c("252", "238")))
		t.line = sgr(base.Background(c("255", "235")))
		bar := base.Foreground(c("#1f2328", "#e6e6e6")).Background(c("#d8dee6", "#30363d"))
		t.selection = sgr(base.Background(c("#b6d5ff", "#264f78")))
		t.caret = sgr(base.Foreground(c("#ffffff", "#0d1117")).Background(c("#1f2328", "#e6e6e6")))
		t.match = sgr(base.Foreground(c("#1f2328", "#0d1117")).Background(c("#ffe08a", "#d9a520")))
		t.scope = sgr(base.Background(c("230", "237")))
		t.bracket = sgr(base.Bold(true).Background(c("#cfe3d4", "#2f4f3a")))
		t.status = sgr(bar)
		t.good = sgr(bar.Foreground(c("#116329", "#7ee787")))
		t.warn = sgr(bar.Bold(true).Foreground(c("#7d4e00", "#e3b341")))
		t.bad = sgr(bar.Bold(true).Foreground(c("#a40e26", "#ff9a94")))
		t.sheet = sgr(base.Foreground(c("#1f2328", "#e6e6e6")).Background(c("#eef1f5", "#22272e")))
		t.sheetTitle = sgr(bar.Bold(true))
		t.key = sgr(base.Bold(true).Foreground(c("#0b5cad", "#79c0ff")).Background(c("#eef1f5", "#22272e")))
	}
	if rich && strong {
		t.strengthen(c)
	}
	for _, hex := range peerColours {
		if p < colorprofile.ANSI {
			hex = "" // no colour at all
		}
		t.peers = append(t.peers, newPeerLook(hex, dark, rich))
	}
	t.syntax = newSyntaxLooks(dark, strong, p)
	return t
}

// strengthen raises the contrast of what is read.
func (t *theme) strengthen(c func(light, dark string) color.Color) {
	base := look{}
	bar := base.Foreground(c("231", "16")).Background(c("16", "231"))
	t.faint = sgr(base.Foreground(c("244", "250")))
	t.thumb = sgr(base.Background(c("16", "231")))
	t.selection = sgr(base.Foreground(c("231", "16")).Background(c("19", "228")))
	t.status, t.good = sgr(bar), sgr(bar)
	t.warn = sgr(bar.Bold(true))
	t.bad = sgr(bar.Bold(true).Underline(true))
	t.sheet = sgr(base.Foreground(c("16", "231")).Background(c("231", "16")))
	t.sheetTitle = sgr(bar.Bold(true))
	t.key = sgr(base.Bold(true).Underline(true).Foreground(c("16", "231")).Background(c("231", "16")))
}

// newSyntaxLooks are the looks of words. Where there are no colours, what matters most is bold and comments are faint.
func newSyntaxLooks(dark, strong bool, p colorprofile.Profile) (looks syntaxLooks) {
	ink := lightInk
	switch {
	case p < colorprofile.ANSI:
		ink = nil
	case p < colorprofile.ANSI256:
		ink = sixteenInk
	case strong && dark:
		ink = darkStrongInk
	case strong:
		ink = lightStrongInk
	case dark:
		ink = darkInk
	}
	for k := range syntax.Kinds {
		s := look{}
		if n := ink[k]; n != "" {
			s = s.Foreground(lipgloss.Color(n))
		}
		switch k {
		case syntax.Keyword, syntax.Tag:
			s = s.Bold(p < colorprofile.ANSI256 || strong)
		case syntax.Comment:
			s = s.Faint(p < colorprofile.ANSI)
		case syntax.Heading, syntax.Strong:
			s = s.Bold(true)
		case syntax.Emphasis:
			s = s.Italic(true)
		case syntax.Deleted:
			s = s.Strikethrough(p < colorprofile.ANSI)
		}
		looks[k] = sgr(s)
	}
	return looks
}

// newPeerLook derives one participant's looks. A selection is underlined, so that it shows without colours and beside one's own.
func newPeerLook(hex string, dark, rich bool) peerLook {
	base := look{}
	if hex == "" {
		return peerLook{caret: sgr(base.Reverse(true).Bold(true)), selection: sgr(base.Underline(true)), label: sgr(base.Reverse(true))}
	}
	full := lipgloss.Color(hex)
	l := peerLook{
		caret:     sgr(base.Reverse(true).Bold(true).Foreground(full)),
		selection: sgr(base.Underline(true)),
		label:     sgr(base.Reverse(true).Foreground(full)),
	}
	if rich {
		white := lipgloss.Color("#ffffff")
		l.caret = sgr(base.Bold(true).Foreground(white).Background(full))
		l.label = sgr(base.Foreground(white).Background(full))
		l.selection = sgr(base.Underline(true).Background(tint(full, dark)))
	}
	return l
}

// tint is a participant's colour as a background of text in the terminal's own colour: mixed with black, or with more white.
func tint(c color.Color, dark bool) color.Color {
	share, other := uint32(55), uint32(0)
	if !dark {
		share, other = 28, 0xff
	}
	r, g, b, _ := c.RGBA()
	mix := func(v uint32) uint8 { return uint8((v>>8*share + other*(100-share)) / 100) }
	return color.RGBA{R: mix(r), G: mix(g), B: mix(b), A: 0xff}
}

// peer is the look of a participant by its colour index, whatever the index.
func (t *theme) peer(colour uint8) *peerLook {
	return &t.peers[int(colour)%len(t.peers)]
}
