package tui

import (
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
)

// Every command can be found in the palette by its own name, before any other, and runs from there as from its key.
func TestPaletteFindsEveryCommand(t *testing.T) {
	for _, c := range listed() {
		f := newFixture(t, "one two\nthree\n", shared, hosting)
		f.press("ctrl+p")
		f.send(tea.PasteMsg{Content: c.title()})
		p := f.m.palette
		if len(p.found) == 0 || p.found[0] != c {
			t.Fatalf("%q finds %d commands, another one first", c.title(), len(p.found))
		}
		f.check()
		f.press("enter")
		if f.m.palette != nil && f.m.palette == p {
			t.Errorf("%q does not run", c.title())
		}
		f.check()
	}
}

func TestPalette(t *testing.T) {
	f := newFixture(t, "text\n")
	f.press("ctrl+p")
	if got := f.row(0); got != " Command:" {
		t.Errorf("row 0 %q", got)
	}
	if c := f.m.View().Cursor; c == nil || c.Y != 0 || c.X != 10 {
		t.Errorf("cursor %+v", c)
	}
	f.write("selevery")
	if got := f.row(1); !strings.HasPrefix(got, " > Selecting: select everything") || !strings.HasSuffix(got, "Ctrl+A") {
		t.Errorf("row 1 %q", got)
	}
	f.press("enter")
	if s := f.ed.Selection(); s.Head != 5 || s.Anchor != 0 {
		t.Errorf("selection %v", s)
	}
	f.press("ctrl+p")
	if got := f.row(1); !strings.Contains(got, "select everything") {
		t.Errorf("the command used last is not first: %q", got)
	}
	f.press("down", "down", "up", "pgdown", "pgup", "end", "home")
	f.write("zzz")
	if got := f.row(1); !strings.Contains(got, "no command matches") {
		t.Errorf("row 1 %q", got)
	}
	f.press("enter", "esc")
	if f.m.palette != nil || f.text() != "text\n" {
		t.Errorf("palette %v, text %q", f.m.palette, f.text())
	}
	f.press("ctrl+p")
	f.write("undo")
	f.send(tea.MouseClickMsg{X: 5, Y: 1, Button: tea.MouseLeft})
	if f.m.palette != nil || f.m.recent[0].name != "undo your own last step" {
		t.Error("a click does not run the command")
	}
	f.press("ctrl+p")
	f.send(tea.MouseClickMsg{X: 5, Y: 20, Button: tea.MouseLeft})
	if f.m.palette != nil {
		t.Error("a click beside it does not close the palette")
	}
}

func TestFuzzy(t *testing.T) {
	names := []string{"Editing: undo your own last step", "Editing: cut the line", "Moving: go to a line", "Selecting: up", "File: save"}
	for query, want := range map[string]string{
		"undo": "Editing: undo your own last step", "gtl": "Moving: go to a line", "line cut": "Editing: cut the line", "SAVE": "File: save",
		"sup": "Selecting: up",
	} {
		best := slices.MaxFunc(names, func(a, b string) int {
			x, ok := fuzzy(query, a)
			if !ok {
				x = -1 << 20
			}
			y, ok := fuzzy(query, b)
			if !ok {
				y = -1 << 20
			}
			return x - y
		})
		if best != want {
			t.Errorf("%q finds %q, want %q", query, best, want)
		}
	}
	if _, ok := fuzzy("xyz", "Editing: cut"); ok {
		t.Error("what is not there is found")
	}
}

func TestField(t *testing.T) {
	var f field
	press := func(keys ...string) {
		for _, k := range keys {
			if !f.key(keyPress(k)) {
				t.Fatalf("%s is no key of a field", k)
			}
		}
	}
	f.set("one two")
	press("left", "left", "X", "home", "Y", "end", "backspace", "left", "delete", "ctrl+w")
	if f.text != "Yone " {
		t.Errorf("field %q", f.text)
	}
	f.set("a👍🏽b\nnot this")
	press("left", "backspace")
	if f.text != "ab" || f.caret != 1 {
		t.Errorf("field %q, caret %d", f.text, f.caret)
	}
	press("ctrl+u", "right", "right", "left", "left")
	if f.text != "b" || f.caret != 0 {
		t.Errorf("field %q, caret %d", f.text, f.caret)
	}
	f.insert("e")
	f.caret = 1
	f.insert("́") // joins what is before it
	press("left")
	if f.insert("x"); f.text != "xéb" {
		t.Errorf("field %+q, caret %d", f.text, f.caret)
	}
	f.set("b")
	f.insert(strings.Repeat("x", fieldLimit))
	if f.text != "b" {
		t.Error("the field has no limit")
	}
	if f.key(keyPress("f1")) || f.key(keyPress("ctrl+s")) {
		t.Error("takes keys that are not its own")
	}
}

// TestPaletteKnowsOtherWords: people look for commands by the words of other programs, too.
func TestPaletteKnowsOtherWords(t *testing.T) {
	names := map[string]bool{}
	for _, c := range listed() {
		names[c.name] = true
	}
	for name := range alsoCalled {
		if !names[name] {
			t.Errorf("there is no command %q", name)
		}
	}
	for query, want := range map[string]string{
		"chat": "say something to everybody", "blame": "who wrote this line", "kick": "remove somebody", "exit": "quit; asks when something is not safe yet",
	} {
		f := newFixture(t, "text\n")
		f.press("ctrl+p")
		f.write(query)
		at := slices.IndexFunc(f.m.palette.found, func(c *command) bool { return c.name == want })
		if at < 0 || at > 1 {
			t.Errorf("%q: %q is at place %d", query, want, at)
		}
	}
}
