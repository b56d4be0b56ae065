package tui

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"coedit/presence"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"pgregory.net/rapid"
)

// told makes the session say something.
func (f *fixture) told(notice string) {
	f.session.notices = append(f.session.notices, notice)
	f.send(newsMsg{})
}

// toastRowsShown are the rows of the text's part of the screen that have a toast, with their numbers.
func (f *fixture) toastRowsShown() []string {
	var out []string
	area := f.m.placeToasts()
	for y := range f.m.view.height {
		if _, ok := area.row(y); ok {
			out = append(out, fmt.Sprintf("%d:%s", y, strings.TrimSpace(f.row(y)[f.m.gutterWidth():])))
		}
	}
	return out
}

func TestWhatAKeyTakesAwayGoesOnAsAToast(t *testing.T) {
	f := newFixture(t, "one\ntwo\n", shared)
	before := f.row(0)
	f.told("bob has left")
	f.clock.advance(1500 * time.Millisecond)
	if got := f.toastRowsShown(); got != nil || !strings.Contains(f.row(23), "bob has left") {
		t.Fatalf("before a key: %q, status line %q", got, f.row(23))
	}
	f.press("down")
	if got := f.toastRowsShown(); len(got) != 1 || got[0] != "22:bob has left" || strings.Contains(f.row(23), "bob has left") {
		t.Fatalf("after a key: %q, status line %q", got, f.row(23))
	}
	if f.row(0) != before || f.m.view.line != 0 {
		t.Error("the text moved")
	}
	f.clock.advance(readingTime("bob has left") - time.Millisecond)
	f.send(tickMsg{})
	if got := f.toastRowsShown(); len(got) != 1 {
		t.Errorf("just before its time is over: %q", got)
	}
	f.clock.advance(time.Millisecond)
	f.send(tickMsg{})
	if got := f.toastRowsShown(); got != nil || strings.Contains(f.row(22), "bob") {
		t.Errorf("after its time: %q", got)
	}
}

// A toast is as wide as what it says, and what says too much is cut.
func TestToastsAreAsWideAsTheirText(t *testing.T) {
	f := newFixture(t, "one\n", shared)
	for text, want := range map[string]toastArea{
		"bob has left":                      {top: 22, left: 80 - len(" bob has left ")},
		strings.Repeat("many words ", 20):   {top: 20, left: 80 - toastWidth},
		strings.Repeat("x", 5*toastWidth):   {top: 20, left: 80 - toastWidth},
		strings.Repeat("日", toastWidth/2-1): {top: 22, left: 80 - toastWidth},
	} {
		f.m.toasts = []toast{{text: text, until: f.clock.now().Add(time.Hour)}}
		f.send(tickMsg{})
		got := f.m.placeToasts()
		if got.top != want.top || got.left < want.left || got.left > want.left+10 || text == "bob has left" && got.left != want.left {
			t.Errorf("%q: from row %d, column %d; want %d, %d", text, got.top, got.left, want.top, want.left)
		}
		if len(text) > 4*toastWidth && !strings.Contains(f.row(22), "...") {
			t.Errorf("%q is not cut: %q", text, f.row(22))
		}
	}
}

func TestWhatWasReadIsNoToast(t *testing.T) {
	f := newFixture(t, "one\ntwo\n", shared)
	f.told("bob has left")
	f.clock.advance(time.Minute)
	f.press("down")
	f.m.say("what the user did")
	f.clock.advance(2 * time.Second)
	f.press("down")
	if got := f.toastRowsShown(); got != nil {
		t.Errorf("toasts %q", got)
	}
}

func TestToastsAreThreeAtMost(t *testing.T) {
	f := newFixture(t, "one\n", shared)
	for _, name := range []string{"ann", "bob", "carl", "dora", "bob"} {
		f.told(name + " has left")
		f.clock.advance(1100 * time.Millisecond)
		f.press("right")
	}
	if got, want := strings.Join(f.toastRowsShown(), "|"), "20:carl has left|21:dora has left|22:bob has left"; got != want {
		t.Errorf("toasts %q, want %q", got, want)
	}
	f.press("esc")
	if got := f.toastRowsShown(); got != nil {
		t.Errorf("after Esc: %q", got)
	}
}

