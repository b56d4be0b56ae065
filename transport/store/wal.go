package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

const (
	walName = "rooms.wal" // in the folder, while a relay runs or after one that crashed

	// A checkpoint moves what is in the log into rooms.db when there is so much of it (unless the options say otherwise),
	// or it is so old. A thousand frames cost rooms.db not much more than ten, and take a few milliseconds in which
	// nothing else is stored.
	walBytes = 2 << 20
	walPuts  = 2048
	walAge   = 5 * time.Second

	walBatch   = 256 << 10    // of one record; what is larger goes into rooms.db at once
	walGrowth  = 32 << 10     // the file's first growth; then it doubles
	maxWalFile = 4 * walBytes // of the file; a larger one is none of ours
)

// wal is the write-ahead log, open to be written. Its records begin anew after each checkpoint, and the file's space is
// used again: a sync is cheapest when the file does not grow. Owned by the committer.
type wal struct {
	path  string
	f     *os.File
	mark  walMark
	index uint64 // of the next record
	at    int64  // where that begins
	size  int64  // of the file; zeros, or records of earlier generations, from at on
	tail  []byte // what was written before at, from the beginning of that page; then a buffer
}

// openWal opens the log for what comes after a checkpoint that is yet to be made: it is marked by mark. The file of a
// store that was not shut is left as it is until then; else there is nothing in it, and it is made anew.
func openWal(dir string, old walMark) (*wal, error) {
	w := &wal{path: filepath.Join(dir, walName), at: walHead}
	w.mark = walMark{id: old.id, generation: old.generation + 1}
	open := w.again
	if old.id == 0 || old.shut {
		open = func() error { return w.make(dir) }
	}
	if err := open(); err != nil {
		return nil, fileError(w.path, errors.Join(err, w.close()))
	}
	return w, nil
}

// again opens the file that is there.
func (w *wal) again() (err error) {
	if w.f, err = os.OpenFile(w.path, os.O_RDWR, 0); err != nil {
		return err
	}
	info, err := w.f.Stat()
	if err == nil {
		w.size = info.Size()
	}
	return err
}

// make makes an empty file under an id of its own. It is there, name and all, before rooms.db knows of it.
func (w *wal) make(dir string) (err error) {
	if w.mark.id, err = randomNumber(); err != nil {
		return err
	}
	if w.f, err = os.OpenFile(w.path, os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return err
	}
	if err = w.f.Truncate(0); err != nil {
		return err
	}
	if _, err = w.f.WriteAt(encodeWalHead(w.mark.id), 0); err != nil {
		return err
	}
	w.size = walHead
	return errors.Join(w.f.Sync(), syncDirectory(dir))
}

// append writes a record and waits for the disk. After an error the log is of no use until rooms.db was opened anew.
func (w *wal) append(b *walBuilder) error {
	record := b.seal(w.mark, w.index)
	page := w.at - int64(len(w.tail))
	end := w.at + int64(sectors(len(record)))
	w.tail = append(w.tail, record...)
	w.tail = zeros(w.tail, int(wholePages(end)-page-int64(len(w.tail))))
	if _, err := w.f.WriteAt(w.tail, page); err != nil {
		return fileError(w.path, err)
	}
	if err := w.grow(wholePages(end)); err != nil {
		return fileError(w.path, err)
	}
	if err := datasync(w.f); err != nil {
		return fileError(w.path, err)
	}
	last := end / walHead * walHead
	w.tail = w.tail[:copy(w.tail, w.tail[last-page:][:end-last])]
	w.at, w.index = end, w.index+1
	return nil
}

// grow extends the file with zeros when it was written to its end, so that most of the following syncs need not
// write down a new size.
func (w *wal) grow(end int64) error {
	if end <= w.size {
		return nil
	}
	size := max(end, min(2*w.size, maxWalFile), walGrowth)
	if _, err := w.f.WriteAt(make([]byte, size-end), end); err != nil {
		return err
	}
	w.size = size
	return nil
}

// reset begins anew after what was in the log has come into rooms.db.
func (w *wal) reset(m walMark) { w.mark, w.index, w.at, w.tail = m, 0, walHead, w.tail[:0] }

// bytes is how much is in it.
func (w *wal) bytes() int64 { return w.at - walHead }

func (w *wal) close() error {
	if w.f == nil {
		return nil
	}
	err := w.f.Close()
	w.f = nil
	return err
}

// wholePages rounds up.
func wholePages(n int64) int64 { return (n + walHead - 1) / walHead * walHead }

// zeros appends n zeros.
func zeros(b []byte, n int) []byte {
	at := len(b)
	if cap(b) < at+n {
		b = append(b, make([]byte, n)...)
	}
	b = b[:at+n]
	clear(b[at:])
	return b
}

// readWalFile reads what a log holds that is not in rooms.db.
func readWalFile(path string) walReader {
	return func(want walMark) ([]walPut, error, error) {
		f, err := os.Open(path)
		if errors.Is(err, os.ErrNotExist) {
			return nil, nil, fmt.Errorf("%w: it is missing, and what was stored last is in it", errWal)
		}
		if err != nil {
			return nil, nil, err
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil {
			return nil, nil, err
		}
		return readWal(f, info.Size(), want)
	}
}

// walReader gives what the log holds that rooms.db, which says want, does not. It is readWal, of some file.
type walReader func(want walMark) (puts []walPut, torn error, err error)
