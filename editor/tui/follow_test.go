package tui

import (
	"strings"
	"testing"
	"time"

	"coedit/rga"

	tea "charm.land/bubbletea/v2"
)

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
