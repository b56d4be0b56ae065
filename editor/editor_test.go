package editor

import (
	"errors"
	"strings"
	"testing"

	"coedit/presence"
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

func TestUndoGroups(t *testing.T) {
	e := at(t, "|")
	typed(t, e, 0, "foo bar")
	undo(t, e, "foo |")
	redo(t, e, "foo bar|")
	undo(t, e, "foo |")
	undo(t, e, "|")
	if did, err := e.Undo(0); did || err != nil {
		t.Fatal("undid more than there was")
	}
	redo(t, e, "foo |")
	redo(t, e, "foo bar|")
	if did, _ := e.Redo(0); did {
		t.Fatal("redid more than there was")
	}
}

func TestUndoGroupEnds(t *testing.T) {
	for _, c := range []struct {
		name, want string // after one undo
		f          func(t *testing.T, e *Editor)
	}{
		{"by a pause", "ab|", func(t *testing.T, e *Editor) { typed(t, e, 0, "ab"); typed(t, e, 1100, "cd") }},
		{"not without one", "|", func(t *testing.T, e *Editor) { typed(t, e, 0, "ab"); typed(t, e, 1099, "cd") }},
		{"by a motion", "acd|b", func(t *testing.T, e *Editor) {
			typed(t, e, 0, "ab")
			e.Move(Left, false, 0)
			typed(t, e, 200, "cd")
			e.Move(Right, false, 0)
			e.Move(Left, false, 0)
			typed(t, e, 400, "ef")
		}},
		{"by a newline", "ab\n|", func(t *testing.T, e *Editor) {
			typed(t, e, 0, "ab")
			must(t, e.Newline(200))
			typed(t, e, 300, "cd")
		}},
		{"the newline is a step", "ab|", func(t *testing.T, e *Editor) {
			typed(t, e, 0, "ab")
			must(t, e.Newline(200))
		}},
		{"by deleting", "abc|", func(t *testing.T, e *Editor) {
			typed(t, e, 0, "abc")
			must(t, e.Backspace(300, false))
			must(t, e.Backspace(310, false))
		}},
		{"by typing after deleting", "a|", func(t *testing.T, e *Editor) {
			typed(t, e, 0, "abc")
			must(t, e.Backspace(300, false))
			must(t, e.Backspace(310, false))
			typed(t, e, 320, "xy")
		}},
		{"by the other way of deleting", "a|cd", func(t *testing.T, e *Editor) {
			typed(t, e, 0, "abcd")
			e.Select(2, 2)
			must(t, e.Backspace(400, false))
			must(t, e.DeleteForward(410, false))
			must(t, e.DeleteForward(420, false))
		}},
		{"by a paste", "ab|", func(t *testing.T, e *Editor) {
			typed(t, e, 0, "ab")
			must(t, e.Paste(200, "cd"))
		}},
		{"after a paste", "abcd|", func(t *testing.T, e *Editor) {
			typed(t, e, 0, "ab")
			must(t, e.Paste(200, "cd"))
			typed(t, e, 300, "ef")
		}},
		{"not by typing over a selection", "a^b|", func(t *testing.T, e *Editor) {
			typed(t, e, 0, "ab")
			e.Select(1, 2)
			typed(t, e, 200, "xyz")
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := at(t, "|")
			c.f(t, e)
			undo(t, e, c.want)
		})
	}
}

func TestUndoRestoresTheSelection(t *testing.T) {
	e := at(t, "one |two^ three")
	must(t, e.Insert(0, "2"))
	e.Select(0, 0)
	undo(t, e, "one |two^ three")
	e.Select(0, 0)
	redo(t, e, "one 2| three")
	e = at(t, "x|abc")
	must(t, e.DeleteForward(0, false))
	must(t, e.DeleteForward(0, false))
	e.Select(0, 0)
	undo(t, e, "x|abc")
	e = at(t, "ab|")
	must(t, e.Replace(0, rga.Edit{Insert: "head "}))
	undo(t, e, "|ab") // where the edit was
}

func TestRedoEndsWithAnOwnEditOnly(t *testing.T) {
	a, b := pairOf(t, "text ")
	a.Select(5, 5)
	typed(t, a, 0, "mine")
	undo(t, a, "text |")
	must(t, b.Insert(0, "theirs "))
	exchange(t, a, b)
	redo(t, a, "theirs text mine|")
	undo(t, a, "theirs text |")
	typed(t, a, 0, "x")
	if did, _ := a.Redo(0); did {
		t.Fatal("redid what an own edit made void")
	}
	exchange(t, a, b)
}

func TestUndoTakesBackOwnEditsOnly(t *testing.T) {
	a, b := pairOf(t, "base")
	a.Select(4, 4)
	typed(t, a, 0, " mine")
	exchange(t, a, b)
	b.Select(6, 6)
	typed(t, b, 0, "YOURS")
	exchange(t, a, b)
	want(t, a, "base mYOURSine|")
	undo(t, a, "base |YOURS")
	exchange(t, a, b)
	undo(t, a, "base|YOURS")
	redo(t, a, "base |YOURS")
	redo(t, a, "base mYOURSine|")
	exchange(t, a, b)
}

// When both deleted a word, one's undo does not bring it back against the other's deletion; the other's then does.
func TestUndoOfADeletionThatBothMade(t *testing.T) {
	a, b := pairOf(t, "keep word keep")
	for _, e := range []*Editor{a, b} {
		e.Select(5, 10)
		must(t, e.Backspace(0, false))
	}
	exchange(t, a, b)
	if did, err := a.Undo(1); !did || err != nil {
		t.Fatal(did, err)
	}
	exchange(t, a, b)
	want(t, a, "keep |keep")
	undo(t, b, "keep ^word |keep")
	exchange(t, a, b)
	if got := a.View().String(); got != "keep word keep" {
		t.Fatalf("got %q", got)
	}
}

// A step of which nothing is left to see is passed over.
func TestUndoPassesOverWhatIsGone(t *testing.T) {
	a, b := pairOf(t, "|")
	a.Select(0, 0)
	typed(t, a, 0, "first")
	a.Select(0, 0)
	typed(t, a, 0, "second")
	exchange(t, a, b)
	b.Select(0, 6)
	must(t, b.Backspace(0, false))
	exchange(t, a, b)
	want(t, a, "|first|")
	undo(t, a, "||")
	redo(t, a, "first||")
}

func TestOthersDoNotMoveTheCaret(t *testing.T) {
	for _, c := range []struct {
		name, from string
		edit       rga.Edit
		want       string
	}{
		{"before", "ab|c", rga.Edit{Insert: "xx"}, "xxab|c"},
		{"behind", "ab|c", rga.Edit{Offset: 3, Insert: "xx"}, "ab|cxx"},
		{"at it: stays before", "ab|c", rga.Edit{Offset: 2, Insert: "xx"}, "ab|xxc"},
		{"deleted before", "ab|c", rga.Edit{Delete: 1}, "b|c"},
		{"deleted around", "abc|def", rga.Edit{Offset: 1, Delete: 4}, "a|f"},
		{"deleted up to it", "abc|def", rga.Edit{Offset: 1, Delete: 2}, "a|def"},
		{"deleted from it on", "abc|def", rga.Edit{Offset: 3, Delete: 2}, "abc|f"},
		{"at a selection's start", "a^bc|d", rga.Edit{Offset: 1, Insert: "xx"}, "axx^bc|d"},
		{"at a selection's end", "a^bc|d", rga.Edit{Offset: 3, Insert: "xx"}, "a^bc|xxd"},
		{"at a backward selection's start", "a|bc^d", rga.Edit{Offset: 1, Insert: "xx"}, "axx|bc^d"},
		{"inside a selection", "a^bc|d", rga.Edit{Offset: 2, Insert: "xx"}, "a^bxxc|d"},
		{"a selection's text deleted", "a^bc|d", rga.Edit{Offset: 1, Delete: 2, Insert: "xx"}, "a|xxd"},
		{"a mark that joins", "e|x", rga.Edit{Offset: 1, Insert: "\u0301"}, "e\u0301|x"},
		{"a mark that joins a selection's end", "^e|x", rga.Edit{Offset: 1, Insert: "\u0301"}, "^e\u0301|x"},
		{"a mark in place of a selection", "e^x|", rga.Edit{Offset: 1, Delete: 1, Insert: "\u0301x"}, "e\u0301|x"},
		{"a flag that shifts", "🇩🇪|🇫🇷", rga.Edit{Insert: "🇬"}, "🇬🇩🇪🇫|🇷"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := strings.NewReplacer("|", "", "^", "").Replace(c.from)
			a, b := pairOf(t, text)
			put(t, a, c.from)
			must(t, b.Replace(0, c.edit))
			exchange(t, a, b)
			want(t, a, c.want)
		})
	}
}

