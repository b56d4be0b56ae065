package editor

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"coedit/rga"
)

func TestDisplay(t *testing.T) {
	var m Metrics
	for _, c := range []struct {
		in     string
		column int
		shown  string
		cells  int
	}{
		{"a", 0, "a", 1},
		{" ", 9, " ", 1},
		{"~", 9, "~", 1},
		{"é", 0, "é", 1},
		{"e\u0301", 0, "e\u0301", 1},
		{"漢", 0, "漢", 2},
		{"\t", 0, "    ", 4},
		{"\t", 3, " ", 1},
		{"\t", 5, "   ", 3},
		{"\n", 5, "", 0},
		{"", 5, "", 0},
		{"\x00", 0, "^@", 2},
		{"\x1b", 0, "^[", 2},
		{"\r", 0, "^M", 2},
		{"\x7f", 0, "^?", 2},
		{"\u009b", 0, "<9B>", 4},
		{"\u0085", 0, "<85>", 4},
		{"\xff", 0, "\\xFF", 4},
		{"\xe6\xbc", 0, "\\xE6\\xBC", 8},
		{"\ufffd", 0, "\ufffd", 1},
		{"\u200b", 0, "<200B>", 6},
		{"\u202e", 0, "<202E>", 6},
		{"\u2066", 0, "<2066>", 6},
		{"\u200f", 0, "<200F>", 6},
		{"\ufeff", 0, "<FEFF>", 6},
		{"\u2028", 0, "<2028>", 6},
		{"\u00ad", 0, "<AD>", 4},
		{"\u3164", 0, "<3164>", 6},
		{"\U000e0001", 0, "<E0001>", 7},
		{"\uffff", 0, "<FFFF>", 6},
		{"\u200d", 0, "<200D>", 6},
		{"\ufe0f", 0, "<FE0F>", 6},
		{"a\u200d", 0, "a<200D>", 7},
		{"a\ufe0f", 0, "a<FE0F>", 7},
		{"a\U000e0061\U000e0062", 0, "a<E0061><E0062>", 15},
		{"\u0301", 0, "\u25cc\u0301", 1},
		{"1\ufe0f\u20e3", 0, "1\ufe0f\u20e3", wcwidth.StringWidth("1\ufe0f\u20e3")},
		{"❤\ufe0f\u200d🔥", 0, "❤\ufe0f\u200d🔥", wcwidth.StringWidth("❤\ufe0f\u200d🔥")},
		{"👩\u200d🚀", 0, "👩\u200d🚀", 2},
		{"🏴\U000e0067\U000e007f", 0, "🏴\U000e0067\U000e007f", 2},
		{"葛\U000e0100", 0, "葛\U000e0100", 2},
		{"葛\U000e0100\U000e0101", 0, "葛\U000e0100<E0101>", 9},
		{"क्\u200dष", 0, "क्\u200dष", wcwidth.StringWidth("क्\u200dष")},
		{"a" + strings.Repeat("\u2028", 12), 0, "a" + strings.Repeat("<2028>", 8) + "<+4>", 53},
	} {
		shown, cells := m.Display([]byte(c.in), c.column)
		if shown != c.shown || cells != c.cells {
			t.Errorf("Display(%+q, %d) = %+q, %d, want %+q, %d", c.in, c.column, shown, cells, c.shown, c.cells)
		}
		if n := m.cells([]byte(c.in), c.column); n != cells {
			t.Errorf("cells(%+q, %d) = %d, Display says %d", c.in, c.column, n, cells)
		}
	}
	m = Metrics{Tab: 8, Cluster: func(c []byte) int { return 3 * utf8.RuneCount(c) }}
	if s, n := m.Display([]byte("\t"), 1); s != strings.Repeat(" ", 7) || n != 7 {
		t.Errorf("a tab of 8 gives %q, %d", s, n)
	}
	if s, n := m.Display([]byte("漢"), 1); s != "漢" || n != 3 {
		t.Errorf("the caller's widths give %q, %d", s, n)
	}
	m.Cluster = func([]byte) int { return 0 }
	if s, n := m.Display([]byte("\u0e33"), 0); s != "<E33>" || n != 5 {
		t.Errorf("what has no width gives %q, %d", s, n)
	}
}

// FuzzDisplay: whatever the bytes, nothing that a terminal obeys or hides is shown, and the width is that of what is
// shown.
func FuzzDisplay(f *testing.F) {
	for _, s := range hard {
		f.Add([]byte(s), 3)
	}
	f.Fuzz(func(t *testing.T, text []byte, column int) {
		var m Metrics
		if column < 0 {
			column = 0
		}
		for len(text) > 0 {
			n := FirstCluster(text)
			cluster := text[:n]
			text = text[n:]
			shown, cells := m.Display(cluster, column)
			if got := m.cells(cluster, column); got != cells {
				t.Fatalf("%+q takes %d or %d cells", cluster, got, cells)
			}
			if cells <= 0 && cluster[0] != '\n' || cells > 200 {
				t.Fatalf("%+q takes %d cells", cluster, cells)
			}
			if !utf8.ValidString(shown) {
				t.Fatalf("%+q is shown as %+q", cluster, shown)
			}
			for _, r := range shown {
				if r < ' ' || r >= 0x7f && r < 0xa0 || strings.ContainsRune("\u200b\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\u2028\u2029", r) {
					t.Fatalf("%+q is shown as %+q", cluster, shown)
				}
			}
		}
	})
}

