package tui

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"coedit/rga"

	tea "charm.land/bubbletea/v2"
)

// TestFloodDoesNotHoldUpKeys: whatever arrives, one Update applies a bounded part of it, and a key typed meanwhile is in the next view.
func TestFloodDoesNotHoldUpKeys(t *testing.T) {
	f := newFixture(t, "here: \n", shared)
	f.press("end")
	for range 300 {
		for i := range 50 {
			f.remote(rga.Edit{Offset: i % 7, Insert: "e"})
			f.remote(rga.Edit{Offset: f.partner.Len(), Insert: "\nline"})
		}
	}
	f.press("ctrl+end")
	f.write("typed: ")
	total, news := 0, 0
	for _, b := range f.session.arrived {
		total += len(b)
	}
	for len(f.session.arrived) > 0 {
		if cmd := f.send(newsMsg{}); cmd == nil {
			t.Fatal("nothing goes on after an unfinished step")
		}
		f.write(string(rune('a' + news%26)))
		if c := f.m.View().Cursor; c == nil || !strings.HasSuffix(f.row(c.Y)[:c.X], string(rune('a'+news%26))) {
			t.Fatalf("after step %d the key typed is not in the next view", news)
		}
		news++
	}
	largest := 4 << 10 // of one batch, see fixture.remote
	for i, r := range f.session.steps {
		if r.Ops > stepBudget.Ops+largest || r.Bytes > stepBudget.Bytes+largest {
			t.Errorf("step %d applied %d ops, %d bytes", i, r.Ops, r.Bytes)
		}
	}
	if news < 10 {
		t.Errorf("%d bytes were applied in %d steps only; the bound is not exercised", total, news)
	}
}

// TestNewsComesOnceAFrame: in 100 ms of continuous news there are at most 100/8 steps, and a lone one is not delayed.
func TestNewsComesOnceAFrame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, "", shared, func(_ *fixture, o *Options) { o.Now = time.Now })
		f.m.lastStep = time.Time{}
		begin := time.Now()
		f.session.news <- struct{}{}
		if f.m.wait()(); time.Since(begin) != 0 {
			t.Errorf("a lone batch waited %v", time.Since(begin))
		}
		n := 0
		for ; time.Since(begin) < 100*time.Millisecond; n++ {
			f.m.news()
			f.session.news <- struct{}{}
			if _, ok := f.m.wait()().(newsMsg); !ok {
				t.Fatal("no news")
			}
		}
		if n > 13 {
			t.Errorf("%d steps in 100 ms", n)
		}
	})
}

func TestWaitEnds(t *testing.T) {
	f := newFixture(t, "", shared)
	ctx, cancel := context.WithCancel(context.Background())
	f.m.ctx = ctx
	f.session.ended = errors.New("the room is gone")
	f.session.news <- struct{}{}
	msg, ok := f.m.wait()().(sessionEndedMsg)
	if !ok {
		t.Fatal("an ended session is not told")
	}
	f.send(msg)
	if !strings.Contains(f.status(), "the room is gone") {
		t.Errorf("status %q", f.status())
	}
	cancel()
	if msg := f.m.wait()(); msg != nil {
		t.Errorf("after the end came %T", msg)
	}
}

func TestOwnEditsAreFlushed(t *testing.T) {
	f := newFixture(t, "", shared)
	before := f.session.flushes.Load()
	f.write("x")
	if f.session.flushes.Load() == before {
		t.Error("a key is not flushed")
	}
	f.session.wait = time.Millisecond
	cmd := f.press("a")
	f.press("b")
	if !f.m.flushAsked {
		t.Fatal("no flush is scheduled")
	}
	f.session.wait = 0
	f.send(await[flushMsg](t, cmd))
	if f.m.flushAsked {
		t.Error("the flush is still scheduled")
	}
}

// A flush that is due sooner than the one scheduled is scheduled as well: a caret must not wait for an idle link's long turn.
func TestSoonerFlush(t *testing.T) {
	f := newFixture(t, "", shared)
	f.session.wait = time.Hour
	f.press("a")
	late := f.m.flushDue
	f.session.wait = time.Millisecond
	cmd := f.press("b")
	if !f.m.flushDue.Before(late) {
		t.Fatal("the sooner flush waits for the later one")
	}
	await[flushMsg](t, cmd)
	soon := f.m.flushDue
	f.session.wait = time.Hour
	f.press("c")
	if !f.m.flushDue.Equal(soon) {
		t.Error("a later flush replaces the sooner one")
	}
}

func TestPresenceIsTold(t *testing.T) {
	f := newFixture(t, "one\ntwo\n", shared, hosting)
	told := f.session.told
	f.send(tickMsg{})
	if f.session.told != told {
		t.Error("presence is told without a change")
	}
	f.press("right", "shift+right")
	head, _ := f.ed.Doc().Resolve(f.session.presence.Head)
	tail, _ := f.ed.Doc().Resolve(f.session.presence.Tail)
	if head != 2 || tail != 1 {
		t.Errorf("told head %d, tail %d", head, tail)
	}
	f.ed.MarkSaved(f.ed.Doc().Version())
	f.write("x")
	if !f.session.presence.Dirty || f.session.presence.Idle {
		t.Errorf("told %+v", f.session.presence)
	}
	f.clock.advance(2 * idleAfter)
	f.send(tickMsg{})
	if !f.session.presence.Idle {
		t.Error("idleness is not told")
	}
}

