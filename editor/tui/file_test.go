package tui

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"coedit/presence"
	"coedit/rga"

	tea "charm.land/bubbletea/v2"
)

// quits says whether a command ends the program.
func quits(cmd tea.Cmd) bool {
	if cmd == nil {
		return false
	}
	found := make(chan bool, 1)
	var walk func(tea.Cmd) bool
	walk = func(cmd tea.Cmd) bool {
		if cmd == nil {
			return false
		}
		switch msg := cmd().(type) {
		case tea.QuitMsg:
			return true
		case tea.BatchMsg:
			for _, c := range msg {
				if walk(c) {
					return true
				}
			}
		}
		return false
	}
	go func() { found <- walk(cmd) }()
	select {
	case q := <-found:
		return q
	case <-time.After(time.Minute):
		return false
	}
}

func TestSave(t *testing.T) {
	f := newFixture(t, "text\n", shared, hosting)
	f.write("x")
	if !strings.Contains(f.status(), "unsaved") {
		t.Errorf("status %q", f.status())
	}
	cmd := f.press("ctrl+s")
	f.write("y") // while it is being saved
	f.send(await[savedMsg](t, cmd))
	if f.file.text != "xtext\n" || f.session.saved != 1 {
		t.Errorf("saved %q, told %d times", f.file.text, f.session.saved)
	}
	if !f.ed.Dirty() {
		t.Error("what was typed while saving counts as saved")
	}
	f.send(await[savedMsg](t, f.press("ctrl+s")))
	if f.ed.Dirty() || !strings.Contains(f.status(), "Saved main.go: 2 lines, 7 bytes.") {
		t.Errorf("status %q", f.status())
	}
	f.clock.advance(time.Minute)
	f.send(tickMsg{})
	if !strings.Contains(f.status(), "  saved") {
		t.Errorf("status %q", f.status())
	}
}

func TestSaveAgainWhileSaving(t *testing.T) {
	f := newFixture(t, "", hosting)
	f.write("a")
	first := f.press("ctrl+s")
	f.write("b")
	f.press("ctrl+s")
	f.send(await[savedMsg](t, f.send(await[savedMsg](t, first))))
	if f.file.text != "ab" || f.ed.Dirty() || f.file.saves != 2 {
		t.Errorf("saved %q in %d saves", f.file.text, f.file.saves)
	}
}

func TestSaveFails(t *testing.T) {
	f := newFixture(t, "", hosting)
	f.write("a")
	f.file.err = errors.New("disk full\x1b[2J")
	f.send(await[savedMsg](t, f.press("ctrl+s")))
	if !strings.Contains(f.status(), "Not saved: disk full^[[2J") || !f.ed.Dirty() {
		t.Errorf("status %q", f.status())
	}
}

func TestSaveAsksBeforeOverwriting(t *testing.T) {
	f := newFixture(t, "", hosting)
	f.write("a")
	f.file.err = fmt.Errorf("main.go: %w", ErrChanged)
	f.send(await[savedMsg](t, f.press("ctrl+s")))
	if got := f.shown(); !strings.Contains(got, "main.go was changed on disk by another program. Overwrite it") {
		t.Errorf("question %q", got)
	}
	f.press("esc")
	if f.file.saves != 0 || f.m.question != nil {
		t.Error("Esc does not leave the file alone")
	}
	f.send(await[savedMsg](t, f.press("ctrl+s")))
	f.write("x") // no answer
	f.send(await[savedMsg](t, f.press("o")))
	if f.file.forced != 1 || f.file.text != "a" || f.ed.Dirty() {
		t.Errorf("forced %d, saved %q", f.file.forced, f.file.text)
	}
}

func TestGuestAsksTheHost(t *testing.T) {
	f := newFixture(t, "", shared)
	f.press("ctrl+s")
	if f.session.asked != 0 || !strings.Contains(f.status(), "Nobody who has the file") {
		t.Errorf("status %q", f.status())
	}
	f.session.state.Peers = []presence.State{{Replica: another, Name: "ann", Host: true, Dirty: true}}
	f.clock.advance(time.Minute)
	f.send(tickMsg{})
	f.send(newsMsg{})
	if !strings.Contains(f.status(), "unsaved at ann's") {
		t.Errorf("status %q", f.status())
	}
	f.press("ctrl+s")
	if f.session.asked != 1 || !strings.Contains(f.status(), "Asked ann to save.") {
		t.Errorf("status %q", f.status())
	}
	f.session.state.Peers[0].Dirty, f.session.state.Peers[0].Saves = false, 1
	f.clock.advance(time.Minute)
	f.send(tickMsg{})
	f.send(newsMsg{})
	if !strings.Contains(f.status(), "saved by ann") {
		t.Errorf("status %q", f.status())
	}
}

