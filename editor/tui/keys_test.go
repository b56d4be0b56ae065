package tui

import (
	"errors"
	"slices"
	"testing"
)

func TestEveryCommandHasAnIDOfItsOwn(t *testing.T) {
	seen := map[string]string{}
	for i := range commands {
		id := commands[i].id()
		if before, ok := seen[id]; ok {
			t.Errorf("%q and %q are both %s", before, commands[i].name, id)
		}
		seen[id] = commands[i].name
	}
	for _, id := range []string{"save", "quit", "move-left", "select-left", "select-everything", "redo", "go-to-a-line"} {
		if seen[id] == "" {
			t.Errorf("there is no command %s", id)
		}
	}
}

// unbind puts the keys back as they were when the test ends.
func unbind(t *testing.T) {
	keys, also := make([][]string, len(commands)), make([][]string, len(commands))
	for i := range commands {
		keys[i], also[i] = slices.Clone(commands[i].keys), slices.Clone(commands[i].also)
	}
	t.Cleanup(func() {
		clear(bindings)
		for i := range commands {
			commands[i].keys, commands[i].also = keys[i], also[i]
			for _, k := range slices.Concat(keys[i], also[i]) {
				bindings[k] = &commands[i]
			}
		}
	})
}

func TestKeysAreRebound(t *testing.T) {
	unbind(t)
	for _, b := range [][2]string{{"Alt+ctrl+S", "move-end-of-the-line"}, {"ctrl+Z", ""}, {"F2", "undo-your-own-last-step"}} {
		if err := Bind(b[0], b[1]); err != nil {
			t.Errorf("%v: %v", b, err)
		}
	}
	f := newFixture(t, "text")
	f.press("ctrl+alt+s")
	f.write("s")
	f.press("ctrl+z")
	if f.text() != "texts" {
		t.Errorf("text %q", f.text())
	}
	f.press("f2")
	if f.text() != "text" {
		t.Errorf("F2 leaves %q", f.text())
	}
	for i := range Commands() {
		c := Commands()[i]
		if c.ID == "undo-your-own-last-step" && (len(c.Keys) != 1 || c.Keys[0] != "F2") {
			t.Errorf("the help names %v for undo", c.Keys)
		}
	}
}

func TestKeysThatAreNone(t *testing.T) {
	unbind(t)
	for _, c := range []struct {
		key, id string
		want    error
	}{
		{"Ctrl+Foo", "save", ErrKey},
		{"Hyper+A", "save", ErrKey},
		{"Ctrl+Ctrl+A", "save", ErrKey},
		{"", "save", ErrKey},
		{"F99", "save", ErrKey},
		{"a", "save", ErrTyping},
		{"Shift+a", "save", ErrTyping},
		{"Ctrl+E", "sav", ErrCommand},
		{"Ctrl+E", "save the file", ErrCommand},
	} {
		if err := Bind(c.key, c.id); !errors.Is(err, c.want) {
			t.Errorf("%s = %s: %v, want %v", c.key, c.id, err, c.want)
		}
	}
}
