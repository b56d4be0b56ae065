package sim

import (
	"fmt"
	"math/rand/v2"

	"coedit/editor"
	"coedit/rga"
)

// words are what actors type: of one, two, three and four bytes a rune, and clusters of several runes.
var words = []string{"a", "x ", "\n", "é", "ß", "漢", "字", "🎉", "e\u0301", "👩‍👩‍👧", "func", "\t", "end\n", "🇦🇹"}

// Edit makes one random edit or motion, of every kind that a person can make.
func Edit(ed *editor.Editor, rng *rand.Rand, at int64) error {
	switch n := rng.IntN(20); {
	case n < 8:
		return ed.Insert(at, words[rng.IntN(len(words))])
	case n < 9:
		return ed.Newline(at)
	case n < 11:
		return ed.Backspace(at, rng.IntN(4) == 0)
	case n < 12:
		return ed.DeleteForward(at, rng.IntN(4) == 0)
	case n < 14:
		ed.Move(editor.Motion(rng.IntN(int(editor.DocEnd)+1)), rng.IntN(3) == 0, 5)
	case n < 15:
		ed.Select(rng.IntN(ed.View().Len()+1), rng.IntN(ed.View().Len()+1))
	case n < 16:
		return cutAndPaste(ed, rng, at)
	case n < 18:
		_, err := ed.Undo(at)
		return err
	case n < 19:
		_, err := ed.Redo(at)
		return err
	default:
		return several(ed, rng, at)
	}
	return nil
}

func cutAndPaste(ed *editor.Editor, rng *rand.Rand, at int64) error {
	from := rng.IntN(ed.View().Len() + 1)
	ed.Select(from, min(from+rng.IntN(12), ed.View().Len()))
	if _, err := ed.Cut(at); err != nil {
		return fmt.Errorf("cut: %w", err)
	}
	to := rng.IntN(ed.View().Len() + 1)
	ed.Select(to, to)
	return ed.Paste(at, ed.Clipboard())
}

// several edits two places at once, as a file merged from disk does.
func several(ed *editor.Editor, rng *rand.Rand, at int64) error {
	ed.SelectLine(rng.IntN(ed.View().Len() + 1))
	from, to := ed.Selection().Span()
	return ed.Replace(at, rga.Edit{Offset: from, Insert: "<"}, rga.Edit{Offset: to, Insert: words[rng.IntN(len(words))]})
}

// Typist types numbered tokens, each of which must stand in the document exactly once in the end.
type Typist struct {
	Name   string
	Tokens []string
}

// Type inserts the next token somewhere, but never into another token.
func (t *Typist) Type(ed *editor.Editor, rng *rand.Rand, at int64) error {
	token := fmt.Sprintf("[%s%d]", t.Name, len(t.Tokens))
	line := rng.IntN(ed.View().Lines())
	start := ed.View().LineStart(line)
	ed.Select(start, start)
	if err := ed.Insert(at, token); err != nil {
		return fmt.Errorf("type %s: %w", token, err)
	}
	t.Tokens = append(t.Tokens, token)
	if rng.IntN(6) == 0 {
		return ed.Newline(at)
	}
	return nil
}
