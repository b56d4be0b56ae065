package editor

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"coedit/rga"
)

// many is the text with every caret as | and the other end of a selection as ^; the primary one's caret is a *.
func many(e *Editor) string {
	text := e.View().String()
	type cut struct {
		off int
		s   string
	}
	var cuts []cut
	for _, s := range e.Selections() {
		caret := "|"
		if s == e.Selection() {
			caret = "*"
		}
		if !s.Empty() {
			cuts = append(cuts, cut{s.Anchor, "^"})
		}
		cuts = append(cuts, cut{s.Head, caret})
	}
	slices.SortStableFunc(cuts, func(a, b cut) int { return a.off - b.off })
	var sb strings.Builder
	last := 0
	for _, c := range cuts {
		sb.WriteString(text[last:c.off])
		sb.WriteString(c.s)
		last = c.off
	}
	return sb.String() + text[last:]
}

// manyAt returns an editor with the carets that marked shows, as many does; the primary one is added last.
func manyAt(t *testing.T, marked string) *Editor {
	t.Helper()
	var text strings.Builder
	var sels []Selection
	primary, open := 0, -1
	anchorOpen := false
	for _, r := range marked {
		switch r {
		case '^':
			if anchorOpen = open < 0 || !anchorOpen; anchorOpen && open < 0 {
				open = text.Len()
				continue
			}
			sels[len(sels)-1].Anchor = text.Len() // behind its caret
			open, anchorOpen = -1, false
		case '|', '*':
			s := Selection{text.Len(), text.Len()}
			if open >= 0 {
				s.Anchor, open, anchorOpen = open, -1, false
			}
			if r == '*' {
				primary = len(sels)
			}
			sels = append(sels, s)
		default:
			text.WriteRune(r)
		}
	}
	a, _ := pairOf(t, text.String())
	for i, s := range sels {
		if i != primary {
			if i == 0 || i == 1 && primary == 0 {
				a.Select(s.Anchor, s.Head)
			} else {
				a.AddSelection(s.Anchor, s.Head)
			}
		}
	}
	if len(sels) == 1 {
		a.Select(sels[0].Anchor, sels[0].Head)
	} else {
		a.AddSelection(sels[primary].Anchor, sels[primary].Head)
	}
	if got := many(a); got != marked {
		t.Fatalf("%q was set up as %q", marked, got)
	}
	return a
}

// TestSeveralCarets: what a key does it does at each caret, in one undo step.
func TestSeveralCarets(t *testing.T) {
	for _, c := range []struct {
		name, from, want string
		f                func(e *Editor) error
	}{
		{"typing", "a|b\nc*d", "ax|b\ncx*d", func(e *Editor) error { return e.Insert(1, "x") }},
		{"typing over selections", "^one| two ^one*", "x| two x*", func(e *Editor) error { return e.Insert(1, "x") }},
		{"selections that border on each other stay apart", "^ab|^ab*", "x|x*", func(e *Editor) error { return e.Insert(1, "x") }},
		{"backspace", "ab|\ncd*", "a|\nc*", func(e *Editor) error { return e.Backspace(1, false) }},
		{"carets that meet become one", "a|b*", "*", func(e *Editor) error { return e.Backspace(1, false) }},
		{"two in one word", "on|e.tw|o*", "|e.*", func(e *Editor) error { return e.Backspace(1, true) }},
		{"delete forwards", "|ab\n*cd", "|b\n*d", func(e *Editor) error { return e.DeleteForward(1, false) }},
		{"a new line, indented", "\tx|\n  y*", "\tx\n\t|\n  y\n  *", func(e *Editor) error { return e.Newline(1) }},
		{"motion", "a|b\nc*d", "ab|\ncd*", func(e *Editor) error { e.Move(LineEnd, false, 0); return nil }},
		{"vertical motion with a goal each", "ab|c\na*bc\n\nabcd", "abc\nab|c\n*\nabcd", func(e *Editor) error {
			e.Move(LineDown, false, 0)
			return nil
		}},
		{"extending", "a|bc *def", "a^bc| ^def*", func(e *Editor) error { e.Move(WordRight, true, 0); return nil }},
		{"selections that come to overlap become one", "a|b*c", "a^bc*", func(e *Editor) error { e.Move(LineEnd, true, 0); return nil }},
		{"above", "abc\nab*c", "ab*c\nab|c", func(e *Editor) error { e.AddCaretAbove(); return nil }},
		{"below, past a short line", "ab*c\n\nabc", "ab|c\n|\nab*c", func(e *Editor) error {
			e.AddCaretBelow()
			e.AddCaretBelow()
			if e.AddCaretBelow() {
				t.Error("there is no line below the last")
			}
			return nil
		}},
		{"the word first", "one o*ne", "one ^one*", func(e *Editor) error { e.AddNextOccurrence(); return nil }},
		{"the next occurrence, from the end on", "one two ^one*", "^one* two ^one|", func(e *Editor) error { e.AddNextOccurrence(); return nil }},
		{"all of them", "^a* b a ba", "^a| b ^a| b^a*", func(e *Editor) error {
			for e.AddNextOccurrence() == OccurrenceAdded {
			}
			return nil
		}},
		{"copied words go one to each", "^one| ^two*\n", "one two\none| two*", func(e *Editor) error {
			e.Copy()
			e.Select(8, 8)
			must(t, e.Insert(1, " "))
			e.Select(8, 8)
			e.AddSelection(9, 9)
			return e.Paste(1, e.Clipboard())
		}},
		{"lines from elsewhere go one to each", "|a\n*b", "1|a\n2*b", func(e *Editor) error { return e.Paste(1, "1\r\n2\r\n") }},
		{"else everything goes to each", "|a\n*b", "1\n2\n3|a\n1\n2\n3*b", func(e *Editor) error { return e.Paste(1, "1\n2\n3") }},
		{"copied lines go above", "a|x\nb\nc*y", "ax\na|x\nb\ncy\nc*y", func(e *Editor) error { e.Copy(); return e.Paste(1, e.Clipboard()) }},
		{"cut lines", "a|x\nb*z|\nc", "*c", func(e *Editor) error { _, err := e.Cut(1); return err }},
		{"collapse", "^ab| ^cd*", "ab| cd*", func(e *Editor) error { e.Collapse(); return nil }},
		{"drop the others", "ab| ^cd*", "ab ^cd*", func(e *Editor) error { e.DropCarets(); return nil }},
		{"toggle", "a|b*c", "ab*c", func(e *Editor) error { e.ToggleCaret(1); return nil }},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := manyAt(t, c.from)
			original := e.View().String()
			must(t, c.f(e))
			if got := many(e); got != c.want {
				t.Errorf("%q became %q, want %q", c.from, got, c.want)
			}
			if e.View().String() != original && len(e.undo) == 1 {
				if _, err := e.Undo(2); err != nil || many(e) != c.from {
					t.Errorf("undone: %q, %v", many(e), err)
				}
				if _, err := e.Redo(2); err != nil || many(e) != c.want {
					t.Errorf("done again: %q, %v", many(e), err)
				}
			}
			if err := e.Doc().Check(); err != nil {
				t.Error(err)
			}
		})
	}
}

