package rga

import (
	"bytes"
	"sync/atomic"
	"unicode/utf8"
)

// arena holds every byte one replica ever inserted, in order: the offset of a byte is its seq.
// It only grows; a byte once committed never changes, so spans, views and changes refer into it.
type arena struct {
	// Owned by the document.
	text []byte

	// Shared with views: the whole capacity of text's backing array. Views read below what they
	// know to be written; the document writes above it. Replaced, never changed, when text moves.
	shared atomic.Pointer[[]byte]
}

// add appends s behind what is there.
func (a *arena) add(s []byte) {
	a.grow(len(s))
	a.text = append(a.text, s...)
}

func (a *arena) addString(s string) {
	a.grow(len(s))
	a.text = append(a.text, s...)
}

// take makes text the arena's first bytes, without copying them if there is some room behind them.
func (a *arena) take(text []byte) {
	if len(text) > 1<<20 && cap(text)-len(text) < len(text)/8 {
		a.add(text)
		return
	}
	a.text = text
	whole := text[:cap(text)]
	a.shared.Store(&whole)
}

// grow makes room for n more bytes, moving the text when its array is full.
func (a *arena) grow(n int) {
	if n <= cap(a.text)-len(a.text) {
		return
	}
	size := max(64, len(a.text)+n, 2*cap(a.text))
	if need := len(a.text) + n; need > 1<<20 {
		// Room for a quarter more, also behind a whole file: the next key would move all of it otherwise. The system gives memory
		// to what is written only, so the room costs nothing till then.
		size = need + need/4
	}
	moved := make([]byte, len(a.text), size)
	copy(moved, a.text)
	a.text = moved
	whole := moved[:cap(moved)]
	a.shared.Store(&whole)
}

// boundary reports whether seq lies between two runes of the arena.
func (a *arena) boundary(seq uint32) bool {
	return int(seq) >= len(a.text) || utf8.RuneStart(a.text[seq])
}

// runeLen is the length of the rune that starts at seq.
func (a *arena) runeLen(seq uint32) uint32 {
	if a.text[seq] < utf8.RuneSelf {
		return 1
	}
	_, n := utf8.DecodeRune(a.text[seq:])
	return uint32(n)
}

// runeStart is the first byte of the rune that holds the byte at seq.
func (a *arena) runeStart(seq uint32) uint32 {
	for seq > 0 && !utf8.RuneStart(a.text[seq]) {
		seq--
	}
	return seq
}

var newline = []byte{'\n'}

// newlines counts the line feeds in text.
func newlines(text []byte) int32 {
	if len(text) == 1 {
		if text[0] == '\n' {
			return 1
		}
		return 0
	}
	return int32(bytes.Count(text, newline))
}
