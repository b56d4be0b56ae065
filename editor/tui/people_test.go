package tui

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"coedit/presence"
	"coedit/rga"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
)

// company is a program of 80 x 24 with a long text and two others: ann in line 51, bob in line 3.
func company(t testing.TB) *fixture {
	f := newFixture(t, strings.Repeat("line of text\n", 200), shared, hosting)
	f.ed.MarkSaved(f.ed.Doc().Version())
	at := func(line int) int { return f.ed.View().LineStart(line - 1) }
	f.peer("ann", 0, at(51)+4, at(51)+4)
	f.peer("bob", 1, at(3), at(3))
	f.looks(0, at(41), 22)
	f.looks(1, 0, 22)
	return f
}

// looks says what part of the text the n-th other one sees.
func (f *fixture) looks(n, top, rows int) {
	p := &f.session.state.Peers[n]
	p.Top, p.Rows = f.ed.Doc().AnchorAt(top, rga.Before), uint64(rows)
	f.send(newsMsg{})
}

func (f *fixture) caretLine() int { return f.ed.View().LineAt(f.ed.Selection().Head) + 1 }

func TestJump(t *testing.T) {
	f := company(t)
	f.press("alt+1")
	if f.caretLine() != 51 || !f.m.caretShown() || !strings.Contains(f.status(), "ann is: line 51") {
		t.Errorf("alt+1: line %d, status %q", f.caretLine(), f.status())
	}
	f.press("alt+2")
	if f.caretLine() != 3 {
		t.Errorf("alt+2: line %d", f.caretLine())
	}
	f.press("alt+3")
	if f.caretLine() != 3 || !strings.Contains(f.status(), "no participant 3") {
		t.Errorf("alt+3: line %d, status %q", f.caretLine(), f.status())
	}
}

func TestNobodyToGoTo(t *testing.T) {
	for _, key := range []string{"alt+1", "f7", "shift+f7", "ctrl+t", "f6"} {
		f := newFixture(t, "text", hosting)
		f.press(key)
		if !strings.Contains(f.status(), "not shared") {
			t.Errorf("%s alone: status %q", key, f.status())
		}
	}
	for _, key := range []string{"alt+1", "f7", "shift+f7", "ctrl+t"} {
		f := newFixture(t, "text", shared)
		f.press(key)
		if !strings.Contains(f.status(), "Nobody else is here") || f.session.calls != 0 {
			t.Errorf("%s without others: status %q", key, f.status())
		}
	}
}

func TestCall(t *testing.T) {
	f := company(t)
	f.press("shift+f7")
	if f.session.calls != 1 {
		t.Fatal("nobody is asked")
	}
	f.session.caller = another + 1
	f.send(newsMsg{})
	if !strings.Contains(f.status(), "bob asks you to come: F7") {
		t.Errorf("status %q", f.status())
	}
	f.press("f7")
	if f.m.people.followed != another+1 {
		t.Errorf("F7 follows %d", f.m.people.followed)
	}
	f.press("esc")
	f.session.caller = another + 1
	f.send(newsMsg{})
	f.clock.advance(2 * callTime)
	f.send(tickMsg{})
	f.m.people.jumped = another
	f.press("f7")
	if f.m.people.followed != another {
		t.Error("an old call is answered still")
	}
}

func TestStatusClick(t *testing.T) {
	f := company(t)
	f.clock.advance(time.Minute)
	f.send(tickMsg{})
	at := strings.Index(f.status(), "ann")
	f.send(tea.MouseClickMsg{X: at, Y: 23, Button: tea.MouseLeft})
	if f.caretLine() != 51 {
		t.Errorf("a click on the name goes to line %d", f.caretLine())
	}
	f.clock.advance(time.Minute)
	f.send(tickMsg{})
	f.send(tea.MouseClickMsg{X: strings.Index(f.status(), "ann"), Y: 23, Button: tea.MouseLeft})
	if f.m.people.followed != another {
		t.Error("the second click does not follow")
	}
}

// Everybody has a letter of its own as long as there are letters, whoever's screen it is.
func TestLetters(t *testing.T) {
	all := []named{{3, "ann"}, {1, "ann"}, {2, "日本"}, {9, "Ann"}, {5, "7up"}, {4, ""}}
	letters := nameLetters(all)
	all[0], all[4] = all[4], all[0]
	again := nameLetters(all)
	seen := map[string]bool{}
	for _, n := range all {
		l := letters[n.id]
		if l == "" || seen[l] || again[n.id] != l {
			t.Errorf("%v has %q, then %q", n, l, again[n.id])
		}
		seen[l] = true
	}
	if letters[1] != "A" || letters[3] != "N" || letters[5] != "7" {
		t.Errorf("letters %v", letters)
	}
}

