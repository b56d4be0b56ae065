package tui

import (
	"fmt"
	"strings"
	"testing"

	"coedit/rga"

	tea "charm.land/bubbletea/v2"
)

// A drag held below the text scrolls and selects on by itself, until the mouse is back or let go; edits of others meanwhile leave
// its beginning where it was in the text.
func TestDragBeyondTheEdge(t *testing.T) {
	var lines []string
	for i := range 100 {
		lines = append(lines, fmt.Sprintf("line %d", i))
	}
	f := newFixture(t, strings.Join(lines, "\n"), shared)
	x, y := f.cellOf(f.ed.View().LineStart(5))
	f.send(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft})
	cmd := f.send(tea.MouseMotionMsg{X: x, Y: f.m.view.height, Button: tea.MouseLeft})
	for range 10 {
		cmd = f.send(await[dragMsg](t, cmd))
	}
	f.remote(rga.Edit{Offset: 0, Insert: "above\n"})
	f.receive()
	f.send(await[dragMsg](t, cmd))
	from, to := f.ed.Selection().Span()
	text := f.ed.View()
	if got := f.text()[from:]; !strings.HasPrefix(got, "line 5\n") {
		t.Errorf("the selection begins at %q", got[:20])
	}
	if line := text.LineAt(to); line < 33 || f.m.view.line < 11 {
		t.Errorf("it ends in line %d, the first line shown is %d", line, f.m.view.line)
	}
	f.send(tea.MouseReleaseMsg{X: x, Y: f.m.view.height, Button: tea.MouseLeft})
	before := f.m.view.line
	if f.send(dragMsg{}); f.m.view.line != before {
		t.Error("it scrolls on after the button was let go")
	}
}
