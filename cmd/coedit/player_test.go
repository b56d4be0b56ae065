package main

import (
	"strings"
	"testing"
	"time"

	"coedit/rga"

	tea "charm.land/bubbletea/v2"
)

// played is a history of three steps: a text with an escape sequence, a line more by somebody else, a word less.
func played(t *testing.T) history {
	t.Helper()
	ann, bob := rga.New(1), rga.New(2)
	edit := func(d *rga.Doc, at int64, e rga.Edit) {
		t.Helper()
		if _, _, err := d.Edit(at, e); err != nil {
			t.Fatal(err)
		}
	}
	edit(ann, 1000, rga.Edit{Insert: "one\x1b[2J\n"})
	if _, err := bob.Merge(ann.Encode()); err != nil {
		t.Fatal(err)
	}
	edit(bob, 5000, rga.Edit{Offset: bob.Len(), Insert: "世界"})
	edit(bob, 3_600_000, rga.Edit{Delete: 3})
	return history{doc: bob, peers: map[rga.ReplicaID]string{1: "ann", 2: "bob\x1b"}, pause: time.Minute}
}

func rows(m *player) []string { return strings.Split(m.View().Content, "\n") }

func TestPlayer(t *testing.T) {
	m := newPlayer(played(t), 4)
	defer m.close()
	if m.Init() == nil {
		t.Fatal("it does not begin")
	}
	if m.View().Content != "" {
		t.Error("something is drawn on a terminal of unknown size")
	}
	m.Update(tea.WindowSizeMsg{Width: 40, Height: 4})
	press := func(key tea.KeyPressMsg) tea.Cmd {
		_, cmd := m.Update(key)
		return cmd
	}
	due := func() tea.Cmd {
		_, cmd := m.Update(playMsg{m.round})
		return cmd
	}
	if due() == nil {
		t.Fatal("it stops behind the first step")
	}
	got := rows(m)
	if len(got) != 4 || !strings.HasPrefix(got[0], "one") || strings.Contains(strings.Join(got, ""), "\x1b") {
		t.Fatalf("%q", got)
	}
	if !strings.HasPrefix(got[3], "1/3 4x  ") || !strings.Contains(got[3], "ann") || len(got[3]) > 40 {
		t.Errorf("status %q", got[3])
	}

	// Paused, a tick that is on its way does nothing; the right arrow makes one step.
	late := playMsg{m.round}
	if press(tea.KeyPressMsg{Code: tea.KeySpace, Text: " "}) != nil {
		t.Error("a pause goes on")
	}
	m.Update(late)
	if m.done != 1 || !strings.HasPrefix(rows(m)[3], "1/3 paused") {
		t.Errorf("%q", rows(m))
	}
	if press(tea.KeyPressMsg{Code: tea.KeyRight}) != nil || rows(m)[1] != "世界" || !strings.Contains(rows(m)[3], "bob?") {
		t.Errorf("%q", rows(m))
	}
	if c := m.View().Cursor; c == nil || c.X != 4 || c.Y != 1 {
		t.Errorf("cursor %+v", c)
	}
	press(tea.KeyPressMsg{Code: '+', Text: "+"})
	press(tea.KeyPressMsg{Code: '+', Text: "+"})
	press(tea.KeyPressMsg{Code: '-', Text: "-"})
	if m.speed != 8 {
		t.Errorf("speed %g", m.speed)
	}
	if press(tea.KeyPressMsg{Code: tea.KeySpace, Text: " "}) == nil {
		t.Error("it does not go on")
	}
	if due() != nil || !strings.HasPrefix(rows(m)[3], "3/3 end") || strings.HasPrefix(rows(m)[0], "one") {
		t.Errorf("the end: %q", rows(m))
	}
	if due(); m.done != 3 {
		t.Error("it goes on behind the end")
	}
	if press(tea.KeyPressMsg{Code: 'r', Text: "r"}) == nil || m.done != 0 || rows(m)[0] != "" {
		t.Errorf("again: %q", rows(m))
	}
	due()
	if !strings.HasPrefix(rows(m)[0], "one") {
		t.Errorf("again: %q", rows(m))
	}
	if cmd := press(tea.KeyPressMsg{Code: 'q', Text: "q"}); cmd == nil || cmd() != tea.Quit() {
		t.Error("q does not quit")
	}
}

// TestPlayerScrolls: what is changed is on the screen.
func TestPlayerScrolls(t *testing.T) {
	doc := rga.New(1)
	if _, _, err := doc.Edit(1000, rga.Edit{Insert: strings.Repeat("line\n", 100) + strings.Repeat("漢", 100) + "x"}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := doc.Edit(9000, rga.Edit{Offset: 25, Insert: "here"}); err != nil {
		t.Fatal(err)
	}
	m := newPlayer(history{doc: doc}, 1)
	defer m.close()
	m.Update(tea.WindowSizeMsg{Width: 30, Height: 10})
	m.forward()
	if c := m.View().Cursor; c == nil || !strings.HasSuffix(rows(m)[c.Y], "漢x") {
		t.Errorf("cursor %+v in %q", c, rows(m))
	}
	m.forward()
	if c := m.View().Cursor; c == nil || rows(m)[c.Y] != "hereline" || c.X != 4 {
		t.Errorf("cursor %+v in %q", c, rows(m))
	}
}

func TestGap(t *testing.T) {
	l := newTimeline(played(t).doc)
	defer l.stop()
	for _, c := range []struct {
		step  int
		speed float64
		want  time.Duration
	}{{-1, 1, 10 * time.Millisecond}, {0, 4, time.Second}, {0, 1024, 10 * time.Millisecond}, {1, 1, 2 * time.Second}, {2, 1, 10 * time.Millisecond}} {
		if got := l.gap(c.step, c.speed); got != c.want {
			t.Errorf("behind step %d at %gx: %s, not %s", c.step, c.speed, got, c.want)
		}
	}
}
