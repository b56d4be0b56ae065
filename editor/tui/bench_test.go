package tui

import (
	"strings"
	"testing"

	"coedit/rga"

	tea "charm.land/bubbletea/v2"
)

// benchText is n lines of source.
func benchText(n int) string {
	return strings.Repeat("\tfmt.Println(\"some line of a program\", value, 日本) // with a comment\n", n)
}

func benchFixture(b *testing.B, text string, settings ...setting) *fixture {
	f := newFixture(b, text, settings...)
	f.send(tea.WindowSizeMsg{Width: 120, Height: 40})
	b.ReportAllocs()
	return f
}

// BenchmarkKey is one typed character until the view is ready: one dirty line of 40.
func BenchmarkKey(b *testing.B) {
	f := benchFixture(b, benchText(2000), shared)
	f.press("down", "down", "end")
	b.ResetTimer()
	for i := range b.N {
		if i%100 == 99 {
			f.press("enter")
		} else {
			f.send(tea.KeyPressMsg{Code: 'x', Text: "x"})
		}
		_ = f.m.View()
	}
}

// BenchmarkViewUncached draws all 40 rows.
func BenchmarkViewUncached(b *testing.B) {
	f := benchFixture(b, benchText(2000), shared)
	b.ResetTimer()
	for b.Loop() {
		f.m.cache.drop()
		f.m.stale = true
		_ = f.m.View()
	}
}

// BenchmarkViewUnchanged is a frame in which nothing changed but the time.
func BenchmarkViewUnchanged(b *testing.B) {
	f := benchFixture(b, benchText(2000), shared)
	for b.Loop() {
		f.m.stale = true
		_ = f.m.View()
	}
}

// BenchmarkKeyUnderFlood is a key with a full step of somebody's edits before it.
func BenchmarkKeyUnderFlood(b *testing.B) {
	f := benchFixture(b, benchText(2000), shared)
	f.deliver()
	f.press("ctrl+end")
	b.ResetTimer()
	for range b.N {
		b.StopTimer()
		for i := range 600 {
			f.remote(rga.Edit{Offset: i * 3 % 50, Insert: "e"})
		}
		b.StartTimer()
		f.send(newsMsg{})
		f.send(tea.KeyPressMsg{Code: 'x', Text: "x"})
		_ = f.m.View()
		b.StopTimer()
		f.receive()
		b.StartTimer()
	}
}

// BenchmarkPaste is a paste of 5 MB until the view is ready.
func BenchmarkPaste(b *testing.B) {
	text := benchText(5 << 20 / len(benchText(1)))
	for range b.N {
		b.StopTimer()
		f := benchFixture(b, "start\n", shared)
		f.press("ctrl+end")
		b.StartTimer()
		f.send(tea.PasteMsg{Content: text})
		_ = f.m.View()
	}
}

// BenchmarkKeyInLongLine is a key far out in a line of a megabyte.
func BenchmarkKeyInLongLine(b *testing.B) {
	f := benchFixture(b, strings.Repeat("0123456789 ", 100000))
	f.press("end")
	b.ResetTimer()
	for range b.N {
		f.send(tea.KeyPressMsg{Code: 'x', Text: "x"})
		_ = f.m.View()
	}
}
