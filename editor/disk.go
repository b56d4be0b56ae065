package editor

import "coedit/rga"

// Disk is what the file on disk is known to hold. Another program may change it while the document is edited here: what that
// made of the file's text is an edit of it, and is merged as one.
type Disk struct {
	Version rga.Version // the version of the document that the file holds; nil where it is none, see Text
	View    *rga.View   // its text; nil: nothing is known, unless there is Text
	Text    []byte      // the text, where it is that of no version: another program's merged while there were unsaved edits
}

// OnDisk is what a file holds that the present text was just read from or written to.
func (e *Editor) OnDisk() Disk { return Disk{Version: e.doc.Version(), View: e.view} }

// Known says whether it is known what the file holds.
func (d Disk) Known() bool { return d.View != nil || d.Text != nil }

// Bytes is the text that the file holds. It takes time in proportion to it.
func (d Disk) Bytes() []byte {
	if d.Text != nil {
		return d.Text
	}
	return d.View.Append(make([]byte, 0, d.View.Len()), 0, d.View.Len())
}

// DiskChange is what another program made of a file.
type DiskChange struct {
	Base  rga.Version // of the text that the edits are of
	Edits []rga.Edit  // none: the text is as it was
	Text  []byte      // what the file holds now
}

// MergeDisk makes the edits of another program, as one undo step, and returns what the file is known to hold then. Without own
// unsaved edits the text is that of the file afterwards, and counts as saved.
func (e *Editor) MergeDisk(at int64, c DiskChange) (Disk, error) {
	clean := !e.dirty
	if err := e.ReplaceAt(at, c.Base, c.Edits...); err != nil {
		return Disk{}, err
	}
	if clean {
		e.MarkSaved(e.doc.Version())
		return e.OnDisk(), nil
	}
	for _, f := range e.onMerge {
		f(c.Text)
	}
	return Disk{Text: c.Text}, nil
}
