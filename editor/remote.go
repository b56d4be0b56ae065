package editor

import "coedit/rga"

// Apply merges an encoded batch of another replica. The selection stays at the text it was at, the goal column of
// vertical motion is kept unless the caret's line changed before it, the undo steps remain. An error may come with changes
// that batches held before made.
func (e *Editor) Apply(batch []byte) (rga.Result, error) {
	before := e.growing()
	r, err := e.doc.Apply(batch)
	e.merged(r.Changes, before)
	return r, err
}

// Merge merges everything that an encoded document has and this one lacks, as Apply does.
func (e *Editor) Merge(doc []byte) (rga.Result, error) {
	before := e.growing()
	r, err := e.doc.Merge(doc)
	e.merged(r.Changes, before)
	return r, err
}

// growing is the element before a caret that was sent to the end of its line, if another inserted it: perhaps the last one
// so far of what that one is typing.
func (e *Editor) growing() rga.ID {
	if !e.end {
		return rga.ID{}
	}
	id := e.doc.AnchorAt(e.sel.Head, rga.After).ID
	if id.Replica == e.doc.Replica() {
		return rga.ID{}
	}
	return id
}

// grown says whether the author of an element has typed on right behind it.
func (e *Editor) grown(id rga.ID) bool {
	if id.Replica == 0 {
		return false
	}
	end, _ := e.doc.Resolve(rga.Anchor{ID: id, Bias: rga.After})
	next, ok := e.doc.Resolve(rga.Anchor{ID: rga.ID{Replica: id.Replica, Seq: id.Seq + 1}, Bias: rga.Before})
	return ok && next == end
}

// merged follows changes that others made; before is what growing said before them.
func (e *Editor) merged(changes []rga.Change, before rga.ID) {
	if len(changes) == 0 {
		return
	}
	if e.goal != noGoal && e.moves(changes) {
		e.goal = noGoal
	}
	e.refresh(changes)
	sel := e.sel.follow(changes)
	if e.grown(before) {
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
