package tui

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"coedit/presence"
	"coedit/rga"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// FuzzProgram plays a script of keys, pastes, mouse, resizes and edits of a partner. After each step the invariants hold and the
// screen, drawn from what was cached, equals one drawn afresh; nothing but SGR sequences is in it.
func FuzzProgram(f *testing.F) {
	f.Add([]byte("abc\x80\x81\x82\x90\xa0\xb0\xc0\xd0\xe0\xf0"))
	for i := range 40 {
		f.Add(scriptOf(uint64(i), 300))
	}
	f.Fuzz(func(t *testing.T, script []byte) {
		if len(script) > 400 {
			return
		}
		play(t, script)
	})
}

// scriptOf is a script of n pseudo-random bytes.
func scriptOf(seed uint64, n int) []byte {
	b := make([]byte, n)
	x := seed*2654435769 + 1
	for i := range b {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		b[i] = byte(x >> 24)
	}
	return b
}

// scriptKeys are the keys a script can press.
func scriptKeys() []string {
	var keys []string
	for _, c := range commands {
		keys = append(keys, c.keys...)
	}
	return keys
}

var scriptText = []string{
	"a", "x y", "\n", "\t", "日本", "e\u0301", "\u0301", "👩‍👩‍👧‍👦", "👍🏽", "\u200d", "\x1b[31m", "\x1b]52;c;aGk=\a", "\x90q\x9c", "\u009b2J", "\x1bP1$r\x1b\\",
	"\u202e", "\x00", "\x7f", "word_1 ", "🇳🇱🇳", "ｱ", strings.Repeat("long ", 40), strings.Repeat("\n", 30), "\u0600", "\r\n", "\xff\xfe",
}

func play(t *testing.T, script []byte) {
	x := newFixture(t, "one\n\ttwo 日本\nthree\n", shared, hosting, coloured, func(_ *fixture, o *Options) {
		o.Looks.Scrollbar, o.Looks.Guides = true, len(script)%2 == 0
	})
	next := func() int {
		if len(script) == 0 {
			return 0
		}
		b := script[0]
		script = script[1:]
		return int(b)
	}
	for len(script) > 0 {
		step(x, next, scriptText)
		x.check()
		compareFresh(t, x)
		if t.Failed() {
			t.FailNow()
		}
	}
}

// step makes the next step of a script, with texts to type.
func step(x *fixture, next func() int, texts []string) {
	switch op := next(); op % 18 {
	case 16: // a command that has no key; what it leads to comes later, or never
		c := keyless()[next()%len(keyless())]
		c.run(x.m)
		x.send(tickMsg{})
	case 17:
		findStep(x, next)
	case 0, 1, 2, 3, 4:
		keys := scriptKeys()
		x.press(keys[next()%len(keys)])
	case 5, 6:
		if s := texts[next()%len(texts)]; utf8.ValidString(s) {
			x.send(tea.KeyPressMsg{Code: tea.KeyExtended, Text: s})
		}
	case 7:
		x.send(tea.PasteMsg{Content: texts[next()%len(texts)] + texts[next()%len(texts)]})
	case 8:
		x.send(tea.WindowSizeMsg{Width: next() % 70, Height: next() % 20})
	case 9:
		x.send(tea.MouseClickMsg{X: next() % 80, Y: next() % 24, Button: tea.MouseLeft, Mod: []tea.KeyMod{0, tea.ModShift, tea.ModCtrl}[next()%3]})
	case 10:
		x.send(tea.MouseMotionMsg{X: next() % 80, Y: next() % 24, Button: tea.MouseLeft})
	case 11:
		x.send(tea.MouseWheelMsg{Button: []tea.MouseButton{tea.MouseWheelUp, tea.MouseWheelDown, tea.MouseWheelLeft, tea.MouseWheelRight}[next()%4]})
	case 12, 13:
		partnerEdit(x, next, texts)
		x.receive()
	case 14:
		name := texts[next()%len(texts)]
		x.session.state.Peers = append(x.session.state.Peers[:min(next()%4, len(x.session.state.Peers))], presence.State{
			Replica: rga.ReplicaID(next()%5 + 2), Name: name, Colour: uint8(next()),
			Head: x.partner.AnchorAt(0, rga.After), Tail: x.ed.Doc().AnchorAt(x.ed.Selection().Head, rga.Before),
			Host: next()%2 == 0, Dirty: next()%2 == 0, Idle: next()%2 == 0,
		})
		x.session.state.State, x.session.state.Detail = LinkState(next()%5), name
		x.session.notices = append(x.session.notices, name+" joined")
		x.send(newsMsg{})
	case 15:
		switch next() % 4 {
		case 0:
			x.send(tea.ModeReportMsg{Mode: ansi.ModeUnicodeCore, Value: ansi.ModeReset})
		case 1:
			x.clock.advance(1e9)
			x.send(tickMsg{})
		case 2:
			x.m.saving = true
			x.send(savedMsg{version: x.ed.Doc().Version(), err: []error{nil, ErrChanged, fmt.Errorf("\x1b[2J no")}[next()%3]})
		case 3:
			x.session.state.Link, x.session.state.Host = "http://x/\x1b[2J#"+strings.Repeat("z", next()), true
			x.send(newsMsg{})
		}
	}
}

