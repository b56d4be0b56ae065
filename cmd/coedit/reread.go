package main

import (
	"time"

	"coedit/internal/textfile"
	"coedit/rga"
)

// Changes reads the file again, after another program wrote it, and returns what that changed of the text that it held. From
// accept on, which the document's owner calls when the edits are made, the file is written with the line endings and byte
// order mark that it has now.
func (d *diskFile) Changes(old *rga.View) (edits []rga.Edit, accept func(), err error) {
	text, format, read, err := d.file.Reload()
	if err != nil {
		return nil, nil, err
	}
	return textfile.Diff([]byte(old.String()), text), func() {
		read()
		d.mu.Lock()
		defer d.mu.Unlock()
		d.format, d.reread = format, true
	}, nil
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
