package tui

import (
	"testing"
	"unicode/utf8"

	"coedit/editor"

	tea "charm.land/bubbletea/v2"
	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"
)

// TestWidthsThatDiffer walks clusters for which the two methods, or the usual tables, disagree.
func TestWidthsThatDiffer(t *testing.T) {
	for _, c := range []struct {
		cluster      string
		wc, grapheme int
	}{
		{"a", 1, 1},
		{"日", 2, 2},
		{"e\u0301", 1, 1},
		{"\U0001F469\u200D\U0001F680", 4, 2},
		{"\U0001F468\u200D\U0001F469\u200D\U0001F467\u200D\U0001F466", 8, 2},
		{"\U0001F3F3\uFE0F\u200D\U0001F308", 3, 2},
		{"\U0001F44D\U0001F3FD", 4, 2},
		{"\u2764\uFE0F", 1, 2},
		{"1\uFE0F\u20E3", 1, 2},
		{"\U0001F1F3\U0001F1F1", 2, 2},
		{"\U0001F1F3", 1, 2},
		{"\u1100\u1161\u11A8", 4, 2},
		{"\u0915\u093F", 2, 1},
		{"\u0E01\u0E33", 2, 1},
		{"\u00B1", 1, 1},
	} {
		w := widths{}
		if got := w.cluster([]byte(c.cluster)); got != c.wc {
			t.Errorf("%+q: %d cells by wcwidth, want %d", c.cluster, got, c.wc)
		}
		if !w.report(ansi.ModeUnicodeCore, ansi.ModeReset) {
			t.Fatal("the answer changes nothing")
		}
		if got := w.cluster([]byte(c.cluster)); got != c.grapheme {
			t.Errorf("%+q: %d cells by cluster, want %d", c.cluster, got, c.grapheme)
		}
	}
}

func TestWidthReports(t *testing.T) {
	for _, c := range []struct {
		mode  ansi.Mode
		value ansi.ModeSetting
		want  bool
	}{
		{ansi.ModeUnicodeCore, ansi.ModeNotRecognized, false},
		{ansi.ModeUnicodeCore, ansi.ModePermanentlyReset, false},
		{ansi.ModeSynchronizedOutput, ansi.ModeReset, false},
		{ansi.ModeUnicodeCore, ansi.ModeSet, true},
		{ansi.ModeUnicodeCore, ansi.ModePermanentlySet, true},
		{ansi.ModeUnicodeCore, ansi.ModeReset, true},
	} {
		w := widths{}
		if got := w.report(c.mode, c.value); got != c.want {
			t.Errorf("mode %v, value %v: %v", c.mode, c.value, got)
		}
	}
}

// difficult generates text of the characters that renderers disagree about.
func difficult() *rapid.Generator[string] {
	return rapid.StringOf(rapid.OneOf(
		rapid.RuneFrom([]rune("ab \t日ｱ한±Ω│…\u0301\u0308\u200d\ufe0f\ufe0e\u20e3\u0600\u0e33\u093f\u094d\u0915\u1100\u1161\u11a8")),
		rapid.RuneFrom([]rune{0x1F44D, 0x1F3FD, 0x1F469, 0x1F1F3, 0x1F1F1, 0x1F3F4, 0xE0067, 0xE007F, 0x2764, 0x110BD}),
		rapid.RuneFrom([]rune{0, 7, 9, 0x1b, 0x7f, 0x85, 0x9b, 0x202e, 0x200b, 0xfeff, 0x2028, 0xad}),
		rapid.Rune(),
	))
}

// TestRowsAreDrawnWhereTheyAreCounted: for any text, in any window, the renderer puts each cluster into the cell where the caret would be for it.
func TestRowsAreDrawnWhereTheyAreCounted(t *testing.T) {
	rapid.Check(t, checkDrawnRow(t))
}

// TestRowsAreDrawnWhereTheyAreCountedWide is the same where ambiguous characters are wide.
func TestRowsAreDrawnWhereTheyAreCountedWide(t *testing.T) {
	wideAmbiguous(t)
	rapid.Check(t, checkDrawnRow(t))
}