func TestHostSavesWhenAsked(t *testing.T) {
	f := newFixture(t, "", shared, hosting)
	f.write("a")
	f.session.requested = true
	f.session.arrived = nil
	f.m.ctx = t.Context()
	f.send(await[savedMsg](t, f.send(newsMsg{})))
	if f.file.text != "a" || f.session.saved != 1 {
		t.Errorf("saved %q", f.file.text)
	}
}

func TestQuit(t *testing.T) {
	t.Run("nothing to lose", func(t *testing.T) {
		f := newFixture(t, "", hosting)
		if !quits(f.press("ctrl+q")) {
			t.Error("does not quit")
		}
	})
	t.Run("escape, then without saving", func(t *testing.T) {
		f := newFixture(t, "", hosting)
		f.write("a")
		f.press("ctrl+q", "x", "esc")
		f.write("b")
		if f.text() != "ab" {
			t.Errorf("text %q", f.text())
		}
		if quits(f.press("ctrl+c")) || quits(f.press("esc")) {
			t.Error("Ctrl+C or Esc quits")
		}
		f.press("ctrl+q")
		if !quits(f.press("y")) || f.file.saves != 0 {
			t.Error("y does not quit")
		}
	})
	t.Run("save and quit", func(t *testing.T) {
		f := newFixture(t, "", hosting)
		f.write("a")
		f.press("ctrl+q")
		if !quits(f.send(await[savedMsg](t, f.press("s")))) || f.file.text != "a" {
			t.Error("s does not save and quit")
		}
	})
	t.Run("a failed save stays", func(t *testing.T) {
		f := newFixture(t, "", hosting)
		f.write("a")
		f.file.err = errors.New("disk full")
		f.press("ctrl+q")
		if quits(f.send(await[savedMsg](t, f.press("s")))) {
			t.Error("quits without having saved")
		}
		f.write("b")
		if f.text() != "ab" {
			t.Errorf("text %q", f.text())
		}
	})
	t.Run("waits for edits on their way", func(t *testing.T) {
		f := newFixture(t, "", shared)
		f.m.ctx = t.Context()
		f.session.state.Unacked = 2
		f.press("ctrl+q")
		if got := f.shown(); !strings.Contains(got, "2 edits have not reached the others yet") {
			t.Errorf("question %q", got)
		}
		f.session.state.Unacked = 0
		f.session.ended = errors.New("unused")
		if f.m.quitWhenSafe() != nil {
			t.Fatal("quits before the state is known")
		}
		if cmd := f.send(flushMsg{}); !quits(cmd) {
			t.Error("does not quit when they have arrived")
		}
	})
	t.Run("a guest keeps a copy", func(t *testing.T) {
		var kept string
		var failed error
		f := newFixture(t, "text", shared, func(_ *fixture, o *Options) {
			o.KeepCopy = func(v *rga.View) func() error { return func() error { kept = v.String(); return failed } }
		})
		f.session.state.State, f.session.state.Unacked = Offline, 2
		f.send(newsMsg{})
		if got := f.status(); !strings.Contains(got, "2 edits not sent") || strings.Contains(got, "Ctrl+Q") {
			t.Errorf("status %q", got)
		}
		f.send(tea.WindowSizeMsg{Width: 160, Height: 24})
		if got := f.status(); !strings.Contains(got, "2 edits not sent (a key or a paste each)") {
			t.Errorf("status %q does not say what is counted", got)
		}
		f.clock.advance(lostAfter)
		f.send(tickMsg{})
		f.send(tea.WindowSizeMsg{Width: 120, Height: 24})
		if got := f.status(); !strings.Contains(got, "the session may have ended: Ctrl+Q keeps a copy") {
			t.Errorf("status %q", got)
		}
		failed = errors.New("no space")
		f.press("ctrl+q")
		if cmd := f.send(await[copiedMsg](t, f.press("k"))); quits(cmd) || !strings.Contains(f.status(), "No copy was kept: no space") {
			t.Errorf("quits without a copy; status %q", f.status())
		}
		failed = nil
		f.press("ctrl+q")
		cmd := f.press("k")
		f.write("!")
		if quits(f.send(await[copiedMsg](t, cmd))) || !strings.Contains(f.shown(), "K: keep a copy") {
			t.Errorf("quits with an older copy, or does not ask:\n%s", f.shown())
		}
		if !quits(f.send(await[copiedMsg](t, f.press("k")))) || kept != f.text() || kept != "!text" {
			t.Errorf("kept %q, text %q", kept, f.text())
		}
	})
	t.Run("a guest whose session is lost is asked though all was sent", func(t *testing.T) {
		f := newFixture(t, "text", shared, func(_ *fixture, o *Options) {
			o.KeepCopy = func(*rga.View) func() error { return func() error { return nil } }
		})
		f.session.state.State = Offline
		f.send(newsMsg{})
		f.clock.advance(lostAfter)
		if quits(f.press("ctrl+q")) || !strings.Contains(f.shown(), "nobody else may have this text") {
			t.Errorf("the screen:\n%s", f.shown())
		}
		f.session.state.State = Online
		if !quits(f.send(flushMsg{})) {
			t.Error("does not quit when the session is back")
		}
	})
	t.Run("others lose the host", func(t *testing.T) {
		f := newFixture(t, "", shared, hosting, func(_ *fixture, o *Options) { o.EndsSession = true })
		f.peer("ann", 0, 0, 0)
		f.peer("bob", 1, 0, 0)
		f.press("ctrl+q")
		if got := f.shown(); !strings.Contains(got, "ann and bob are still here; quitting ends the session for them.") {
			t.Errorf("question %q", got)
		}
		if !quits(f.press("y")) {
			t.Error("y does not quit")
		}
	})
}