// keyless are the commands that only the palette has.
func keyless() []*command {
	return slices.DeleteFunc(listed(), func(c *command) bool { return len(c.keys) > 0 })
}

// findStep searches for what is in the texts, counts, replaces, and lets the results come in.
func findStep(x *fixture, next func() int) {
	f := &x.m.find
	deliver := func(cmd tea.Cmd) {
		if cmd == nil {
			return
		}
		if next()%2 == 0 {
			partnerEdit(x, next, scriptText) // meanwhile
			x.receive()
		}
		switch msg := cmd().(type) {
		case countedMsg, foundMsg, sweptMsg:
			x.send(msg)
		}
	}
	switch next() % 5 {
	case 0:
		f.query.set([]string{"o", "x y", "l+", "(o)(n)?", "日", "\\n", "[", ".*", "é", ""}[next()%10])
		f.with.set([]string{"", "$1", "\\n", "漢$0"}[next()%4])
		f.regex, f.word = next()%2 == 0, next()%3 == 0
		x.m.openFind(next()%2 == 0)
		x.m.searchAnew(next()%2 == 0)
		x.send(tickMsg{})
	case 1:
		x.m.stopCount()
		deliver(x.m.startCount())
	case 2:
		if f.pattern != nil {
			deliver(x.m.replaceAll())
		}
	case 3:
		deliver(x.m.trimBlanks())
	case 4:
		x.press([]string{"enter", "up", "f3", "shift+f3", "tab", "alt+l", "esc"}[next()%7])
	}
}

// partnerEdit lets the partner change something on whole runes.
func partnerEdit(x *fixture, next func() int, texts []string) {
	x.deliver()
	text := x.partner.View().String()
	at := next() * 7 % (len(text) + 1)
	for at < len(text) && !utf8.RuneStart(text[at]) {
		at++
	}
	end := min(at+next()%5, len(text))
	for end < len(text) && !utf8.RuneStart(text[end]) {
		end++
	}
	insert := texts[next()%len(texts)]
	if !utf8.ValidString(insert) {
		insert = ""
	}
	if insert == "" && end == at {
		return
	}
	x.remote(rga.Edit{Offset: at, Delete: end - at, Insert: insert})
}

// compareFresh compares the view with one that uses no cache, and looks for what must not reach a terminal.
func compareFresh(t *testing.T, x *fixture) {
	t.Helper()
	cached := x.m.View()
	x.m.cache.drop()
	x.m.find.visible, x.m.pair = visibleMatches{}, pair{}
	x.m.stale = true
	fresh := x.m.View()
	if cached.Content != fresh.Content {
		t.Errorf("the view is\n%q\ndrawn afresh\n%q", cached.Content, fresh.Content)
	}
	checkRaw(t, fresh.Content+"\n"+fresh.WindowTitle)
}

// checkRaw fails unless text holds nothing but printable characters, newlines and SGR sequences.
func checkRaw(t testing.TB, text string) {
	t.Helper()
	if !utf8.ValidString(text) {
		t.Fatalf("not UTF-8: %q", text)
	}
	p := ansi.NewParser()
	var state byte
	for rest := text; rest != ""; {
		seq, _, n, next := ansi.DecodeSequence(rest, state, p)
		rest, state = rest[n:], next
		if strings.HasPrefix(seq, "\x1b") {
			if !ansi.HasCsiPrefix(seq) || p.Command() != 'm' {
				t.Fatalf("sequence %q in the view", seq)
			}
			continue
		}
		for _, r := range seq {
			if r != '\n' && r < ' ' || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e {
				t.Fatalf("%U in the view", r)
			}
		}
	}
}
