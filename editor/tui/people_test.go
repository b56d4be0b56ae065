package tui

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"coedit/editor"
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

func TestFollow(t *testing.T) {
	f := company(t)
	f.press("down", "f7")
	if f.m.view.line != 40 || f.caretLine() != 2 {
		t.Fatalf("first line %d, caret in %d", f.m.view.line, f.caretLine())
	}
	f.send(tickMsg{})
	if f.session.presence.Follows != another {
		t.Errorf("the others are told that %d is followed", f.session.presence.Follows)
	}
	f.looks(0, f.ed.View().LineStart(120), 22)
	if f.m.view.line != 120 || f.caretLine() != 2 {
		t.Errorf("ann scrolled: first line %d, caret in %d", f.m.view.line, f.caretLine())
	}
	f.remote(rga.Edit{Offset: 0, Insert: "new\n"})
	f.receive()
	if f.m.view.line != 121 || f.caretLine() != 3 {
		t.Errorf("text above: first line %d, caret in %d", f.m.view.line, f.caretLine())
	}
	f.clock.advance(time.Minute)
	f.send(tickMsg{})
	if !strings.Contains(f.status(), "following ann") {
		t.Errorf("status %q", f.status())
	}
	f.press("f7")
	if f.m.people.followed != another+1 || f.m.view.line != 1 {
		t.Errorf("the next one: %d, first line %d", f.m.people.followed, f.m.view.line)
	}
}

// A smaller screen shows the caret of who is followed as long as they see it themselves.
func TestFollowOnASmallerScreen(t *testing.T) {
	f := company(t)
	f.send(tea.WindowSizeMsg{Width: 80, Height: 8})
	f.press("f7")
	if !f.m.view.contains(50) {
		t.Errorf("rows from %d on are shown, and ann is in 50", f.m.view.line)
	}
	f.looks(0, f.ed.View().LineStart(100), 22)
	if f.m.view.line != 100 {
		t.Errorf("ann looks elsewhere, at 100; shown from %d on", f.m.view.line)
	}
}

func TestAnyOwnKeyEndsFollowing(t *testing.T) {
	for _, key := range []string{"down", "x", "ctrl+z", "esc", "enter", "pgdown", "ctrl+down"} {
		f := company(t)
		f.press("f7", key)
		if f.m.people.followed != 0 || f.session.presence.Follows != 0 {
			t.Errorf("%s: still following", key)
		}
		before := f.m.view.line
		f.looks(0, f.ed.View().LineStart(150), 22)
		if f.m.view.line != before {
			t.Errorf("%s: the view follows on", key)
		}
	}
	for what, msg := range map[string]tea.Msg{
		"wheel": tea.MouseWheelMsg{Button: tea.MouseWheelDown}, "click": tea.MouseClickMsg{X: 10, Y: 2, Button: tea.MouseLeft},
		"paste": tea.PasteMsg{Content: "pasted"},
	} {
		f := company(t)
		f.press("f7")
		f.send(msg)
		if f.m.people.followed != 0 {
			t.Errorf("%s: still following", what)
		}
	}
	for _, key := range []string{"f6", "f7", "ctrl+t", "shift+f7"} {
		f := company(t)
		f.press("f7", key)
		if f.m.people.followed == 0 {
			t.Errorf("%s ended it", key)
		}
	}
	f := company(t)
	f.press("f7", "ctrl+t")
	f.write("hi")
	f.press("enter")
	if f.m.people.followed == 0 || len(f.session.said) != 1 {
		t.Error("saying something ended following")
	}
}

// Who takes over types where they look, and Escape leaves the caret where it was.
func TestTakingOver(t *testing.T) {
	f := company(t)
	f.press("f7")
	f.write("X")
	if got := f.ed.View().String(); !strings.HasPrefix(got[f.ed.View().LineStart(50):], "lineX of text\n") || f.caretLine() != 51 {
		t.Errorf("typed in line %d", f.caretLine())
	}
	f = company(t)
	f.press("f7", "esc")
	if f.caretLine() != 1 || f.m.view.line == 0 {
		t.Errorf("Escape: caret in line %d, first line shown %d", f.caretLine(), f.m.view.line)
	}
}

