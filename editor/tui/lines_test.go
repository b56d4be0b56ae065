package tui

import (
	"strings"
	"testing"
	"time"

	"coedit/rga"

	tea "charm.land/bubbletea/v2"
)

func TestLineKeys(t *testing.T) {
	f := newFixture(t, "one\n\ttwo\n", shared, hosting)
	f.press("alt+down", "ctrl+d", "ctrl+/", "ctrl+_", "ctrl+/")
	if got := f.text(); got != "\ttwo\none\n// one\n" {
		t.Errorf("text %q", got)
	}
	f.press("alt+l", "alt+up", "alt+j", "alt+o", "alt+o")
	f.m.name = "thing.unknown"
	f.press("ctrl+/")
	if !strings.Contains(f.status(), "not known") {
		t.Errorf("status %q", f.status())
	}
}

// The bracket at the caret and its partner are marked, and the key goes between them.
func TestBrackets(t *testing.T) {
	f := newFixture(t, "f(a, [b])\n")
	f.press("right")
	marked := func(off int) bool {
		buf := f.screen()
		x, y := f.cellOf(off)
		return styleText(buf.CellAt(x, y)) != ""
	}
	if !marked(1) || !marked(8) || marked(5) {
		t.Errorf("marks %v %v %v", marked(1), marked(8), marked(5))
	}
	f.press("ctrl+]")
	if f.ed.Selection().Head != 8 {
		t.Errorf("caret at %d", f.ed.Selection().Head)
	}
	f.press("home", "ctrl+]")
	if !strings.Contains(f.status(), "no bracket") {
		t.Errorf("status %q", f.status())
	}
	if marked(1) {
		t.Error("the mark stays")
	}
}

func TestTrimBlanks(t *testing.T) {
	f := newFixture(t, "one  \ntwo\t\nthree\n", shared)
	cmd := f.m.trimBlanks()
	f.remote(rga.Edit{Offset: 0, Insert: "zero\n"}) // meanwhile
	f.receive()
	f.send(await[foundMsg](t, cmd))
	if f.text() != "zero\none\ntwo\nthree\n" || !strings.Contains(f.status(), "2 lines") {
		t.Errorf("text %q, status %q", f.text(), f.status())
	}
	f.press("ctrl+z")
	if f.text() != "zero\none  \ntwo\t\nthree\n" {
		t.Errorf("undone: %q", f.text())
	}
	f.press("ctrl+y")
	f.send(await[foundMsg](t, f.m.trimBlanks()))
	if !strings.Contains(f.status(), "No line") {
		t.Errorf("status %q", f.status())
	}
	f.send(foundMsg{more: true})
	if !strings.Contains(f.status(), "nothing was changed") {
		t.Errorf("status %q", f.status())
	}
}

func TestRevertSomebodysChange(t *testing.T) {
	f := newFixture(t, "text\n", shared, func(_ *fixture, o *Options) {
		o.Author = func(id rga.ReplicaID) (string, bool) {
			return map[rga.ReplicaID]string{another: "Ann", 9: "Anton", 10: "Anton"}[id], true
		}
	})
	if f.m.askRevert(); !strings.Contains(f.m.message.text, "Nobody else") {
		t.Errorf("message %q", f.m.message.text)
	}
	f.remote(rga.Edit{Offset: 0, Insert: "more "})
	f.receive()
	f.clock.advance(time.Minute)
	f.m.askRevert() // she is not here any more
	if f.text() != "text\n" || !strings.Contains(f.m.message.text, "Reverted the last change of Ann") {
		t.Errorf("text %q, message %q", f.text(), f.m.message.text)
	}
	if f.m.askRevert(); !strings.Contains(f.m.message.text, "left to take back") {
		t.Errorf("message %q", f.m.message.text)
	}
	f.press("ctrl+z")
	if f.text() != "more text\n" {
		t.Errorf("undone: %q", f.text())
	}
	for i, id := range []rga.ReplicaID{9, 10} { // one who came back has another id
		d := rga.New(id)
		for batch := range f.ed.Doc().Since(nil, 1<<16) {
			if _, err := d.Apply(batch); err != nil {
				t.Fatal(err)
			}
		}
		if _, _, err := d.Edit(int64(1000*i), rga.Edit{Offset: 0, Insert: "anton "}); err != nil {
			t.Fatal(err)
		}
		for batch := range d.Since(f.ed.Doc().Version(), 1<<16) {
			if _, err := f.ed.Apply(batch); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, c := range []struct{ input, want, text string }{
		{"bob", "Nobody of that name", "anton anton more text\n"},
		{"an", "Several names", "anton anton more text\n"},
		{" ann", "Reverted", "anton anton text\n"},
		{"ANTO", "Reverted", "anton text\n"},
		{"anton", "Reverted", "text\n"},
		{"anton", "no change of Anton", "text\n"},
	} {
		f.m.askRevert()
		f.send(tea.PasteMsg{Content: c.input})
		f.press("enter")
		if !strings.Contains(f.m.message.text, c.want) || f.text() != c.text {
			t.Errorf("%q: message %q, text %q", c.input, f.m.message.text, f.text())
		}
	}
	f.ed.SetReadOnly(true)
	f.m.revertNamed("ann")
	if !strings.Contains(f.m.message.text, "read-only") {
		t.Errorf("message %q", f.m.message.text)
	}
}

func TestTheTerminalCanHaveTheMouse(t *testing.T) {
	f := newFixture(t, "text")
	if f.m.View().MouseMode != tea.MouseModeCellMotion {
		t.Error("no mouse")
	}
	f.m.toggleMouse()
	if f.send(tickMsg{}); f.m.View().MouseMode != tea.MouseModeNone {
		t.Error("the mouse is not given up")
	}
	f.m.toggleMouse()
	if f.send(tickMsg{}); f.m.View().MouseMode != tea.MouseModeCellMotion {
		t.Error("the mouse is not taken back")
	}
}

// A bracket that is typed where it closes a block goes below the block's beginning.
func TestClosingBrackets(t *testing.T) {
	f := newFixture(t, "")
	f.m.name = "x.go"
	f.write("func f() {\nif x {\ny()\n}\n}")
	if got, want := f.text(), "func f() {\n\tif x {\n\t\ty()\n\t}\n}"; got != want {
		t.Errorf("text %q, want %q", got, want)
	}
}
