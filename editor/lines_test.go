package editor

import (
	"strings"
	"testing"

	"coedit/rga"
)

func TestLineCommands(t *testing.T) {
	golang, html := LanguageOf("x.go"), LanguageOf("x.html")
	comment := func(l Language) func(e *Editor) error {
		return func(e *Editor) error { return e.ToggleComment(1, l) }
	}
	up := func(e *Editor) error { return e.MoveLines(1, false) }
	down := func(e *Editor) error { return e.MoveLines(1, true) }
	join := func(e *Editor) error { return e.JoinLines(1) }
	duplicate := func(e *Editor) error { return e.Duplicate(1) }
	indent := func(e *Editor) error { return e.Indent(1) }
	outdent := func(e *Editor) error { return e.Outdent(1) }
	closing := func(e *Editor) error { return e.Type(1, "}") }
	newline := func(e *Editor) error { return e.Newline(1) }
	upper := func(e *Editor) error { return e.Convert(1, strings.ToUpper) }
	bracket := func(e *Editor) error { e.JumpToBracket(); return nil }
	expand := func(e *Editor) error { e.ExpandSelections(); return nil }
	for _, c := range []struct {
		name, from, want string
		f                func(e *Editor) error
	}{
		{"move up", "one\ntw*o\nthree", "tw*o\none\nthree", up},
		{"move the last line up", "one\ntwo\nth*ree", "one\nth*ree\ntwo", up},
		{"the first line stays", "on*e\ntwo", "on*e\ntwo", up},
		{"move down to the end", "on*e\ntwo", "two\non*e", down},
		{"move down before an empty last line", "o*ne\n", "\no*ne", down},
		{"the last line stays", "one\ntwo*", "one\ntwo*", down},
		{"a selection moves whole lines", "a\nb^b\nc*c\nd", "a\nd\nb^b\nc*c", down},
		{"a selection up to a line's start does not move it", "a\n^b\n*c", "^b\n*a\nc", up},
		{"several blocks", "a\nb|\nc\nd*\n", "b|\na\nd*\nc\n", up},
		{"several blocks down", "a|\nb\nc*\nd\n", "b\na|\nd\nc*\n", down},
		{"carets side by side move together", "a\nb|b\nc*c\nd", "b|b\nc*c\na\nd", up},

		{"duplicate a line", "on*e\ntwo", "one\non*e\ntwo", duplicate},
		{"duplicate the last line", "one\ntwo*", "one\ntwo\ntwo*", duplicate},
		{"duplicate a selection", "o^ne*\ntwo", "one^ne*\ntwo", duplicate},
		{"duplicate a line with two carets", "|on*e", "one\n|on*e", duplicate},

		{"join", "one*  \n  two\nthree", "one* two\nthree", join},
		{"join with an empty line", "one*\n\ntwo", "one*\ntwo", join},
		{"join a selection", "a^\n b\n\tc*\nd", "a^ b c*\nd", join},
		{"nothing to join", "one*", "one*", join},
		{"join over a line of blanks", "^a\n  \nb*", "^ab*", join},

		{"indent lines", "\tx\n^a\nb*\n", "\tx\n^\ta\n\tb*\n", indent},
		{"indent by spaces", "  x\n^a\n\nb*\n", "  x\n^  a\n\n  b*\n", indent},
		{"Tab at the caret goes to the next level", "    x\nab*c", "    x\nab  *c", indent},
		{"Tab at several carets", "\tx\na|b\nc*d", "\tx\na\t|b\nc\t*d", indent},
		{"outdent", "\tx\n\t\t^y\n   z*\n", "^x\n\ty\n z*\n", func(e *Editor) error { e.Select(0, e.View().Len()-1); return outdent(e) }},
		{"outdent one line", "\tx*\n", "x*\n", outdent},
		{"nothing to outdent", "x*\n", "x*\n", outdent},

		{"new line behind a bracket", "\tx\nf(*)", "\tx\nf(\n\t*\n)", newline},
		{"new line behind a bracket with blanks", "  f { *\n", "  f { \n    *\n", newline},
		{"new line in front of nothing that opens", "  f*\n", "  f\n  *\n", newline},

		{"a closing bracket goes below its line", "\tf {\n\t\tx\n\t\t*\n", "\tf {\n\t\tx\n\t}*\n", closing},
		{"at several carets", "{{\n  |\n  *x", "{{\n}|\n}*x", closing},
		{"a closing bracket behind something", "f {\n\tx *\n", "f {\n\tx }*\n", closing},
		{"a closing bracket without an opening one", "\t*\n", "\t}*\n", closing},
		{"comment", "\ty*()\n", "\t// y*()\n", comment(golang)},
		{"comments at the least indentation", "^  a\n\n    b*\n", "^  // a\n\n  //   b*\n", comment(golang)},
		{"not all are comments", "^// a\nb*\n", "^// // a\n// b*\n", comment(golang)},
		{"comments end", "^  // a\n  //b*\n", "^  a\n  b*\n", comment(golang)},
		{"around", "  <p>*\n", "  <!-- <p> -->*\n", comment(html)},
		{"around, ends", "  <!-- <p> -->*  \n", "  <p>*\n", comment(html)},

		{"upper case of a word", "on*e two", "ON*E two", upper},
		{"upper case of selections", "^one| ^two*", "^ONE| ^TWO*", upper},
		{"upper case that is longer", "^straße* x", "^STRASSE* x", func(e *Editor) error {
			return e.Convert(1, func(s string) string { return strings.ReplaceAll(strings.ToUpper(s), "ß", "SS") })
		}},

		{"to the closing bracket", "f*(a[1], (b))", "f(a[1], (b)*)", bracket},
		{"and back", "f(a[1], (b)*)", "f*(a[1], (b))", bracket},
		{"from behind a bracket", "f(a[1], (b))*", "f(*a[1], (b))", bracket},
		{"without a partner", "f*(a", "f*(a", bracket},

		{"expand to the word", "f(o*ne, two)", "f(^one*, two)", expand},
		{"expand to the inside", "f(^one*, two)", "f(^one, two*)", expand},
		{"expand to the brackets", "f(^one, two*)", "f^(one, two)*", expand},
		{"expand to the line", "  f^(one, two)*;\n", "  ^f(one, two);*\n", expand},
		{"expand to everything", "a\n^b*\n", "^a\nb\n*", expand},
		{"select lines", "a\nb*b\nc", "a\n^bb\n*c", func(e *Editor) error { e.SelectLines(); return nil }},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := manyAt(t, c.from)
			original := e.View().String()
			must(t, c.f(e))
			if got := many(e); got != c.want {
				t.Errorf("%q became %q, want %q", c.from, got, c.want)
			}
			if e.View().String() != original {
				if _, err := e.Undo(2); err != nil || e.View().String() != original {
					t.Errorf("undone: %q, %v", many(e), err)
				}
			}
			if err := e.Doc().Check(); err != nil {
				t.Error(err)
			}
		})
	}
}

