package main

import (
	"strings"
	"testing"

	"coedit/internal/screen"
)

// caretIn is the condition that the cursor stands in a cell of the text area.
func caretIn(column int) func(screen.Screen) bool {
	return func(s screen.Screen) bool { return s.CursorShown && s.CursorX == gutter+column && s.CursorY == 0 }
}

// The terminal's own cursor stands on the cell of the caret, whatever the characters before it look like.
func TestCaretCells(t *testing.T) {
	p := newPlace(t)
	ann := p.coedit("ann", p.file("x.txt", ""))
	ann.until("the editor is there", caretAt(1, 1))
	column := 0
	for _, c := range []struct {
		text  string
		cells int
	}{
		{"a", 1},
		{"漢", 2},
		{"e\u0301", 1},
		{"👍", 2},
		{"👍🏽", 2},
		{"👨\u200d👩\u200d👧", 2},
		{"🇳🇵", 2},
		{"❤\ufe0f", 2},
		{"한", 2},
		{"ｱ", 1},
		{"Ａ", 2},
		{"é", 1},
		{"नि", 1},
		{"z", 1},
	} {
		ann.Type(c.text)
		column += c.cells
		s := ann.until(c.text+" is drawn and the cursor behind it", caretIn(column))
		if got := s.Cell(gutter+column-c.cells, 0); got.Text != c.text || got.Width != c.cells {
			t.Errorf("%q is drawn as %q in %d cells", c.text, got.Text, got.Width)
		}
	}
	for range 2 {
		ann.Type(screen.Left)
	}
	ann.until("the cursor is before the last two", caretIn(column-2))
	ann.Type(screen.Home)
	ann.until("the cursor is at the start", caretIn(0))
}

// Another size of the terminal, down to one in which nothing fits and back.
func TestResizeTerminal(t *testing.T) {
	p := newPlace(t)
	text := strings.Repeat("a line of the text that is longer than some terminals are wide\n", 40)
	ann := p.coedit("ann", p.file("x.txt", text))
	ann.until("the editor is there", caretAt(1, 1))
	for _, size := range [][2]int{{120, 40}, {40, 10}, {5, 2}, {1, 1}, {80, 24}} {
		if err := ann.Resize(size[0], size[1]); err != nil {
			t.Fatal(err)
		}
		ann.Type("x") // also at 1 x 1, where it cannot be seen
		if size[0] < 40 {
			continue
		}
		ann.until("the status line is the last row", func(s screen.Screen) bool {
			return s.Columns == size[0] && strings.Contains(s.Row(s.Rows-1), "x.txt")
		})
	}
	s := ann.until("all typed text is there", screen.Shows("xxxxxa line"))
	if !strings.Contains(s.Row(22), "a line") || s.Row(23) == "" {
		t.Errorf("the screen is not filled:\n%s", s)
	}
}

// Quitting asks when something is unsaved, and does what was answered.
func TestQuitQuestions(t *testing.T) {
	p := newPlace(t)
	path := p.file("x.txt", "text\n")
	ann := p.coedit("ann", path)
	ann.until("the editor is there", caretAt(1, 1))
	ann.Type(screen.Ctrl('c') + screen.F1) // which does not quit
	ann.until("the help is there", screen.Shows("Esc closes"))
	ann.Type(screen.Escape) // which does not either
	ann.until("the help is gone", caretAt(1, 1))
	ann.types("new ")
	ann.Type(screen.Ctrl('q'))
	ann.until("she is asked", screen.Shows("changes that are not saved", "save and quit"))
	ann.Type("x" + screen.Escape) // x is no answer
	ann.until("she stays", screen.Hides("save and quit"))
	ann.Type(screen.Ctrl('q'))
	ann.until("she is asked again", screen.Shows("save and quit"))
	ann.Type("y")
	ann.exits(0)
	if got := p.read(path); got != "text\n" {
		t.Errorf("quitting without saving wrote %q", got)
	}

	ann = p.coedit("ann", path)
	ann.until("the editor is there", caretAt(1, 1))
	ann.Type("saved ")
	ann.until("the text is there", shows("saved text\n"))
	ann.Type(screen.Ctrl('q'))
	ann.until("she is asked", screen.Shows("save and quit"))
	ann.Type("s")
	ann.exits(0)
	if got := p.read(path); got != "saved text\n" {
		t.Errorf("the file holds %q", got)
	}

	ann = p.coedit("ann", path)
	ann.until("the editor is there", caretAt(1, 1))
	ann.Type(screen.Ctrl('q')) // nothing to ask
	ann.exits(0)
	s := ann.Screen()
	if !s.CursorShown || s.Contains("saved text") {
		t.Errorf("the terminal is not as it was:\n%s", s)
	}
}

