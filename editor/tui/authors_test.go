package tui

import (
	"strings"
	"testing"
	"time"

	"coedit/editor"
	"coedit/rga"
)

func TestAuthors(t *testing.T) {
	f := newFixture(t, "loaded\nsecond\n", shared, func(f *fixture, o *Options) {
		if err := editor.MarkLoaded(f.ed.Doc(), 0, len("loaded\nsecond\n")); err != nil {
			t.Fatal(err)
		}
		o.Author = func(id rga.ReplicaID) (string, bool) { return "zed", id == another }
	})
	f.press("f8")
	if got := f.row(0); got != "  1  loaded" {
		t.Errorf("a line of the file: %q", got)
	}
	f.write("x")
	if got := f.row(0); !strings.HasPrefix(got, "  1") || strings.HasPrefix(got, "  1 ") || !strings.HasSuffix(got, " xloaded") {
		t.Errorf("an own line: %q", got)
	}
	f.remote(rga.Edit{Offset: len("xloaded\n"), Insert: "y"})
	f.receive()
	if got := f.row(1); got != "  2z ysecond" { // who is gone has a small letter
		t.Errorf("another's line: %q", got)
	}
	f.press("down")
	f.clock.advance(5 * time.Minute)
	f.send(tickMsg{})
	if got := f.status(); !strings.Contains(got, "zed, ") {
		t.Errorf("status %q", got)
	}
	f.press("up")
	f.clock.advance(time.Minute)
	f.send(tickMsg{})
	if got := f.status(); !strings.Contains(got, "you, 6 min ago") {
		t.Errorf("status %q", got)
	}
	f.press("f8")
	if got := f.row(1); got != "  2 ysecond" {
		t.Errorf("switched off: %q", got)
	}
}

func TestAgo(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for d, want := range map[time.Duration]string{
		-time.Hour: "just now", 59 * time.Second: "just now", 61 * time.Second: "1 min ago", 3 * time.Hour: "3 h ago",
		25 * time.Hour: "1 day ago", 49 * time.Hour: "2 days ago", 1000 * time.Hour: "2 Jan 2026",
	} {
		if got := ago(d, at.UnixMilli()); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}
