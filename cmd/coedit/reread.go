package main

import (
	"context"
	"errors"
	"time"

	"coedit/editor"
	"coedit/editor/tui"
	"coedit/internal/filewatch"
	"coedit/internal/textfile"
	"coedit/rga"
)

// Changes reads the file again, after another program wrote it, and returns what that changed of the text that it held. From
// accept on, which the document's owner calls when the edits are made, the file is written with the line endings and byte
// order mark that it has now.
func (d *diskFile) Changes(was editor.Disk, shown *rga.View, version rga.Version) (c editor.DiskChange, accept func(), err error) {
	if err := d.file.Check(); err == nil {
		return c, func() {}, nil
	} else if errors.Is(err, textfile.ErrGone) {
		return c, nil, gone(err)
	}
	text, format, read, err := d.file.Reload()
	if errors.Is(err, textfile.ErrGone) {
		err = gone(err)
	}
	if err != nil {
		return c, nil, err
	}
	old := was.Bytes()
	c.Base, c.Edits = was.Version, textfile.Diff(old, text)
	if len(c.Edits) > 0 {
		c.Text = text
	}
	if was.Text != nil { // of no version: what was changed there and what was changed here are merged as texts
		c.Base, c.Edits = version, textfile.Rebase(c.Edits, textfile.Diff(old, []byte(shown.String())))
	}
	return c, func() {
		read()
		d.mu.Lock()
		defer d.mu.Unlock()
		d.format, d.reread = format, true
	}, nil
}

// takeChanges makes what another program wrote into the file since it held disk edits of the text, and disk what it holds now. It
// returns how many edits these are. It blocks, and is called by the document's owner.
func takeChanges(file tui.Rereader, ed *editor.Editor, disk *editor.Disk, now time.Time) (edits int, err error) {
	if !disk.Known() {
		return 0, errors.New("what the file held before is not known")
	}
	change, accept, err := file.Changes(*disk, ed.View(), ed.Doc().Version())
	if err != nil {
		return 0, err
	}
	if change.Text != nil {
		merged, err := ed.MergeDisk(now.UnixMilli(), change)
		if err != nil {
			return 0, err
		}
		*disk = merged
	}
	accept()
	return len(change.Edits), nil
}

// Watch blocks until another program may have changed the file, or ctx ends.
func (d *diskFile) Watch(ctx context.Context) error {
	d.watching.Do(func() { d.watcher = filewatch.New(d.file.Path) })
	err := d.watcher.Wait(ctx)
	if err != nil {
		d.watcher.Close()
	}
	return err
}

// agree makes line endings and byte order mark the same in a shared document and in what will be written. The newer word
// counts: another program's when the file was read again, else the document's, to which a guest may have put a file with
// others. It is called by the document's owner.
func (d *diskFile) agree(doc *rga.Doc, now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.reread && d.format.Set(doc, now.UnixMilli()) != nil {
		return // the document takes no more metadata: the file keeps what it has
	}
	d.format, d.reread = textfile.FormatOf(doc), false
}

// form is the format to write.
func (d *diskFile) form() textfile.Format {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.format
}
