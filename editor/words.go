package editor

import (
	"unicode"
	"unicode/utf8"
)

// class is what a rune is to word motion.
type class uint8

const (
	blank   class = iota
	newline       // LF
	word          // letters, digits, underscore
	punct         // everything else
	joined        // marks and joiners: belongs to what it follows
)

func classOf(r rune) class {
	switch {
	case r == '\n':
		return newline
	case r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsNumber(r):
		return word
	case unicode.IsSpace(r):
		return blank
	case r == zwnj || r == zwj || unicode.Is(unicode.M, r):
		return joined
	}
	return punct
}

// skipRight returns the offset of the first rune from off on for which more is false.
func (s *scanner) skipRight(off int, more func(rune) bool) int {
	n := s.text.Len()
	for size := peek; off < n; size = min(size*4, 16<<10) {
		b := s.read(off, off+size)
		if off+len(b) < n {
			b = wholeRunes(b)
		}
		for len(b) > 0 {
			r, w := utf8.DecodeRune(b)
			if !more(r) {
				return off
			}
			off, b = off+w, b[w:]
		}
	}
	return off
}

// skipLeft returns the end of the last rune before off for which more is false.
func (s *scanner) skipLeft(off int, more func(rune) bool) int {
	for size := peek; off > 0; size = min(size*4, 16<<10) {
		from := max(0, off-size)
		b := s.read(from, off)
		for len(b) > 0 {
			if len(b) < utf8.UTFMax && from > 0 { // may hold a part of a rune
				break
			}
			r, w := utf8.DecodeLastRune(b)
			if !more(r) {
				return off
			}
			off, b = off-w, b[:len(b)-w]
		}
	}
	return off
}

// runRight returns the end of the run of one class that begins at off.
func (s *scanner) runRight(off int) int {
	first := joined
	return s.skipRight(off, func(r rune) bool {
		c := classOf(r)
		if first == joined {
			first = c
		}
		return c != newline && (c == first || c == joined)
	})
}

// runLeft returns the start of the run of one class that ends at off.
func (s *scanner) runLeft(off int) int {
	last := joined
	return s.skipLeft(off, func(r rune) bool {
		c := classOf(r)
		if last == joined {
			last = c
		}
		return c != newline && (c == last || c == joined)
	})
}

func isBlank(r rune) bool { return classOf(r) == blank }

// wordRight is where a motion by a word to the right ends: behind the next run of word characters or of punctuation, at
// the end of the line if only blanks follow; from a line's end in the next line.
func (s *scanner) wordRight(off int) int {
	if b := s.read(off, off+1); len(b) == 1 && b[0] == '\n' {
		off++
	}
	off = s.skipRight(off, isBlank)
	return s.ceil(s.runRight(off))
}

// wordLeft is where a motion by a word to the left ends: at the start of the run before, at the start of the line if only
// blanks precede; from a line's start in the line before.
func (s *scanner) wordLeft(off int) int {
	if b := s.read(off-1, off); len(b) == 1 && b[0] == '\n' {
		off--
	}
	off = s.skipLeft(off, isBlank)
	return s.floor(s.runLeft(off))
}

// wordAt returns the run around off: a word if one touches it, else whatever stands there.
func (s *scanner) wordAt(off int) (from, to int) {
	left, right := newline, newline
	s.skipLeft(off, func(r rune) bool { left = classOf(r); return left == joined })
	s.skipRight(off, func(r rune) bool { right = classOf(r); return right == joined })
	from, to = off, off
	switch {
	case left == newline && right == newline:
		return off, off
	case right == newline || left == word && right != word || right == blank && left == punct:
		from = s.runLeft(off)
	case left == right:
		from, to = s.runLeft(off), s.runRight(off)
	default:
		to = s.runRight(off)
	}
	return s.floor(from), s.ceil(to)
}
