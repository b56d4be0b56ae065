package main

import (
	"strings"
	"testing"

	"coedit/internal/screen"
)

// On a screen that is too narrow for the link its rows hold nothing else, and what is selected of them with the mouse, line break
// and all, is a link all the same.
func TestALinkInTwoRows(t *testing.T) {
	p := newPlace(t)
	ann := p.terminal("ann", screen.Options{
		Args: []string{"coedit", "share", "--listen", "127.0.0.1:0", p.file("x.txt", "shared\n")}, Columns: 100, Rows: 24,
	})
	s := ann.until("the link is shown in rows", screen.Shows("Share this link", "http://127.0.0.1:", "over several rows"))
	var selected []string
	for y := range s.Rows {
		if strings.HasPrefix(s.Row(y), "http://") && len(selected) == 0 {
			selected = []string{s.Row(y), s.Row(y + 1)}
		}
	}
	if len(selected) != 2 || len(selected[0]) != 100 {
		t.Fatalf("the link is in the rows %q", selected)
	}
	if got := p.cat(strings.Join(selected, "\n")); got != "shared\n" {
		t.Errorf("the link as it was selected leads to %q", got)
	}
	ann.Type(screen.Ctrl('q'))
	ann.exits(0)
}
