package main

import (
	"coedit/internal/textfile"
	"coedit/rga"
)

// Changes reads the file again, after another program wrote it, and returns what that changed of the text that it held. From
// then on the file is written with the line endings and byte order mark that it has now.
func (d *diskFile) Changes(old *rga.View) ([]rga.Edit, error) {
	text, format, err := d.file.Reload()
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	d.format = format
	d.mu.Unlock()
	return textfile.Diff([]byte(old.String()), text), nil
}

// form is the format to write.
func (d *diskFile) form() textfile.Format {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.format
}
