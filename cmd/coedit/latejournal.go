package main

import (
	"sync"

	"coedit/internal/journal"
)

// lateJournal is a journal that is made when there is something to keep: who only looks at a file leaves none, and nothing
// waits for it. Safe for concurrent use.
type lateJournal struct {
	create func(journal.About) (*journal.Writer, error)

	mu      sync.Mutex // guards the following
	about   journal.About
	started bool
	ready   chan struct{} // closed when create has returned; nil before start
	w       *journal.Writer
	waiting []journal.Record // until then
	err     error            // why there is none
}

// Append implements session.Journal; what is to be called then is not: nothing is sent anywhere.
func (l *lateJournal) Append(_ func(), records ...journal.Record) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.w != nil:
		l.w.Append(nil, records...)
	case !l.started || l.ready != nil:
		l.waiting = append(l.waiting, records...)
	}
}

// start makes the journal, elsewhere.
func (l *lateJournal) start() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.started {
		return
	}
	l.started, l.ready = true, make(chan struct{})
	ready, about := l.ready, l.about
	go func() {
		defer close(ready)
		w, err := l.create(about)
		l.mu.Lock()
		defer l.mu.Unlock()
		if err == nil {
			w.Append(nil, l.waiting...)
			if l.about.File != about.File { // renamed meanwhile
				w.Rename(l.about)
			}
			l.w = w
		}
		l.err, l.waiting, l.ready = err, nil, nil
	}()
}

// rename says that the journal is of another file from now on.
func (l *lateJournal) rename(about journal.About) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.about = about
	if l.w != nil {
		l.w.Rename(about)
	}
}

// problem is why nothing is kept; "" all is well, or there is nothing to keep yet.
func (l *lateJournal) problem() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return (&record{w: l.w, err: l.err}).problem()
}

// end closes the journal, if there is one: for good where nothing is left to be done.
func (l *lateJournal) end(done bool) error {
	l.mu.Lock()
	ready := l.ready
	l.mu.Unlock()
	if ready != nil {
		<-ready
	}
	return (&record{w: l.w}).end(done)
}
