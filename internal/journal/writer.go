package journal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
)

const (
	// SyncDelay is how long after it was written a record is synced at the latest, unless the disk takes longer.
	SyncDelay = 250 * time.Millisecond
	// maxWaiting bounds what waits for a disk that does not answer, in bytes.
	maxWaiting = 64 << 20
	// writeSize is how much is given to the system at once.
	writeSize = 1 << 20
)

// ErrBehind is why a journal was given up: the disk did not keep up with what there was to write.
var ErrBehind = errors.New("journal: the disk does not keep up")

// Options of a journal that is written.
type Options struct {
	// Compact makes one encoded document of a state's text, document and batches. It is called on a goroutine of its own.
	// nil: the log is never compacted.
	Compact func(*State) ([]byte, error)
}

// Writer appends to a journal, which it has locked. Append and Err may be called from any goroutine; of Close, Retire and
// Discard one is called, once.
type Writer struct {
	// Static after construction.
	o    Options
	lock *os.File
	wake chan struct{} // capacity 1: something was queued
	done chan struct{} // closed when the goroutine has returned

	mu      sync.Mutex // guards the following
	path    string     // of the folder; written by the goroutine alone, which reads it without the lock
	queue   []entry
	waiting int // bytes of what is queued
	err     error
	end     func(*Writer) error // set by Close and its like: what to do at the end
	ended   error               // its result; read after done

	// Owned by the goroutine.
	log       *os.File
	size      int64 // of the log
	compactAt int64 // size at which it is compacted next
	buf       []byte
	marked    bool // as not being all there was

	unsynced   bool
	syncing    bool
	synced     chan error // capacity 1
	syncTimer  *time.Timer
	compacting bool
	compacted  chan compaction // capacity 1
	key        string          // the folder's name is to begin with it; "": it does
}

// entry is one call of Append.
type entry struct {
	then    func()
	records []Record
}

// newWriter continues a log of the given size.
func newWriter(path string, lock, log *os.File, size int64, o Options) *Writer {
	w := &Writer{
		o: o, path: path, lock: lock, log: log, size: size, compactAt: nextCompaction(size),
		wake: make(chan struct{}, 1), done: make(chan struct{}),
		synced: make(chan error, 1), compacted: make(chan compaction, 1),
		syncTimer: time.NewTimer(time.Hour),
	}
	w.syncTimer.Stop()
	go w.run()
	return w
}

// Append queues records. When they and all queued before are written, then (nil: nothing) is called on the writer's
// goroutine; it must not block. Where writing fails it is called all the same: the text goes on, and Err says what is wrong.
func (w *Writer) Append(then func(), records ...Record) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, r := range records {
		w.waiting += weight(r)
	}
	if w.waiting > maxWaiting && w.err == nil {
		w.err = ErrBehind
	}
	if w.err != nil {
		records = nil
	}
	w.queue = append(w.queue, entry{then, records})
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Name is the journal's name in its folder.
func (w *Writer) Name() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return filepath.Base(w.path)
}

// Err is why nothing is written any more; nil while all is well.
func (w *Writer) Err() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

// Close writes what waits, syncs it, and gives the journal free for others to take.
func (w *Writer) Close() error { return w.finish((*Writer).keep) }

// Retire leaves of the journal only what it was of: nothing in it is needed any more.
func (w *Writer) Retire() error { return w.finish((*Writer).retire) }

// Discard removes the journal.
func (w *Writer) Discard() error { return w.finish((*Writer).discard) }

// finish ends the goroutine, which does the given thing last, and waits for it.
func (w *Writer) finish(end func(*Writer) error) error {
	w.mu.Lock()
	w.end = end
	w.mu.Unlock()
	select {
	case w.wake <- struct{}{}:
	default:
	}
	<-w.done
	return w.ended
}

func (w *Writer) run() {
	defer close(w.done)
	for {
		entries, end := w.take()
		w.write(entries)
		if end != nil {
			w.settle()
			w.moveIfDue()
			w.ended = end(w)
			return
		}
		w.moveIfDue()
		w.compactIfDue()
		select {
		case <-w.wake:
		case <-w.syncTimer.C:
			w.startSync()
		case err := <-w.synced:
			w.syncing = false
			w.failed(err)
			w.syncSoon()
		case c := <-w.compacted:
			w.compacting = false
			w.swap(c)
		}
	}
}

