package editor

import (
	"fmt"

	"coedit/rga"
)

// Revert takes back the last change of another participant, as far as it still stands, for everybody, and goes there. What
// others did to the same text since stays. It is an edit of this replica's: undo brings the change back. Done once more it takes
// back the change before, and so on. made is when the change was made, in unix milliseconds; false: nothing is left.
func (e *Editor) Revert(at int64, by rga.ReplicaID) (made int64, done bool, err error) {
	if e.readOnly {
		return 0, false, ErrReadOnly
	}
	before := e.place()
	var s step
	end := uint64(1) << 63
	for {
		t, when, ok := e.doc.LastChange(by, end)
		if !ok {
			break
		}
		ticks, changes, err := e.doc.Invert(at, by, t)
		if err != nil {
			return 0, false, fmt.Errorf("editor: revert: %w", err)
		}
		if !empty(ticks) {
			s.join(step{ticks: []rga.Ticks{ticks}})
		}
		if len(changes) > 0 {
			e.refresh(changes)
			e.restore(place{}, changes)
			s.before, s.after = before, e.place()
			e.record(at, single, s, "")
			e.changed(changes)
			return when, true, nil
		}
		end = t.From
	}
	if len(s.ticks) > 0 { // of nothing visible; a later undo must not bring back what undo of this would
		s.before, s.after = before, before
		e.record(at, single, s, "")
	}
	return 0, false, nil
}
