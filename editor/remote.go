package editor

import "coedit/rga"

// Apply merges an encoded batch of another replica. The selection stays at the text it was at, the goal column of
// vertical motion is kept unless the caret's line changed before it, the undo steps remain. An error may come with changes
// that batches held before made.
func (e *Editor) Apply(batch []byte) (rga.Result, error) {
	r, err := e.doc.Apply(batch)
	e.merged(r.Changes)
	return r, err
}

// Merge merges everything that an encoded document has and this one lacks, as Apply does.
func (e *Editor) Merge(doc []byte) (rga.Result, error) {
	r, err := e.doc.Merge(doc)
	e.merged(r.Changes)
	return r, err
}

// merged follows changes that others made.
func (e *Editor) merged(changes []rga.Change) {
	if len(changes) == 0 {
		return
	}
	if e.goal != noGoal && e.moves(changes) {
		e.goal = noGoal
	}
	e.refresh(changes)
	sel := e.sel.follow(changes)
	if e.end {
		sel = e.sel.followEnd(changes)
	}
	e.settle(sel, true)
	e.changed(changes)
}

// moves says whether changes touch the caret's line before the caret; where several come at once, whether they may.
func (e *Editor) moves(changes []rga.Change) bool {
	head := e.sel.Head
	start := e.view.LineStart(e.view.LineAt(head))
	for _, c := range changes {
		if c.Offset < head && c.Offset+c.Deleted >= start {
			return true
		}
		d := len(c.Inserted) - c.Deleted
		if c.Offset < start {
			start += d
		}
		head = moved(head, c, false)
	}
	return false
}
