package session

import "sync"

// worker does jobs one after the other, in the order in which they were given, on a goroutine that there is only while there
// are jobs. Safe for concurrent use; what one job wrote, the next one reads.
type worker struct {
	mu   sync.Mutex // guards the following
	jobs []func()
	idle chan struct{} // closed when the last of them is done; nil: there are none
}

// do gives a job, and does not wait for it.
func (w *worker) do(job func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.jobs = append(w.jobs, job)
	if w.idle == nil {
		w.idle = make(chan struct{})
		go w.run()
	}
}

func (w *worker) run() {
	for job := w.next(); job != nil; job = w.next() {
		job()
	}
}

// next takes the next job; nil: there is none, and the goroutine ends.
func (w *worker) next() func() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.jobs) == 0 {
		close(w.idle)
		w.jobs, w.idle = nil, nil
		return nil
	}
	job := w.jobs[0]
	w.jobs[0] = nil
	w.jobs = w.jobs[1:]
	return job
}

// wait returns when everything given so far is done.
func (w *worker) wait() {
	w.mu.Lock()
	idle := w.idle
	w.mu.Unlock()
	if idle != nil {
		<-idle
	}
}