func TestNoticesAreShown(t *testing.T) {
	f := newFixture(t, "", shared)
	f.session.notices = []string{"ann joined", "bob\x1b]0;x\a left"}
	f.send(newsMsg{})
	if got := f.status(); !strings.HasPrefix(got, " main.go 1:1  ann joined; bob^[]0;x^G left") || !strings.Contains(got, "online") {
		t.Errorf("status %q", got)
	}
	f.clock.advance(time.Minute)
	f.send(tickMsg{})
	if got := f.status(); strings.Contains(got, "ann") {
		t.Errorf("a minute later: %q", got)
	}
}

// What is there to be read goes when the user goes on after a second; what tells of a loss stays.
func TestKeysClearMessages(t *testing.T) {
	f := newFixture(t, "", shared, hosting)
	f.session.notices = []string{"ann joined"}
	f.send(newsMsg{})
	f.clock.advance(messageRead / 2)
	f.write("x")
	if got := f.status(); !strings.Contains(got, "ann joined") {
		t.Errorf("gone before it can be read: %q", got)
	}
	f.clock.advance(messageRead / 2)
	f.write("y")
	if got := f.status(); strings.Contains(got, "ann joined") {
		t.Errorf("still there after a key: %q", got)
	}
	f.file.err = errors.New("the disk is full")
	f.send(await[savedMsg](t, f.press("ctrl+s")))
	f.session.notices = []string{"bob joined"}
	f.send(newsMsg{})
	f.clock.advance(2 * messageRead)
	f.write("z")
	if got := f.status(); !strings.Contains(got, "Not saved: the disk is full; bob joined") {
		t.Errorf("a failed save is hidden by a key: %q", got)
	}
}

// A message that is too long takes the position's place and the name's, but never hides that something is not saved, or the connection.
func TestMessageLeavesTheStateAlone(t *testing.T) {
	f := newFixture(t, "text\n", shared, hosting)
	f.peer("annabella", 0, 0, 0)
	f.write("x")
	for _, c := range []struct {
		width int
		state LinkState
		want  []string
	}{
		{200, Online, []string{" main.go  unsaved  Ln 1, Col 2  A sentence", "annabella:1", "online"}},
		{80, Online, []string{" *", "A sentence", "online"}},
		{40, Online, []string{" *  A sentence", "online"}},
		{40, Offline, []string{" *  A sentence", "offline"}},
		{200, Offline, []string{" main.go  unsaved", "A sentence that is long enough", "offline; your edits are kept"}},
	} {
		f.session.state.State = c.state
		f.send(tea.WindowSizeMsg{Width: c.width, Height: 24})
		f.m.say("A sentence that is long enough to take all the room there is, and a little more than that on some of the screens.")
		f.send(flushMsg{})
		for _, want := range c.want {
			if got := f.status(); !strings.Contains(got, want) {
				t.Errorf("width %d: %q lacks %q", c.width, got, want)
			}
		}
	}
}

// Who can read along is said as long as it is so, where there is room, but not instead of a lost connection.
func TestWarningStands(t *testing.T) {
	f := newFixture(t, "", shared)
	f.session.state.Warning = "not encrypted: the relay can read the text"
	f.send(newsMsg{})
	f.clock.advance(time.Hour)
	f.send(tickMsg{})
	if got := f.status(); !strings.Contains(got, "  not encrypted  online") {
		t.Errorf("status %q", got)
	}
	f.session.state.State = Offline
	f.send(newsMsg{})
	if got := f.status(); strings.Contains(got, "encrypted") || !strings.HasSuffix(got, "offline; your edits are kept") {
		t.Errorf("status %q", got)
	}
}

func TestNoSessionIsAlone(t *testing.T) {
	f := newFixture(t, "text")
	f.write("x")
	if got := f.status(); !strings.HasSuffix(got, "alone") {
		t.Errorf("status %q", got)
	}
	f.press("f2")
	if got := f.status(); !strings.Contains(got, "not shared") {
		t.Errorf("status %q", got)
	}
	if f.m.Init() == nil {
		t.Error("no tick")
	}
}

func TestReadOnly(t *testing.T) {
	f := newFixture(t, "text", shared)
	f.ed.SetReadOnly(true)
	f.session.state.ReadOnly = true
	f.write("x")
	f.press("backspace", "ctrl+x", "tab", "ctrl+z", "enter")
	f.send(tea.PasteMsg{Content: "y"})
	if f.text() != "text" {
		t.Errorf("text %q", f.text())
	}
	if got := f.status(); !strings.Contains(got, "read-only link") || !strings.HasSuffix(got, "read-only online") {
		t.Errorf("status %q", got)
	}
}
