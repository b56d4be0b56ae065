package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"coedit/editor/tui"
	"coedit/internal/filewatch"
	"coedit/internal/textfile"
	"coedit/rga"
)

// diskFile is the file that is edited, with what of it is kept beside its text.
type diskFile struct {
	file *textfile.File // used by one command at a time

	mu     sync.Mutex // guards the following
	format textfile.Format
	reread bool // another program gave the file its format, of which the document does not know yet

	watching sync.Once
	watcher  *filewatch.Watcher // made by the first Watch; used by one at a time
}

// openFile reads the file to edit; a missing one is new.
func openFile(path string) (*diskFile, []byte, error) {
	f, text, format, err := textfile.Open(path)
	if err != nil {
		return nil, nil, err
	}
	return &diskFile{file: f, format: format}, text, nil
}

// Name is the file's name without its folder.
func (d *diskFile) Name() string { return filepath.Base(d.file.Path) }

// is says whether path is this file, under whatever name.
func (d *diskFile) is(path string) bool {
	if abs, err := filepath.Abs(path); err == nil && abs == d.file.Real {
		return true
	}
	this, err := os.Stat(d.file.Real)
	if err != nil {
		return false
	}
	other, err := os.Stat(path)
	return err == nil && os.SameFile(this, other)
}

// Save writes the text.
func (d *diskFile) Save(v *rga.View, force bool) error {
	err := d.file.Save(v, d.form(), force)
	switch {
	case errors.Is(err, textfile.ErrChanged):
		return fmt.Errorf("%w: %w", tui.ErrChanged, err)
	case errors.Is(err, textfile.ErrGone):
		return gone(err)
	case errors.Is(err, fs.ErrPermission):
		return denied{err}
	}
	return err
}

// gone says of a file that is not there any more where it is, if that is known.
func gone(err error) error {
	if renamed, ok := errors.AsType[*textfile.RenamedError](err); ok {
		return &tui.Renamed{To: renamed.To, Err: err}
	}
	return fmt.Errorf("%w: %w", tui.ErrGone, err)
}

// denied says what the system said, and is [tui.ErrDenied], too.
type denied struct{ error }

func (d denied) Unwrap() []error { return []error{tui.ErrDenied, d.error} }

// notice is what to know about a file before it is edited; empty: nothing.
func (d *diskFile) notice() string {
	said := leftover(d.file.Path)
	if d.file.ReadOnly() {
		said = strings.TrimSuffix(d.Name()+" is read-only here: save it under another name. "+said, " ")
	}
	return said
}

// leftover says that beside a file lies text that an earlier session could not save; empty: there is none.
func leftover(path string) string {
	if _, err := os.Lstat(path + unsavedSuffix); err != nil {
		return ""
	}
	return filepath.Base(path) + unsavedSuffix + " holds text that was not saved"
}

// unsavedSuffix is appended to a file's path for a copy of text that was not saved; where there is such a copy already, it is
// followed by "-2", "-3" and so on.
const unsavedSuffix = ".coedit-unsaved"

// maxRescued is how many copies of one file may wait to be looked at.
const maxRescued = 1000

// errNotRescued: text that was not saved is in no file; a journal may have it.
var errNotRescued = errors.New("unsaved text was not kept")

// rescue keeps unsaved text in a file beside d when the program is ended from outside: nobody can be asked then, and the
// file itself is written only when somebody says so. It returns the copy's path.
func (d *diskFile) rescue(v *rga.View) (string, error) {
	path, f, err := createNew(d.file.Path+unsavedSuffix, 0o600)
	if err == nil {
		_, err = f.Write(textfile.Encode(nil, []byte(v.String()), d.form()))
		err = errors.Join(err, f.Sync(), f.Close())
	}
	if err != nil {
		return "", failure(errors.Join(errNotRescued, err), "", "%s was not saved, and its text could not be kept in %s: %s", d.file.Path, path, cause(err))
	}
	return path, nil
}

// createNew makes the file of that path, or of the path followed by "-2", "-3" and so on, beside those that were left earlier.
func createNew(first string, mode fs.FileMode) (path string, f *os.File, err error) {
	path = first
	for n := 2; ; n++ {
		f, err = os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
		if !errors.Is(err, fs.ErrExist) || n > maxRescued {
			return path, f, err
		}
		path = first + "-" + strconv.Itoa(n)
	}
}

// endedFromOutside is the end of an editor that a signal, or a bug, ended: text that was not saved is kept.
func endedFromOutside(ctx context.Context, d *diskFile, v *rga.View, dirty bool, err error) error {
	why, hint := "ended by a signal", ""
	if crash, ok := errors.AsType[*tui.Crash](err); ok {
		why, hint = fmt.Sprintf("a bug in coedit ended the editor (%v)", crash.Value), debugHint
	} else if errors.Is(err, errInputEnded) {
		why = "the input ended"
	} else if err != nil && ctx.Err() == nil {
		why = "the editor failed (" + err.Error() + ")"
	}
	if d == nil || !dirty {
		if ctx.Err() != nil && hint == "" {
			return nil
		}
		return failure(err, hint, "%s", why)
	}
	path, keepErr := d.rescue(v)
	if keepErr != nil {
		return keepErr
	}
	kept := "the text is in " + path
	if hint != "" {
		kept += "; " + hint
	}
	return failure(err, kept, "%s before %s was saved", why, d.file.Path)
}
