package editor

import (
	"bytes"

	"coedit/rga"
)

// occurrenceReach bounds in bytes how far AddNextOccurrence looks, so that the key costs a few milliseconds at most.
const occurrenceReach = 32 << 20

// Occurrence is what AddNextOccurrence found.
type Occurrence uint8

// The outcomes of AddNextOccurrence.
const (
	OccurrenceNone   Occurrence = iota // nothing to look for: no word at the caret
	OccurrenceWord                     // the word at the caret is selected now
	OccurrenceAdded                    // another one is selected besides
	OccurrenceNoMore                   // all there are, or all within reach, are selected
	OccurrenceLimit                    // there are [MaxCarets] already
)

// AddNextOccurrence selects the word at each caret if nothing is selected there; else it adds to the selections the next
// occurrence of the primary one's text behind it, beyond the text's end from the beginning on.
func (e *Editor) AddNextOccurrence() Occurrence {
	if e.Selection().Empty() {
		e.SelectWords()
		if e.Selection().Empty() {
			return OccurrenceNone
		}
		return OccurrenceWord
	}
	if len(e.carets) >= MaxCarets {
		return OccurrenceLimit
	}
	from, to := e.Selection().Span()
	want := e.view.Append(nil, from, to)
	for _, r := range []struct{ from, to int }{{to, min(e.view.Len(), to+occurrenceReach)}, {0, min(from, occurrenceReach)}} {
		for at := r.from; ; {
			at = index(e.view, want, at, r.to)
			if at < 0 {
				break
			}
			s := Selection{at, at + len(want)}
			if e.settled(s, false) == s && !e.overlaps(s) {
				if e.Selection().Head < e.Selection().Anchor {
					s = Selection{s.Head, s.Anchor}
				}
				return e.addOccurrence(s)
			}
			at++
		}
	}
	return OccurrenceNoMore
}

func (e *Editor) addOccurrence(s Selection) Occurrence {
	e.open.close()
	e.add(caret{Selection: s, goal: noGoal})
	return OccurrenceAdded
}

// overlaps says whether s meets a selection that is there.
func (e *Editor) overlaps(s Selection) bool {
	from, to := s.Span()
	for i := range e.carets {
		from2, to2 := e.carets[i].Span()
		if from < to2 && from2 < to || from2 == to2 && from <= from2 && from2 <= to {
			return true
		}
	}
	return false
}

// SelectWords selects the word, or the run of blanks or punctuation, around each caret that selects nothing.
func (e *Editor) SelectWords() {
	e.open.close()
	for i := range e.carets {
		if c := &e.carets[i]; c.Empty() {
			from, to := e.scan.wordAt(c.Head)
			*c = caret{Selection: Selection{from, to}, goal: noGoal}
		}
	}
	e.arrange()
}

// index returns the offset of the first occurrence of want that lies in [from, to) of a view; -1: there is none.
func index(v *rga.View, want []byte, from, to int) int {
	if len(want) == 0 || to-from < len(want) {
		return -1
	}
	at := from      // offset of tail, then of the chunk
	var tail []byte // the last bytes before the chunk, fewer than len(want)
	for c := range v.Chunks(from, to) {
		if len(tail) > 0 {
			head := c[:min(len(c), len(want)-1)]
			tail = append(tail, head...)
			if i := bytes.Index(tail, want); i >= 0 {
				return at + i
			}
			keep := len(tail) - len(head)
			if len(c) < len(want)-1 { // all of it is in tail
				drop := max(len(tail)-(len(want)-1), 0)
				at, tail = at+drop, tail[drop:]
				continue
			}
			at, tail = at+keep, tail[:0]
		}
		if i := bytes.Index(c, want); i >= 0 {
			return at + i
		}
		keep := min(len(c), len(want)-1)
		tail = append(tail[:0], c[len(c)-keep:]...)
		at += len(c) - keep
	}
	return -1
}
