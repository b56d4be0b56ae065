package tui

import (
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// widths decides how many cells a grapheme cluster takes. It does what the
// renderer does, because the renderer decides where the next cluster is drawn:
// wcwidth sums at first, whole clusters once the terminal has said that it
// supports mode 2027. Nothing else in the program measures text.
type widths struct {
	method ansi.Method
}

// Widths says who decides how many cells a cluster takes.
type Widths string

// The ways to count. By WidthsAuto the terminal is asked, and counted with as long as it does not answer as WidthsWc does: code point
// by code point. WidthsGrapheme counts whole clusters, for a terminal that draws so and does not say it, as over SSH.
const (
	WidthsAuto     Widths = "auto"
	WidthsGrapheme Widths = "grapheme"
	WidthsWc       Widths = "wcwidth"
)

// answer is what the terminal is taken to have said about clusters, where it is not asked; nil: it is.
func (w Widths) answer() tea.Msg {
	if w == WidthsGrapheme {
		return tea.ModeReportMsg{Mode: ansi.ModeUnicodeCore, Value: ansi.ModeReset}
	}
	return nil
}

// hears says whether a message may reach the program, which would else count as the terminal does.
func (w Widths) hears(msg tea.Msg) bool {
	report, ok := msg.(tea.ModeReportMsg)
	return !ok || report.Mode != ansi.ModeUnicodeCore || w != WidthsWc
}

// cluster is [editor.Metrics.Cluster]. Allocates nothing.
func (w widths) cluster(b []byte) int {
	if len(b) == 1 && b[0] >= 0x20 && b[0] < 0x7f {
		return 1
	}
	n := 0
	for len(b) > 0 { // one turn, unless b holds more than one cluster
		first, cells := ansi.FirstGraphemeCluster(b, w.method)
		if len(first) == 0 {
			break
		}
		n += cells
		b = b[len(first):]
	}
	return n
}

// report takes the terminal's answer about a mode and says whether widths changed.
// The condition is the renderer's own.
func (w *widths) report(mode ansi.Mode, value ansi.ModeSetting) (changed bool) {
	if mode != ansi.ModeUnicodeCore || w.method == ansi.GraphemeWidth {
		return false
	}
	if value != ansi.ModeReset && value != ansi.ModeSet && value != ansi.ModePermanentlySet {
		return false
	}
	w.method = ansi.GraphemeWidth
	return true
}