// Names of people stand beside a line in the order of their carets: who is who shows without colours.
func TestNamesStandInTheOrderOfCarets(t *testing.T) {
	f := newFixture(t, "one two three\n", shared)
	f.peer("bob", 1, 8, 8)
	f.peer("ann", 0, 4, 4)
	if got := f.row(0); !strings.HasSuffix(got, "ann   bob") {
		t.Errorf("row %q", got)
	}
	f.send(tea.WindowSizeMsg{Width: 27, Height: 10})
	if got := f.row(0); !strings.HasSuffix(got, "three  A   B") && !strings.HasSuffix(got, "three  ann   B") {
		t.Errorf("narrow row %q", got)
	}
}

// A participant's further carets are drawn, too.
func TestFurtherCarets(t *testing.T) {
	f := newFixture(t, "one two three\nfour\n", shared)
	f.peer("ann", 0, 0, 0)
	anchor := func(off int) rga.Anchor { return f.ed.Doc().AnchorAt(off, rga.After) }
	f.session.state.Peers[0].Ranges = []presence.Range{{Head: anchor(16), Tail: anchor(14)}}
	f.send(newsMsg{})
	want := styleText(f.screen().CellAt(f.m.gutterWidth(), 0))
	if got := styleText(f.screen().CellAt(f.m.gutterWidth()+2, 1)); got == "" || got != want {
		t.Errorf("the second caret has the look %q, the first %q", got, want)
	}
	if styleText(f.screen().CellAt(f.m.gutterWidth(), 1)) == "" {
		t.Error("its selection is not drawn")
	}
}

// The own further carets are told to the others, so many as these show.
func TestFurtherCaretsAreTold(t *testing.T) {
	f := newFixture(t, strings.Repeat("line\n", 100), shared)
	f.ed.AddSelection(9, 7)
	f.send(tickMsg{})
	if p := f.session.presence; len(p.Ranges) != 1 || p.Ranges[0].Head != f.ed.Doc().AnchorAt(0, rga.After) {
		t.Errorf("told %+v", p)
	}
	for i := range 60 {
		f.ed.AddSelection(5*i, 5*i)
	}
	f.send(tickMsg{})
	if n := len(f.session.presence.Ranges); n != presence.MaxRanges {
		t.Errorf("told %d", n)
	}
	f.press("esc")
	if n := len(f.session.presence.Ranges); n != 0 {
		t.Errorf("told %d of one caret", n)
	}
}

// TestGoldenPeople compares screens with people in them: wide and narrow, dark and light, with and without colours.
func TestGoldenPeople(t *testing.T) {
	scenes := map[string]func(f *fixture){
		"panel": func(f *fixture) { f.press("f6", "down") },
		"chat": func(f *fixture) {
			p := &f.session.state.Peers[1]
			p.Says, p.Lines = "this loop never ends, does it?", p.Lines+1
			f.send(newsMsg{})
		},
	}
	scenes["blame"] = func(f *fixture) {
		f.press("ctrl+end")
		f.write("// mine\n")
		f.remote(rga.Edit{Offset: strings.Index(goldenText, "import"), Insert: "// "})
		f.receive()
		f.press("up", "f8")
		f.clock.advance(time.Hour)
		f.send(tickMsg{})
	}
	looks := map[string]func(f *fixture){
		"dark": func(*fixture) {}, "light": func(f *fixture) { f.m.setTheme(false, colorprofile.TrueColor) },
		"plain": func(f *fixture) { f.m.setTheme(true, colorprofile.Ascii) },
	}
	for scene, setup := range scenes {
		for look, choose := range looks {
			for _, width := range []int{40, 80, 120} {
				name := fmt.Sprintf("%s-%d-%s", scene, width, look)
				t.Run(name, func(t *testing.T) {
					f := newFixture(t, goldenText, shared, hosting)
					f.ed.MarkSaved(f.ed.Doc().Version())
					f.send(tea.WindowSizeMsg{Width: width, Height: 16})
					f.peer("ann", 0, strings.Index(goldenText, "main"), 0)
					f.peer("Zoë 日本", 1, strings.Index(goldenText, "func main"), strings.Index(goldenText, "emoji"))
					ann, zoe := &f.session.state.Peers[0], &f.session.state.Peers[1]
					ann.RTT, ann.Follows, zoe.RTT, zoe.ReadOnly, zoe.Idle = 12, zoe.Replica, 240, true, true
					f.session.state.Self.Name, f.session.state.Self.Host, f.session.state.Self.RTT = "me", true, 1
					f.session.state.Host = true
					setup(f)
					choose(f)
					f.send(newsMsg{})
					golden(t, name, f.picture())
				})
			}
		}
	}
}

// picture is the view as text with a map of its styles, as a terminal of the theme's profile shows it.
func (f *fixture) picture() string {
	var out bytes.Buffer
	w := colorprofile.Writer{Forward: &out, Profile: f.m.profile}
	if _, err := w.WriteString(f.m.View().Content); err != nil {
		f.t.Fatal(err)
	}
	v := f.m.View()
	v.Content = out.String()
	return pictureOf(drawn(v, f.m.width, f.m.height, f.m.widths.method), f.m.width, f.m.height, cursorText(v.Cursor))
}
