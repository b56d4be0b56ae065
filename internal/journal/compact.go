package journal

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// compactMin is how much a log grows at least before it is compacted.
const compactMin = 1 << 20

// nextCompaction is the size at which a log is compacted whose present size is what a compaction would leave at most.
func nextCompaction(size int64) int64 { return size + max(compactMin, 2*size) }

// compaction is a log written anew, up to a place in the old one.
type compaction struct {
	log  *os.File
	size int64 // of the new log
	upTo int64 // bytes of the old log that it stands for
	err  error
}

// drop removes a log that is not wanted.
func (c compaction) drop() {
	if c.log != nil {
		_ = c.log.Close()
		_ = os.Remove(c.log.Name())
	}
}

// compactIfDue begins to write the log anew, on another goroutine; records are appended to the old one meanwhile.
func (w *Writer) compactIfDue() {
	if w.o.Compact == nil || w.compacting || w.size < w.compactAt || w.Err() != nil {
		return
	}
	w.compacting = true
	path, upTo, compact := w.path, w.size, w.o.Compact
	go func() {
		c := compaction{upTo: upTo}
		c.log, c.size, c.err = rewrite(path, upTo, compact)
		w.compacted <- c
	}()
}

// rewrite writes beside the log a new one that says the same as its first bytes.
func rewrite(path string, upTo int64, compact func(*State) ([]byte, error)) (log *os.File, size int64, err error) {
	old, err := os.Open(filepath.Join(path, logName))
	if err != nil {
		return nil, 0, err
	}
	defer old.Close()
	b := make([]byte, upTo)
	if _, err := io.ReadFull(old, b); err != nil {
		return nil, 0, err
	}
	s, _, err := Read(b)
	if err != nil {
		return nil, 0, err
	}
	if s.Document, err = compact(s); err != nil {
		return nil, 0, fmt.Errorf("journal: compact: %w", err)
	}
	return createLog(filepath.Join(path, newName), s, true)
}

// createLog writes a log that says what the state says.
func createLog(name string, s *State, whole bool) (log *os.File, size int64, err error) {
	log, err = os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, 0, err
	}
	records := s.head()
	if here, ok := originHere(log); ok {
		records = append([]Record{here}, records...)
	}
	if whole {
		records = append(append(records, Document{s.Document}), s.progress()...)
	}
	b := Append(Head(), records...)
	if _, err = log.Write(b); err == nil {
		err = log.Sync()
	}
	if err != nil {
		return nil, 0, errors.Join(err, log.Close(), os.Remove(name))
	}
	return log, int64(len(b)), nil
}

// swap puts the new log in the place of the old one, with what was appended to that meanwhile.
func (w *Writer) swap(c compaction) {
	if c.err != nil || w.Err() != nil {
		c.drop()
		w.compactAt = nextCompaction(w.size) // later, perhaps
		return
	}
	n, err := io.Copy(c.log, io.NewSectionReader(w.log, c.upTo, w.size-c.upTo))
	if err == nil {
		err = c.log.Sync()
	}
	if err != nil {
		c.drop()
		w.compactAt = nextCompaction(w.size)
		return
	}
	w.size = c.size + n
	w.compactAt = nextCompaction(w.size)
	w.failed(w.replace(c.log))
	w.failed(syncFolder(w.path))
}

// replace goes on with another log, under the name of the present one. Some systems rename closed files only.
func (w *Writer) replace(fresh *os.File) error {
	err := errors.Join(fresh.Close(), w.log.Close())
	if err != nil {
		return err
	}
	name := filepath.Join(w.path, logName)
	if err := os.Rename(fresh.Name(), name); err != nil {
		return err
	}
	log, err := os.OpenFile(name, os.O_RDWR|os.O_APPEND, 0)
	if err == nil {
		w.log = log
	}
	return err
}
