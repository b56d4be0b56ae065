package main

import (
	"sync"

	"coedit/internal/journal"
)

// lateJournal is a journal that is made when there is something to keep: who only looks at a file leaves none, and nothing
// waits for it. Safe for concurrent use.
type lateJournal struct {
	create func() *journal.Writer // nil result: none can be kept

	mu      sync.Mutex // guards the following
	started bool
	ready   chan struct{} // closed when create has returned; nil before start
	w       *journal.Writer
	waiting []journal.Record // until then
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
	ready := l.ready
	go func() {
		defer close(ready)
		w := l.create()
		l.mu.Lock()
		defer l.mu.Unlock()
		if w != nil {
			w.Append(nil, l.waiting...)
		}
		l.w, l.waiting, l.ready = w, nil, nil
	}()
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
