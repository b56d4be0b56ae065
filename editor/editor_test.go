package editor

import (
	"errors"
	"strings"
	"testing"

	"coedit/rga"
)

// pairOf returns two editors of one document, the first by replica 1, that hold text.
func pairOf(t *testing.T, text string) (a, b *Editor) {
	t.Helper()
	a, b = New(rga.New(1)), New(rga.New(2))
	if err := a.Replace(0, rga.Edit{Insert: text}); text != "" && err != nil {
		t.Fatal(err)
	}
	a.undo = nil
	exchange(t, a, b)
	return a, b
}

// exchange brings all to one version.
func exchange(t interface{ Fatalf(string, ...any) }, editors ...*Editor) {
	for _, from := range editors {
		for _, to := range editors {
			for batch := range from.Doc().Since(to.Doc().Version(), 1<<16) {
				if _, err := to.Apply(batch); err != nil {
					t.Fatalf("apply: %v", err)
				}
			}
		}
	}
	for _, e := range editors[1:] {
		if got, want := e.View().String(), editors[0].View().String(); got != want {
			t.Fatalf("replica %d has %q, replica %d %q", e.Doc().Replica(), got, editors[0].Doc().Replica(), want)
		}
	}
}

// shown is the text with the caret as | and the other end of a selection as ^.
func shown(e *Editor) string {
	s, text := e.Selection(), e.View().String()
	if s.Empty() {
		return text[:s.Head] + "|" + text[s.Head:]
	}
	from, to := s.Span()
	l, r := "^", "|"
	if s.Head < s.Anchor {
		l, r = r, l
	}
	return text[:from] + l + text[from:to] + r + text[to:]
}

// at returns an editor with the caret and selection that marked shows.
func at(t *testing.T, marked string) *Editor {
	t.Helper()
	text := strings.NewReplacer("|", "", "^", "").Replace(marked)
	a, _ := pairOf(t, text)
	put(t, a, marked)
	return a
}

func put(t *testing.T, e *Editor, marked string) {
	t.Helper()
	head := strings.IndexByte(strings.Replace(marked, "^", "", 1), '|')
	anchor := strings.IndexByte(strings.Replace(marked, "|", "", 1), '^')
	if anchor < 0 {
		anchor = head
	}
	e.Select(anchor, head)
	want(t, e, marked)
}

