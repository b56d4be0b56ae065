package rgatest

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"coedit/rga"
)

// edit makes one local edit, near the caret or anywhere.
func (s *sim) edit(e *editor) error {
	if s.rng.IntN(3) == 0 {
		e.caret = s.rng.IntN(len(e.mirror) + 1)
	}
	e.caret = snap(e.mirror, e.caret)
	var edits []rga.Edit
	switch n := s.rng.IntN(20); {
	case n < 9:
		s.doing = "type"
		edits = []rga.Edit{{Offset: e.caret, Insert: s.text(1)}}
	case n < 13:
		s.doing = "backspace"
		from := snap(e.mirror, e.caret-1)
		edits = []rga.Edit{{Offset: from, Delete: e.caret - from}}
	case n < 14:
		s.doing = "paste"
		edits = []rga.Edit{{Offset: e.caret, Insert: s.text(1 + s.rng.IntN(40))}}
		if s.rng.IntN(10) == 0 {
			edits[0].Insert = strings.Repeat(edits[0].Insert, 200)
		}
	case n < 17:
		s.doing = "delete"
		to := snap(e.mirror, e.caret+s.rng.IntN(12))
		if s.rng.IntN(20) == 0 {
			to = len(e.mirror)
		}
		edits = []rga.Edit{{Offset: e.caret, Delete: to - e.caret}}
	case n < 18:
		s.doing = "replace"
		to := snap(e.mirror, e.caret+s.rng.IntN(6))
		edits = []rga.Edit{{Offset: e.caret, Delete: to - e.caret, Insert: s.text(1 + s.rng.IntN(5))}}
	default:
		s.doing = "several"
		edits = s.several(e)
	}
	return s.apply1(e, edits)
}

// apply1 makes local edits and checks them against plain text.
func (s *sim) apply1(e *editor, edits []rga.Edit) error {
	want := slices.Clone(e.mirror)
	for i := len(edits) - 1; i >= 0; i-- {
		x := edits[i]
		want = slices.Replace(want, x.Offset, x.Offset+x.Delete, []byte(x.Insert)...)
		e.caret = x.Offset + len(x.Insert)
	}
	ticks, changes, err := e.doc.Edit(s.now, edits...)
	if err != nil {
		return err
	}
	if ticks.To != e.doc.Clock() || ticks.From > ticks.To {
		return fmt.Errorf("ticks %v, clock %d", ticks, e.doc.Clock())
	}
	if ticks.From < ticks.To {
		s.outcome.Edits++
		e.undo, e.redo = append(e.undo, ticks), nil
	}
	if err := e.follow(changes); err != nil {
		return err
	}
	if !bytes.Equal(want, e.mirror) {
		return fmt.Errorf("edits %+v gave %q, not %q", edits, e.mirror, want)
	}
	return nil
}

// several makes edits at several places at once.
func (s *sim) several(e *editor) []rga.Edit {
	var edits []rga.Edit
	at := 0
	for at <= len(e.mirror) && len(edits) < 4 {
		at = snap(e.mirror, at+s.rng.IntN(10))
		to := snap(e.mirror, at+s.rng.IntN(3))
		edits = append(edits, rga.Edit{Offset: at, Delete: to - at, Insert: s.text(s.rng.IntN(3))})
		if at = to; at == len(e.mirror) {
			break
		}
	}
	return edits
}

// invert undoes, redoes, or reverts something of another.
func (s *sim) invert(e *editor) error {
	by, from, to := e.doc.Replica(), &e.undo, &e.redo
	var ticks rga.Ticks
	switch n := s.rng.IntN(7); {
	case n < 3 && len(e.undo) > 0:
		s.doing = "undo"
	case n < 6 && len(e.redo) > 0:
		s.doing = "redo"
		from, to = &e.redo, &e.undo
	default:
		s.doing = "revert"
		o := s.editors[s.rng.IntN(len(s.editors))]
		by = o.doc.Replica()
		ticks.To = s.rng.Uint64N(e.doc.Version()[by] + 1)
		ticks.From = ticks.To - min(ticks.To, s.rng.Uint64N(10))
		from, to = nil, &e.undo
	}
	if from != nil {
		ticks = (*from)[len(*from)-1]
		*from = (*from)[:len(*from)-1]
	} else if by == e.doc.Replica() {
		return nil
	}
	done, changes, err := e.doc.Invert(s.now, by, ticks)
	if err != nil {
		return err
	}
	*to = append(*to, done)
	return e.follow(changes)
}

// follow applies reported changes to the mirror.
func (e *editor) follow(changes []rga.Change) error {
	for _, c := range changes {
		if c.Offset < 0 || c.Deleted < 0 || c.Offset+c.Deleted > len(e.mirror) {
			return fmt.Errorf("change %+v of %d bytes", c, len(e.mirror))
		}
		e.mirror = slices.Replace(e.mirror, c.Offset, c.Offset+c.Deleted, c.Inserted...)
	}
	e.caret = snap(e.mirror, e.caret)
	return nil
}

// check verifies the document and what it shows.
func (s *sim) check(e *editor) error {
	if err := e.doc.Check(); err != nil {
		return err
	}
	v := e.doc.View()
	if got := v.String(); got != string(e.mirror) {
		return fmt.Errorf("text %q, by the changes %q", got, e.mirror)
	}
	if v.Len() != e.doc.Len() || v.Lines() != bytes.Count(e.mirror, []byte("\n"))+1 || !utf8.Valid(e.mirror) {
		return fmt.Errorf("%d bytes, %d lines in %q", v.Len(), v.Lines(), e.mirror)
	}
	off := snap(e.mirror, s.rng.IntN(len(e.mirror)+1))
	for _, bias := range []rga.Bias{rga.After, rga.Before} {
		if got, ok := e.doc.Resolve(e.doc.AnchorAt(off, bias)); !ok || got != off {
			return fmt.Errorf("anchor at %d, bias %d, resolves to %d, %v", off, bias, got, ok)
		}
	}
	line := bytes.Count(e.mirror[:off], []byte("\n"))
	if start := bytes.LastIndexByte(e.mirror[:off], '\n') + 1; v.LineAt(off) != line || v.LineStart(line) != start {
		return fmt.Errorf("offset %d: line %d from %d, not %d from %d", off, v.LineAt(off), v.LineStart(line), line, start)
	}
	return nil
}

// equal compares two documents that have the same operations.
func equal(a, b *rga.Doc) error {
	if !a.Version().Equal(b.Version()) {
		return fmt.Errorf("versions %v and %v", a.Version(), b.Version())
	}
	if x, y := a.View().String(), b.View().String(); x != y {
		return fmt.Errorf("texts %q and %q", x, y)
	}
	for _, key := range []string{"name", "eol"} {
		x, okx := a.Meta(key)
		y, oky := b.Meta(key)
		if x != y || okx != oky {
			return fmt.Errorf("metadata %s: %q and %q", key, x, y)
		}
	}
	if !bytes.Equal(a.Encode(), b.Encode()) {
		return fmt.Errorf("encodings differ")
	}
	return nil
}

// text is a random text of n runes.
func (s *sim) text(n int) string {
	runes := []rune("abcdefgh \nABCDEFGHöé世界😀\u0301")
	var b strings.Builder
	for range n {
		b.WriteRune(runes[s.rng.IntN(len(runes))])
	}
	return b.String()
}

// snap moves an offset into text and to the beginning of a rune.
func snap(text []byte, off int) int {
	off = min(max(off, 0), len(text))
	for off < len(text) && off > 0 && !utf8.RuneStart(text[off]) {
		off--
	}
	return off
}
