package filewatch

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Times of a watcher.
const (
	quietAfter = 100 * time.Millisecond // so long nothing may happen before Wait returns
	patience   = time.Second            // but so long after the first event it returns in any case
	lookOften  = 2 * time.Second        // where the system does not watch
	lookSeldom = 10 * time.Second       // where it does
)

// Watcher watches one file, which need not exist.
type Watcher struct {
	path    string
	names   map[string]bool // of the file, as the system reports it
	folders []string

	system *fsnotify.Watcher // nil: the system does not watch
	look   time.Duration
	seen   stamp

	closing sync.Once
}

// stamp is what a look at the file shows.
type stamp struct {
	info os.FileInfo // nil: there is no such file
}

func (s stamp) equal(o stamp) bool {
	if s.info == nil || o.info == nil {
		return s.info == nil && o.info == nil
	}
	return s.info.Size() == o.info.Size() && s.info.ModTime().Equal(o.info.ModTime()) && os.SameFile(s.info, o.info)
}

// New begins to watch a file. It never fails: where the system cannot watch, the file is looked at from time to time.
func New(path string) *Watcher {
	w := newWatcher(path)
	system, err := fsnotify.NewWatcher()
	if err != nil {
		return w
	}
	w.system = system
	if !w.add() {
		w.look = lookOften
	}
	return w
}

// newWatcher returns one that only looks.
func newWatcher(path string) *Watcher {
	w := &Watcher{path: path, names: map[string]bool{}, look: lookOften}
	add := func(path string) {
		if abs, err := filepath.Abs(path); err == nil && !w.names[abs] {
			w.names[abs] = true
			w.folders = append(w.folders, filepath.Dir(abs))
		}
	}
	add(path)
	if real, err := filepath.EvalSymlinks(path); err == nil {
		add(real)
	}
	w.seen = w.stat()
	return w
}

// add asks the system to watch the folders, also those that it has forgotten because they were removed.
func (w *Watcher) add() (all bool) {
	all = true
	for _, folder := range w.folders {
		all = w.system.Add(folder) == nil && all
	}
	if all {
		w.look = lookSeldom
	}
	return all
}

func (w *Watcher) stat() stamp {
	info, err := os.Stat(w.path)
	if err != nil {
		return stamp{}
	}
	return stamp{info}
}

// Wait blocks until something happened to the file, or may have, or ctx ends, and then returns its error.
func (w *Watcher) Wait(ctx context.Context) error {
	var events <-chan fsnotify.Event
	var errs <-chan error
	if w.system != nil {
		events, errs = w.system.Events, w.system.Errors
	}
	look := time.NewTimer(w.look)
	defer look.Stop()
	var quiet, enough <-chan time.Time
	happened := func() {
		if enough == nil {
			enough = time.After(patience)
		}
		quiet = time.After(quietAfter)
	}
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case e, ok := <-events:
			switch {
			case !ok: // closed
				events, errs = nil, nil
			case w.names[e.Name] && e.Op != fsnotify.Chmod:
				happened()
			}
		case _, ok := <-errs:
			if ok {
				happened() // events were lost
			}
		case <-quiet:
			w.seen = w.stat()
			return nil
		case <-enough:
			w.seen = w.stat()
			return nil
		case <-look.C:
			if w.system != nil && !w.add() {
				w.look = lookOften
			}
			if !w.stat().equal(w.seen) {
				happened()
			}
			look.Reset(w.look)
		}
	}
}

// Close ends watching. A Wait that is under way goes on until its context ends.
func (w *Watcher) Close() {
	w.closing.Do(func() {
		if w.system != nil {
			_ = w.system.Close()
		}
	})
}
