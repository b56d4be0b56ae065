package tui

import (
	"errors"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
)

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
