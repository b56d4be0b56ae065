package screen

import (
	"image/color"
	"strings"

	uv "github.com/charmbracelet/ultraviolet"
)

// Cell is one cell of a screen.
type Cell struct {
	Text  string // one grapheme cluster; "" in the second cell of a wide one
	Width int    // cells taken: 0 in the second cell of a wide character
	Fg    color.Color
	Bg    color.Color // nil: the terminal's own

	Bold, Faint, Italic, Underline, Reverse, Strike bool
}

// Screen is what a terminal showed at one moment. It does not change.
type Screen struct {
	Columns, Rows int
	CursorX       int
	CursorY       int
	CursorShown   bool
	Title         string // set by the program

	cells []Cell // Columns * Rows, row by row
}

// Cell returns the cell at a column and a row; the zero Cell outside the screen.
func (s Screen) Cell(x, y int) Cell {
	if x < 0 || y < 0 || x >= s.Columns || y >= s.Rows {
		return Cell{}
	}
	return s.cells[y*s.Columns+x]
}

// Row is the text of a row without the blanks at its end.
func (s Screen) Row(y int) string {
	var sb strings.Builder
	for x := range s.Columns {
		sb.WriteString(s.Cell(x, y).Text)
	}
	return strings.TrimRight(sb.String(), " ")
}

// String is the text of all rows, each without the blanks at its end.
func (s Screen) String() string {
	rows := make([]string, s.Rows)
	for y := range rows {
		rows[y] = s.Row(y)
	}
	return strings.Join(rows, "\n")
}

// Contains says whether a row contains the text.
func (s Screen) Contains(text string) bool {
	_, _, found := s.Find(text)
	return found
}

// Find returns the cell at which the first occurrence of the text begins; an occurrence lies in one row.
func (s Screen) Find(text string) (x, y int, found bool) {
	for y := range s.Rows {
		row := s.Row(y)
		at := strings.Index(row, text)
		if at < 0 {
			continue
		}
		for x, bytes := 0, 0; x < s.Columns; x++ {
			if bytes >= at && s.Cell(x, y).Width > 0 {
				return x, y, true
			}
			bytes += len(s.Cell(x, y).Text)
		}
	}
	return 0, 0, false
}

// Shows is a condition for [Terminal.WaitFor]: every text is on the screen.
func Shows(texts ...string) func(Screen) bool {
	return func(s Screen) bool {
		for _, text := range texts {
			if !s.Contains(text) {
				return false
			}
		}
		return true
	}
}

// Hides is a condition for [Terminal.WaitFor]: none of the texts is on the screen.
func Hides(texts ...string) func(Screen) bool {
	return func(s Screen) bool {
		for _, text := range texts {
			if s.Contains(text) {
				return false
			}
		}
		return true
	}
}

// cellOf translates the emulator's cell; nil is a blank.
func cellOf(c *uv.Cell) Cell {
	if c == nil {
		return Cell{Text: " ", Width: 1}
	}
	out := Cell{
		Text: c.Content, Width: c.Width, Fg: c.Style.Fg, Bg: c.Style.Bg,
		Bold:      c.Style.Attrs&uv.AttrBold != 0,
		Faint:     c.Style.Attrs&uv.AttrFaint != 0,
		Italic:    c.Style.Attrs&uv.AttrItalic != 0,
		Reverse:   c.Style.Attrs&uv.AttrReverse != 0,
		Strike:    c.Style.Attrs&uv.AttrStrikethrough != 0,
		Underline: c.Style.Underline != uv.UnderlineNone,
	}
	if out.Width > 0 && out.Text == "" {
		out.Text = " "
	}
	return out
}
