package editor

import (
	"fmt"

	"coedit/rga"
)

// ReplaceAt makes edits of the text as it was at a version, as one undo step: what somebody made of a copy of that
// version, merged with what happened since. The selection follows as it follows the edits of others. It takes time in
// proportion to the history.
func (e *Editor) ReplaceAt(at int64, v rga.Version, edits ...rga.Edit) error {
	if e.readOnly {
		return ErrReadOnly
	}
	ticks, changes, err := e.doc.EditAt(at, v, edits...)
	if err != nil {
		return fmt.Errorf("editor: edit at a version: %w", err)
	}
	if empty(ticks) {
		return nil
	}
	e.refresh(changes)
	e.followOwn(changes)
	e.record(at, single, step{ticks: []rga.Ticks{ticks}}, "")
	e.changed(changes)
	return nil
}
