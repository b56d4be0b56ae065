package editor

import (
	"testing"

	"coedit/rga"
)

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
