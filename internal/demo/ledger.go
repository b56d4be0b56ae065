package demo

import (
	"slices"
	"sync"
	"time"

	"coedit/rga"
)

// ledger measures how long edits take from their author's screen to the others'. Every participant reports to it from
// its own goroutine.
type ledger struct {
	mu    sync.Mutex // guards the following
	marks map[rga.ReplicaID][]mark
	seen  map[pair]int // how many of the author's marks the observer has seen
	away  rga.ReplicaID
	times []time.Duration
	apart int // edits made while their author was offline
}

// mark is one edit: once an observer has the author's ticks up to tick, it has the edit.
type mark struct {
	tick uint64
	at   time.Time
	away rga.ReplicaID // who was offline then; 0 nobody
}

type pair struct{ observer, author rga.ReplicaID }

func newLedger() *ledger {
	return &ledger{marks: map[rga.ReplicaID][]mark{}, seen: map[pair]int{}}
}

// setAway says who is offline from now on; 0: nobody.
func (l *ledger) setAway(id rga.ReplicaID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.away = id
}

// wrote notes an edit that brought its author's clock to tick.
func (l *ledger) wrote(author rga.ReplicaID, tick uint64, at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.away == author {
		l.apart++
	}
	l.marks[author] = append(l.marks[author], mark{tick, at, l.away})
}

// saw notes what an observer has. Edits that someone made, or would have received, while offline are no measure of latency.
func (l *ledger) saw(observer rga.ReplicaID, v rga.Version, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for author, marks := range l.marks {
		if author == observer {
			continue
		}
		p := pair{observer, author}
		n := l.seen[p]
		for n < len(marks) && marks[n].tick <= v[author] {
			if away := marks[n].away; away != observer && away != author {
				l.times = append(l.times, now.Sub(marks[n].at))
			}
			n++
		}
		l.seen[p] = n
	}
}

// edits is the number of edits, and of those made by somebody offline.
func (l *ledger) edits() (all, apart int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, marks := range l.marks {
		all += len(marks)
	}
	return all, l.apart
}

// percentile of the times measured; q from 0 to 1. Without any it is 0.
func (l *ledger) percentile(q float64) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.times) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(l.times))
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}
