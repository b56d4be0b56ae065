package rga

import (
	"encoding/binary"
	"math"
)

// visibility interns what has been done to the visibility of elements: for each deleter a counter.
// An element is visible when no counter is odd. Spans carry a state: twice the index of the interned
// marks, plus one when they hide. State 0 is a plain, visible element.
//
// Nearly all elements have no deleter or one, so there are few states; they are never freed.
type visibility struct {
	states [][]mark          // by index: ascending in deleter (replica index), no zero counters
	byKey  map[string]uint32 // encoded marks to state
	moves  map[move]uint32   // memory of raise
	last   move              // the latest move, and where it led
	lastTo uint32
}

// mark is one deleter's counter on an element.
type mark struct{ deleter, counter uint32 }

// move raises the deleter's counter in a state.
type move struct{ state, deleter, counter uint32 }

const hiddenBit = 1

func newVisibility() *visibility {
	return &visibility{
		states: [][]mark{nil},
		byKey:  map[string]uint32{"": 0},
		moves:  map[move]uint32{},
		last:   move{state: math.MaxUint32},
	}
}

// counter returns the deleter's counter in state.
func (v *visibility) counter(state, deleter uint32) uint32 {
	for _, m := range v.states[state>>1] {
		if m.deleter == deleter {
			return m.counter
		}
	}
	return 0
}

// raise returns the state in which the deleter's counter is the maximum of counter and what it is.
func (v *visibility) raise(state, deleter, counter uint32) uint32 {
	m := move{state, deleter, counter}
	if m == v.last {
		return v.lastTo
	}
	to, ok := v.moves[m]
	if !ok {
		to = v.intern(raised(v.states[state>>1], deleter, counter))
		v.moves[m] = to
	}
	v.last, v.lastTo = m, to
	return to
}

// raised returns a copy of marks with the deleter's counter raised to counter.
func raised(marks []mark, deleter, counter uint32) []mark {
	out := make([]mark, 0, len(marks)+1)
	placed := false
	for _, m := range marks {
		if !placed && m.deleter >= deleter {
			if m.deleter == deleter {
				m.counter = max(m.counter, counter)
			} else {
				out = append(out, mark{deleter, counter})
			}
			placed = true
		}
		out = append(out, m)
	}
	if !placed {
		out = append(out, mark{deleter, counter})
	}
	return out
}

func (v *visibility) intern(marks []mark) uint32 {
	var key []byte
	hidden := uint32(0)
	for _, m := range marks {
		key = binary.BigEndian.AppendUint32(key, m.deleter)
		key = binary.BigEndian.AppendUint32(key, m.counter)
		hidden |= m.counter & 1
	}
	if s, ok := v.byKey[string(key)]; ok {
		return s
	}
	s := uint32(len(v.states))<<1 | hidden
	v.states = append(v.states, marks)
	v.byKey[string(key)] = s
	return s
}
