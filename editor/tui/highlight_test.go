package tui

import (
	"slices"
	"strings"
	"testing"

	"coedit/editor/syntax"
	"coedit/rga"

	tea "charm.land/bubbletea/v2"
	"pgregory.net/rapid"
)

// coloured shows words in the colours of Go.
func coloured(_ *fixture, o *Options) { o.Looks.Highlight = true }

// finish reads all of the text for its colours.
func (f *fixture) finish() {
	f.send(tickMsg{})
	for f.m.mending {
		f.send(mendMsg{})
	}
}

// statesOf reads a text from its start.
func statesOf(lang *syntax.Language, text string) []syntax.State {
	var states []syntax.State
	state := syntax.Start
	for line := range strings.SplitSeq(text, "\n") {
		states = append(states, state)
		if len(line) < plainLine {
			state = lang.After([]byte(line), state)
		}
	}
	return states
}

func TestColoursOfWords(t *testing.T) {
	f := newFixture(t, "package main // why\n\nvar s = \"text\"\n", coloured)
	buf := f.screen()
	looks := map[string]string{}
	for _, c := range []struct {
		word string
		x, y int
	}{{"keyword", 4, 0}, {"name", 12, 0}, {"comment", 17, 0}, {"string", 12, 2}} {
		looks[c.word] = buf.CellAt(c.x, c.y).Style.String()
	}
	for _, word := range []string{"keyword", "comment", "string"} {
		for other, look := range looks {
			if other != word && look == looks[word] {
				t.Errorf("a %s looks like a %s: %q", word, other, look)
			}
		}
	}
}

// TestColoursFollowEdits: whatever is edited, the states of all lines are those that reading the text from its start finds, once
// everything was read; and the screen is coloured by them.
func TestColoursFollowEdits(t *testing.T) {
	pieces := []string{"/*", "*/", "`", "\"", "\n", "// x\n", "func f() {\n", "x := 1\n", strings.Repeat("a line of text\n", 900), strings.Repeat("y", plainLine), "'", "\\"}
	rapid.Check(t, func(rt *rapid.T) {
		f := newFixture(t, strings.Repeat("func main() { return }\n", rapid.IntRange(0, 3000).Draw(rt, "lines")), coloured, shared)
		f.finish()
		for range rapid.IntRange(1, 12).Draw(rt, "edits") {
			n := f.ed.View().Len()
			at := rapid.IntRange(0, n).Draw(rt, "at")
			del := min(rapid.SampledFrom([]int{0, 0, 1, 5, 300, 20000}).Draw(rt, "delete"), n-at)
			f.remote(rga.Edit{Offset: at, Delete: del, Insert: rapid.SampledFrom(pieces).Draw(rt, "insert")})
			f.send(newsMsg{})
			f.m.view.scrollTo(f.ed.View(), rapid.IntRange(0, f.ed.View().Lines()-1).Draw(rt, "top"))
			f.m.View()
		}
		f.receive()
		f.finish()
		text := f.ed.View()
		want := statesOf(f.m.colours.lang, text.String())
		for i, l := range f.m.colours.chain {
			if line := text.LineAt(l.off); text.LineStart(line) != l.off || l.state != want[line] || l.broken {
				rt.Fatalf("link %d of %d, %+v, is in line %d, which begins at %d in state %#x", i, len(f.m.colours.chain), l, line, text.LineStart(line), want[line])
			}
			if i > 0 && l.off <= f.m.colours.chain[i-1].off {
				rt.Fatalf("link %d is not behind the one before it", i)
			}
		}
		line := rapid.IntRange(0, text.Lines()-1).Draw(rt, "line")
		for i, state := range f.m.colours.before(text, f.ed.Revision(), line, 24) {
			if line+i < len(want) && state != want[line+i] {
				rt.Fatalf("line %d is shown in state %#x, not %#x", line+i, state, want[line+i])
			}
		}
	})
}

