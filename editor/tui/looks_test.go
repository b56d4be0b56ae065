package tui

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/colorprofile"

	tea "charm.land/bubbletea/v2"
)

func TestEdgesSayThatALineGoesOn(t *testing.T) {
	f := newFixture(t, strings.Repeat("0123456789", 20)+"\nshort\n"+strings.Repeat("x", 76)+"\n"+strings.Repeat("日", 38)+"\n"+strings.Repeat("日", 39)+"\n")
	for y, want := range []string{
		"  1 " + strings.Repeat("0123456789", 7) + "01234>", "  2 short", "  3 " + strings.Repeat("x", 76),
		"  4 " + strings.Repeat("日", 38), "  5 " + strings.Repeat("日", 37) + " >",
	} {
		if got := f.row(y); got != want {
			t.Errorf("row %d: %q, want %q", y, got, want)
		}
	}
	f.press("end")
	if got := f.row(0); !strings.HasPrefix(got, "  1 <") || strings.HasSuffix(got, ">") {
		t.Errorf("at the end of the line: %q", got)
	}
}

func TestVisibleBlanksAndGuides(t *testing.T) {
	f := newFixture(t, "\t\tx y\n", func(_ *fixture, o *Options) { o.Looks.Whitespace = true })
	if got := f.row(0); got != "  1 →   →   x·y" {
		t.Errorf("blanks are shown as %q", got)
	}
	f = newFixture(t, "\t\tx y\n        \n", func(_ *fixture, o *Options) { o.Looks.Guides = true })
	if got := f.row(0); got != "  1     │   x y" {
		t.Errorf("guides are shown as %q", got)
	}
	if got := f.row(1); got != "  2" {
		t.Errorf("an empty line has guides: %q", got)
	}
}

func TestScrollbarShowsWhereTheOthersAre(t *testing.T) {
	f := newFixture(t, strings.Repeat("line\n", 1000), shared, func(_ *fixture, o *Options) { o.Looks.Scrollbar = true })
	f.peer("ann", 0, 2500, 2500) // in the middle
	f.peer("Öz", 1, 5000, 5000)
	column := func() string {
		var sb strings.Builder
		buf := f.screen()
		for y := range f.m.view.height {
			c := buf.CellAt(79, y)
			switch {
			case c.Content != " " && c.Content != "":
				sb.WriteString(c.Content)
			case c.Style.Bg != nil:
				sb.WriteByte('#')
			default:
				sb.WriteByte('.')
			}
		}
		return sb.String()
	}
	if got, want := column(), "#..........A..........Z"; got != want {
		t.Errorf("the scrollbar is %q, want %q", got, want)
	}
	f.send(tea.MouseClickMsg{X: 79, Y: 11, Button: tea.MouseLeft})
	if got := f.m.view.line; got < 460 || got > 475 {
		t.Errorf("a click in the scrollbar's middle leads to line %d", got)
	}
	f.send(tea.MouseMotionMsg{X: 60, Y: 0, Button: tea.MouseLeft})
	f.send(tea.MouseReleaseMsg{X: 60, Y: 0})
	if f.m.view.line != 0 || f.ed.Selection().Head != 0 {
		t.Errorf("dragging it up leads to line %d, the caret to %d", f.m.view.line, f.ed.Selection().Head)
	}
	f.press("ctrl+end")
	if got, want := column(), "...........A..........Z"; got != want {
		t.Errorf("at the end the scrollbar is %q, want %q", got, want)
	}
	if got := f.m.barLine(11); got != 11*1001/23 {
		t.Errorf("row 11 is line %d", got)
	}
}

func TestCurrentLineReachesTheEdge(t *testing.T) {
	f := newFixture(t, "one\ntwo\n", func(_ *fixture, o *Options) { o.Looks.CurrentLine = true })
	buf := f.screen()
	for x := 4; x < 80; x++ {
		if buf.CellAt(x, 0).Style.Bg == nil || buf.CellAt(x, 1).Style.Bg != nil {
			t.Fatalf("column %d: the caret's line has %v, the next %v", x, buf.CellAt(x, 0).Style.Bg, buf.CellAt(x, 1).Style.Bg)
		}
	}
}

// TestNoColours: without colours nothing sends one, and selections, others, words of the language and states still look different.
func TestNoColours(t *testing.T) {
	for _, theme := range []Theme{ThemeAuto, ThemeNone} {
		f := newFixture(t, "func main() {} // why\n", shared, coloured, func(_ *fixture, o *Options) {
			o.Looks.Theme, o.Looks.Scrollbar = theme, true
		})
		if theme == ThemeAuto {
			f.send(tea.ColorProfileMsg{Profile: colorprofile.ASCII})
		}
		f.peer("ann", 0, 3, 8)
		f.ed.Select(9, 12)
		f.send(tickMsg{})
		if strings.Contains(f.m.View().Content, "8;5;") || strings.Contains(f.m.View().Content, "8;2;") {
			t.Errorf("%v: colours in %q", theme, f.m.View().Content)
		}
		buf := f.screen()
		seen := map[string]int{}
		for _, x := range []int{4, 7, 8, 13, 20} { // keyword, caret of ann, her selection, own selection, comment
			look := buf.CellAt(x, 0).Style.String()
			if before, ok := seen[look]; ok || look == "" {
				t.Errorf("%v: cell %d looks like cell %d: %q", theme, x, before, look)
			}
			seen[look] = x
		}
	}
}

// TestGoldenLooks are whole screens with everything on, in each theme and width.
func TestGoldenLooks(t *testing.T) {
	text := "// Package main says hello.\npackage main\n\nimport \"fmt\"\n\nfunc main() {\n\tfor i := range 10 {\n\t\tfmt.Println(`hello, 世界`, i) // a comment that makes this line so long that it is wrapped or cut off at the edge of the screen\n\t}\n}\n" +
		strings.Repeat("\n// more\n", 30)
	for _, theme := range []Theme{ThemeDark, ThemeLight, ThemeContrast, ThemeNone} {
		for _, width := range []int{40, 80, 120, 200} {
			name := fmt.Sprintf("looks-%v-%d", theme, width)
			t.Run(name, func(t *testing.T) {
				f := newFixture(t, text, shared, hosting, func(_ *fixture, o *Options) {
					o.Looks = Looks{Theme: theme, Highlight: true, Scrollbar: true, Guides: true, CurrentLine: true, Wrap: width < 100, Whitespace: width == 200}
				})
				f.send(tea.WindowSizeMsg{Width: width, Height: 16})
				f.peer("ann", 0, strings.Index(text, "10 {"), strings.Index(text, "range"))
				f.peer("bob", 4, len(text)-9, len(text)-9)
				f.ed.Select(strings.Index(text, "hello, "), strings.Index(text, ", i)"))
				f.session.state.Peers[0].Host = false
				f.session.state.RTT = 0
				f.send(newsMsg{})
				f.finish()
				tm := startTerminal(t, f, width, 16)
				tm.settle()
				tm.look(func(m *Model) { golden(t, name, tm.picture(cursorText(m.View().Cursor))) })
			})
		}
	}
}
