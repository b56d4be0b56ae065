package main

import (
	"os/exec"
	"path/filepath"
	"testing"

	"coedit/internal/outside"
	"coedit/internal/screen"
)

// Inside GNU screen, which draws what the program drew with fewer abilities than tmux has: text, other people and the cursor are
// where they belong, and what it does not understand does not appear.
func TestInsideGNUScreen(t *testing.T) {
	multiplexer := outside.Need(t, "screen")
	p := newPlace(t)
	_, link, _ := p.share("ann", p.file("x.txt", "one\ntwo\n"))
	sockets := filepath.Join(p.dir, "sockets")
	config := p.file("screenrc", "startup_message off\ndefutf8 on\nmaptimeout 10\n")
	bob := p.terminal("bob", screen.Options{
		Args: []string{multiplexer, "-U", "-c", config, "-S", "coedit", outside.Need(t, "coedit"), "join", link},
		Env:  []string{"COEDIT_NAME=bob", "LC_ALL=C.UTF-8", "SHELL=/bin/sh", "SCREENDIR=" + sockets},
	})
	t.Cleanup(func() { // the session outlives its terminal
		quit := exec.Command(multiplexer, "-S", "coedit", "-X", "quit")
		quit.Env = append(quit.Environ(), "SCREENDIR="+sockets)
		_ = quit.Run() // fails when it has ended by itself
	})
	bob.until("bob is in the room", func(s screen.Screen) bool { return s.Contains("online") && caretAt(1, 1)(s) })
	column := 1
	for _, c := range []struct {
		text  string
		cells int
	}{{"a", 1}, {"漢字", 4}, {"e\u0301", 1}, {"z", 1}} {
		bob.Type(c.text)
		column += c.cells
		bob.until(c.text+" is drawn and the cursor behind it", caretAt(1, column))
	}
	bob.until("the text is in the line", screen.Shows("a漢字e\u0301zone", "two"))
	bob.Type(screen.CtrlEnd + screen.Pasted("pasted\rtwice"))
	bob.until("the paste is there", screen.Shows("pasted", "twice"))
	bob.until("the cursor is behind it", caretAt(4, len("twice")+1))
	bob.Type(screen.Ctrl('p') + "go to a line")
	bob.until("the palette is there", screen.Shows("go to a line", "Moving"))
	bob.Type(screen.Enter + "2\r")
	bob.until("the cursor is in line 2", caretAt(2, 1))
	if err := bob.Resize(60, 15); err != nil {
		t.Fatal(err)
	}
	bob.until("the screen is smaller", func(s screen.Screen) bool { return s.Columns == 60 && s.Contains("online") && s.Row(14) != "" })
	s := bob.until("bob's screen shows the text", screen.Shows("a漢字e\u0301zone", "two", "pasted", "twice"))
	for y := 4; y < 14; y++ {
		if got := s.Row(y); got != "" {
			t.Errorf("row %d shows %q", y, got)
		}
	}
	bob.settled()
	if got := p.cat(link); got != "a漢字e\u0301zone\ntwo\npasted\ntwice" {
		t.Errorf("cat prints %q", got)
	}
	bob.Type(screen.Ctrl('q'))
	bob.exits(0)
}
