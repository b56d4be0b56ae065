//go:build !windows

package main

import (
	"slices"
	"strings"
	"syscall"
	"testing"

	"coedit/editor/tui"
	"coedit/internal/screen"
)

// TestPaletteUses runs every command from the palette, in a real terminal, while a guest is there, and sees what it does.
// A command without an entry in uses fails it.
func TestPaletteUses(t *testing.T) {
	const quit, suspend = "File and session: quit", "File and session: suspend"
	var titles []string
	for _, c := range tui.Commands() {
		title := c.Group + ": " + c.Name
		if uses[title].want == nil {
			t.Errorf("%q has no use: add one to palette_uses_test.go", title)
			continue
		}
		titles = append(titles, title)
	}
	for title := range uses {
		if !slices.Contains(titles, title) {
			t.Errorf("there is no command %q", title)
		}
	}
	slices.SortStableFunc(titles, func(a, b string) int { // quitting comes last
		return strings.Compare(strings.Repeat("z", strings.Count(a, quit)), strings.Repeat("z", strings.Count(b, quit)))
	})

	p := newPlace(t)
	ann, link, _ := p.share("ann", p.file("uses.go", usesText))
	if err := ann.Resize(120, 30); err != nil {
		t.Fatal(err)
	}
	bob := p.join("bob", link)
	ann.until("bob is seen", screen.Shows("bob"))
	for _, title := range titles {
		u := uses[title]
		ann.Type(escape + escape + escape + screen.Ctrl('a') + screen.Pasted(usesText) + screen.CtrlHome)
		ann.until("the text is there for "+title, func(s screen.Screen) bool { return shows(usesText)(s) && caretAt(1, 1)(s) })
		if u.guest != "" {
			bob.until("bob has it, too", shows(usesText))
			bob.Type(screen.CtrlEnd + u.guest)
		}
		if u.ready == nil {
			u.ready = text(usesText)
		}
		ann.Type(u.keys)
		ann.until("ready for "+title, u.ready)
		ann.Type(screen.Ctrl('p'))
		ann.until("the palette opens for "+title, screen.Shows(" Command:"))
		ann.Type(screen.Pasted(title))
		ann.until("the palette finds "+title, func(s screen.Screen) bool { return strings.HasPrefix(s.Row(1), " > "+title) })
		ann.Type(screen.Enter + u.then)
		ann.until(title+" is done", u.want)
		if strings.HasPrefix(title, suspend) {
			p.until("it is continued", func() bool { // a signal that comes before it waits for one is lost
				return ann.Signal(syscall.SIGCONT) == nil && shows(usesText)(ann.Screen())
			})
		}
		ann.Type(u.clean)
	}
	ann.Type("y")
	ann.exits(0)
}
