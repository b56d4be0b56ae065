package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"

	"coedit/editor/tui"
	"coedit/internal/textfile"
	"coedit/presence"
)

// untitledName is what a text without a file is called.
const untitledName = "untitled"

// untitled is the place of a text that may get a file, or another one than it has.
type untitled struct {
	file atomic.Pointer[diskFile] // nil until it is named
}

// placed is the place of a text that has a file.
func placed(file *diskFile) *untitled {
	u := &untitled{}
	u.file.Store(file)
	return u
}

// saveAs makes the file for the text. One that exists is refused: it was neither read nor asked about. Line endings and byte order
// mark stay those of the file before.
func (u *untitled) saveAs(name string) (tui.File, error) {
	path, err := freePath(name)
	if err != nil {
		return nil, err
	}
	file, _, err := openFile(path)
	if err != nil {
		return nil, err
	}
	if before := u.file.Load(); before != nil {
		file.format = before.form()
	}
	u.file.Store(file)
	return file, nil
}

// freePath is the path that a user names for a new file.
func freePath(name string) (string, error) {
	path := strings.TrimSpace(name)
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			path = filepath.Join(home, rest)
		}
	}
	if _, err := os.Lstat(path); err == nil {
		return "", failure(fs.ErrExist, "", "%s exists already; choose another name", path)
	}
	if info, err := os.Stat(filepath.Dir(path)); err != nil || !info.IsDir() {
		return "", failure(fs.ErrNotExist, "", "there is no folder %s", filepath.Dir(path))
	}
	return path, nil
}

// place is where unsaved text is kept when the program is ended from outside.
func (u *untitled) place() *diskFile {
	if file := u.file.Load(); file != nil {
		return file
	}
	return &diskFile{file: &textfile.File{Path: untitledName}}
}

// saveProblem is what the guests are told about an error of saving.
func saveProblem(err error) presence.SaveProblem {
	switch {
	case err == nil:
		return presence.SaveWorked
	case errors.Is(err, tui.ErrNoFile):
		return presence.SaveNoFile
	case errors.Is(err, textfile.ErrChanged), errors.Is(err, textfile.ErrGone):
		return presence.SaveChanged
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return presence.SaveDenied
	case errors.Is(err, syscall.ENOSPC):
		return presence.SaveFull
	}
	return presence.SaveOther
}
