package tui

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// wideAmbiguous counts characters of ambiguous width as two cells until the test ends. No other test runs meanwhile.
func wideAmbiguous(t testing.TB) {
	t.Helper()
	before := AmbiguousWide()
	if err := SetAmbiguousWide(true); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := SetAmbiguousWide(before); err != nil {
			t.Fatal(err)
		}
	})
}

// ambiguousText has characters of ambiguous width, alone and in clusters, between others.
const ambiguousText = `a±b → Ω│ж…` + "\u0301" + ` 日 “quoted”
	§ 1: Привет, мир ①②③
if x {
		y ≠ 2 // ±±±±±±±±±±±±±±±±±±±±±±±±±±±±±±±±
}
`

// TestGoldenAmbiguous shows text, others, a search and a list where ambiguous characters are wide.
func TestGoldenAmbiguous(t *testing.T) {
	for _, method := range []ansi.Method{ansi.WcWidth, ansi.GraphemeWidth} {
		name := fmt.Sprintf("ambiguous-40-%s", map[ansi.Method]string{ansi.WcWidth: "wc", ansi.GraphemeWidth: "grapheme"}[method])
		t.Run(name, func(t *testing.T) {
			wideAmbiguous(t)
			f := newFixture(t, ambiguousText, shared, func(_ *fixture, o *Options) {
				o.Looks = Looks{Wrap: true, Whitespace: true, Guides: true, ASCII: true}
			})
			f.send(tea.WindowSizeMsg{Width: 40, Height: 12})
			f.m.widths.method = method
			f.m.setMetrics()
			at := strings.Index(ambiguousText, "Ω")
			f.ed.Select(at, at)
			f.peer("Ωmega", 0, strings.Index(ambiguousText, "b →"), strings.Index(ambiguousText, "│"))
			f.press("ctrl+f")
			f.write("±±")
			f.m.stopCount()
			if method == ansi.GraphemeWidth {
				f.m.widths.method = ansi.WcWidth // until the terminal answers
			}
			tm := startTerminal(t, f, 40, 12)
			if method == ansi.GraphemeWidth {
				tm.program.Send(tea.ModeReportMsg{Mode: ansi.ModeUnicodeCore, Value: ansi.ModeReset})
				tm.until("the widths are the terminal's", func(m *Model) bool { return m.widths.method == method })
			}
			tm.settle()
			tm.look(func(m *Model) { golden(t, name, tm.picture(cursorText(m.View().Cursor))) })
		})
	}
}

// TestAWideCharacterIsOne: ± has two bytes and takes two cells, but is not two characters.
func TestAWideCharacterIsOne(t *testing.T) {
	wideAmbiguous(t)
	f := newFixture(t, "±±", shared)
	f.peer("ann", 0, 0, 0)
	for _, width := range []int{2, 3, 4, 5} {
		f.send(tea.WindowSizeMsg{Width: width, Height: 5})
		f.check()
		if got := f.row(0); !utf8.ValidString(got) || strings.Contains(got, "\uFFFD") {
			t.Errorf("at width %d the row is %q", width, got)
		}
	}
}

// TestAmbiguousCharactersAreWide: they take two cells for both ways to count, for the caret, for the mouse and where lines are wrapped.
func TestAmbiguousCharactersAreWide(t *testing.T) {
	for _, wide := range []bool{false, true} {
		for _, method := range []ansi.Method{ansi.WcWidth, ansi.GraphemeWidth} {
			t.Run(fmt.Sprintf("wide=%v,method=%v", wide, method), func(t *testing.T) {
				n := 1
				if wide {
					wideAmbiguous(t)
					n = 2
				}
				w := widths{method: method}
				for cluster, cells := range map[string]int{"±": n, "→": n, "Ω": n, "│": n, "ж": n, "…\u0301": n, "日": 2, "x": 1, "\u00e5": 1} {
					if got := w.cluster([]byte(cluster)); got != cells {
						t.Errorf("%q takes %d cells, want %d", cluster, got, cells)
					}
				}
				f := newFixture(t, "±Ωx±Ω±Ω y", wrapped)
				f.m.widths.method = method
				f.m.setMetrics()
				f.send(tea.WindowSizeMsg{Width: 20, Height: 5})
				f.ed.Select(5, 5)
				if x := f.m.View().Cursor.X; x != 2*n+1 {
					t.Errorf("the caret behind x is in column %d, want %d", x, 2*n+1)
				}
				f.send(tea.MouseClickMsg{X: 2 * n, Y: 0, Button: tea.MouseLeft})
				if at := f.ed.Selection().Head; at != 4 {
					t.Errorf("a click on x puts the caret at byte %d, want 4", at)
				}
				f.send(tea.WindowSizeMsg{Width: 10, Height: 5})
				if rows := len(f.m.view.wrap.starts(0)); rows != n {
					t.Errorf("%d rows of %d cells, want %d", rows, f.m.view.wrap.width, n)
				}
				f.check()
			})
		}
	}
}
