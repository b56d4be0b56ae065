package textfile

import (
	"io/fs"
	"os"
	"path/filepath"
)

// RenamedError is ErrGone of a file that was found under another name in its folder.
type RenamedError struct {
	To string // the file's name now, without the folder
}

func (e *RenamedError) Error() string { return "renamed to " + e.To + " by another program" }

// Is says that the file is gone from where it was.
func (e *RenamedError) Is(target error) bool { return target == ErrGone }

// searched is how many files of a folder are looked at to find one that was renamed.
const searched = 10_000

// gone is why there is no file any more: it was renamed within its folder, or went, nobody knows where. A file that was written as well
// is not looked for: systems give the number of a file that was deleted to the next one that is made.
func (f *File) gone() error {
	if f.info == nil {
		return ErrGone
	}
	folder, err := os.Open(filepath.Dir(f.Real))
	if err != nil {
		return ErrGone
	}
	defer folder.Close()
	entries, _ := folder.ReadDir(searched) // what could be read of it
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || e.Type() != fs.FileMode(0) || info.Size() != f.size || !info.ModTime().Equal(f.mtime) {
			continue
		}
		if os.SameFile(info, f.info) {
			return &RenamedError{To: e.Name()}
		}
	}
	return ErrGone
}
