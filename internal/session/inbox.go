package session

import (
	"context"
	"sync"

	"coedit/internal/journal"
	"coedit/presence"
	"coedit/rga"
	"coedit/transport"
)

// Bounds of what waits for the owner. Past either of them the pump stops reading from the transport, and the transport
// from the relay: a participant whose owner is busy delays only itself.
const (
	inboxItems = 512
	inboxBytes = 2 << 20
)

// An item is one piece of news for the owner, decoded and checked by the pump.
type item interface{ weight() int }

type (
	// batchItem is an op batch of another replica; its author is checked.
	batchItem struct {
		batch []byte
		info  rga.BatchInfo
	}
	// documentItem: the batches that follow are those of a whole document, for a journal that holds nothing yet.
	documentItem struct {
		encoded []byte
		version rga.Version
	}
	onlineItem struct {
		incarnation uint64
		head        uint64 // number of the log's last frame
		generation  uint64 // of its snapshot; 0: none
		lastCounter uint64 // own frames up to it are acknowledged
		restore     bool
		manifest    []byte
	}
	offlineItem struct{ err error }
	ackedItem   struct{ counter uint64 }
	// caughtUpItem says what the relay's log held when all of it had been delivered. atRelay belongs to the receiver.
	caughtUpItem struct {
		atRelay    rga.Version
		number     uint64
		generation uint64
	}
	// cursorItem: what the log holds up to the cursor has been queued before.
	cursorItem struct{ cursor journal.Cursor }
	// wantedItem: the relay wants a snapshot, and what the log holds up to the cursor has been queued before.
	wantedItem struct {
		generation uint64
		covers     transport.Cursor
	}
	// madeItem: a snapshot is ready to be put.
	madeItem struct {
		made    *making
		payload []byte
		err     error
	}
	// readItem: the room was read from its beginning, with the snapshot of a maker, and holds atRelay. lacks says that this
	// is less than it held before.
	readItem struct {
		generation uint64
		maker      rga.ReplicaID
		number     uint64
		atRelay    rga.Version
		lacks      bool
	}
	// unpublishedItem: the transport did not take a frame that is in the journal.
	unpublishedItem struct{ err error }
	storedItem      struct{ generation uint64 }
	conflictItem    struct{ generation uint64 }
	refusedItem     struct{ err error } // our snapshot was not taken
	stateItem       struct{ state presence.State }
	goneItem        struct{ replica rga.ReplicaID }
	memberItem      struct{ certificate []byte } // of another participant, new
	// tamperedItem: something was not what its author sealed, or cannot be told to be.
	tamperedItem struct {
		replica  rga.ReplicaID
		err      error
		presence bool // it was no part of the log
	}
	rewoundItem struct{} // the relay's log is older than it was, or another
	// vouchedItem: what authors wrote between two versions came in a snapshot, on the word of its maker.
	vouchedItem struct {
		maker    rga.ReplicaID
		from, to rga.Version
	}
	// droppedItem: something that replica sent could not be used.
	droppedItem struct {
		replica rga.ReplicaID
		err     error
	}
	endedItem struct{ err error }
	nudgeItem struct{} // see Participant.Nudge
)

func (i batchItem) weight() int     { return len(i.batch) }
func (documentItem) weight() int    { return 0 } // the pump has it as long
func (onlineItem) weight() int      { return 0 }
func (offlineItem) weight() int     { return 0 }
func (ackedItem) weight() int       { return 0 }
func (caughtUpItem) weight() int    { return 0 }
func (cursorItem) weight() int      { return 0 }
func (wantedItem) weight() int      { return 0 }
func (madeItem) weight() int        { return 0 }
func (readItem) weight() int        { return 0 }
func (unpublishedItem) weight() int { return 0 }
func (storedItem) weight() int      { return 0 }
func (conflictItem) weight() int    { return 0 }
func (refusedItem) weight() int     { return 0 }
func (stateItem) weight() int       { return 256 }
func (goneItem) weight() int        { return 0 }
func (droppedItem) weight() int     { return 0 }
func (endedItem) weight() int       { return 0 }
func (memberItem) weight() int      { return 0 }
func (tamperedItem) weight() int    { return 0 }
func (vouchedItem) weight() int     { return 0 }
func (rewoundItem) weight() int     { return 0 }
func (nudgeItem) weight() int       { return 0 }

// inbox is the bounded queue from the pump to the owner. One goroutine pushes, one pops; wait may be called from any.
type inbox struct {
	news  chan struct{} // capacity 1: something was pushed
	space chan struct{} // capacity 1: something was popped
	done  chan struct{} // closed when nothing more is pushed

	mu    sync.Mutex // guards the following
	items []item
	first int // items before it have been popped
	bytes int // weight of the items that wait
	epoch int // raised when the participant goes on to another room
}

func newInbox() *inbox {
	return &inbox{news: make(chan struct{}, 1), space: make(chan struct{}, 1), done: make(chan struct{})}
}

// present is the epoch of what is pushed now.
func (q *inbox) present() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.epoch
}

// begin drops what waits, and what is still pushed from before.
func (q *inbox) begin() {
	q.mu.Lock()
	defer q.mu.Unlock()
	clear(q.items)
	q.items, q.first, q.bytes = q.items[:0], 0, 0
	q.epoch++
	notify(q.space)
}

// push waits for space and queues one item of an epoch; false when ctx ended first, or the epoch is over.
func (q *inbox) push(ctx context.Context, epoch int, it item) bool {
	for {
		queued, over := q.offerOf(epoch, it)
		if queued || over {
			return queued
		}
		select {
		case <-q.space:
		case <-ctx.Done():
			return false
		}
	}
}

// offerOf is offer for an item of an epoch.
func (q *inbox) offerOf(epoch int, it item) (queued, over bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.epoch != epoch {
		return false, true
	}
	return q.add(it, false), false
}

// offer queues the item if there is room, or if it is forced. An item heavier than the bound is let into an empty queue.
func (q *inbox) offer(it item, force bool) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.add(it, force)
}

// add is offer with mu held.
func (q *inbox) add(it item, force bool) bool {
	waiting := len(q.items) - q.first
	full := waiting >= inboxItems || q.bytes+it.weight() > inboxBytes
	if full && waiting > 0 && !force {
		return false
	}
	q.items = append(q.items, it)
	q.bytes += it.weight()
	notify(q.news)
	return true
}

// peek returns the oldest item without taking it.
func (q *inbox) peek() (item, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.first == len(q.items) {
		return nil, false
	}
	return q.items[q.first], true
}

// pop takes away the item that peek returned.
func (q *inbox) pop() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.bytes -= q.items[q.first].weight()
	q.items[q.first] = nil
	q.first++
	if q.first == len(q.items) {
		q.items, q.first = q.items[:0], 0
	}
	if q.first >= inboxItems { // what was taken would pile up before what waits
		n := copy(q.items, q.items[q.first:])
		clear(q.items[n:])
		q.items, q.first = q.items[:n], 0
	}
	notify(q.space)
}

func (q *inbox) empty() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.first == len(q.items)
}

// end queues the last item.
func (q *inbox) end(it item) {
	q.offer(it, true)
	close(q.done)
}

// wait returns when something waits to be popped, with ErrEnded when nothing will, or with ctx's error.
func (q *inbox) wait(ctx context.Context) error {
	for q.empty() {
		select {
		case <-q.news:
		case <-ctx.Done():
			return ctx.Err()
		case <-q.done:
			if q.empty() {
				return ErrEnded
			}
		}
	}
	return nil
}

func notify(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