// TestReadingForColoursIsInPieces: one message never reads more than a piece, however large the text and whatever was done to it.
func TestReadingForColoursIsInPieces(t *testing.T) {
	f := newFixture(t, strings.Repeat("func main() { return }\n", 100_000), coloured)
	if !f.m.mending {
		t.Fatal("2 MB were read in one piece")
	}
	pieces := 0
	for f.m.mending {
		f.send(mendMsg{})
		pieces++
	}
	if pieces < 5 || pieces > 20 {
		t.Errorf("read in %d pieces", pieces)
	}
	f.write("/*") // all that follows is a comment now
	if !f.m.mending {
		t.Error("2 MB were read at once after a key")
	}
	if look := f.screen().CellAt(8, 20).Style.String(); look != f.screen().CellAt(19, 20).Style.String() {
		t.Errorf("the lines on the screen are not coloured as a comment at once: %q", strings.Split(f.m.View().Content, "\n")[20])
	}
	f.finish()
	f.write("*/")
	f.finish()
	if l := f.m.colours.chain[len(f.m.colours.chain)-1]; l.state != syntax.Start {
		t.Errorf("in the end the state is %#x", l.state)
	}
}

func TestALargeFileIsColouredInItsMiddleAtOnce(t *testing.T) {
	f := newFixture(t, strings.Repeat("func main() { return } // why\n", 100_000), coloured)
	f.press("ctrl+end", "up")
	if len(f.m.colours.chain) > 60 {
		t.Fatal("all was read already")
	}
	if f.screen().CellAt(8, 3).Style.String() == f.screen().CellAt(34, 3).Style.String() {
		t.Error("the end of the text has no colours yet")
	}
}

func BenchmarkKeyColoured(b *testing.B) {
	f := benchFixture(b, benchText(2000), shared, coloured)
	f.finish()
	f.press("down", "down", "end")
	b.ResetTimer()
	for range b.N {
		f.send(tea.KeyPressMsg{Code: 'x', Text: "x"})
		_ = f.m.View()
	}
}

// TestColoursFollowManyEditsAtOnce: one sweep does for all of them what one edit after the other would.
func TestColoursFollowManyEditsAtOnce(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		chain := []link{{}}
		for off := 0; len(chain) < rapid.IntRange(1, 40).Draw(rt, "links"); {
			off += rapid.IntRange(1, 30).Draw(rt, "apart")
			chain = append(chain, link{off: off, state: syntax.State(off)})
		}
		var changes []rga.Change
		for at := 0; len(changes) < rapid.IntRange(1, 12).Draw(rt, "changes"); {
			at = max(at+rapid.IntRange(-20, 60).Draw(rt, "on"), 0)
			c := rga.Change{Offset: at, Deleted: rapid.IntRange(0, 40).Draw(rt, "deleted"), Inserted: make([]byte, rapid.IntRange(0, 40).Draw(rt, "inserted"))}
			changes = append(changes, c)
			at += len(c.Inserted)
		}
		whole := highlighter{chain: slices.Clone(chain), first: len(chain), whole: true}
		each := highlighter{chain: slices.Clone(chain), first: len(chain), whole: true}
		whole.follow(changes)
		for i := range changes {
			each.follow(changes[i : i+1])
		}
		if !slices.Equal(whole.chain, each.chain) || whole.first != each.first || whole.whole != each.whole {
			rt.Fatalf("%+v\n  at once:    %+v\n  one by one: %+v", changes, whole, each)
		}
	})
}

// BenchmarkFollowReplacingAll: 50,000 changes in a text with 8,000 links.
func BenchmarkFollowReplacingAll(b *testing.B) {
	h := highlighter{chain: make([]link, 8000), first: 8000}
	for i := range h.chain {
		h.chain[i].off = i * linkEvery
	}
	changes := make([]rga.Change, 50_000)
	for i := range changes {
		changes[i] = rga.Change{Offset: i * 1200, Deleted: 3, Inserted: []byte("abc")}
	}
	for b.Loop() {
		h.follow(changes)
	}
}

// TestReadingOnLeavesTheScreenAlone: while a long text is read for its colours far from the screen, the lines shown are not read again for
// each piece.
func TestReadingOnLeavesTheScreenAlone(t *testing.T) {
	f := newFixture(t, strings.Repeat("func main() { return }\n", 100_000), coloured)
	f.press("ctrl+end", "up")
	f.screen()
	h, read := &f.m.colours, 0
	other := h.lang.After([]byte("/*"), syntax.Start) // which would be overwritten
	for range 5 {
		f.send(mendMsg{})
		h.shown[0] = other
		f.m.View()
		if h.shown[0] != other {
			read++
		}
	}
	if !f.m.mending || read > 0 {
		t.Errorf("read again for %d of 5 pieces", read)
	}
	f.finish()
	f.m.View()
	if h.shown[0] == other {
		t.Error("it was not read again when the states before it were known")
	}
}
