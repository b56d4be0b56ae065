package main

import (
	"os/exec"
	"path/filepath"
	"testing"

	"coedit/internal/outside"
	"coedit/internal/screen"
)

// Inside tmux, which draws what the program drew: the text, other people and the cursor are where they belong.
func TestInsideTmux(t *testing.T) {
	tmux := outside.Need(t, "tmux")
	p := newPlace(t)
	path := p.file("x.txt", "one\ntwo\n")
	_, link, _ := p.share("ann", path)
	socket := filepath.Join(p.dir, "tmux")
	config := p.file("tmux.conf", "set -g status off\nset -s escape-time 10\nset -g default-terminal tmux-256color\n")
	bob := p.terminal("bob", screen.Options{
		Args: []string{tmux, "-u", "-S", socket, "-f", config, "new-session", outside.Need(t, "coedit"), "join", link},
		Env:  []string{"COEDIT_NAME=bob", "LC_ALL=C.UTF-8", "SHELL=/bin/sh"},
	})
	t.Cleanup(func() { // the server outlives its client
		_ = exec.Command(tmux, "-S", socket, "kill-server").Run() // fails when it has ended by itself
	})
	bob.until("bob is in the room", func(s screen.Screen) bool { return s.Contains("online") && caretAt(1, 1)(s) })
	column := 1
	for _, c := range []struct {
		text  string
		cells int
	}{{"a", 1}, {"漢字", 4}, {"e\u0301", 1}, {"👍", 2}, {"z", 1}} {
		bob.Type(c.text)
		column += c.cells
		bob.until(c.text+" is drawn and the cursor behind it", caretAt(1, column))
	}
	bob.until("the text is in the line", screen.Shows("a漢字e\u0301👍zone", "two"))
	bob.Type(screen.CtrlEnd + screen.Pasted("pasted\rtwice"))
	bob.until("the paste is there", screen.Shows("pasted", "twice"))
	bob.until("the cursor is behind it", caretAt(4, len("twice")+1))
	if err := bob.Resize(60, 15); err != nil {
		t.Fatal(err)
	}
	bob.until("the screen is smaller", func(s screen.Screen) bool { return s.Columns == 60 && s.Contains("online") && s.Row(14) != "" })
	bob.settled()
	if got := p.cat(link); got != "a漢字e\u0301👍zone\ntwo\npasted\ntwice" {
		t.Errorf("cat prints %q", got)
	}
	bob.Type(screen.Ctrl('q'))
	bob.exits(0)
}
