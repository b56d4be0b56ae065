package editor

import "coedit/rga"

// Apply merges an encoded batch of another replica. The selections stay at the text they were at, the goal column of
// vertical motion is kept unless the caret's line changed before it, the undo steps remain. An error may come with changes
// that batches held before made.
func (e *Editor) Apply(batch []byte) (rga.Result, error) {
	e.growing()
	r, err := e.doc.Apply(batch)
	e.merged(r.Changes)
	return r, err
}

// Merge merges everything that an encoded document has and this one lacks, as Apply does.
func (e *Editor) Merge(doc []byte) (rga.Result, error) {
	e.growing()
	r, err := e.doc.Merge(doc)
	e.merged(r.Changes)
	return r, err
}

// growth is a caret that was sent to the end of its line, by index, and the element before it, if another inserted that:
// perhaps the last one so far of what that one is typing.
type growth struct {
	caret int
	id    rga.ID
}

// growing finds such carets, before a change.
func (e *Editor) growing() {
	e.growths = e.growths[:0]
	for i := range e.carets {
		if !e.carets[i].end {
			continue
		}
		id := e.doc.AnchorAt(e.carets[i].Head, rga.After).ID
		if id.Replica != 0 && id.Replica != e.doc.Replica() {
			e.growths = append(e.growths, growth{i, id})
		}
	}
}

// grown says whether the author of an element has typed on right behind it.
func (e *Editor) grown(id rga.ID) bool {
	end, _ := e.doc.Resolve(rga.Anchor{ID: id, Bias: rga.After})
	next, ok := e.doc.Resolve(rga.Anchor{ID: rga.ID{Replica: id.Replica, Seq: id.Seq + 1}, Bias: rga.Before})
	return ok && next == end
}

// merged follows changes that others made, growing having been called before them.
func (e *Editor) merged(changes []rga.Change) {
	if len(changes) == 0 {
		return
	}
	for i := range e.carets {
		if c := &e.carets[i]; c.goal != noGoal && e.moves(c.Head, changes) {
			c.goal = noGoal
		}
	}
	e.refresh(changes)
	growths := e.growths
	for i := range e.carets {
		c := &e.carets[i]
		s := c.follow(changes)
		if len(growths) > 0 && growths[0].caret == i {
			if e.grown(growths[0].id) {
				s = c.followEnd(changes)
			}
			growths = growths[1:]
		}
		c.Selection = e.settled(s, true)
	}
	e.arrange()
	e.changed(changes)
}

// moves says whether changes touch the line of the caret at head before it; where several come at once, whether they may.
func (e *Editor) moves(head int, changes []rga.Change) bool {
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
