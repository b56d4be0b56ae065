package tui

import (
	"fmt"
	"strings"
	"testing"

	"coedit/rga"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
)

// barColumn is the scrollbar: what stands in it, # for a part of the thumb, . for nothing.
func (f *fixture) barColumn() string {
	var sb strings.Builder
	buf := f.screen()
	for y := range f.m.view.height {
		c := buf.CellAt(f.m.width-1, y)
		switch {
		case c.Content != " " && c.Content != "":
			sb.WriteString(c.Content)
		case styleText(c) != "":
			sb.WriteByte('#')
		default:
			sb.WriteByte('.')
		}
	}
	return sb.String()
}

func TestTheScrollbarShowsMatches(t *testing.T) {
	var text strings.Builder
	for i := range 1000 {
		if i == 0 || i == 480 || i == 999 {
			text.WriteString("match ")
		}
		fmt.Fprintf(&text, "line %d\n", i)
	}
	for _, profile := range []colorprofile.Profile{colorprofile.TrueColor, colorprofile.ASCII} {
		f := newFixture(t, text.String(), shared, func(_ *fixture, o *Options) { o.Looks.Scrollbar = true })
		f.send(tea.ColorProfileMsg{Profile: profile})
		f.peer("ann", 0, f.ed.View().LineStart(250), f.ed.View().LineStart(250))
		f.press("ctrl+f")
		f.write("matc")
		f.counted(f.press("h"))
		if got, want := f.barColumn(), "-....A....-.........-"; got != want {
			t.Errorf("profile %v: the scrollbar is %q, want %q", profile, got, want)
		}
		if in, out := f.screen().CellAt(79, 0), f.screen().CellAt(79, 10); styleText(in) == styleText(out) || styleText(in) == "" {
			t.Errorf("profile %v: a match in the part that is shown looks like one outside: %q, %q", profile, styleText(in), styleText(out))
		}
		f.remote(rga.Edit{Offset: f.ed.View().LineStart(700), Insert: "match "})
		f.receive()
		f.counted(f.send(recountMsg{}))
		if got, want := f.barColumn(), "-....A....-...-.....-"; got != want {
			t.Errorf("profile %v: after another's edit the scrollbar is %q, want %q", profile, got, want)
		}
		f.send(tea.WindowSizeMsg{Width: 80, Height: 13})
		if got, want := f.barColumn(), "-.A.-.-..-"; got != want {
			t.Errorf("profile %v: on a lower screen the scrollbar is %q, want %q", profile, got, want)
		}
		f.press("esc")
		if got := f.barColumn(); strings.Contains(got, "-") {
			t.Errorf("profile %v: after the search the scrollbar is %q", profile, got)
		}
	}
}

// The matches that the scrollbar shows are where a scan over all lines finds them.
func TestMatchRows(t *testing.T) {
	for _, lines := range []int{25, 40, 41, 100, 997} {
		f := newFixture(t, strings.Repeat("x\n", lines), func(_ *fixture, o *Options) { o.Looks.Scrollbar = true })
		for line := range lines {
			start := f.ed.View().LineStart(line)
			f.m.find.open, f.m.find.bar = true, barMatches{}
			f.m.find.count = matchCount{known: true, starts: []int{start}, revision: f.ed.Revision()}
			rows := f.m.matchRows(f.ed.View())
			for y, found := range rows {
				if want := y == line*f.m.view.height/f.ed.View().Lines(); found != want {
					t.Fatalf("a match in line %d of %d: row %d of %d is %v", line, lines, y, len(rows), found)
				}
			}
		}
	}
}

func TestWhatIsSearchedIsMarked(t *testing.T) {
	for _, profile := range []colorprofile.Profile{colorprofile.TrueColor, colorprofile.ANSI, colorprofile.ASCII} {
		f := newFixture(t, "one\ntwo\nthree\nfour\n", shared)
		f.send(tea.ColorProfileMsg{Profile: profile})
		f.ed.Select(5, 10) // from the w of two to the r of three
		f.press("ctrl+f")
		f.ed.Select(0, 0)
		f.write("e")
		f.ed.Select(0, 0)
		f.send(tickMsg{})
		if got := []string{f.row(0), f.row(1), f.row(2), f.row(3)}; got[0] != "  1 one" || got[1] != "  2|two" || got[2] != "  3|three" || got[3] != "  4 four" {
			t.Errorf("profile %v: %q", profile, got)
		}
		for off, want := range map[int]bool{0: false, 4: false, 5: true, 8: true, 9: true, 11: false, 14: false} {
			x, y := f.cellOf(off)
			if got := styleText(f.screen().CellAt(x, y)) != ""; got != want {
				t.Errorf("profile %v: byte %d is marked: %v", profile, off, got)
			}
		}
		f.press("esc")
		if got := f.row(1); got != "  2 two" {
			t.Errorf("profile %v: after the search %q", profile, got)
		}
	}
}

// TestMatchesFarInALongLine: they are marked wherever the line is shown, and a row is drawn from the marks that it shows alone.
func TestMatchesFarInALongLine(t *testing.T) {
	f := newFixture(t, strings.Repeat("a needle ", 100_000), shared)
	f.press("ctrl+end", "ctrl+f")
	f.write("needl")
	f.counted(f.press("e"))
	f.press("esc", "ctrl+end", "ctrl+f") // with the query of before
	x, y := f.cellOf(f.ed.View().Len() - 9)
	plain, match := styleText(f.screen().CellAt(x, y)), styleText(f.screen().CellAt(x+3, y))
	if match == plain || match == "" {
		t.Errorf("the last match looks like the text: %q, %q\n%s", match, plain, f.shown())
	}
	start, end := f.ed.LineBounds(0)
	marks := f.m.marksShown(f.m.marksIn(start, end), 0, start, f.m.view.left, f.m.view.left+80)
	if len(marks) == 0 || len(marks) > 20 {
		t.Errorf("%d marks for a row of 80 cells", len(marks))
	}
}
