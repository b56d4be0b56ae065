package tui

import (
	"fmt"
	"image/color"
	"strings"
	"testing"
	"time"

	"coedit/rga"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	uv "github.com/charmbracelet/ultraviolet"
)

func TestTyping(t *testing.T) {
	f := newFixture(t, "")
	f.write("func main() {\n") // the next line is indented
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

func TestEveryCommandIsListedAndWorks(t *testing.T) {
	listed := map[string]bool{}
	for _, c := range Commands() {
		if c.Name == "" || c.Group == "" {
			t.Errorf("incomplete: %+v", c)
		}
		for _, k := range c.Keys {
			if listed[k] {
				t.Errorf("%s is listed twice", k)
			}
			listed[k] = true
		}
	}
	if len(Commands()) != len(commands) {
		t.Errorf("%d of %d commands are listed", len(Commands()), len(commands))
	}
	for key := range bindings {
		if got := keyPress(key).Keystroke(); got != key {
			t.Errorf("key %q arrives as %q", key, got)
		}
		f := newFixture(t, "one two\nthree\n", shared, hosting)
		f.press("right", "shift+right")
		f.press(key)
		f.check()
	}
	if !strings.Contains(KeyTable(), "| Ctrl+S | save (a guest asks the host) |") {
		t.Errorf("table:\n%s", KeyTable())
	}
	f := newFixture(t, "")
	f.send(tea.WindowSizeMsg{Width: 80, Height: 200})
	f.press("f1")
	for _, c := range Commands() {
		if !strings.Contains(f.shown(), c.Name) {
			t.Errorf("the help does not name %q", c.Name)
		}
	}
}

func TestHelpScrollsAndCloses(t *testing.T) {
	f := newFixture(t, "text")
	f.press("f1", "down", "down", "pgdown", "pgup", "pgup", "up")
	if got := f.row(1); got != "File and session" {
		t.Errorf("row 1 %q", got)
	}
	f.press("end")
	if got := f.row(f.m.height - 2); !strings.Contains(got, "Shift+Drag") {
		t.Errorf("last row %q", got)
	}
	f.press("x") // no command there
	f.press("esc")
	if got := f.row(0); got != "  1 text" || f.text() != "text" {
		t.Errorf("row 0 %q, text %q", got, f.text())
	}
}

func TestLinkSheet(t *testing.T) {
	f := newFixture(t, "", shared, hosting)
	f.session.state.Host, f.session.state.Link = true, "http://x/r/y#w.z"
	f.send(newsMsg{})
	if !strings.Contains(f.shown(), "http://x/r/y#w.z") {
		t.Fatal("the link is not shown at the start")
	}
	f.write("a")
	if strings.Contains(f.shown(), "http://") || f.text() != "a" {
		t.Errorf("the first key does not close it or is lost: %q", f.text())
	}
	f.press("f2")
	if !strings.Contains(f.shown(), "http://x/r/y#w.z") {
		t.Fatal("F2 does not show it")
	}
	msg := fmt.Sprintf("%v", await[tea.Msg](t, f.m.sheetCopy(t)))
	if !strings.Contains(msg, "http://x/r/y#w.z") {
		t.Errorf("copied %q", msg)
	}
	if f.press("f2", "esc"); f.m.sheet != nil {
		t.Error("Esc does not close it")
	}
}

// sheetCopy presses Ctrl+C on the open sheet and returns the command that copies.
func (m *Model) sheetCopy(t *testing.T) tea.Cmd {
	t.Helper()
	cmd, done := m.sheetKey(keyPress("ctrl+c"))
	if !done {
		t.Fatal("Ctrl+C copies the selection instead")
	}
	return cmd
}

func TestGoToLine(t *testing.T) {
	f := newFixture(t, strings.Repeat("0123456789\n", 300))
	for _, c := range []struct{ input, want string }{
		{"200", "Ln 200, Col 1"},
		{"7:5", "Ln 7, Col 5"},
		{"9999", "Ln 301, Col 1"},
		{"0", "Ln 1, Col 1"},
		{"x", "no line number"},
		{"99999999999999999999", "no line number"},
		{"5:99", "Ln 5, Col 11"},
	} {
		f.clock.advance(time.Minute)
		f.send(tickMsg{})
		f.press("ctrl+g")
		f.write(c.input)
		if cursor := f.m.View().Cursor; cursor == nil || cursor.Y != f.m.height-1 || cursor.X != len("Go to line: ")+len(c.input) {
			t.Errorf("cursor %+v", cursor)
		}
		f.press("enter")
		if got := f.status(); !strings.Contains(got, c.want) {
			t.Errorf("%s: status %q", c.input, got)
		}
		f.check()
	}
	f.press("ctrl+g", "1", "backspace", "backspace", "enter", "ctrl+g", "1", "esc")
	if f.m.input != nil {
		t.Error("Esc does not close the input")
	}
}

func TestMouse(t *testing.T) {
	f := newFixture(t, "one two\nthree 日本 four\n", shared)
	click := func(x, y int, mod tea.KeyMod) {
		f.send(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft, Mod: mod})
	}
	selected := func() string {
		from, to := f.ed.Selection().Span()
		return f.text()[from:to]
	}
	x, y := f.cellOf(strings.Index(f.text(), "本"))
	click(x+1, y, 0)
	if f.send(tea.MouseReleaseMsg{}); f.ed.Selection().Head != strings.Index(f.text(), "本") {
		t.Errorf("caret at %d", f.ed.Selection().Head)
	}
	click(4, 0, tea.ModShift)
	if got := selected(); got != "one two\nthree 日" {
		t.Errorf("shift-click selects %q", got)
	}
	f.clock.advance(time.Second)
	click(9, 0, 0)
	click(9, 0, 0)
	if got := selected(); got != "two" {
		t.Errorf("double click selects %q", got)
	}
	click(9, 0, 0)
	if got := selected(); got != "one two\n" {
		t.Errorf("triple click selects %q", got)
	}
	f.clock.advance(time.Second)
	click(5, 0, 0)
	f.send(tea.MouseMotionMsg{X: 8, Y: 1, Button: tea.MouseLeft})
	f.send(tea.MouseReleaseMsg{X: 8, Y: 1})
	if got := selected(); got != "ne two\nthre" {
		t.Errorf("drag selects %q", got)
	}
	f.send(tea.MouseMotionMsg{X: 1, Y: 1, Button: tea.MouseLeft})
	if got := selected(); got != "ne two\nthre" {
		t.Errorf("motion after the release selects %q", got)
	}
	click(70, 20, 0) // below the text
	if f.ed.Selection().Head != len(f.text()) {
		t.Errorf("caret at %d", f.ed.Selection().Head)
	}
	click(0, f.m.height-1, 0) // on the status line
	f.press("f1")
	click(3, 3, 0)
	if f.m.sheet != nil {
		t.Error("a click does not close the help")
	}
}