func want(t *testing.T, e *Editor, marked string) {
	t.Helper()
	if got := shown(e); got != marked {
		t.Fatalf("got %q, want %q", got, marked)
	}
	if err := e.Doc().Check(); err != nil {
		t.Fatal(err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func undo(t *testing.T, e *Editor, marked string) {
	t.Helper()
	if did, err := e.Undo(1e9); !did || err != nil {
		t.Fatalf("undo: %v, %v", did, err)
	}
	want(t, e, marked)
}

func redo(t *testing.T, e *Editor, marked string) {
	t.Helper()
	if did, err := e.Redo(1e9); !did || err != nil {
		t.Fatalf("redo: %v, %v", did, err)
	}
	want(t, e, marked)
}

// typed inserts each rune as a key press, a tenth of a second apart.
func typed(t *testing.T, e *Editor, from int64, text string) {
	t.Helper()
	for _, r := range text {
		must(t, e.Insert(from, string(r)))
		from += 100
	}
}

func TestMotion(t *testing.T) {
	for _, c := range []struct {
		name, from string
		motion     Motion
		extend     bool
		want       string
	}{
		{"right over a cluster", "|e\u0301x", Right, false, "e\u0301|x"},
		{"left over a family", "👩\u200d👩\u200d👧|x", Left, false, "|👩\u200d👩\u200d👧x"},
		{"right over a newline", "a|\nb", Right, false, "a\n|b"},
		{"between CR and LF", "a|\r\nb", Right, false, "a\r|\nb"},
		{"left collapses", "a^bc|d", Left, false, "a|bcd"},
		{"right collapses", "a|bc^d", Right, false, "abc|d"},
		{"right at the end", "ab|", Right, false, "ab|"},
		{"left at the start", "|ab", Left, false, "|ab"},
		{"extend right", "a|bc", Right, true, "a^b|c"},
		{"extend back to nothing", "a^b|c", Left, true, "a|bc"},
		{"word right", "|foo_1 bar", WordRight, false, "foo_1| bar"},
		{"word right over blanks", "foo|  bar+", WordRight, false, "foo  bar|+"},
		{"word right over punctuation", "foo|+=  bar", WordRight, false, "foo+=|  bar"},
		{"word right stops at the line's end", "foo|  \nbar", WordRight, false, "foo  |\nbar"},
		{"word right into the next line", "foo|\n  bar", WordRight, false, "foo\n  bar|"},
		{"word right to an empty line", "foo|\n\nbar", WordRight, false, "foo\n|\nbar"},
		{"word right in a script with marks", "|नमस्ते दुनिया", WordRight, false, "नमस्ते| दुनिया"},
		{"word left", "foo bar|", WordLeft, false, "foo |bar"},
		{"word left over blanks", "foo bar  |", WordLeft, false, "foo |bar  "},
		{"word left over a newline", "foo  \n|bar", WordLeft, false, "|foo  \nbar"},
		{"word left at the start", "|foo", WordLeft, false, "|foo"},
		{"extend a word", "foo| bar", WordRight, true, "foo^ bar|"},
		{"line start, first the text", "  foo| bar", LineStart, false, "  |foo bar"},
		{"line start, then the column", "  |foo", LineStart, false, "|  foo"},
		{"line start, back to the text", "|  foo", LineStart, false, "  |foo"},
		{"line start of blanks", "x\n  |  \ny", LineStart, false, "x\n    |\ny"},
		{"line end", "f|oo\nbar", LineEnd, false, "foo|\nbar"},
		{"line end of the last", "foo\nb|ar", LineEnd, false, "foo\nbar|"},
		{"up", "abc\nde|f", LineUp, false, "ab|c\ndef"},
		{"up from the first line", "ab|c", LineUp, false, "|abc"},
		{"down from the last line", "ab|c", LineDown, false, "abc|"},
		{"down over wide clusters", "ab|c\n漢字漢", LineDown, false, "abc\n漢|字漢"},
		{"down into the middle of one", "abc|d\n漢字漢", LineDown, false, "abcd\n漢|字漢"},
		{"down to a shorter line", "abcd|\nx\n", LineDown, false, "abcd\nx|\n"},
		{"up over a tab", "\tx\n12345|6", LineUp, false, "\tx|\n123456"},
		{"up collapses to the start", "abc\nd^ef|", LineUp, false, "a|bc\ndef"},
		{"down collapses to the end", "^ab|c\ndef", LineDown, false, "abc\nde|f"},
		{"page up", "ab\ncd\ne|f\n", PageUp, false, "a|b\ncd\nef\n"},
		{"page down is cut", "a|b\ncd\nef", PageDown, false, "ab\ncd\ne|f"},
		{"document start", "ab\ncd|", DocStart, true, "|ab\ncd^"},
		{"document end", "a|b\ncd", DocEnd, false, "ab\ncd|"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := at(t, c.from)
			e.Move(c.motion, c.extend, 10)
			want(t, e, c.want)
		})
	}
}

func TestVerticalMotionKeepsItsColumn(t *testing.T) {
	e := at(t, "longer| line\n\nx\nlonger line")
	for _, w := range []string{"longer line\n|\nx\nlonger line", "longer line\n\nx|\nlonger line", "longer line\n\nx\nlonger| line"} {
		e.Move(LineDown, false, 0)
		want(t, e, w)
	}
	e.Move(LineDown, false, 0)
	e.Move(LineUp, false, 0)
	want(t, e, "longer line\n\nx|\nlonger line")
	e.Move(LineUp, false, 0)
	e.Move(LineStart, false, 0) // the column is that of the caret again
	e.Move(LineUp, false, 0)
	want(t, e, "|longer line\n\nx\nlonger line")
}

func TestSelectUnits(t *testing.T) {
	for _, c := range []struct {
		name, from, want string
		f                func(*Editor)
	}{
		{"word inside", "foo b|ar.", "foo ^bar|.", func(e *Editor) { e.SelectWord(e.Selection().Head) }},
		{"word at its end", "foo| bar", "^foo| bar", func(e *Editor) { e.SelectWord(e.Selection().Head) }},
		{"word at its start", "foo |bar", "foo ^bar|", func(e *Editor) { e.SelectWord(e.Selection().Head) }},
		{"word before a newline", "foo|\nbar", "^foo|\nbar", func(e *Editor) { e.SelectWord(e.Selection().Head) }},
		{"punctuation", "a +|= b", "a ^+=| b", func(e *Editor) { e.SelectWord(e.Selection().Head) }},
		{"blanks", "a  |  b", "a^    |b", func(e *Editor) { e.SelectWord(e.Selection().Head) }},
		{"an empty line", "a\n|\nb", "a\n|\nb", func(e *Editor) { e.SelectWord(e.Selection().Head) }},
		{"line", "a\nb|c\nd", "a\n^bc\n|d", func(e *Editor) { e.SelectLine(e.Selection().Head) }},
		{"last line", "a\nb|c", "a\n^bc|", func(e *Editor) { e.SelectLine(e.Selection().Head) }},
		{"all", "a\nb|c", "^a\nbc|", func(e *Editor) { e.SelectAll() }},
		{"inside clusters, outward", "|e\u0301e\u0301", "^e\u0301e\u0301|", func(e *Editor) { e.Select(1, 4) }},
		{"inside a cluster", "x|e\u0301", "x|e\u0301", func(e *Editor) { e.Select(2, 2) }},
		{"outside the text", "|abc", "^abc|", func(e *Editor) { e.Select(-5, 50) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := at(t, c.from)
			c.f(e)
			want(t, e, c.want)
		})
	}
}

func TestEdits(t *testing.T) {
	for _, c := range []struct {
		name, from, want string
		f                func(*Editor) error
	}{
		{"insert", "a|b", "axy|b", func(e *Editor) error { return e.Insert(0, "xy") }},
		{"insert over a selection", "a^bc|d", "ax|d", func(e *Editor) error { return e.Insert(0, "x") }},
		{"insert before a mark", "|\u0301", "e\u0301|", func(e *Editor) error { return e.Insert(0, "e") }},
		{"insert what is not UTF-8", "|", "a\ufffdb|", func(e *Editor) error { return e.Insert(0, "a\xffb") }},
		{"newline keeps the indentation", "\t  foo| bar", "\t  foo\n\t  | bar", func(e *Editor) error { return e.Newline(0) }},
		{"newline inside the indentation", "\t|\tfoo", "\t\n\t|\tfoo", func(e *Editor) error { return e.Newline(0) }},
		{"newline over a selection", " a^b|c", " a\n |c", func(e *Editor) error { return e.Newline(0) }},
		{"backspace a cluster", "xe\u0301|y", "x|y", func(e *Editor) error { return e.Backspace(0, false) }},
		{"backspace a selection", "a|bc^d", "a|d", func(e *Editor) error { return e.Backspace(0, true) }},
		{"backspace a word", "foo bar| x", "foo | x", func(e *Editor) error { return e.Backspace(0, true) }},
		{"backspace a newline by word", "foo \n|bar", "foo |bar", func(e *Editor) error { return e.Backspace(0, true) }},
		{"backspace at the start", "|foo", "|foo", func(e *Editor) error { return e.Backspace(0, false) }},
		{"backspace that joins clusters", "가x|\u11a8", "가\u11a8|", func(e *Editor) error { return e.Backspace(0, false) }},
		{"delete a cluster", "x|🇩🇪y", "x|y", func(e *Editor) error { return e.DeleteForward(0, false) }},
		{"delete a word", "foo| bar x", "foo| x", func(e *Editor) error { return e.DeleteForward(0, true) }},
		{"delete a newline by word", "foo|\n bar", "foo| bar", func(e *Editor) error { return e.DeleteForward(0, true) }},
		{"delete at the end", "foo|", "foo|", func(e *Editor) error { return e.DeleteForward(0, false) }},
		{"paste", "a|b", "a1\n2\n3\n|b", func(e *Editor) error { return e.Paste(0, "1\r\n2\r3\n") }},
		{"paste what is not UTF-8", "|", "\ufffd|", func(e *Editor) error { return e.Paste(0, "\xc3") }},
		{"replace before the caret", "abc|d", "xbYYc|d", func(e *Editor) error {
			return e.Replace(0, rga.Edit{Offset: 0, Delete: 1, Insert: "x"}, rga.Edit{Offset: 2, Insert: "YY"})
		}},
		{"replace at the caret", "ab|cd", "ab|xd", func(e *Editor) error {
			return e.Replace(0, rga.Edit{Offset: 2, Delete: 1, Insert: "x"})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := at(t, c.from)
			must(t, c.f(e))
			want(t, e, c.want)
			if strings.NewReplacer("|", "", "^", "").Replace(c.from) != e.View().String() {
				if did, err := e.Undo(1); !did || err != nil {
					t.Fatal(did, err)
				}
			}
			if got, was := e.View().String(), strings.NewReplacer("|", "", "^", "").Replace(c.from); got != was {
				t.Fatalf("after undo %q, want %q", got, was)
			}
		})
	}
}

func TestBadReplaceChangesNothing(t *testing.T) {
	e := at(t, "é|x")
	for _, edit := range []rga.Edit{{Offset: 1}, {Offset: 9, Insert: "x"}, {Offset: 0, Delete: 1}, {Insert: "\xff"}} {
		edit.Insert += "y"
		rev := e.Revision()
		if err := e.Replace(0, edit); !errors.Is(err, rga.ErrRange) && !errors.Is(err, rga.ErrInvalid) {
			t.Fatalf("%v: %v", edit, err)
		}
		if e.Revision() != rev {
			t.Fatal("the revision rose")
		}
		want(t, e, "é|x")
	}
}

func TestClipboard(t *testing.T) {
	e := at(t, "one\nt^wo|\nthree")
	if got := e.Copy(); got != "wo" || e.Clipboard() != "wo" {
		t.Fatalf("copied %q", got)
	}
	put(t, e, "one\ntw|o\nthree")
	must(t, e.Paste(0, e.Clipboard()))
	want(t, e, "one\ntwwo|o\nthree")
	put(t, e, "one\ntwwoo\nth|ree")
	if got, err := e.Cut(0); got != "three\n" || err != nil {
		t.Fatalf("cut %q, %v", got, err)
	}
	want(t, e, "one\ntwwoo\n|")
	put(t, e, "o|ne\ntwwoo\n")
	must(t, e.Paste(0, "three\n")) // a whole line goes above
	want(t, e, "three\no|ne\ntwwoo\n")
	must(t, e.Paste(0, "other\n"))
	want(t, e, "three\noother\n|ne\ntwwoo\n")
	undo(t, e, "three\no|ne\ntwwoo\n")
	undo(t, e, "o|ne\ntwwoo\n")
	redo(t, e, "three\no|ne\ntwwoo\n")
	e = at(t, "a\n|")
	e.clipboard = "kept"
	if got := e.Copy(); got != "" || e.Clipboard() != "kept" {
		t.Fatalf("copying nothing gave %q and left %q", got, e.Clipboard())
	}
}

func TestReadOnly(t *testing.T) {
	a, b := pairOf(t, "text")
	a.SetReadOnly(true)
	a.Select(0, 2)
	_, cutErr := a.Cut(0)
	_, undoErr := a.Undo(0)
	_, redoErr := a.Redo(0)
	for i, err := range []error{
		a.Insert(0, "x"), a.Newline(0), a.Backspace(0, false), a.DeleteForward(0, true), a.Paste(0, "x"),
		a.Replace(0, rga.Edit{Insert: "x"}), cutErr, undoErr, redoErr,
	} {
		if !errors.Is(err, ErrReadOnly) {
			t.Errorf("edit %d: %v", i, err)
		}
	}
	if a.Copy() != "te" {
		t.Error("copying is refused")
	}
	must(t, b.Insert(0, "more "))
	exchange(t, a, b)
	want(t, a, "more ^te|xt")
}

func TestDirty(t *testing.T) {
	a, b := pairOf(t, "text")
	a.MarkSaved(a.Doc().Version())
	if a.Dirty() {
		t.Fatal("dirty when just saved")
	}
	must(t, a.Insert(0, "x"))
	saving := a.Doc().Version()
	if !a.Dirty() {
		t.Fatal("not dirty after an edit")
	}
	must(t, b.Insert(0, "y"))
	exchange(t, a, b)
	a.MarkSaved(saving)
	if !a.Dirty() {
		t.Fatal("not dirty though something came while saving")
	}
	a.MarkSaved(a.Doc().Version())
	if a.Dirty() {
		t.Fatal("dirty when just saved again")
	}
	must(t, b.Insert(0, "z"))
	exchange(t, a, b)
	if !a.Dirty() {
		t.Fatal("not dirty after an edit of another")
	}
}

// A listener that makes the changes in a copy has the text at every moment.
func TestOnChangeTellsAll(t *testing.T) {
	a, b := pairOf(t, "text")
	copied := "text"
	calls := 0
	a.OnChange(func(changes []rga.Change) {
		calls++
		for _, c := range changes {
			copied = copied[:c.Offset] + string(c.Inserted) + copied[c.Offset+c.Deleted:]
		}
		if copied != a.View().String() {
			t.Fatalf("listener has %q, text is %q", copied, a.View().String())
		}
		if s := a.Selection(); s.Head > a.View().Len() {
			t.Fatal("the selection is not settled yet")
		}
	})
	rev := a.Revision()
	a.Select(4, 4)
	must(t, a.Insert(0, "x"))
	must(t, a.Backspace(0, false))
	must(t, a.Replace(0, rga.Edit{Delete: 1}, rga.Edit{Offset: 3, Insert: "é"}))
	a.Undo(0)
	a.Redo(0)
	must(t, b.Insert(0, "remote"))
	exchange(t, a, b)
	must(t, a.Paste(0, ""))
	if calls != 6 || a.Revision() < rev+6 {
		t.Fatalf("%d calls, revision from %d to %d", calls, rev, a.Revision())
	}
	if v := a.View(); v != a.View() {
		t.Fatal("the view is not kept")
	}
}