// Lines that move keep what others type in them meanwhile.
func TestMovedLinesKeepWhatOthersType(t *testing.T) {
	a, b := pairOf(t, "one\ntwo\nthree\n")
	a.Select(4, 4)
	must(t, a.MoveLines(1, false))
	b.Select(7, 7)
	must(t, b.Insert(1, "!"))
	exchange(t, a, b)
	if got := shown(b); got != "two!|\none\nthree\n" {
		t.Errorf("got %q", got)
	}
}

func TestLinesAreBounded(t *testing.T) {
	e, _ := pairOf(t, strings.Repeat("  x\n", MaxLines+1))
	e.SelectAll()
	for _, err := range []error{e.Indent(1), e.Outdent(1), e.JoinLines(1), e.ToggleComment(1, LanguageOf("x.c"))} {
		if err != ErrTooMany {
			t.Errorf("%v", err)
		}
	}
	if err := e.ToggleComment(1, LanguageOf("x.unknown")); err != ErrNoComment {
		t.Error(err)
	}
}

func TestTrailingBlanks(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "a": "a", "a  ": "a", "a \t\n": "a\n", "  \n": "\n", " a b \n\n c\t\n \nd": " a b\n\n c\n\nd",
	} {
		e, _ := pairOf(t, text)
		edits, more := TrailingBlanks(e.View(), 100)
		if must(t, e.Replace(1, edits...)); e.View().String() != want || more {
			t.Errorf("%q became %q", text, e.View().String())
		}
	}
	e, _ := pairOf(t, "a \nb \nc ")
	if edits, more := TrailingBlanks(e.View(), 2); len(edits) != 2 || !more {
		t.Errorf("%v, %v", edits, more)
	}
}

func TestRevert(t *testing.T) {
	a, b := pairOf(t, "one two three\n")
	type_ := func(e *Editor, off int, text string, at int64) {
		e.Select(off, off)
		must(t, e.Insert(at, text))
	}
	type_(b, 3, "!", 10_000)
	type_(b, 8, "?", 20_000)
	b.Select(0, 4)
	must(t, b.Backspace(30_000, false))
	exchange(t, a, b)
	if got := a.View().String(); got != " two? three\n" {
		t.Fatalf("text %q", got)
	}
	revert := func(want string, made int64) {
		t.Helper()
		when, done, err := a.Revert(40_000, 2)
		if err != nil || done != (made > 0) || when != made || a.View().String() != want {
			t.Fatalf("reverted: %q made at %d, %v, %v; want %q", a.View().String(), when, done, err, want)
		}
	}
	revert("one! two? three\n", 30_000)
	revert("one! two three\n", 20_000)
	for _, want := range []string{"one! two? three\n", " two? three\n"} {
		if done, err := a.Undo(41_000); !done || err != nil || a.View().String() != want {
			t.Fatalf("undone: %q, %v", a.View().String(), err)
		}
	}
	revert("one! two? three\n", 30_000)
	type_(a, 4, " mine", 50_000) // own text inside stays
	revert("one! mine two three\n", 20_000)
	revert("one mine two three\n", 10_000)
	revert("one mine two three\n", 0)
	exchange(t, a, b)
	if _, done, err := b.Revert(60_000, 1); !done || err != nil { // the reverts themselves are changes
		t.Error(done, err)
	}
	for range 10 {
		b.Revert(60_000, 1)
	}
	if got := b.View().String(); !strings.Contains(got, "two") {
		t.Errorf("what the document began with was taken back: %q", got)
	}
	if _, done, err := a.Revert(1, 77); done || err != nil {
		t.Error("a participant nobody knows")
	}
	a.SetReadOnly(true)
	if _, _, err := a.Revert(1, 2); err != ErrReadOnly {
		t.Error(err)
	}
}

// LastChange goes back by pauses and by kinds, and a replica's ticks are all in one of its changes.
func TestLastChangeIsBounded(t *testing.T) {
	d := rga.New(1)
	if _, _, ok := d.LastChange(1, 1<<63); ok {
		t.Error("nothing has happened")
	}
}
