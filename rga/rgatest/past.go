package rgatest

import (
	"fmt"
	"slices"

	"coedit/rga"
)

// memory is a text that some editor had.
type memory struct {
	version rga.Version
	text    string
}

// maxMemories is how many texts are remembered at a time.
const maxMemories = 16

// remember keeps the editor's text, in the place of a random one when there are enough.
func (s *sim) remember(e *editor) {
	s.doing = "remember"
	m := memory{e.doc.Version(), string(e.mirror)}
	if len(s.memories) < maxMemories {
		s.memories = append(s.memories, m)
	} else {
		s.memories[s.rng.IntN(maxMemories)] = m
	}
}

// recall looks at a text that some editor had, in a document that has its version, and edits it from there.
func (s *sim) recall(e *editor) error {
	s.doing = "edit the past"
	known := slices.DeleteFunc(slices.Clone(s.memories), func(m memory) bool { return !e.doc.Version().Includes(m.version) })
	if len(known) == 0 {
		return nil
	}
	m := known[s.rng.IntN(len(known))]
	past, err := e.doc.At(m.version)
	if err != nil {
		return err
	}
	if got := past.View().String(); got != m.text {
		return fmt.Errorf("at version %v: text %q, was %q", m.version, got, m.text)
	}
	ticks, changes, err := e.doc.EditAt(s.now, m.version, s.several(&editor{mirror: []byte(m.text)})...)
	if err != nil {
		return err
	}
	if ticks.From < ticks.To {
		e.undo, e.redo = append(e.undo, ticks), nil
	}
	return e.follow(changes)
}
