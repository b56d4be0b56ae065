package textfile

import (
	"bufio"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/natefinch/atomic"

	"coedit/rga"
)

// trustStat is the size from which a file whose size and time are those last seen is taken to be unchanged. Smaller ones
// are read and compared: a clock may be too coarse to tell two writes apart.
const trustStat = 8 << 20

// Save writes the file atomically: a temporary file in the same directory, brought to the disk, then renamed. Mode, owner
// where permitted and symbolic links are kept. Where the file on disk is not what was last read or written it changes nothing and
// returns ErrChanged, or ErrGone where there is none any more, unless force. After an error no leftover stays.
func (f *File) Save(text *rga.View, format Format, force bool) error {
	real, err := resolve(f.Path)
	if err != nil {
		return err
	}
	if real != f.Real && !force {
		return f.changed() // a link that leads elsewhere
	}
	f.Real = real
	info, err := os.Stat(f.Real)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !f.New && !force:
		return fmt.Errorf("cannot save %s: it was %w", f.Path, f.gone())
	case errors.Is(err, fs.ErrNotExist):
		info = nil
	case err != nil:
		return sentence("save", f.Path, err)
	default:
		if err := regular(info); err != nil && !errors.Is(err, ErrTooLarge) {
			return sentence("save", f.Path, err)
		}
		if !force {
			if err := f.unchanged(info); err != nil {
				return err
			}
		}
		if err := writable(f.Real); err != nil {
			return fmt.Errorf("cannot save %s: the file is read-only (%w); make it writable, or save under another name", f.Path, fs.ErrPermission)
		}
	}
	return f.write(text, format, info)
}

func (f *File) changed() error { return fmt.Errorf("cannot save %s: %w", f.Path, ErrChanged) }

// unchanged returns ErrChanged where the disk does not hold what was last read or written.
func (f *File) unchanged(info fs.FileInfo) error {
	if f.New || info.Size() != f.size {
		return f.changed()
	}
	if info.Size() >= trustStat && info.ModTime().Equal(f.mtime) {
		return nil
	}
	h, err := os.Open(f.Real)
	if err != nil {
		return sentence("save", f.Path, err)
	}
	defer h.Close()
	s := newSum()
	if _, err := io.Copy(s, io.LimitReader(h, f.size+1)); err != nil {
		return sentence("save", f.Path, err)
	}
	if s.Sum64() != f.Sum {
		return f.changed()
	}
	return nil
}

// writable says whether an existing file may be written. The rename would not ask.
func writable(path string) error {
	h, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return h.Close()
}

// write replaces the file, of which info is known, or makes a new one.
func (f *File) write(text *rga.View, format Format, info fs.FileInfo) (err error) {
	defer func() {
		if err != nil {
			err = sentence("save", f.Path, err)
		}
	}()
	perm := fs.FileMode(0o600) // nobody else reads it before it has its own mode
	if info == nil && f.New {
		perm = 0o666
	}
	tmp, err := createBeside(f.Real, perm)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			tmp.Close()
			os.Remove(tmp.Name())
		}
	}()
	s := newSum()
	if err := encodeTo(tmp, s, text, format); err != nil {
		return err
	}
	if err := f.permit(tmp, info); err != nil {
		return err
	}
	if err := tmp.Sync(); err != nil {
		return err
	}
	written, err := tmp.Stat()
	if err != nil {
		return err
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	if err := atomic.ReplaceFile(tmp.Name(), f.Real); err != nil {
		return err
	}
	f.New, f.Mode = false, written.Mode()
	f.note(s.Sum64(), written)
	return syncFolder(filepath.Dir(f.Real))
}

// createBeside makes a temporary file in the folder of path. The process's umask is taken off perm.
func createBeside(path string, perm fs.FileMode) (*os.File, error) {
	folder, base := filepath.Split(path)
	if len(base) > 100 { // names end at 255 bytes
		base = base[:100]
	}
	for i := 0; ; i++ {
		name := filepath.Join(folder, fmt.Sprintf(".%s.%d-%d.tmp", base, os.Getpid(), i))
		h, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, perm)
		if !errors.Is(err, fs.ErrExist) || i > 1000 {
			return h, err
		}
	}
}

// encodeTo writes the text in its format to w and to the sum.
func encodeTo(w io.Writer, s hash.Hash, text *rga.View, format Format) error {
	out := bufio.NewWriterSize(io.MultiWriter(w, s), 64<<10)
	if format.BOM {
		if _, err := out.WriteString(bom); err != nil {
			return err
		}
	}
	var lines []byte
	for chunk := range text.Chunks(0, text.Len()) {
		for len(chunk) > 0 {
			part := chunk[:min(len(chunk), 64<<10)]
			chunk = chunk[len(part):]
			if format.CRLF {
				lines = appendLines(lines[:0], part, true)
				part = lines
			}
			if _, err := out.Write(part); err != nil {
				return err
			}
		}
	}
	return out.Flush()
}

// permit gives the temporary file the mode and owner of the file it replaces. A file that was removed comes back with
// the mode it had.
func (f *File) permit(tmp *os.File, info fs.FileInfo) error {
	mode := f.Mode
	if info != nil {
		mode = info.Mode()
		keepOwner(tmp, info) // first: changing the owner drops the set-id bits
	} else if f.New {
		return nil
	}
	return tmp.Chmod(mode & (fs.ModePerm | fs.ModeSetuid | fs.ModeSetgid | fs.ModeSticky))
}
