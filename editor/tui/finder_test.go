package tui

import (
	"fmt"
	"strings"
	"testing"

	"coedit/editor"
	"coedit/rga"

	tea "charm.land/bubbletea/v2"
)

// selected is the text of the selection with where it is.
func (f *fixture) selected() string {
	from, to := f.ed.Selection().Span()
	return fmt.Sprintf("%d:%s", from, f.text()[from:to])
}

// bar is the first row of the find bar.
func (f *fixture) bar() string { return f.row(f.m.view.height) }

// counted lets the count end that a key began.
func (f *fixture) counted(cmd tea.Cmd) {
	f.t.Helper()
	f.send(await[countedMsg](f.t, cmd))
}

func TestFind(t *testing.T) {
	f := newFixture(t, "one two\nOne three\nnone\n")
	f.press("ctrl+f")
	if f.m.view.height != 21 || f.m.View().Cursor.Y != 21 {
		t.Errorf("height %d, cursor %+v", f.m.view.height, f.m.View().Cursor)
	}
	f.press("o", "n")
	f.counted(f.press("e"))
	if got := f.selected(); got != "0:one" || !strings.HasSuffix(f.bar(), "1 of 3") {
		t.Errorf("selected %s, bar %q", got, f.bar())
	}
	marked := func(off int) bool {
		buf := f.screen()
		x, y := f.cellOf(off)
		return styleText(buf.CellAt(x, y)) != ""
	}
	if !marked(8) || !marked(19) || marked(4) {
		t.Error("the other matches are not marked")
	}
	for _, step := range []struct{ key, want, label string }{
		{"enter", "8:One", "2 of 3"},
		{"down", "19:one", "3 of 3"},
		{"f3", "0:one", "1 of 3"},
		{"shift+f3", "19:one", "3 of 3"},
		{"up", "8:One", "2 of 3"},
		{"alt+c", "0:one", "1 of 2"}, // exact
		{"alt+w", "0:one", "1 of 1"},
		{"alt+w", "0:one", "1 of 2"},
		{"alt+c", "0:one", "1 of 3"}, // ignored
	} {
		cmd := f.press(step.key)
		if f.m.find.count.cancel != nil {
			f.counted(cmd)
		}
		if got := f.selected(); got != step.want || !strings.HasSuffix(f.bar(), step.label) {
			t.Errorf("%s: selected %s, bar %q", step.key, got, f.bar())
		}
	}
	f.press("esc")
	if f.m.find.open || marked(8) || f.selected() != "0:one" || f.m.view.height != 23 {
		t.Errorf("after Escape: open %v, selected %s", f.m.find.open, f.selected())
	}
	if f.press("f3"); f.selected() != "8:One" {
		t.Errorf("F3 without the bar: %s", f.selected())
	}
	f.press("ctrl+f") // the selection becomes the query
	if f.m.find.query.text != "One" {
		t.Errorf("query %q", f.m.find.query.text)
	}
	f.send(tea.MouseClickMsg{X: 10, Y: 0, Button: tea.MouseLeft})
	f.write("x")
	if !strings.Contains(f.text(), "x") || !f.m.find.open {
		t.Error("a click does not give the keys to the text")
	}
	f.send(tea.MouseClickMsg{X: 10, Y: f.m.view.height, Button: tea.MouseLeft})
	f.write("x")
	if f.m.find.query.text != "Onex" {
		t.Errorf("query %q", f.m.find.query.text)
	}
}

func TestFindRegex(t *testing.T) {
	f := newFixture(t, "a1 b22\nc333\n")
	f.press("ctrl+f", "alt+r")
	f.write(`[0-9]+(`)
	if !strings.Contains(f.bar(), "missing closing )") {
		t.Errorf("bar %q", f.bar())
	}
	if f.press("enter"); !strings.Contains(f.status(), "no regular expression") {
		t.Errorf("status %q", f.status())
	}
	f.counted(f.press("backspace"))
	if f.selected() != "1:1" || !strings.HasSuffix(f.bar(), "1 of 3") {
		t.Errorf("selected %s, bar %q", f.selected(), f.bar())
	}
	f.send(tea.PasteMsg{Content: "x\nignored"})
	if f.m.find.query.text != "[0-9]+x" {
		t.Errorf("query %q", f.m.find.query.text)
	}
	f.press("ctrl+u")
	if f.bar() != " Find:" {
		t.Errorf("bar %q", f.bar())
	}
	f.press("enter")
	f.check()
}

func TestFindInSelection(t *testing.T) {
	f := newFixture(t, "x one\nx two\nx three\nx four\n", shared)
	f.ed.Select(6, 20)
	f.press("ctrl+f")
	f.counted(f.press("x"))
	if !f.m.find.scoped || f.selected() != "6:x" || !strings.HasSuffix(f.bar(), "1 of 2") {
		t.Fatalf("scoped %v, selected %s, bar %q", f.m.find.scoped, f.selected(), f.bar())
	}
	f.remote(rga.Edit{Offset: 0, Insert: "zero\n"}) // the place looked in goes along
	f.receive()
	f.press("enter", "enter")
	if f.selected() != "11:x" {
		t.Errorf("selected %s", f.selected())
	}
	f.counted(f.press("alt+l"))
	if !strings.HasSuffix(f.bar(), "2 of 4") {
		t.Errorf("bar %q", f.bar())
	}
	f.press("esc", "esc", "ctrl+f", "alt+l")
	if !strings.Contains(f.status(), "Select first") {
		t.Errorf("status %q", f.status())
	}
}