func checkDrawnRow(t *testing.T) func(*rapid.T) {
	return func(rt *rapid.T) {
		text := difficult().Draw(rt, "text")
		for i := 0; i < len(text); i++ {
			if text[i] == '\n' {
				text = text[:i]
			}
		}
		if !utf8.ValidString(text) {
			rt.Skip("not UTF-8")
		}
		f := newFixture(t, text)
		method := ansi.Method(rapid.IntRange(0, 1).Draw(rt, "method"))
		f.m.widths.method = method
		f.m.setMetrics()
		left, width := rapid.IntRange(0, 6).Draw(rt, "left"), rapid.IntRange(1, 40).Draw(rt, "width")
		at := rapid.IntRange(0, len(text)).Draw(rt, "caret")
		looks := Looks{Whitespace: rapid.Bool().Draw(rt, "blanks"), ASCII: AmbiguousWide()}
		p := painter{metrics: f.ed.Metrics(), theme: &f.m.theme, looks: &looks, left: left, width: width, marks: []mark{{from: f.ed.Next(at), look: "\x1b[7m", caret: true, label: "ann", tag: "\x1b[1m"}}}
		row := p.paint(f.ed, 0, 0, len(text))
		if n := method.StringWidth(row); n != p.cells || n > width {
			rt.Fatalf("%+q takes %d cells, counted %d of %d", row, n, p.cells, width)
		}
		buf := uv.NewScreenBuffer(width, 1)
		buf.Method = method
		uv.NewStyledString(row).Draw(buf, buf.Bounds())
		checkCells(rt, f.ed, buf, left, width, looks.Whitespace)
	}
}

// checkCells compares a drawn row with where the editor counts the clusters of line 0. blanks says that these are shown as signs.
func checkCells(rt *rapid.T, ed *editor.Editor, buf uv.ScreenBuffer, left, width int, blanks bool) {
	metrics := ed.Metrics()
	ed.Clusters(0, 0, func(off int, cluster []byte, column int) bool {
		shown, n := metrics.Display(cluster, column)
		if sign := blanks && (cluster[0] == ' ' || cluster[0] == '\t'); sign || column < left || column+n > left+width || n == 0 {
			return true
		}
		cell := buf.CellAt(column-left, 0)
		if cell == nil || cell.Content == "" {
			rt.Fatalf("cluster %+q at column %d: nothing is drawn there", cluster, column)
		}
		if len(shown) < len(cell.Content) || shown[:len(cell.Content)] != cell.Content {
			rt.Fatalf("cluster %+q at column %d: %+q is drawn there, want %+q", cluster, column, cell.Content, shown)
		}
		return true
	})
}

func TestWidthsByChoice(t *testing.T) {
	report := tea.ModeReportMsg{Mode: ansi.ModeUnicodeCore, Value: ansi.ModeReset}
	for _, c := range []struct {
		choice  Widths
		hears   bool
		answers bool
	}{{WidthsAuto, true, false}, {WidthsGrapheme, true, true}, {WidthsWc, false, false}} {
		if c.choice.hears(report) != c.hears || !c.choice.hears(tickMsg{}) {
			t.Errorf("%s: hears the terminal's answer: %v", c.choice, !c.hears)
		}
		f := newFixture(t, "👩‍👩‍👧‍👦x", func(_ *fixture, o *Options) { o.Widths = c.choice })
		msg := f.m.counting.answer()
		if (msg != nil) != c.answers {
			t.Errorf("%s: begins with %v", c.choice, msg)
		}
		if msg != nil {
			f.send(msg)
		}
		f.press("end")
		if want := map[bool]int{true: 4 + 3, false: 4 + 9}[c.answers]; f.m.View().Cursor.X != want {
			t.Errorf("%s: the caret is in column %d, want %d", c.choice, f.m.View().Cursor.X, want)
		}
	}
}
