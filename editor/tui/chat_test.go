package tui

import (
	"strings"
	"testing"
	"time"

	"coedit/presence"
)

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