func TestDragScrolls(t *testing.T) {
	f := newFixture(t, strings.Repeat("line\n", 100))
	f.send(tea.MouseClickMsg{X: 5, Y: 3, Button: tea.MouseLeft})
	for range 5 {
		f.send(tea.MouseMotionMsg{X: 5, Y: f.m.height, Button: tea.MouseLeft})
	}
	if f.m.view.line != 5 {
		t.Errorf("first line %d", f.m.view.line)
	}
	for range 9 {
		f.send(tea.MouseMotionMsg{X: 5, Y: 0, Button: tea.MouseLeft})
	}
	if f.m.view.line != 0 {
		t.Errorf("first line %d", f.m.view.line)
	}
	f.press("ctrl+down", "ctrl+down")
	f.send(tea.MouseClickMsg{X: 5, Y: 0, Button: tea.MouseLeft})
	f.send(tea.MouseMotionMsg{X: 7, Y: 0, Button: tea.MouseLeft})
	if f.m.view.line != 2 {
		t.Errorf("selecting in the first row scrolls to line %d", f.m.view.line)
	}
}

func TestIndentation(t *testing.T) {
	for _, c := range []struct{ name, text, key, want string }{
		{"tabs", "a\n\tb\n", "tab", "\ta\n\tb\n"},
		{"spaces", "a:\n  b\n  c\n", "tab", "  a:\n  b\n  c\n"},
		{"name", "a", "tab", "\ta"},
		{"less", "\ta\n", "shift+tab", "a\n"},
		{"less spaces", "  a\n    b\n", "shift+tab", "a\n    b\n"},
		{"nothing less", "a\n", "shift+tab", "a\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t, c.text)
			f.press(c.key)
			if f.text() != c.want {
				t.Errorf("text %q, want %q", f.text(), c.want)
			}
		})
	}
	f := newFixture(t, "a\n\tb\n\nc\n")
	f.press("shift+down", "shift+down", "shift+down", "shift+down", "tab")
	if got := f.text(); got != "\ta\n\t\tb\n\n\tc\n" {
		t.Errorf("text %q", got)
	}
	f.press("shift+tab", "shift+tab", "ctrl+z", "ctrl+z", "ctrl+z")
	if got := f.text(); got != "a\n\tb\n\nc\n" {
		t.Errorf("after undo %q", got)
	}
}