// TestTroubleIsSeenAlthoughSomethingElseIsSaid: a file that is gone, until a save makes that old.
func TestTroubleIsSeenAlthoughSomethingElseIsSaid(t *testing.T) {
	for _, profile := range []colorprofile.Profile{colorprofile.TrueColor, colorprofile.ASCII} {
		f := newFixture(t, "one\n", shared, hosting)
		f.send(tea.ColorProfileMsg{Profile: profile})
		f.m.diskTrouble(fmt.Errorf("x: %w", ErrGone), nobody)
		f.m.say("Nothing to redo.")
		got := f.toastRowsShown()
		if len(got) != 2 || !strings.HasPrefix(got[0], "21:! ") || !strings.Contains(got[0], "is gone") {
			t.Fatalf("toasts %q", got)
		}
		if style := styleText(f.screen().CellAt(60, 21)); style == "" {
			t.Error("a toast looks like the text")
		}
		f.m.saving = true
		f.send(savedMsg{version: f.ed.Doc().Version(), view: f.ed.View(), by: byUser})
		if got := f.toastRowsShown(); got != nil {
			t.Errorf("after a save: %q", got)
		}
	}
	f := newFixture(t, "one\n", shared)
	f.send(sessionEndedMsg{errors.New("it is over")})
	f.m.say("Nothing to redo.")
	if got := f.toastRowsShown(); len(got) == 0 || !strings.Contains(got[0], "The session has ended") {
		t.Errorf("toasts %q", got)
	}
}

// TestWhatIsNotKeptIsSaid: once, until it is all well again.
func TestWhatIsNotKeptIsSaid(t *testing.T) {
	why := ""
	f := newFixture(t, "one\n", func(_ *fixture, o *Options) { o.Trouble = func() string { return why } })
	said := func() bool {
		f.send(tickMsg{})
		return strings.Contains(f.status(), "The disk is full.")
	}
	if said() {
		t.Error("it is said before")
	}
	if why = "the disk is full"; !said() {
		t.Errorf("status %q", f.status())
	}
	f.press("esc")
	if said() {
		t.Error("it is said twice")
	}
	why = ""
	f.send(tickMsg{})
	if why = "the disk is full"; !said() {
		t.Error("it is not said again")
	}
}

// TestToastsKeepOffTheCaret: wherever the caret is, on any screen, no toast covers it, and the rest of the screen is as it was without
// toasts.
func TestToastsKeepOffTheCaret(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		long := strings.Repeat("word 日本 ", 14)
		f := newFixture(t, strings.Repeat(long+"\nshort\n", 40), shared, func(_ *fixture, o *Options) {
			o.Looks = Looks{Wrap: rapid.Bool().Draw(rt, "wrap"), Scrollbar: true}
		})
		f.send(tea.WindowSizeMsg{Width: rapid.IntRange(2, 120).Draw(rt, "width"), Height: rapid.IntRange(1, 30).Draw(rt, "height")})
		at := f.ed.Next(rapid.IntRange(0, f.ed.View().Len()-1).Draw(rt, "caret"))
		f.ed.Select(at, at)
		f.m.reveal()
		f.send(tickMsg{})
		without := strings.Split(dump(f.screen(), f.m.width, f.m.height), "\n")
		cursor := cursorText(f.m.View().Cursor)
		for i := range rapid.IntRange(1, 4).Draw(rt, "toasts") {
			text := strings.Repeat(fmt.Sprintf("toast%d ", i), rapid.IntRange(1, 40).Draw(rt, "words"))
			f.m.toasts = append(f.m.toasts, toast{text: text, alert: rapid.Bool().Draw(rt, "alert"), until: f.clock.now().Add(time.Hour)})
		}
		f.send(tickMsg{})
		f.check()
		if got := cursorText(f.m.View().Cursor); got != cursor {
			rt.Fatalf("the cursor moved from %s to %s", cursor, got)
		}
		area := f.m.placeToasts()
		if c := f.m.View().Cursor; c != nil && c.X >= area.left {
			if _, covered := area.row(c.Y); covered {
				rt.Fatalf("a toast covers the caret at %v", c.Position)
			}
		}
		for y, row := range strings.Split(dump(f.screen(), f.m.width, f.m.height), "\n") {
			if _, covered := area.row(y); !covered && row != without[y] {
				rt.Fatalf("row %d without a toast was %q and is %q", y, without[y], row)
			}
		}
	})
}

// TestToastsStandAboveASheet: a link that is shown does not hide that somebody came.
func TestToastsStandAboveASheet(t *testing.T) {
	f := newFixture(t, "one\n", shared, hosting)
	f.session.state.Host, f.session.state.Link = true, "http://192.0.2.17:7000/r/q3vB8nXw2L5pRt6k#w.0123456789"
	f.session.state.Peers = []presence.State{{Replica: 7, Name: "ann"}}
	f.send(newsMsg{})
	f.told("ann is here")
	f.m.say("something else")
	area := f.toastRowsShown()
	if len(area) != 1 || !strings.HasSuffix(area[0], ":ann is here") {
		t.Errorf("toasts %q", area)
	}
}