func (w *Writer) take() ([]entry, func(*Writer) error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	entries := w.queue
	w.queue, w.waiting = nil, 0
	return entries, w.end
}

// write writes entries and then calls what was to be called.
func (w *Writer) write(entries []entry) {
	for _, e := range entries {
		for _, r := range e.records {
			switch r := r.(type) {
			case Text:
				r.each(w.putLong)
				w.compactAt = nextCompaction(w.size) // a long text that nothing was done to yet is as small as it gets
				continue
			case Document:
				w.putLong(r.parts())
				w.compactAt = nextCompaction(w.size)
				continue
			}
			w.buf = r.append(w.buf)
			if len(w.buf) >= writeSize {
				w.put(nil)
			}
		}
	}
	w.put(nil)
	if cap(w.buf) > 2*writeSize {
		w.buf = nil
	}
	w.syncSoon()
	w.markBehind()
	for _, e := range entries {
		if e.then != nil {
			e.then()
		}
	}
}

// putLong writes a record of two parts, the second of which may be long.
func (w *Writer) putLong(head, rest []byte) {
	w.buf = append(w.buf, head...)
	w.put(rest)
}

// put writes what is in the buffer, and then some bytes more.
func (w *Writer) put(more []byte) {
	for _, b := range [][]byte{w.buf, more} {
		if len(b) == 0 || w.Err() != nil {
			continue
		}
		n, err := w.log.Write(b)
		w.size += int64(n)
		w.unsynced = true
		w.failed(err)
	}
	w.buf = w.buf[:0]
}

// failed gives the journal up after an error.
func (w *Writer) failed(err error) {
	if err == nil || errors.Is(err, os.ErrClosed) {
		return
	}
	w.mu.Lock()
	if w.err == nil {
		w.err = fmt.Errorf("journal: %w", err)
	}
	w.mu.Unlock()
}

// markBehind makes the name of a journal that was given up say that it is not all there was, before anything else is
// published: nobody is to go on with its ids.
func (w *Writer) markBehind() {
	if w.marked || w.Err() == nil {
		return
	}
	w.marked = true
	if err := os.Rename(filepath.Join(w.path, logName), filepath.Join(w.path, behindName)); err != nil {
		_ = os.Remove(filepath.Join(w.path, logName)) // rather none than one that is taken for whole
	}
}

// syncSoon sees to it that what is written is synced in time.
func (w *Writer) syncSoon() {
	if w.unsynced && !w.syncing && w.Err() == nil {
		w.unsynced = false
		w.syncing = true
		w.syncTimer.Reset(SyncDelay)
	}
}

// startSync syncs elsewhere: writing goes on meanwhile.
func (w *Writer) startSync() {
	w.unsynced = false
	log := w.log
	go func() { w.synced <- log.Sync() }()
}

// settle waits for what runs elsewhere.
func (w *Writer) settle() {
	if w.compacting {
		c := <-w.compacted
		c.drop()
		w.compacting = false
	}
	if w.syncing && !w.syncTimer.Stop() {
		<-w.synced
	}
}

// keep is the end of a journal that stays.
func (w *Writer) keep() error {
	err := w.Err()
	if err == nil {
		err = w.log.Sync()
	}
	return errors.Join(err, w.log.Close(), w.lock.Close())
}

// retire replaces the log by one that says what it was of, and that it is closed.
func (w *Writer) retire() error {
	defer w.lock.Close()
	o, _ := scan(w.log, w.size)
	err := w.log.Close()
	if err != nil {
		return err
	}
	fresh := filepath.Join(w.path, newName)
	err = os.WriteFile(fresh, Append(Head(), o.state.About, Closed{}), 0o600)
	return errors.Join(err, os.Rename(fresh, filepath.Join(w.path, logName)))
}

// discard removes the log first: whoever gets hold of the lock then finds nothing to take.
func (w *Writer) discard() error {
	return errors.Join(w.log.Close(), removeFolder(w.path, w.lock))
}