func TestReplace(t *testing.T) {
	f := newFixture(t, "one two one\nOne\n")
	f.press("ctrl+r")
	f.write("one")
	f.press("tab")
	f.write("1")
	f.press("enter")
	if f.text() != "1 two one\nOne\n" || f.selected() != "6:one" {
		t.Errorf("text %q, selected %s", f.text(), f.selected())
	}
	f.send(await[foundMsg](t, f.press("alt+a")))
	if f.text() != "1 two 1\n1\n" || !strings.Contains(f.status(), "Replaced 2 matches") {
		t.Errorf("text %q, status %q", f.text(), f.status())
	}
	f.press("ctrl+z")
	if f.text() != "1 two one\nOne\n" {
		t.Errorf("undone: %q", f.text())
	}
	f.press("tab", "ctrl+u", "alt+r")
	f.write(`(\w+) (\w+)`)
	f.press("tab", "ctrl+u")
	f.write("$2-$1")
	f.press("ctrl+home", "ctrl+r", "tab", "enter", "enter")
	if f.text() != "two-1 one\nOne\n" {
		t.Errorf("text %q, selected %s", f.text(), f.selected())
	}
	f.press("tab", "ctrl+u")
	f.write("nothing like it")
	f.send(await[foundMsg](t, f.press("alt+a")))
	if !strings.Contains(f.status(), "Not found") {
		t.Errorf("status %q", f.status())
	}
	f.ed.SetReadOnly(true)
	if f.press("alt+a"); !strings.Contains(f.status(), "read-only") {
		t.Errorf("status %q", f.status())
	}
}

// While others edit the marks are right at once, the count soon, and what was replaced is what was found.
func TestFindWhileOthersEdit(t *testing.T) {
	f := newFixture(t, "one two one\n", shared)
	f.press("ctrl+r")
	f.write("on")
	f.counted(f.press("e"))
	all := f.m.replaceAll()
	f.remote(rga.Edit{Offset: 0, Insert: "one "}, rga.Edit{Offset: 4, Delete: 4})
	f.receive()
	f.m.View()
	if got := fmt.Sprint(f.m.find.visible.matches); got != "[{0 3} {4 7} {8 11}]" {
		t.Errorf("marks %s of %q", got, f.text())
	}
	if !strings.HasSuffix(f.bar(), "searching, 0 %") {
		t.Errorf("bar %q", f.bar())
	}
	f.send(await[foundMsg](t, all))
	if f.text() != "one  \n" { // the third one came later
		t.Errorf("text %q", f.text())
	}
	if !strings.HasSuffix(f.bar(), "about 2") {
		t.Errorf("bar %q", f.bar())
	}
	f.counted(f.send(recountMsg{}))
	if !strings.HasSuffix(f.bar(), "1 match") {
		t.Errorf("bar %q", f.bar())
	}
}

// What is far away is looked for beside the program, and found where it has moved to.
func TestFindFarAway(t *testing.T) {
	f := newFixture(t, "start\n"+strings.Repeat("line of text\n", 50_000)+"needle\n", shared)
	f.press("ctrl+f")
	f.send(tea.PasteMsg{Content: "needl"})
	cmd := f.press("e")
	if f.m.find.job == nil {
		t.Fatal("it was found at once")
	}
	if !strings.Contains(f.bar(), "searching") {
		t.Errorf("bar %q", f.bar())
	}
	f.remote(rga.Edit{Offset: 0, Insert: "zero "})
	f.receive()
	f.send(await[sweptMsg](t, cmd))
	if from, _ := f.ed.Selection().Span(); f.text()[from:from+6] != "needle" || f.m.View().Cursor == nil {
		t.Errorf("selection %v", f.ed.Selection())
	}
	f.press("ctrl+home")
	cmd = f.press("enter")
	f.remote(rga.Edit{Offset: f.ed.View().Len() - 3, Insert: "-"}) // not there any more
	f.receive()
	for f.m.find.job != nil {
		cmd = f.send(await[sweptMsg](t, cmd))
	}
	if got := f.ed.Selection(); got != (editor.Selection{}) {
		t.Errorf("selection %v", got)
	}
	cmd = f.press("enter")
	f.press("esc") // calls it off
	if f.m.find.job != nil || !f.m.find.open {
		t.Error("Escape does not call the search off")
	}
	_ = cmd
	f.press("esc")
	if f.m.find.open {
		t.Error("Escape does not close the bar")
	}
}

func TestFindBarOnSmallScreens(t *testing.T) {
	for height := 1; height < 7; height++ {
		for _, width := range []int{1, 5, 12, 40} {
			f := newFixture(t, "one\ntwo\nthree\nfour\n")
			f.send(tea.WindowSizeMsg{Width: width, Height: height})
			f.press("ctrl+r", "o", "enter", "tab", "x", "enter", "f1", "esc", "ctrl+p", "esc")
			f.check()
		}
	}
}