// Text that an earlier session could not save is pointed out when its file is opened again.
func TestUnsavedCopyIsPointedOut(t *testing.T) {
	p := newPlace(t)
	path := p.file("x.txt", "text\n")
	p.file("x.txt.coedit-unsaved", "text that was not saved\n")
	ann := p.coedit("ann", path)
	ann.until("the copy is named", screen.Shows("x.txt.coedit-unsaved", "not saved"))
	ann.Type(screen.Ctrl('q'))
	ann.exits(0)
	ann, _, _ = p.share("ann", path)
	ann.until("the copy is named", screen.Shows("x.txt.coedit-unsaved", "not saved"))
}

// A file that another program changed into what cannot be merged is not overwritten without a question.
func TestChangedOnDisk(t *testing.T) {
	p := newPlace(t)
	path := p.file("x.txt", "text\n")
	ann := p.coedit("ann", path)
	ann.until("the editor is there", caretAt(1, 1))
	ann.types("new ")
	const binary = "\xff\xfeb\x00y\x00"
	p.file("x.txt", binary)
	ann.until("she is told", screen.Shows("Not merged"))
	ann.Type(screen.Ctrl('s'))
	ann.until("she is asked", screen.Shows("changed on disk by another program"))
	ann.Type(screen.Escape)
	ann.until("the question is gone", screen.Hides("changed on disk"))
	if got := p.read(path); got != binary {
		t.Errorf("the file holds %q", got)
	}
	ann.Type(screen.Ctrl('s'))
	ann.until("she is asked again", screen.Shows("overwrite"))
	ann.Type("o")
	ann.until("the file is saved", screen.Shows("Saved x.txt"))
	if got := p.read(path); got != "new text\n" {
		t.Errorf("the file holds %q", got)
	}
}

// What another program wrote is merged with what was typed, also when the file is saved at once.
func TestMergeWithDisk(t *testing.T) {
	p := newPlace(t)
	path := p.file("x.txt", "first\nlast\n")
	ann := p.coedit("ann", path)
	ann.until("the editor is there", caretAt(1, 1))
	ann.types("new ")
	p.file("x.txt", "first\nmiddle\nlast\n")
	ann.Type(screen.Ctrl('s'))
	ann.until("both are there", screen.Shows("new first", "middle", "last"))
	p.until("both are saved", func() bool { return p.read(path) == "new first\nmiddle\nlast\n" })
}

// NO_COLOR is respected: not one cell of the text has a colour.
func TestNoColor(t *testing.T) {
	p := newPlace(t)
	ann := p.terminal("ann", screen.Options{
		Args: []string{"coedit", p.file("x.go", "package main\n")},
		Env:  []string{"NO_COLOR=1"},
	})
	ann.until("the editor is there", caretAt(1, 1))
	s := ann.types("new ")
	for y := range s.Rows {
		for x := range s.Columns {
			if c := s.Cell(x, y); c.Fg != nil || c.Bg != nil {
				t.Fatalf("cell %d,%d has a colour: %+v", x, y, c)
			}
		}
	}
	if out := string(ann.Output()); strings.Contains(out, "[38;") || strings.Contains(out, "[48;") {
		t.Error("the output has colours")
	}
}
