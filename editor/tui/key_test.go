package tui

import (
	"testing"

	tea "charm.land/bubbletea/v2"
	uv "github.com/charmbracelet/ultraviolet"
)

// TestTerminalsReportKeys passes what terminals send, by the old way, by xterm's modifyOtherKeys and by kitty's protocol.
func TestTerminalsReportKeys(t *testing.T) {
	for _, c := range []struct{ name, bytes, want string }{
		{"a letter", "x", "xone two"},
		{"Shift, xterm", "\x1b[27;2;88~", "Xone two"},
		{"Shift, kitty", "\x1b[120;2u", "Xone two"},
		{"Shift+Space, xterm", "\x1b[27;2;32~", " one two"},
		{"Shift+Space, kitty", "\x1b[32;2u", " one two"},
		{"keypad, kitty", "\x1b[57399u", "0one two"},
		{"a cluster", "👍🏽", "👍🏽one two"},
		{"Enter", "\r", "\none two"},
		{"keypad Enter, kitty", "\x1b[57414u", "\none two"},
		{"Delete", "\x1b[3~", "ne two"},
		{"Ctrl+Delete", "\x1b[3;5~", " two"},
		{"End, Backspace", "\x1b[F\x7f", "one tw"},
		{"End, Backspace as ^H", "\x1bOF\b", "one tw"},
		{"End, Ctrl+W", "\x1b[F\x17", "one "},
		{"End, Alt+Backspace", "\x1b[F\x1b\x7f", "one "},
		{"End, Ctrl+Backspace, kitty", "\x1b[F\x1b[127;5u", "one "},
		{"Ctrl+Right", "\x1b[1;5Cx", "onex two"},
		{"Alt+Right as Alt+F", "\x1bfx", "onex two"},
		{"undo", "x\x1a", "one two"},
		{"redo, xterm", "x\x1a\x1b[27;6;90~", "xone two"},
		{"redo, kitty", "x\x1a\x1b[122;6u", "xone two"},
		{"undo, Cyrillic, kitty", "x\x1b[1103::122;5u", "one two"},
		{"undo, French, kitty", "x\x1b[122::119;5u", "one two"},
		{"undo by a name nobody has", "x\x1b[122;13u", "xone two"},
	} {
		f := newFixture(t, "one two")
		var d uv.EventDecoder
		for rest := []byte(c.bytes); len(rest) > 0; {
			n, event := d.Decode(rest)
			if n <= 0 {
				t.Fatalf("%s: %q is not decoded", c.name, rest)
			}
			rest = rest[n:]
			if k, ok := event.(uv.KeyPressEvent); ok {
				f.send(tea.KeyPressMsg(k))
			}
		}
		if f.text() != c.want {
			t.Errorf("%s: text %q, want %q", c.name, f.text(), c.want)
		}
	}
}

// Escape followed at once by a character comes as Alt and the character: neither is lost, unless the two together mean something.
func TestEscapeThenCharacter(t *testing.T) {
	alt := func(code, shifted rune, mod tea.KeyMod) tea.KeyPressMsg {
		return tea.KeyPressMsg{Code: code, ShiftedCode: shifted, Mod: tea.ModAlt | mod}
	}
	f := newFixture(t, "text")
	f.press("ctrl+a")
	f.send(alt('x', 0, 0))
	f.send(alt('a', 'A', tea.ModShift))
	f.send(alt('é', 0, 0))
	f.send(alt(' ', 0, 0))
	if f.text() != "textxAé " {
		t.Errorf("text %q", f.text())
	}
	f.press("f1")
	f.send(alt('d', 0, 0)) // bound, but not in a sheet
	if f.m.sheet != nil || f.text() != "textxAé d" {
		t.Errorf("sheet %v, text %q", f.m.sheet, f.text())
	}
	f.press("ctrl+g")
	f.send(alt('u', 0, 0))
	if f.m.input != nil || f.text() != "textxAé du" {
		t.Errorf("input %v, text %q", f.m.input, f.text())
	}
	f.send(alt(tea.KeyUp, 0, 0))
	f.send(alt('u', 0, 0)) // undoes
	if f.text() == "textxAé du" {
		t.Error("Alt+U does not undo")
	}
}
