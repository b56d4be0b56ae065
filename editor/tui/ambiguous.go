package tui

import (
	"errors"
	_ "unsafe" // for go:linkname

	"github.com/charmbracelet/x/ansi"
	"github.com/clipperhouse/displaywidth"
	"github.com/mattn/go-runewidth"
)

// Characters of ambiguous width (Greek, Cyrillic, boxes, ± and §) take one cell in most terminals, and two in some that are set up for
// East Asian languages. The terminal does not say which. The renderer decides once, when the process starts, by the variable
// RUNEWIDTH_EASTASIAN, and keeps what it decided in two private variables of x/ansi; these are them. See docs/adr/0044.
var (
	//go:linkname rendererWc github.com/charmbracelet/x/ansi.wcOptions
	rendererWc *runewidth.Condition

	//go:linkname rendererClusters github.com/charmbracelet/x/ansi.dwOptions
	rendererClusters *displaywidth.Options
)

// ambiguous is a character that takes one cell or two.
const ambiguous = "±"

// ErrAmbiguous says that this build's renderer cannot be told how wide ambiguous characters are.
var ErrAmbiguous = errors.New("the renderer does not take the width of ambiguous characters")

// SetAmbiguousWide says whether the terminal draws characters of ambiguous width in two cells. It holds for the whole process, for
// everything that draws or measures text as the renderer does, and is set before a program runs.
func SetAmbiguousWide(wide bool) error {
	if rendererWc != nil && rendererClusters != nil { // another x/ansi has none such
		rendererWc.EastAsianWidth, rendererClusters.EastAsianWidth = wide, wide
	}
	if AmbiguousWide() != wide || (ansi.GraphemeWidth.StringWidth(ambiguous) == 2) != wide {
		return ErrAmbiguous
	}
	return nil
}

// AmbiguousWide says whether characters of ambiguous width are counted as two cells.
func AmbiguousWide() bool { return ansi.WcWidth.StringWidth(ambiguous) == 2 }
