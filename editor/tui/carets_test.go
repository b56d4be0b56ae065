package tui

import (
	"strings"
	"testing"

	"coedit/editor"

	tea "charm.land/bubbletea/v2"
)

// Ctrl+click adds a caret, typing goes to all of them, Escape leaves one and then drops the selection.
func TestCaretsByMouse(t *testing.T) {
	f := newFixture(t, "one\ntwo\nthree\n")
	click := func(off int, mod tea.KeyMod) {
		x, y := f.cellOf(off)
		f.send(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft, Mod: mod})
		f.send(tea.MouseReleaseMsg{X: x, Y: y, Button: tea.MouseLeft})
		f.clock.advance(clickTime * 2)
	}
	click(0, 0)
	click(4, tea.ModCtrl)
	click(8, tea.ModCtrl)
	f.write("- ")
	if f.text() != "- one\n- two\n- three\n" {
		t.Fatalf("text %q", f.text())
	}
	buf := f.screen()
	x, y := f.cellOf(2)
	if c := buf.CellAt(x, y); styleText(c) == "" {
		t.Error("the caret in line 1 is not drawn")
	}
	f.press("shift+end", "esc")
	if s := f.ed.Selection(); f.ed.Carets() != 1 || s.Empty() {
		t.Errorf("after Escape: %d carets, selection %v", f.ed.Carets(), s)
	}
	f.press("esc")
	if !f.ed.Selection().Empty() {
		t.Error("a second Escape does not drop the selection")
	}
	f.press("ctrl+z")
	if f.text() != "one\ntwo\nthree\n" || f.ed.Carets() != 3 {
		t.Errorf("undone: %q with %d carets", f.text(), f.ed.Carets())
	}
	click(4, tea.ModCtrl) // takes one away
	if f.ed.Carets() != 2 {
		t.Errorf("%d carets", f.ed.Carets())
	}
	click(5, 0)
	if f.ed.Carets() != 1 {
		t.Errorf("a click leaves %d carets", f.ed.Carets())
	}
}

func TestCaretsByKeys(t *testing.T) {
	f := newFixture(t, strings.Repeat("word and word\n", 40))
	f.press("alt+n", "alt+n", "alt+n")
	f.write("x")
	if !strings.HasPrefix(f.text(), "x and x\nx and word\n") {
		t.Errorf("text %q", f.text()[:40])
	}
	f.press("esc", "esc")
	for range 35 {
		f.press("alt+shift+down")
	}
	if f.ed.Carets() != 36 || f.m.View().Cursor == nil {
		t.Errorf("%d carets, cursor %v", f.ed.Carets(), f.m.View().Cursor)
	}
	if !strings.Contains(f.status(), "36 carets") {
		t.Errorf("status %q", f.status())
	}
	f.press("esc", "ctrl+end", "alt+n")
	if !strings.Contains(f.status(), "no word") {
		t.Errorf("status %q", f.status())
	}
	f.press("ctrl+home", "alt+n")
	for range editor.MaxCarets {
		f.press("alt+n")
	}
	if !strings.Contains(f.status(), "no other occurrence") {
		t.Errorf("status %q", f.status())
	}
}
