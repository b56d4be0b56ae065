package main

import (
	"errors"
	"os"
	"strings"
	"sync/atomic"
	"unicode"
	"unicode/utf8"

	"coedit/internal/textfile"
	"coedit/rga"
)

// copySuffix is appended to the document's name for a guest's copy of a text whose session is lost; where there is such a copy
// already, it is followed by "-2", "-3" and so on.
const copySuffix = ".coedit-copy"

// copyNameLimit is the longest part of a document's name, in bytes, that the name of a copy begins with.
const copyNameLimit = 100

// keptCopy writes a guest's text into the current folder.
type keptCopy struct {
	doc  *rga.Doc
	path atomic.Pointer[string] // of the copy written last; nil: none
}

// keep takes what the copy needs from the document, and returns what writes it.
func (k *keptCopy) keep(v *rga.View) (write func() error) {
	name, format := copyName(textfile.NameOf(k.doc)), textfile.FormatOf(k.doc)
	return func() error {
		path, f, err := createNew(name+copySuffix, 0o666)
		if err != nil {
			return failure(err, "", "cannot write %s: %s", path, cause(err))
		}
		_, err = f.Write(textfile.Encode(nil, []byte(v.String()), format))
		if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
			return failure(err, "", "cannot write %s: %s", path, cause(err))
		}
		k.path.Store(&path)
		return nil
	}
}

// format is how the host's file is written.
func (k *keptCopy) format() textfile.Format { return textfile.FormatOf(k.doc) }

// copies returns what writes a copy of the text under a name that the user gives, with line endings and byte order mark as the file
// would have them.
func copies(format func() textfile.Format) func(v *rga.View, name string) (write func() error) {
	return func(v *rga.View, name string) func() error {
		as := format()
		return func() error {
			path, err := freePath(name)
			if err != nil {
				return err
			}
			f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
			if err != nil {
				return failure(err, "", "cannot write %s: %s", path, cause(err))
			}
			_, err = f.Write(textfile.Encode(nil, []byte(v.String()), as))
			if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
				return failure(err, "", "cannot write %s: %s", path, cause(err))
			}
			return nil
		}
	}
}

// copyName makes the name of a file in the current folder from a document's name, which a peer has chosen.
func copyName(name string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || r == utf8.RuneError || strings.ContainsRune(`<>:"|?*`, r) {
			return '_'
		}
		return r
	}, name)
	for len(name) > copyNameLimit {
		_, n := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-n]
	}
	if strings.Trim(name, ". ") == "" {
		return untitledName
	}
	return name
}