func TestFollowingEndsWhenTheyLeave(t *testing.T) {
	f := company(t)
	f.press("f7")
	f.session.state.Peers = f.session.state.Peers[1:]
	f.send(newsMsg{})
	if f.m.people.followed != 0 || !strings.Contains(f.status(), "follow nobody") {
		t.Errorf("status %q", f.status())
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

func TestChat(t *testing.T) {
	f := company(t)
	f.press("ctrl+t")
	f.write("look\x07 here")
	f.press("enter")
	if len(f.session.said) != 1 || f.session.said[0] != "look here" || !strings.Contains(f.status(), "You: look here") {
		t.Errorf("said %q, status %q", f.session.said, f.status())
	}
	says := func(text string) {
		p := &f.session.state.Peers[1]
		p.Says, p.Lines = text, p.Lines+1
		f.send(newsMsg{})
	}
	says("first\x1b[2J line")
	if got := f.row(2); !strings.HasSuffix(got, " bob: first[2J line") {
		t.Errorf("beside the caret: %q", got)
	}
	f.clock.advance(time.Minute)
	f.send(tickMsg{})
	if got := f.row(2); !strings.HasSuffix(got, "  bob") {
		t.Errorf("a minute later: %q", got)
	}
	says("first\x1b[2J line")
	if got := f.row(2); !strings.HasSuffix(got, "line") {
		t.Errorf("the same again: %q", got)
	}
	// What was said before one came is not shown as if it were said now.
	late := newFixture(t, "text\n", shared)
	late.session.state.Peers = []presence.State{{Replica: another, Name: "ann", Says: "long ago", Lines: 7}}
	late.send(newsMsg{})
	if strings.Contains(late.row(0), "long ago") {
		t.Errorf("row %q", late.row(0))
	}
}

func TestPanel(t *testing.T) {
	f := company(t)
	ann := &f.session.state.Peers[0]
	ann.Host, ann.Dirty, ann.RTT, ann.Follows = true, true, 34, another+1
	f.session.state.Peers[1].ReadOnly, f.session.state.Peers[1].Idle, f.session.state.Peers[1].Says = true, true, "hm"
	f.session.state.Self.Name = "me"
	f.press("f6")
	for _, want := range []string{
		"3 participants", "> 1  A  ann             host   line 51    34 ms   unsaved, follows bob", "2  B  bob             reads  line 3",
		"idle, said: hm", "M  you: me", "line 1",
	} {
		if !strings.Contains(f.shown(), want) {
			t.Errorf("%q is not shown:\n%s", want, f.shown())
		}
	}
	f.press("down", "enter")
	if f.caretLine() != 3 || f.m.people.panel != nil {
		t.Errorf("enter: line %d", f.caretLine())
	}
	f.press("f6", "down", "down", "up", "f")
	if f.m.people.followed != another {
		t.Errorf("f follows %d", f.m.people.followed)
	}
	f.press("f6", "b")
	f.press("f6", "t")
	if f.session.calls != 1 || f.m.input == nil {
		t.Error("b or t does nothing")
	}
	f.press("esc", "esc", "f6", "z")
	if f.m.people.panel != nil || !strings.Contains(f.text(), "z\n") && !strings.Contains(f.text(), "zline") {
		t.Error("typing does not close the list, or is lost")
	}
	f.press("f6", "f6")
	if f.m.people.panel != nil {
		t.Error("F6 does not close it")
	}
}

func TestPanelClick(t *testing.T) {
	f := company(t)
	f.press("f6")
	f.shown()
	click := func(y int) { f.send(tea.MouseClickMsg{X: 12, Y: y, Button: tea.MouseLeft}) }
	title := f.m.view.height - 5 // a row of words below
	click(title)
	if f.m.people.panel == nil {
		t.Fatal("a click on the title closes it")
	}
	click(title + 2)
	if f.caretLine() != 3 {
		t.Errorf("a click goes to line %d", f.caretLine())
	}
	click(title + 2)
	if f.m.people.followed != another+1 {
		t.Errorf("the second click follows %d", f.m.people.followed)
	}
	f.press("f6")
	f.shown()
	click(1)
	if f.m.people.panel != nil || f.caretLine() != 2 {
		t.Errorf("a click into the text: line %d", f.caretLine())
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

// People come and go while the list is open, and there may be more than rows.
func TestPanelOfMany(t *testing.T) {
	f := newFixture(t, "text\n", shared)
	for i := range 40 {
		f.peer(fmt.Sprintf("name%02d", i), uint8(i), 0, 0)
	}
	f.press("f6", "end")
	if !strings.Contains(f.shown(), "> ") || !strings.Contains(f.shown(), "name39") || strings.Contains(f.shown(), "name01 ") {
		t.Errorf("the last one is not shown:\n%s", f.shown())
	}
	f.session.state.Peers = f.session.state.Peers[:2]
	f.send(newsMsg{})
	if !strings.Contains(f.shown(), "> 1") || !strings.Contains(f.shown(), "name01") {
		t.Errorf("after most have left:\n%s", f.shown())
	}
	f.session.state.Peers = nil
	f.send(newsMsg{})
	f.press("enter", "f6", "f", "f6", "down")
	f.check()
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

func TestAuthors(t *testing.T) {
	f := newFixture(t, "loaded\nsecond\n", shared, func(f *fixture, o *Options) {
		if err := editor.MarkLoaded(f.ed.Doc(), 0, len("loaded\nsecond\n")); err != nil {
			t.Fatal(err)
		}
		o.Author = func(id rga.ReplicaID) (string, bool) { return "zed", id == another }
	})
	f.press("f8")
	if got := f.row(0); got != "  1  loaded" {
		t.Errorf("a line of the file: %q", got)
	}
	f.write("x")
	if got := f.row(0); !strings.HasPrefix(got, "  1") || strings.HasPrefix(got, "  1 ") || !strings.HasSuffix(got, " xloaded") {
		t.Errorf("an own line: %q", got)
	}
	f.remote(rga.Edit{Offset: len("xloaded\n"), Insert: "y"})
	f.receive()
	if got := f.row(1); got != "  2z ysecond" { // who is gone has a small letter
		t.Errorf("another's line: %q", got)
	}
	f.press("down")
	f.clock.advance(5 * time.Minute)
	f.send(tickMsg{})
	if got := f.status(); !strings.Contains(got, "zed, ") {
		t.Errorf("status %q", got)
	}
	f.press("up")
	f.clock.advance(time.Minute)
	f.send(tickMsg{})
	if got := f.status(); !strings.Contains(got, "you, 6 min ago") {
		t.Errorf("status %q", got)
	}
	f.press("f8")
	if got := f.row(1); got != "  2 ysecond" {
		t.Errorf("switched off: %q", got)
	}
}

func TestAgo(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for d, want := range map[time.Duration]string{
		-time.Hour: "just now", 59 * time.Second: "just now", 61 * time.Second: "1 min ago", 3 * time.Hour: "3 h ago",
		25 * time.Hour: "1 day ago", 49 * time.Hour: "2 days ago", 1000 * time.Hour: "2 Jan 2026",
	} {
		if got := ago(d, at.UnixMilli()); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}

// A guest whose host went is told, and asked before quitting while the text was not saved there.
func TestTheHostVanishes(t *testing.T) {
	kept := ""
	f := newFixture(t, "text\n", shared, func(_ *fixture, o *Options) {
		o.Copy = func(*rga.View, string) func() error { return func() error { return nil } }
		o.KeepCopy = func(v *rga.View) func() error { return func() error { kept = v.String(); return nil } }
	})
	ann := presence.State{Replica: another, Name: "ann", Host: true}
	is := func(peers ...presence.State) {
		f.session.state.Peers = peers
		f.send(newsMsg{})
	}
	is(ann)
	is()
	if !strings.Contains(f.status(), "ann, who has the file, is gone") {
		t.Errorf("status %q", f.status())
	}
	if cmd := f.press("ctrl+q"); f.m.question != nil || cmd == nil {
		t.Error("she is asked though everything was saved")
	}
	f.m.quitting = false
	f.write("x")
	f.press("ctrl+q")
	if f.m.question == nil || !strings.Contains(f.shown(), "was not saved there") {
		t.Fatalf("the screen:\n%s", f.shown())
	}
	f.send(await[copiedMsg](t, f.press("k")))
	if kept != "xtext\n" {
		t.Errorf("kept %q", kept)
	}
	f.m.quitting, f.m.question = false, nil
	is(ann)
	f.press("ctrl+q")
	if f.m.question != nil {
		t.Error("she is asked though the host is back")
	}
	// A lost connection says nothing about who is there.
	f.m.quitting = false
	f.m.message = message{}
	f.session.state.State = Offline
	is()
	if strings.Contains(f.status(), "is gone") {
		t.Errorf("offline: %q", f.status())
	}
}

func TestOwner(t *testing.T) {
	f := company(t)
	f.press("f6", "x")
	if f.m.question != nil || !strings.Contains(f.status(), "Only the one who shared") {
		t.Errorf("a guest: status %q", f.status())
	}
	f.session.state.Host, f.session.state.Suite = true, "xchacha"
	f.send(newsMsg{})
	f.send(tea.WindowSizeMsg{Width: 140, Height: 24})
	f.press("f6")
	if got := f.shown(); !strings.Contains(got, "to compare aloud, keys of ann: apple river") || !strings.Contains(got, "X: remove") || !strings.Contains(got, "participants, xchacha") {
		t.Errorf("the list:\n%s", got)
	}
	f.press("down", "x", "r")
	if len(f.session.kicked) != 1 || f.session.kicked[0] != another+1 || !strings.Contains(f.status(), "Everybody but bob") {
		t.Errorf("removed %v, status %q", f.session.kicked, f.status())
	}
	f.m.removeSomebody()
	if f.m.people.panel == nil {
		t.Error("nobody can be chosen")
	}
	f.press("esc")
	f.session.refuses = errors.New("not while the connection is down")
	f.m.askRelink()
	f.press("n")
	if f.session.relinked != 1 || !strings.Contains(f.status(), "not possible: not while") {
		t.Errorf("status %q", f.status())
	}
	f.session.refuses = nil
	f.m.askCloseRoom()
	f.press("esc")
	f.m.askCloseRoom()
	f.press("c")
	if f.session.closed != 1 {
		t.Errorf("closed %d times", f.session.closed)
	}
}