// naive measures a line from its start.
func naive(m Metrics, line []byte, to int) (column int) {
	for at := 0; at < to && at < len(line); {
		n := FirstCluster(line[at:])
		column += m.cells(line[at:at+n], column)
		at += n
	}
	return column
}

// Columns of lines, long ones too, through random edits before, in and behind them are what measuring anew gives.
func TestColumnsOfLongLines(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	e := New(rga.New(1))
	var long strings.Builder
	for long.Len() < 20<<10 {
		long.WriteString([]string{"word ", "漢字", "\t", "e\u0301", "👩\u200d🚀", "\x1b"}[rng.IntN(6)])
	}
	text := "short\n" + long.String() + "\nmiddle\n" + long.String()
	must(t, e.Replace(0, rga.Edit{Insert: text}))
	for step := range 120 {
		off := e.scan.floor(rng.IntN(e.View().Len() + 1))
		switch rng.IntN(4) {
		case 0:
			e.Select(off, off)
			must(t, e.Insert(0, []string{"x", "漢", "\t", "\n", "one\ntwo\n"}[rng.IntN(5)]))
		case 1:
			to := e.scan.floor(min(off+rng.IntN(50), e.View().Len()))
			must(t, e.Replace(0, rga.Edit{Offset: off, Delete: to - off}))
		case 2:
			_, err := e.Undo(0)
			must(t, err)
		}
		off = e.scan.floor(rng.IntN(e.View().Len() + 1))
		line, column := e.Position(off)
		start, _ := e.LineBounds(line)
		whole := e.Line(nil, line)
		if want := naive(e.metrics, whole, off-start); column != want {
			t.Fatalf("step %d: offset %d of line %d is in column %d, want %d", step, off-start, line, column, want)
		}
		if got := e.OffsetAt(line, column); got != off {
			t.Fatalf("step %d: column %d is at %d, want %d", step, column, got, off)
		}
		seen := 0
		e.Clusters(line, column, func(at int, c []byte, col int) bool {
			if want := naive(e.metrics, whole, at-start); col != want || seen == 0 && at != off {
				t.Fatalf("step %d: cluster at %d in column %d, want %d, from %d", step, at, col, want, off)
			}
			seen++
			return seen < 3
		})
	}
}

// At the end of a line of megabytes a key costs some kilobytes of measuring, not the line.
func TestTypingFarOutInALongLine(t *testing.T) {
	a, b := New(rga.New(1)), New(rga.New(2))
	must(t, a.Replace(0, rga.Edit{Insert: "first\n" + strings.Repeat("漢", 700_000)}))
	exchange(t, a, b)
	measured := 0
	a.SetMetrics(Metrics{Cluster: func(c []byte) int { measured++; return 2 }})
	a.Move(DocEnd, false, 0)
	if _, column := a.Position(a.Selection().Head); column != 1_400_000 || measured < 700_000 {
		t.Fatalf("column %d after measuring %d clusters", column, measured)
	}
	for i := range 20 {
		measured = 0
		must(t, a.Insert(int64(i), "字"))
		must(t, b.Insert(int64(i), "x")) // in the line before
		exchange(t, a, b)
		if _, column := a.Position(a.Selection().Head); column != 1_400_000+2*(i+1) {
			t.Fatalf("column %d", column)
		}
		a.Move(Left, false, 0)
		a.Move(Right, false, 0)
		if measured > (markEvery+2*stride)/3+100 {
			t.Fatalf("key %d measured %d clusters", i, measured)
		}
	}
	measured = 0
	a.Move(LineUp, false, 0)
	a.Move(LineDown, false, 0)
	if measured > 2*markEvery {
		t.Fatalf("vertical motion measured %d clusters", measured)
	}
	want := a.View().Len()
	if got := a.Selection().Head; got != want {
		t.Fatalf("caret at %d of %d", got, want)
	}
}

func TestPositions(t *testing.T) {
	e := at(t, "ab\n\t漢x\n|")
	for _, c := range []struct{ off, line, column int }{
		{-1, 0, 0}, {0, 0, 0}, {2, 0, 2}, {3, 1, 0}, {4, 1, 4}, {7, 1, 6}, {8, 1, 7}, {9, 2, 0}, {99, 2, 0},
	} {
		if line, column := e.Position(c.off); line != c.line || column != c.column {
			t.Errorf("Position(%d) = %d, %d, want %d, %d", c.off, line, column, c.line, c.column)
		}
	}
	for _, c := range []struct{ line, column, off int }{
		{0, 0, 0}, {0, 1, 1}, {0, 99, 2}, {0, -4, 0}, {1, 3, 3}, {1, 4, 4}, {1, 5, 4}, {1, 6, 7}, {2, 5, 9}, {-3, 1, 1}, {9, 0, 9},
	} {
		if off := e.OffsetAt(c.line, c.column); off != c.off {
			t.Errorf("OffsetAt(%d, %d) = %d, want %d", c.line, c.column, off, c.off)
		}
	}
	if got := string(e.Line([]byte(">"), 1)); got != ">\t漢x" {
		t.Errorf("line 1 is %q", got)
	}
	if got := string(e.Line(nil, 3)) + string(e.Line(nil, -1)); got != "" {
		t.Errorf("lines outside the text are %q", got)
	}
}
