package editor

import (
	"errors"
	"slices"

	"coedit/rga"
)

// ErrReadOnly is returned by edits where the document may only be read.
var ErrReadOnly = errors.New("editor: the document is read-only here")

// Editor is the headless editor of one document: text, carets and selections, undo, clipboard. It owns the document.
// Not safe for concurrent use.
type Editor struct {
	doc      *rga.Doc
	readOnly bool
	dirty    bool   // the text changed since the last MarkSaved
	revision uint64 // raised with every change of the text
	notify   []func([]rga.Change)
	onSave   []func(rga.Version)
	onMerge  []func(text []byte)

	// What follows from the present text; renewed by refresh.
	view    *rga.View
	scan    scanner // reads view
	columns columnCache

	metrics Metrics

	carets  []caret // in the order of the text, none meeting another; never empty
	primary int     // index of the one added last
	growths []growth

	// Of the edit being made.
	spots []spot
	edits []rga.Edit

	undo []step
	redo []step
	open group // whether the next edit may join the last undo step

	indents     string // one level of indentation as found in the text; empty: not yet
	unindented  bool   // nothing is indented in what is looked at for it, as far as is known
	indentsElse string // until then

	clipboard      string
	clipboardParts []string // what each caret copied; nil where there was one
	clipboardLine  bool     // clipboard was filled by copying lines without a selection
}

// New returns an editor of doc, which it owns from now on, with the caret at the beginning.
func New(doc *rga.Doc) *Editor {
	e := &Editor{doc: doc, carets: []caret{lone(0)}}
	e.view = doc.View()
	e.scan.text = e.view
	return e
}

// Doc is the document. Text changes must go through the editor; encoding and metadata may use the document itself.
func (e *Editor) Doc() *rga.Doc { return e.doc }

// View is the present text, immutable; the same view is returned until the text changes.
func (e *Editor) View() *rga.View { return e.view }

// Revision is raised with every change of the text, local or remote.
func (e *Editor) Revision() uint64 { return e.revision }

// SetReadOnly makes edits return ErrReadOnly, or allows them again. Remote changes are applied all the same.
func (e *Editor) SetReadOnly(readOnly bool) { e.readOnly = readOnly }

// ReadOnly says whether edits are refused.
func (e *Editor) ReadOnly() bool { return e.readOnly }

// OnChange adds a function that is called after every change of the text, local or remote, with the changes in order.
// Selection and view are those after the change; the function must not edit.
func (e *Editor) OnChange(f func([]rga.Change)) { e.notify = append(e.notify, f) }

// Dirty says whether the text changed since the last MarkSaved (or since New). Undoing back to the saved text does not
// make it clean again.
func (e *Editor) Dirty() bool { return e.dirty }

// MarkSaved tells that the text of version v was written to disk. The text counts as changed still when something
// happened since v.
func (e *Editor) MarkSaved(v rga.Version) {
	e.dirty = !e.doc.Version().Equal(v)
	for _, f := range e.onSave {
		f(v)
	}
}

// OnSave adds a function that is called by MarkSaved, with its version.
func (e *Editor) OnSave(f func(rga.Version)) { e.onSave = append(e.onSave, f) }

// OnMerge adds a function that is called by MergeDisk with the file's text where that is the text of no version.
func (e *Editor) OnMerge(f func(text []byte)) { e.onMerge = append(e.onMerge, f) }

// refresh follows a change of the document; the caller then settles the selection and calls changed.
func (e *Editor) refresh(changes []rga.Change) {
	if len(changes) == 0 {
		return
	}
	e.columns.follow(changes)
	e.view = e.doc.View()
	e.scan.text = e.view
	e.revision++
	e.dirty = true
	if slices.ContainsFunc(changes, func(c rga.Change) bool { return c.Offset < looked }) {
		e.unindented = false
	}
}

// changed tells the listeners.
func (e *Editor) changed(changes []rga.Change) {
	if len(changes) == 0 {
		return
	}
	for _, f := range e.notify {
		f(changes)
	}
}
