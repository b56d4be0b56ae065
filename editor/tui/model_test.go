package tui

import (
	"fmt"
	"strings"
	"testing"

	"coedit/rga"

	tea "charm.land/bubbletea/v2"
)

func TestTyping(t *testing.T) {
	f := newFixture(t, "")
	f.write("func main() {\n")
	f.press("tab")
	f.write("fmt.Println()\n")
	f.press("backspace")
	f.write("}")
	if got, want := f.text(), "func main() {\n\tfmt.Println()\n}"; got != want {
		t.Errorf("text %q, want %q", got, want)
	}
	if got := f.row(1); got != "  2     fmt.Println()" {
		t.Errorf("row 1 %q", got)
	}
	f.press("ctrl+z", "ctrl+z", "ctrl+y")
	f.press("ctrl+a", "ctrl+x")
	if f.text() != "" {
		t.Errorf("cut left %q", f.text())
	}
	f.press("ctrl+v", "ctrl+v")
	if n := strings.Count(f.text(), "func main"); n != 2 {
		t.Errorf("pasted %d times", n)
	}
}

func TestCaretIsOnItsCell(t *testing.T) {
	text := "a\tb 日本語 e\u0301 👍🏽 x\n\x01\x7f\u202e<\u0301\n" + strings.Repeat("語", 100) + "\nlast"
	for _, width := range []int{80, 30, 10} {
		f := newFixture(t, text)
		f.send(tea.WindowSizeMsg{Width: width, Height: 8})
		f.press("ctrl+home")
		for range 200 {
			head := f.ed.Selection().Head
			c := f.m.View().Cursor
			x, y := f.cellOf(head)
			if c == nil || c.X != x || c.Y != y {
				t.Fatalf("width %d, offset %d: cursor %+v, cell %d,%d", width, head, c, x, y)
			}
			if head < len(text) && text[head] < 0x7f && text[head] > ' ' {
				buf := f.screen()
				if cell := buf.CellAt(x, y); cell == nil || cell.Content[0] != text[head] {
					t.Fatalf("width %d, offset %d: cell %d,%d shows %+v, text %q", width, head, x, y, cell, text[head])
				}
			}
			f.press("right")
			f.check()
		}
	}
}

func TestRemoteEditsDoNotMoveTheView(t *testing.T) {
	var lines []string
	for i := range 200 {
		lines = append(lines, fmt.Sprintf("line %d", i))
	}
	f := newFixture(t, strings.Join(lines, "\n"), shared)
	f.press("ctrl+g", "1", "0", "0", "enter", "end")
	first, caret := f.row(0)[5:], *f.m.View().Cursor
	top := f.ed.View().LineStart(f.m.view.line)
	edits := []rga.Edit{{Offset: 0, Insert: "new\nlines\n"}, {Offset: 3, Delete: 9}, {Offset: top, Insert: "above the first line shown\n"}}
	f.remote(edits...)
	f.receive()
	f.remote(rga.Edit{Offset: 0, Insert: strings.Repeat("x\n", 500)})
	f.receive()
	if got := f.row(0)[5:]; got != first {
		t.Errorf("first row %q, want %q", got, first)
	}
	if got := *f.m.View().Cursor; got != caret {
		t.Errorf("caret at %+v, want %+v", got.Position, caret.Position)
	}
	f.write("!")
	if got := f.row(caret.Y); !strings.HasSuffix(got, " line 99!") {
		t.Errorf("caret's row %q", got)
	}
	// Lines between the first one and the caret push the caret, but never off the screen.
	f.remote(rga.Edit{Offset: f.ed.View().LineStart(f.m.view.line + 1), Insert: strings.Repeat("y\n", 300)})
	f.receive()
	if f.m.View().Cursor == nil {
		t.Error("the caret was pushed off the screen")
	}
}

func TestWheelLeavesTheCaret(t *testing.T) {
	f := newFixture(t, strings.Repeat("line\n", 100), shared)
	for range 20 {
		f.send(tea.MouseWheelMsg{Button: tea.MouseWheelDown})
	}
	if f.m.View().Cursor != nil || f.m.view.line != 60 {
		t.Fatalf("cursor %v, first line %d", f.m.View().Cursor, f.m.view.line)
	}
	f.remote(rga.Edit{Offset: 0, Insert: "new\n"})
	f.receive()
	if f.m.view.line != 61 {
		t.Errorf("a remote edit scrolled to line %d", f.m.view.line)
	}
	f.write("x")
	if f.m.View().Cursor == nil {
		t.Error("typing does not show the caret")
	}
}
