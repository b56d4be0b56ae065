package tui

import (
	"slices"
	"strings"
	"testing"

	"coedit/rga"

	tea "charm.land/bubbletea/v2"
	"pgregory.net/rapid"
)

// wrapped shows long lines in several rows.
func wrapped(_ *fixture, o *Options) { o.Looks.Wrap = true }

func TestWrapBreaksBetweenWords(t *testing.T) {
	f := newFixture(t, "one two three four five\nshort\nabcdefghijklmnopqrstuvwxyz\n日本語日本語日本語\n", wrapped)
	f.send(tea.WindowSizeMsg{Width: 24, Height: 14}) // 19 cells of text, and one for the caret
	want := []string{
		"  1 one two three four", "    five", "  2 short", "  3 abcdefghijklmnopqrs", "    tuvwxyz",
		"  4 日本語日本語日本語", "  5",
	}
	for y, w := range want {
		if got := f.row(y); got != w {
			t.Errorf("row %d is %q, want %q", y, got, w)
		}
	}
}

func TestUpAndDownGoByRows(t *testing.T) {
	f := newFixture(t, "one two three four five\nx\nsix seven eight nine ten\n", wrapped)
	f.send(tea.WindowSizeMsg{Width: 24, Height: 14})
	f.ed.Select(2, 2)
	var at []int
	for range 6 {
		f.press("down")
		at = append(at, f.ed.Selection().Head)
	}
	// in "five", at the end of x, in "six", in "nine", in the empty last line, and there is nothing below
	if want := []int{21, 25, 28, 44, 51, 51}; !slices.Equal(at, want) {
		t.Errorf("down leads to %v, want %v", at, want)
	}
	f.ed.Select(44, 44)
	f.press("up", "shift+up")
	if s := f.ed.Selection(); s.Head != 25 || s.Anchor != 28 {
		t.Errorf("up, and with Shift: %+v", s)
	}
}

func TestRemoteEditsDoNotScrollWrappedText(t *testing.T) {
	long := strings.Repeat("word ", 40) + "\n"
	f := newFixture(t, strings.Repeat(long, 30), wrapped, shared)
	f.send(tea.WindowSizeMsg{Width: 60, Height: 12})
	for range 9 {
		f.send(tea.MouseWheelMsg{Button: tea.MouseWheelDown})
	}
	if f.m.view.skip == 0 {
		t.Fatal("the first row is the first of its line: this tests nothing")
	}
	shown := func() string { // without the line numbers
		return strings.Map(func(r rune) rune {
			if r == ' ' || r >= '0' && r <= '9' {
				return -1
			}
			return r
		}, f.row(0)+"|"+f.row(1)+"|"+f.row(8))
	}
	before := shown()
	f.remote(rga.Edit{Insert: strings.Repeat("above\n", 7)})
	f.receive()
	if got := shown(); got != before {
		t.Errorf("the screen moved from\n%s\nto\n%s", before, got)
	}
}

// TestWrappedRowsAreTheLine: for any line and width the rows are the line, none is too wide, and each place is drawn where it is counted.
func TestWrappedRowsAreTheLine(t *testing.T) {
	rapid.Check(t, checkWrappedRows(t))
}

// TestWrappedRowsAreTheLineWide is the same where ambiguous characters are wide.
func TestWrappedRowsAreTheLineWide(t *testing.T) {
	wideAmbiguous(t)
	rapid.Check(t, checkWrappedRows(t))
}

func checkWrappedRows(t *testing.T) func(*rapid.T) {
	return func(rt *rapid.T) {
		text := strings.ToValidUTF8(strings.ReplaceAll(difficult().Draw(rt, "text"), "\n", " "), "")
		f := newFixture(t, text, wrapped)
		f.send(tea.WindowSizeMsg{Width: rapid.IntRange(2, 40).Draw(rt, "width"), Height: 40})
		if f.m.view.wrap.width <= 0 {
			rt.Skip("no room")
		}
		starts := f.m.view.wrap.starts(0)
		for i, s := range starts {
			if line, column := f.ed.Position(s.off); line != 0 || column != s.column {
				rt.Fatalf("row %d begins at byte %d, which is column %d, not %d", i, s.off, column, s.column)
			}
			end := starts[len(starts)-1].column
			if i+1 < len(starts) {
				end = starts[i+1].column
				if end <= s.column {
					rt.Fatalf("row %d is empty", i)
				}
			}
			if cells := end - s.column; cells > f.m.view.wrap.width+1 && f.ed.Next(s.off) < len(text) && i+1 < len(starts) && f.ed.Next(s.off) != starts[i+1].off {
				rt.Fatalf("row %d takes %d of %d cells", i, cells, f.m.view.wrap.width)
			}
		}
		for off := 0; off < len(text); off = f.ed.Next(off) {
			_, column := f.ed.Position(off)
			at := f.m.view.spot(0, column)
			left, _ := f.m.view.columns(at)
			if back := f.ed.OffsetAt(0, f.m.view.columnAt(at, column-left)); back > off || f.ed.Next(back) <= off {
				_, c := f.ed.Position(back)
				if c != column { // clusters of no width share a column
					rt.Fatalf("byte %d is in row %d, whose cell %d is byte %d", off, at.row, column-left, back)
				}
			}
		}
		f.check()
	}
}

// TestAClusterWiderThanItsRowIsCut: two leading consonants of Hangul are one cluster, which wcwidth gives four cells.
func TestAClusterWiderThanItsRowIsCut(t *testing.T) {
	for _, width := range []int{2, 3, 4, 5} {
		for _, text := range []string{"\u1100\u1100", "a\u1100\u1100b", "\u1100\u1161\u11a8x", "\U0001F469\u200D\U0001F680"} {
			f := newFixture(t, text, wrapped)
			f.send(tea.WindowSizeMsg{Width: width, Height: 10})
			f.check()
		}
	}
}
