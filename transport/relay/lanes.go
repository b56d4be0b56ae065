package relay

import (
	"runtime"
	"sync/atomic"
	"time"
)

// lane is what something to be written is for. What is answered to the participant itself (acknowledgements, pongs,
// refusals) goes first always; it is little, and bounded by what the participant sends.
type lane int

const (
	laneControl  lane = iota
	laneEdit          // the log's head, to those who have read all before
	lanePresence      // the newest of each participant
	laneHistory       // the log behind the head, and snapshots
	laneCount
)

func (l lane) String() string {
	return [laneCount]string{"control", "edit", "presence", "history"}[l]
}

// Queue delays that the relay aims at, from the moment something could be sent until it is handed to the network. A
// participant that does not read as fast as others write has its own, which delays nobody else.
const (
	editTarget     = 50 * time.Millisecond
	presenceTarget = 200 * time.Millisecond
	historyTarget  = 2 * time.Second
)

// lanes shares the relay's time between connections. A connection writes what is most urgent first; lanes keeps those
// that catch up (each of which could use a whole processor) from making the live ones wait: only so many of them work
// at once, and only one while edits are later than their target. One always works, so none starves.
type lanes struct {
	clock     func() int64  // nanoseconds since the relay's start
	history   chan struct{} // holds a token for each that works
	narrow    chan struct{} // held beside it while edits are late
	lateUntil atomic.Int64  // edits were late not long ago
}

// lateFor is how long edits count as late after one was.
const lateFor = time.Second

func newLanes(clock func() int64) *lanes {
	return &lanes{
		clock: clock, history: make(chan struct{}, max(2, runtime.GOMAXPROCS(0))), narrow: make(chan struct{}, 1),
	}
}

// noteEdit says how long an edit waited for a participant that reads.
func (l *lanes) noteEdit(waited time.Duration) {
	if waited > editTarget {
		l.lateUntil.Store(l.clock() + int64(lateFor))
	}
}

// late says whether edits miss their target.
func (l *lanes) late() bool { return l.clock() < l.lateUntil.Load() }

// enter waits for a turn to prepare a piece of history; leave is to be called before it is written.
func (l *lanes) enter() (leave func()) {
	l.history <- struct{}{}
	if !l.late() {
		return func() { <-l.history }
	}
	l.narrow <- struct{}{}
	return func() {
		<-l.narrow
		<-l.history
	}
}
