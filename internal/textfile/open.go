package textfile

import (
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Why a path is refused.
var (
	ErrDirectory = errors.New("is a directory")
	ErrSpecial   = errors.New("is not a regular file")
	ErrChanged   = errors.New("changed on disk by another program")
	ErrGone      = errors.New("deleted or renamed by another program")
)

// File is an open file's identity on disk. No file handle is held.
type File struct {
	Path string      // as given
	Real string      // symbolic links resolved: what is written
	Mode fs.FileMode // of the file when read or last written
	New  bool        // does not exist yet
	Sum  uint64      // of the bytes last read or written

	size  int64 // as last read or written
	mtime time.Time
	info  fs.FileInfo // nil: never seen
}

// maxLinks is how many symbolic links are followed.
const maxLinks = 40

// Open reads a file. A missing one in an existing directory gives New and no text. There is room behind the text. Errors wrap the sentinels of this
// package or those of io/fs, and are sentences with the path.
func Open(path string) (*File, []byte, Format, error) {
	real, err := resolve(path)
	if err != nil {
		return nil, nil, Format{}, err
	}
	f := &File{Path: path, Real: real}
	b, info, err := readFile(real)
	if errors.Is(err, fs.ErrNotExist) {
		if err := checkFolder(path, real); err != nil {
			return nil, nil, Format{}, err
		}
		f.New, f.Sum = true, sum(nil)
		return f, nil, Format{}, nil
	}
	if err != nil {
		return nil, nil, Format{}, sentence("open", path, err)
	}
	text, format, err := Decode(b)
	if err != nil {
		return nil, nil, Format{}, fmt.Errorf("cannot open %s: %w", path, err)
	}
	f.Mode = info.Mode()
	f.note(sum(b), info)
	return f, text, format, nil
}

// Reload reads the file again, after another program changed it; where Path is a link that leads elsewhere by now, it reads what
// that leads to. Only when accept is called, once the caller has taken it over, does Save expect it on disk; till then the change is
// still one that must not be overwritten unasked. accept does no I/O. ErrGone: there is no file any more.
func (f *File) Reload() (text []byte, format Format, accept func(), err error) {
	real, err := resolve(f.Path)
	if err != nil {
		return nil, Format{}, nil, err
	}
	b, info, err := readFile(real)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, Format{}, nil, fmt.Errorf("cannot read %s: it was %w", f.Path, f.gone())
	}
	if err != nil {
		return nil, Format{}, nil, sentence("read", f.Path, err)
	}
	text, format, err = Decode(b)
	if err != nil {
		return nil, Format{}, nil, fmt.Errorf("cannot read %s: %w", f.Path, err)
	}
	read := sum(b)
	return text, format, func() {
		f.New, f.Mode, f.Real = false, info.Mode(), real
		f.note(read, info)
	}, nil
}

// Check says whether the disk holds what was last read or written here: nil, or ErrChanged, or ErrGone. A file that is new and
// still does not exist is unchanged.
func (f *File) Check() error {
	if real, err := resolve(f.Path); err != nil {
		return err
	} else if real != f.Real {
		return f.changed()
	}
	info, err := os.Stat(f.Real)
	switch {
	case errors.Is(err, fs.ErrNotExist) && f.New:
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s was %w", f.Path, f.gone())
	case err != nil:
		return sentence("read", f.Path, err)
	}
	if err := regular(info); err != nil {
		return sentence("read", f.Path, err)
	}
	return f.unchanged(info)
}

// ReadOnly says whether there is a file that may not be written.
func (f *File) ReadOnly() bool {
	return !f.New && errors.Is(writable(f.Real), fs.ErrPermission)
}

// note remembers what the disk holds.
func (f *File) note(sum uint64, info fs.FileInfo) {
	f.Sum, f.size, f.mtime, f.info = sum, info.Size(), info.ModTime(), info
}

// resolve follows symbolic links, also one whose target does not exist yet.
func resolve(path string) (string, error) {
	real, err := filepath.Abs(path)
	if err != nil {
		return "", sentence("open", path, err)
	}
	for range maxLinks {
		if whole, err := filepath.EvalSymlinks(real); err == nil {
			return whole, nil
		}
		target, err := os.Readlink(real)
		if err != nil { // not a link: it or its folder does not exist
			if folder, err := filepath.EvalSymlinks(filepath.Dir(real)); err == nil {
				return filepath.Join(folder, filepath.Base(real)), nil
			}
			return real, nil
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(real), target)
		}
		real = target
	}
	return "", fmt.Errorf("cannot open %s: too many symbolic links", path)
}

// checkFolder says whether a new file could stand at real.
func checkFolder(path, real string) error {
	folder := filepath.Dir(real)
	info, err := os.Stat(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("cannot open %s: there is no directory %s; create it first: %w", path, folder, fs.ErrNotExist)
	}
	if err != nil {
		return sentence("open", path, err)
	}
	if !info.IsDir() {
		return fmt.Errorf("cannot open %s: %s is not a directory", path, folder)
	}
	return nil
}

// readFile reads a regular file of at most MaxSize bytes.
func readFile(path string) ([]byte, fs.FileInfo, error) {
	if info, err := os.Stat(path); err != nil {
		return nil, nil, err
	} else if err := regular(info); err != nil { // before opening it: a pipe would block
		return nil, nil, err
	}
	h, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer h.Close()
	info, err := h.Stat()
	if err != nil {
		return nil, nil, err
	}
	size := min(info.Size(), MaxSize)
	b := make([]byte, 0, size+size/4+1) // with room for what is going to be typed; the system gives memory to what is written only
	for limit := io.LimitReader(h, MaxSize+1); ; {
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
		n, err := limit.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, err
		}
	}
	if len(b) > MaxSize {
		return nil, nil, fmt.Errorf("%w: more than %d MiB", ErrTooLarge, MaxSize>>20)
	}
	return b, info, nil
}

// regular refuses what is no file of a bounded size.
func regular(info fs.FileInfo) error {
	switch {
	case info.IsDir():
		return ErrDirectory
	case !info.Mode().IsRegular():
		return ErrSpecial
	case info.Size() > MaxSize:
		return fmt.Errorf("%w: %d MiB, at most %d", ErrTooLarge, info.Size()>>20, MaxSize>>20)
	}
	return nil
}

// sentence makes of an error what a user can act on.
func sentence(verb, path string, err error) error {
	var inner *fs.PathError
	switch {
	case errors.Is(err, ErrDirectory), errors.Is(err, ErrSpecial):
		return fmt.Errorf("cannot %s %s: it %w", verb, path, err)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("cannot %s %s: %w; check the permissions of the file and its directory", verb, path, fs.ErrPermission)
	case errors.As(err, &inner):
		err = inner.Err
	}
	return fmt.Errorf("cannot %s %s: %w", verb, path, err)
}

// sum tells two contents of a file apart.
func sum(b []byte) uint64 {
	return maphash.Bytes(seed, b)
}

// seed makes sums of one run of the program: they are not kept. A cryptographic sum of a file of 100 MB would take 60 ms of the time
// till it is on the screen, this one takes 10.
var seed = maphash.MakeSeed()

// newSum sums up what is written to it.
func newSum() *maphash.Hash {
	h := &maphash.Hash{}
	h.SetSeed(seed)
	return h
}
