package tui

import (
	"fmt"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
)

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