// What is typed at several carets is one batch, and remote edits leave every caret at its text.
func TestSeveralCaretsWithOthers(t *testing.T) {
	e := manyAt(t, "one| two|\nthree*")
	_, b := New(rga.New(1)), New(rga.New(2))
	exchange(t, e, b)
	must(t, e.Insert(1, "!"))
	if _, to := e.Doc().AppendOwn(nil, 0, 1<<16); to != e.Doc().Clock() {
		t.Error("the edit is more than one batch")
	}
	b.Select(0, 0)
	must(t, b.Insert(2, "zero "))
	b.Select(8, 8)
	must(t, b.Insert(2, " and a half"))
	exchange(t, e, b)
	if got, want := many(e), "zero one and a half!| two!|\nthree!*"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	b.Select(0, b.View().Len())
	must(t, b.Backspace(3, false))
	exchange(t, e, b)
	if got := many(e); got != "*" {
		t.Errorf("after everything was deleted: %q", got)
	}
}

func TestCaretsAreBounded(t *testing.T) {
	e := New(rga.New(1))
	must(t, e.Insert(0, strings.Repeat("a\n", MaxCarets+10)))
	e.Select(0, 0)
	for e.AddCaretBelow() {
	}
	if e.Carets() != MaxCarets {
		t.Errorf("%d carets", e.Carets())
	}
	if e.ToggleCaret(2*MaxCarets+4) || e.AddSelection(2*MaxCarets+4, 2*MaxCarets+4) {
		t.Error("one more was taken")
	}
	e.Select(0, 1)
	for e.AddNextOccurrence() == OccurrenceAdded {
	}
	if e.Carets() != MaxCarets || e.AddNextOccurrence() != OccurrenceLimit {
		t.Errorf("%d occurrences", e.Carets())
	}
}

// index agrees with bytes.Index however the text lies in the arenas.
func TestIndexAcrossChunks(t *testing.T) {
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 3))
		doc := rga.New(1)
		for range rng.IntN(60) {
			if _, _, err := doc.Edit(0, rga.Edit{Offset: rng.IntN(doc.Len() + 1), Insert: strings.Repeat("ab", rng.IntN(3)) + "a"}); err != nil {
				t.Fatal(err)
			}
		}
		v := doc.View()
		text := []byte(v.String())
		want := bytes.Repeat([]byte("ab"), 1+rng.IntN(3))[rng.IntN(2):]
		from := rng.IntN(len(text) + 1)
		to := from + rng.IntN(len(text)-from+1)
		expect := bytes.Index(text[from:to], want)
		if expect >= 0 {
			expect += from
		}
		if got := index(v, want, from, to); got != expect {
			t.Fatalf("seed %d: %q in %q[%d:%d]: %d, want %d", seed, want, text, from, to, got, expect)
		}
	}
}
