package journal

import (
	"os"
	"path/filepath"
)

// Rename says that the journal is of something else from now on, as after a text got another file. Who looks for that finds it, also
// after a kill; where a system does not rename folders that are in use (Windows), only by the records.
func (w *Writer) Rename(a About) {
	w.Append(func() { w.key = KeyOf(a) }, a)
}

// moveIfDue gives the folder the name by which it is found. The log is compacted then, so that it begins with what it is of.
func (w *Writer) moveIfDue() {
	if w.key == "" || w.compacting || w.Err() != nil {
		return
	}
	folder, name := filepath.Split(w.path)
	key := w.key
	w.key, w.compactAt = "", 0
	if len(name) <= len(key) || name[:len(key)] == key {
		return
	}
	path := filepath.Join(folder, key+name[len(key):])
	if os.Rename(w.path, path) != nil {
		return
	}
	w.mu.Lock()
	w.path = path
	w.mu.Unlock()
	_ = syncFolder(folder) // as where it is made
}
