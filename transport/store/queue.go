package store

import "sync"

// queue holds what is to be committed. Operations of the first kind are taken before those of the second, of which
// only so much is taken at once: the parts of a snapshot must not hold up edits.
type queue struct {
	limit int64
	more  chan struct{} // capacity 1; there is something to take, or the queue was closed

	mu     sync.Mutex // guards the following fields
	ops    []*op
	slow   []*op
	bytes  int64 // of ops
	closed bool  // nothing is taken in any more
	over   bool  // everything was taken out
}

func (q *queue) init(limit int64) {
	q.limit = limit
	q.more = make(chan struct{}, 1)
}

// add appends an operation. One that there is no place for keeps its place in the order and is answered with an error
// in its turn, or at once when no turn will come.
func (q *queue) add(o *op) {
	if !q.put(o) {
		o.finish(ErrShut)
	}
}

func (q *queue) put(o *op) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.over:
		return false
	case q.closed:
		o.refused, o.bytes = ErrShut, 0
	case !o.slow && o.bytes > 0 && q.bytes > 0 && q.bytes+int64(o.bytes) > q.limit:
		o.refused, o.bytes = ErrBusy, 0
	}
	if o.slow { // whoever sent a snapshot to the relay has it bounded there
		q.slow = append(q.slow, o)
	} else {
		q.ops = append(q.ops, o)
		q.bytes += int64(o.bytes)
	}
	q.signal()
	return true
}

// signal says that there is something to take. mu is held.
func (q *queue) signal() {
	select {
	case q.more <- struct{}{}:
	default:
	}
}

// take gives what is to be done next; open is false when nothing will come any more.
func (q *queue) take() (ops []*op, open bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	ops, q.ops = q.ops, nil
	n, bytes := 0, 0
	for n < len(q.slow) && (n == 0 || bytes+q.slow[n].bytes <= slowBytes) {
		bytes += q.slow[n].bytes
		n++
	}
	ops = append(ops, q.slow[:n]...)
	if q.slow = q.slow[n:]; len(q.slow) == 0 {
		q.slow = nil
	} else {
		q.signal()
	}
	q.over = q.closed && len(ops) == 0
	return ops, !q.over
}

// done gives back the place of an operation.
func (q *queue) done(o *op) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !o.slow {
		q.bytes -= int64(o.bytes)
	}
}

func (q *queue) size() int64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.bytes
}

func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.signal()
}
