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

// rewrite writes beside the log a new one that says the same as its first bytes. What the log has grown by is mostly frames
// that were acknowledged: then the records of the document are copied as they are, and memory is needed for none of them. Only
// where most of it would be batches still they become one document.
func rewrite(path string, upTo int64, compact func(*State) ([]byte, error)) (log *os.File, size int64, err error) {
	old, err := os.Open(filepath.Join(path, logName))
	if err != nil {
		return nil, 0, err
	}
	defer old.Close()
	o, err := scan(old, upTo)
	if err != nil {
		return nil, 0, err
	}
	document := o.copyTo
	if o.batches > o.base+compactMin {
		whole, err := compacted(old, upTo, compact)
		if err != nil {
			return nil, 0, err
		}
		document = func(log, _ *os.File) error {
			head, rest := Document{whole}.parts()
			_, err := log.Write(head)
			if err == nil {
				_, err = log.Write(rest)
			}
			return err
		}
	}
	return createLog(filepath.Join(path, newName), o.state, func(log *os.File) error {
		if err := document(log, old); err != nil {
			return err
		}
		_, err := log.Write(Append(nil, o.state.progress()...))
		return err
	})
}

// compacted is the document that the first bytes of a log hold.
func compacted(old *os.File, upTo int64, compact func(*State) ([]byte, error)) ([]byte, error) {
	b := make([]byte, upTo)
	if _, err := old.ReadAt(b, 0); err != nil {
		return nil, err
	}
	s, _, err := Read(b)
	if err != nil {
		return nil, err
	}
	whole, err := compact(s)
	if err != nil {
		return nil, fmt.Errorf("journal: compact: %w", err)
	}
	return whole, nil
}

// createLog writes a log that begins with what the state says of whose it is. more (nil: nothing) writes what follows.
func createLog(name string, s *State, more func(*os.File) error) (log *os.File, size int64, err error) {
	log, err = os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, 0, err
	}
	records := s.head()
	if here, ok := originHere(log); ok {
		records = append([]Record{here}, records...)
	}
	_, err = log.Write(Append(Head(), records...))
	if err == nil && more != nil {
		err = more(log)
	}
	if err == nil {
		err = log.Sync()
	}
	if err == nil {
		size, err = log.Seek(0, io.SeekCurrent)
	}
	if err != nil {
		return nil, 0, errors.Join(err, log.Close(), os.Remove(name))
	}
	return log, size, nil
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