// untitled gives the program a text that has no file yet; made is what naming one gives.
func untitled(made *fakeFile, err error) setting {
	return func(f *fixture, o *Options) {
		f.file = made
		o.Name = "untitled"
		o.SaveAs = func(name string) (File, error) {
			if err != nil {
				return nil, err
			}
			return made, nil
		}
	}
}

// A text without a file is saved under the name that is asked for; the others hear of it.
func TestSaveAs(t *testing.T) {
	f := newFixture(t, "", shared, untitled(&fakeFile{}, nil))
	f.write("text")
	f.press("ctrl+s")
	if !strings.Contains(f.status(), "Save as") {
		t.Fatalf("status %q", f.status())
	}
	f.write("main.go")
	cmd := f.press("enter")
	f.send(await[savedMsg](t, f.send(await[namedMsg](t, cmd))))
	if f.file.text != "text" || f.session.saved != 1 || len(f.session.named) != 1 || f.session.named[0] != "main.go" {
		t.Errorf("saved %q, told %d times, named %q", f.file.text, f.session.saved, f.session.named)
	}
	if f.ed.Dirty() || !strings.Contains(f.status(), "Saved main.go") {
		t.Errorf("status %q", f.status())
	}
	f.write("!")
	f.send(await[savedMsg](t, f.press("ctrl+s")))
	if f.file.text != "text!" {
		t.Errorf("saved %q the second time", f.file.text)
	}
}

// Quitting with an unsaved text that has no file offers to save it; Esc at the name stays, a name that cannot be used stays, too.
func TestSaveAsAndQuit(t *testing.T) {
	f := newFixture(t, "", untitled(&fakeFile{}, nil))
	f.write("text")
	f.press("ctrl+q", "s", "esc")
	if cmd := f.send(tickMsg{}); f.m.question != nil || f.m.quitting || cmd == nil {
		t.Fatalf("Esc did not stay: %q", f.status())
	}
	f.press("ctrl+q", "s")
	f.write("a")
	named := f.send(await[namedMsg](t, f.press("enter")))
	if !quits(f.send(await[savedMsg](t, named))) {
		t.Error("does not quit after saving")
	}

	f = newFixture(t, "", shared, untitled(nil, errors.New("a exists already")))
	f.write("text")
	f.press("ctrl+q", "s")
	f.write("a")
	f.send(await[namedMsg](t, f.press("enter")))
	if f.m.quitting || !strings.Contains(f.status(), "Not saved: a exists already") || len(f.session.failed) != 1 {
		t.Errorf("status %q, told %v", f.status(), f.session.failed)
	}
}

// A guest who asks to save is told when that failed, also because there is no file.
func TestSaveForGuestFails(t *testing.T) {
	f := newFixture(t, "", shared, untitled(&fakeFile{}, nil))
	f.session.requested = true
	f.send(newsMsg{})
	if len(f.session.failed) != 1 || !errors.Is(f.session.failed[0], ErrNoFile) || !strings.Contains(f.status(), "press Ctrl+S to name a file") {
		t.Errorf("told %v; status %q", f.session.failed, f.status())
	}

	f = newFixture(t, "", shared, hosting)
	f.file.err = errors.New("no space")
	f.session.requested = true
	f.send(await[savedMsg](t, f.send(newsMsg{})))
	if len(f.session.failed) != 1 || !errors.Is(f.session.failed[0], f.file.err) {
		t.Errorf("told %v", f.session.failed)
	}
}

// A guest's status line says that the host could not save, and follows the file's name.
func TestGuestSeesFailedSave(t *testing.T) {
	f := newFixture(t, "text", shared)
	f.session.state.Peers = []presence.State{{
		Replica: 5, Name: "ann", Host: true, Dirty: true, File: "named.txt", SaveFails: 1, Problem: presence.SaveFull,
	}}
	f.send(newsMsg{})
	if s := f.status(); !strings.Contains(s, "named.txt") || !strings.Contains(s, "not saved at ann's: the disk is full") {
		t.Errorf("status %q", s)
	}
}

// A file that is thrown away anyhow is no reason to ask.
func TestQuitScratch(t *testing.T) {
	f := newFixture(t, "", hosting, func(_ *fixture, o *Options) { o.Scratch = true })
	f.write("text")
	if !quits(f.press("ctrl+q")) {
		t.Errorf("asks: %q", f.status())
	}
}
