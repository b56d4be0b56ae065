package journal

import (
	crand "crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Names of the files of a journal's folder.
const (
	lockName   = "lock"
	logName    = "log"
	behindName = "log.behind" // the log of a journal that was given up
	newName    = "log.new"    // being written
	aside      = ".damaged"   // ends the name of a folder that was set aside
)

// ErrInUse: another process writes this journal.
var ErrInUse = errors.New("journal: in use by another process")

// Dir is the folder with all journals of a user. It need not exist.
type Dir struct{ Path string }

// KeyOf is how journals of the same thing are found: those that About is of, by file if it has one, else by room.
func KeyOf(a About) string {
	what := "room\x00" + a.Room
	if a.File != "" {
		what = "file\x00" + a.File
	}
	h := sha256.Sum256([]byte(what))
	return hex.EncodeToString(h[:6])
}

// Create makes an empty journal and locks it. The caller writes Identity first.
func (d Dir) Create(o Options, a About) (*Writer, error) {
	var random [4]byte
	if _, err := crand.Read(random[:]); err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	path := filepath.Join(d.Path, KeyOf(a)+"-"+hex.EncodeToString(random[:]))
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	held, err := lockFolder(path)
	if err != nil {
		return nil, err
	}
	log, size, err := createLog(filepath.Join(path, logName), &State{About: a}, nil)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("journal: %w", err), held.Close(), os.RemoveAll(path))
	}
	_ = syncFolder(path)
	_ = syncFolder(d.Path) // where it cannot be, a power cut may take the journal with it; a kill does not
	return newWriter(path, held, log, size, o), nil
}

// lockFolder locks a journal, which stays locked until the file is closed.
func lockFolder(path string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(path, lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	if err := lock(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// Entry is a journal in the folder.
type Entry struct {
	Name     string
	Modified time.Time
	Size     int64 // of its log, in bytes
	Damaged  bool  // set aside
}

// List names the journals; those of one key, or all when the key is empty.
func (d Dir) List(key string) ([]Entry, error) {
	folders, err := os.ReadDir(d.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	var all []Entry
	for _, f := range folders {
		if !f.IsDir() || !strings.HasPrefix(f.Name(), key) {
			continue
		}
		path, err := logOf(filepath.Join(d.Path, f.Name()))
		if err != nil {
			continue
		}
		if info, err := os.Stat(path); err == nil {
			all = append(all, Entry{f.Name(), info.ModTime(), info.Size(), strings.Contains(f.Name(), aside)})
		}
	}
	return all, nil
}

// logOf finds the log of a journal.
func logOf(path string) (string, error) {
	for _, name := range []string{logName, behindName} {
		if _, err := os.Lstat(filepath.Join(path, name)); err == nil {
			return filepath.Join(path, name), nil
		}
	}
	return "", fmt.Errorf("journal: %s has no log: %w", filepath.Base(path), fs.ErrNotExist)
}

// Load reads a journal without locking it; another process may be writing it. An error that wraps ErrTorn or ErrDamaged
// comes with the state up to there.
func (d Dir) Load(name string) (*State, error) {
	path, err := logOf(filepath.Join(d.Path, name))
	if err != nil {
		return nil, err
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	s, _, err := Read(b)
	return s, err
}

// Head reads only how a journal begins, which says what it is of; cheap however long the journal is.
func (d Dir) Head(name string) (About, error) {
	path, err := logOf(filepath.Join(d.Path, name))
	if err != nil {
		return About{}, err
	}
	f, err := os.Open(path)
	if err != nil {
		return About{}, fmt.Errorf("journal: %w", err)
	}
	defer f.Close()
	const enough = 64 << 10
	b, err := io.ReadAll(io.LimitReader(f, enough))
	if err != nil {
		return About{}, fmt.Errorf("journal: %w", err)
	}
	s, _, err := Read(b)
	if errors.Is(err, ErrTorn) {
		err = nil
	}
	return s.About, err
}

// Taken is a journal that this process has now.
type Taken struct {
	State *State
	*Writer
}

// Take locks a journal and reads it; it is continued by the Writer. Errors: ErrInUse; fs.ErrNotExist where it is gone;
// ErrVersion; and ErrDamaged, with what could be read and without a Writer: the journal has then another name.
func (d Dir) Take(name string, o Options) (*Taken, error) {
	path := filepath.Join(d.Path, name)
	logPath, err := logOf(path)
	if err != nil {
		return nil, err
	}
	held, err := lockFolder(path)
	if err != nil {
		return nil, err
	}
	s, log, size, err := openLog(logPath)
	if err != nil {
		err = errors.Join(err, held.Close())
		if errors.Is(err, ErrDamaged) {
			return &Taken{State: s}, errors.Join(err, setAside(path))
		}
		return nil, err
	}
	_ = os.Remove(filepath.Join(path, newName))
	here, ok := originHere(log)
	s.Intact = ok && here == s.origin && !s.behind && filepath.Base(logPath) == logName
	return &Taken{s, newWriter(path, held, log, size, o)}, nil
}

// openLog reads a log and cuts off what a kill left of its last record.
func openLog(path string) (s *State, log *os.File, size int64, err error) {
	log, err = os.OpenFile(path, os.O_RDWR|os.O_APPEND, 0)
	if err != nil {
		return nil, nil, 0, fmt.Errorf("journal: %w", err)
	}
	b, err := readLog(log)
	if err != nil {
		return nil, nil, 0, errors.Join(fmt.Errorf("journal: %w", err), log.Close())
	}
	s, valid, err := Read(b)
	if errors.Is(err, ErrTorn) {
		err = log.Truncate(int64(valid))
	}
	if err != nil {
		return s, nil, 0, errors.Join(err, log.Close())
	}
	return s, log, int64(valid), nil
}

// readLog reads a log that nobody else writes, into as much memory as it takes.
func readLog(log *os.File) ([]byte, error) {
	info, err := log.Stat()
	if err != nil {
		return nil, err
	}
	b := make([]byte, info.Size())
	n, err := io.ReadFull(log, b)
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		err = nil
	}
	return b[:n], err
}

// setAside gives a damaged journal another name.
func setAside(path string) error {
	to := path + aside
	for n := 2; ; n++ {
		if _, err := os.Lstat(to); errors.Is(err, fs.ErrNotExist) {
			return os.Rename(path, to)
		}
		to = fmt.Sprintf("%s%s-%d", path, aside, n)
	}
}

// Remove removes a journal that nobody uses.
func (d Dir) Remove(name string) error {
	path := filepath.Join(d.Path, name)
	held, err := lockFolder(path)
	if err != nil {
		return err
	}
	return removeFolder(path, held)
}

// removeFolder removes a journal whose lock is held. The log goes first: whoever gets the lock then finds nothing to take.
func removeFolder(path string, held *os.File) error {
	for _, name := range []string{logName, behindName} {
		if err := os.Remove(filepath.Join(path, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return errors.Join(err, held.Close())
		}
	}
	return errors.Join(held.Close(), os.RemoveAll(path))
}
