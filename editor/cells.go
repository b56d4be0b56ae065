package editor

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"
)

// DefaultTab is the distance of tab stops in cells where Metrics names none.
const DefaultTab = 4

// Metrics says how many terminal cells things take; the terminal decides, so the caller passes it in. The zero value has
// tab stops every DefaultTab cells and widths by wcwidth.
type Metrics struct {
	Tab     int                      // cells between tab stops
	Cluster func(cluster []byte) int // cells of one grapheme cluster that is no tab and no control character
}

// SetMetrics sets what decides about cells. Columns are measured anew.
func (e *Editor) SetMetrics(m Metrics) {
	e.metrics = m
	e.columns.forget()
}

// Metrics is what decides about cells.
func (e *Editor) Metrics() Metrics { return e.metrics }

// Display returns what a terminal may be sent for a cluster that begins at a column, and how many cells that takes. A tab
// is expanded to spaces, a newline is nothing. Whatever a terminal could take for a command, or would hide from the
// reader, becomes visible ASCII: control characters (^A, DEL ^?, C1 <9B>), bytes that are not UTF-8 (\xFF), bidi controls
// and invisible characters (<202E>). Joiners and variation selectors inside a cluster that the terminal shows stay.
func (m Metrics) Display(cluster []byte, column int) (shown string, cells int) {
	if len(cluster) == 1 && cluster[0] >= ' ' && cluster[0] < 0x7F {
		return ascii[cluster[0]-' ' : cluster[0]-' '+1], 1
	}
	if len(cluster) == 1 && cluster[0] == '\t' {
		n := m.tab(column)
		return strings.Repeat(" ", n), n
	}
	if len(cluster) == 0 || len(cluster) == 1 && cluster[0] == '\n' {
		return "", 0
	}
	if plain(cluster) {
		if n := m.cluster(cluster); n > 0 {
			return string(cluster), n
		}
	}
	return m.escape(cluster)
}

// ascii is printable ASCII, to slice single characters from.
const ascii = " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"

// Cells is the second result of Display: how many cells a cluster that begins at a column takes.
func (m Metrics) Cells(cluster []byte, column int) int { return m.cells(cluster, column) }

// cells is the second result of Display, without making the first where that can be avoided.
func (m Metrics) cells(cluster []byte, column int) int {
	if len(cluster) == 1 {
		switch c := cluster[0]; {
		case c == '\t':
			return m.tab(column)
		case c == '\n':
			return 0
		case c < ' ' || c == 0x7F:
			return 2
		case c < utf8.RuneSelf:
			return 1
		}
	}
	if plain(cluster) {
		if n := m.cluster(cluster); n > 0 {
			return n
		}
	}
	_, n := m.Display(cluster, column)
	return n
}

func (m Metrics) tab(column int) int {
	tab := m.Tab
	if tab <= 0 {
		tab = DefaultTab
	}
	return tab - column%tab
}

// wcwidth does not depend on the locale, as tests and simulations must not.
var wcwidth = &runewidth.Condition{StrictEmojiNeutral: true}

func (m Metrics) cluster(cluster []byte) int {
	if m.Cluster != nil {
		return m.Cluster(cluster)
	}
	return wcwidth.StringWidth(string(cluster))
}

// plain says whether a cluster can be shown as it is.
func plain(cluster []byte) bool {
	var before rune = -1
	base, _ := utf8.DecodeRune(cluster)
	if unicode.Is(unicode.M, base) { // would join whatever is drawn in the cell before
		return false
	}
	for i := 0; i < len(cluster); {
		r, n := utf8.DecodeRune(cluster[i:])
		if r == utf8.RuneError && n <= 1 || hidden(r, before, base) {
			return false
		}
		before = r
		i += n
	}
	return true
}

// hidden says whether r, which follows before in a cluster that begins with base, must be spelt out. before is -1 at the
// beginning of the cluster.
func hidden(r, before, base rune) bool {
	switch {
	case r < ' ' || r >= 0x7F && r <= 0x9F:
		return true
	case r < utf8.RuneSelf:
		return false
	case r == zwnj || r == zwj: // joins or parts letters of scripts, or pictographs
		return before < utf8.RuneSelf || before == zwnj || before == zwj
	case r >= 0xFE00 && r <= 0xFE0F: // varies what is before it, keycaps included
		return before < utf8.RuneSelf && !strings.ContainsRune("#*0123456789", before) || invisible(before)
	case r >= 0xE0020 && r <= 0xE007F: // the letters of a flag, or a smuggled text
		return base != 0x1F3F4
	case r >= 0xE0100 && r <= 0xE01EF:
		return !unicode.Is(unicode.Han, before)
	}
	return invisible(r)
}

const (
	zwnj = 0x200C
	zwj  = 0x200D
)

// invisible says whether r has no appearance of its own.
func invisible(r rune) bool {
	switch {
	case r == 0x2028 || r == 0x2029: // line separators
		return true
	case r == 0x115F || r == 0x1160 || r == 0x3164 || r == 0xFFA0 || r == 0x034F || r >= 0x180B && r <= 0x180F: // fillers
		return true
	case r >= 0xFE00 && r <= 0xFE0F || r >= 0xE0000 && r <= 0xE0FFF: // variation selectors, tags
		return true
	case r&0xFFFE == 0xFFFE || r >= 0xFDD0 && r <= 0xFDEF: // noncharacters
		return true
	}
	return unicode.Is(unicode.Cf, r) && !unicode.Is(unicode.Prepended_Concatenation_Mark, r)
}

// spelt is how many characters of a cluster are spelt out before the rest is only counted.
const spelt = 8

// escape spells out what of a cluster must not reach the terminal, behind the rest of it.
func (m Metrics) escape(cluster []byte) (shown string, cells int) {
	var keep []byte
	var out strings.Builder
	var before rune = -1
	base, _ := utf8.DecodeRune(cluster)
	count := 0
	nothing := plain(cluster) // but it has no width
	for i := 0; i < len(cluster); {
		r, n := utf8.DecodeRune(cluster[i:])
		bad := r == utf8.RuneError && n <= 1
		switch {
		case !bad && !nothing && !hidden(r, before, base):
			keep = append(keep, cluster[i:i+n]...)
		case count < spelt:
			spell(&out, r, cluster[i], bad)
			count++
		default:
			count++
		}
		before = r
		i += n
	}
	if count > spelt {
		fmt.Fprintf(&out, "<+%d>", count-spelt)
	}
	head := ""
	if len(keep) > 0 {
		if !plain(keep) {
			keep = append([]byte("\u25CC"), keep...) // a dotted circle as the base of marks
		}
		if cells = m.cluster(keep); cells > 0 && plain(keep) {
			head = string(keep)
		} else {
			fmt.Fprintf(&out, "<+%d>", utf8.RuneCount(keep))
			cells = 0
		}
	}
	return head + out.String(), cells + out.Len()
}

func spell(out *strings.Builder, r rune, b byte, bad bool) {
	switch {
	case bad:
		fmt.Fprintf(out, "\\x%02X", b)
	case r < ' ':
		out.WriteByte('^')
		out.WriteByte(byte(r) + '@')
	case r == 0x7F:
		out.WriteString("^?")
	default:
		fmt.Fprintf(out, "<%02X>", r)
	}
}