func TestPasteIsOneStep(t *testing.T) {
	f := newFixture(t, "")
	f.write("a")
	f.send(tea.PasteMsg{Content: "x\r\ny\rz\n"})
	if f.text() != "ax\ny\nz\n" {
		t.Errorf("text %q", f.text())
	}
	f.press("ctrl+z")
	if f.text() != "a" {
		t.Errorf("after undo %q", f.text())
	}
}

func TestTinyScreens(t *testing.T) {
	f := newFixture(t, "日本\ntext\n", shared, hosting)
	f.peer("ann", 0, 0, 3)
	f.session.state.Host, f.session.state.Link = true, "http://x/r/y#w.z"
	for w := range 12 {
		for h := range 6 {
			f.send(tea.WindowSizeMsg{Width: w, Height: h})
			f.check()
			for _, k := range []string{"down", "x", "f1", "down", "esc", "f2", "esc", "ctrl+g", "esc", "ctrl+q", "esc", "end", "pgdown", "backspace", "ctrl+home"} {
				f.press(k)
				f.check()
			}
		}
	}
	if f.m.width != 11 || f.m.height != 5 {
		t.Errorf("size %d x %d", f.m.width, f.m.height)
	}
}

func TestLongLines(t *testing.T) {
	f := newFixture(t, strings.Repeat("0123456789", 1000)+"\nshort\n")
	f.press("end")
	if got := f.row(0); !strings.HasSuffix(got, "0123456789") {
		t.Errorf("row 0 %q", got)
	}
	f.write("x")
	if got := f.row(0); !strings.HasSuffix(got, "0123456789x") {
		t.Errorf("row 0 %q", got)
	}
	f.press("home")
	if got := f.row(0); !strings.HasPrefix(got, "  1 0123456789") {
		t.Errorf("row 0 %q", got)
	}
	f.press("end", "down")
	if got := f.row(1); got != "  2 short" {
		t.Errorf("row 1 %q", got)
	}
}

func TestThemes(t *testing.T) {
	f := newFixture(t, "text", shared)
	f.peer("ann", 200, 1, 3)
	f.press("right", "shift+right")
	for _, p := range []colorprofile.Profile{colorprofile.TrueColor, colorprofile.ANSI256, colorprofile.ANSI, colorprofile.ASCII} {
		for _, c := range []color.Color{color.Black, color.White} {
			f.send(tea.ColorProfileMsg{Profile: p})
			f.send(tea.BackgroundColorMsg{Color: c})
			f.check()
			x, y := f.cellOf(1)
			buf := f.screen()
			caret, plain := buf.CellAt(x, y).Style, buf.CellAt(x+3, y).Style
			few := colorprofile.ASCII
			noColours, bare := uv.ConvertStyle(caret, few), uv.ConvertStyle(plain, few)
			if p < colorprofile.ANSI256 && noColours.Equal(&bare) {
				t.Errorf("%v: without colours a caret looks like text", p)
			}
			if caret.Equal(&plain) {
				t.Errorf("%v: a caret looks like text", p)
			}
		}
	}
}