func TestGoalSurvivesOthersElsewhere(t *testing.T) {
	a, b := pairOf(t, "0123456789\nab\n0123456789\n")
	a.Select(7, 7)
	a.Move(LineDown, false, 0)
	must(t, b.Replace(0, rga.Edit{Insert: "above\n"}, rga.Edit{Offset: 20, Insert: "below"}))
	exchange(t, a, b)
	a.Move(LineUp, false, 0)
	want(t, a, "above\n0123456|789\nab\n012345below6789\n")
	a.Move(LineDown, false, 0)
	must(t, b.Replace(0, rga.Edit{Offset: 17, Insert: "X"})) // in the caret's line before the caret
	exchange(t, a, b)
	a.Move(LineUp, false, 0)
	want(t, a, "above\n012|3456789\nXab\n012345below6789\n")
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

func TestMergeFollows(t *testing.T) {
	a, b := pairOf(t, "text")
	a.Select(2, 2)
	must(t, b.Insert(0, "more "))
	if _, err := a.Merge(b.Doc().Encode()); err != nil {
		t.Fatal(err)
	}
	want(t, a, "more te|xt")
	if _, err := a.Apply([]byte("garbage")); err == nil {
		t.Fatal("garbage was applied")
	}
	if _, err := a.Merge([]byte("garbage")); err == nil {
		t.Fatal("garbage was merged")
	}
	want(t, a, "more te|xt")
}

func TestPeers(t *testing.T) {
	a, b := pairOf(t, "one two three")
	b.Select(4, 7)
	state := func(e *Editor, top int) presence.State {
		head, tail, first := e.Anchors(top)
		return presence.State{Replica: e.Doc().Replica(), Head: head, Tail: tail, Top: first}
	}
	s := state(b, 4)
	must(t, a.Replace(0, rga.Edit{Insert: "zero "}, rga.Edit{Offset: 4, Insert: "and "}, rga.Edit{Offset: 7, Insert: "!"}))
	peers := a.Peers([]presence.State{s, state(a, 0), {Replica: 3, Left: true}, {Replica: 4, Head: rga.Anchor{ID: rga.ID{Replica: 9, Seq: 1}}}})
	if len(peers) != 1 {
		t.Fatalf("%d peers", len(peers))
	}
	text := a.View().String()
	if p := peers[0]; text[p.Tail:p.Head] != "two" {
		t.Fatalf("selected %q of %q", text[p.Tail:p.Head], text)
	}
	if top, ok := a.Doc().Resolve(s.Top); !ok || text[top:top+3] != "two" {
		t.Fatalf("top is %d", top)
	}
	// What this document does not know yet is left out until it does.
	must(t, b.Insert(0, "2"))
	s = state(b, 0)
	if len(a.Peers([]presence.State{s})) != 0 {
		t.Fatal("a caret at an unknown element is shown")
	}
	exchange(t, a, b)
	if p := a.Peers([]presence.State{s}); len(p) != 1 || p[0].Head != p[0].Tail || a.View().String()[p[0].Head-1] != '2' {
		t.Fatalf("peers %v", p)
	}
}
