package relay

import (
	"sync"
	"sync/atomic"

	"coedit/transport/wire"
)

// feed is the head of a room's log as the connections need it that have read everything before: one message, read and
// encoded once for all of them. Whoever does not stand where the feed stands reads the log itself.
type feed struct {
	grown atomic.Uint64 // how often the log grew
	first atomic.Int64  // when it grew first since it was read last, on the relay's clock; 0: it did not

	mu      sync.Mutex // guards the following fields; held over reading the log, so that one reads for all
	after   uint64     // message holds the frames after this number
	through uint64     // up to this one
	message []byte     // a Deliver, or nil
	due     int        // connections that are still to take it: the last one does not leave it lying about
	grewAt  int64      // when the oldest frame in message was stored, like first
	end     uint64     // the log ended here
	endSeen uint64     // when grown was one less than this; 0: that was never looked at
}

// news is what a connection that stands at a number is to be sent next.
type news struct {
	message []byte // nil: nothing
	through uint64 // where it stands afterwards
	grewAt  int64  // when the oldest of it was stored, on the relay's clock; 0 unknown
	behind  bool   // it stands elsewhere than the feed
}

// noteGrown is called when the log grew.
func (f *feed) noteGrown(now int64) {
	f.first.CompareAndSwap(0, now)
	f.grown.Add(1)
}

// next gives what follows after a number to one of so many receivers. One that is live takes the feed along.
func (f *feed) next(log RoomLog, cursor uint64, live bool, receivers int) news {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.message != nil && cursor == f.after:
		n := news{message: f.message, through: f.through, grewAt: f.grewAt}
		if f.due--; f.due <= 0 {
			f.message = nil
		}
		return n
	case f.endSeen == f.grown.Load()+1 && f.end == cursor:
		return news{}
	case !live || cursor < f.through:
		return news{behind: true}
	}
	return f.read(log, cursor, receivers)
}

// read takes the feed to what follows after a number. mu is held.
func (f *feed) read(log RoomLog, cursor uint64, receivers int) news {
	seen := f.grown.Load()
	frames, err := log.Read(cursor, deliverFrames, deliverBytes)
	if err != nil {
		return news{behind: true}
	}
	deliver := &wire.Deliver{After: cursor}
	for _, frame := range frames {
		if mark(frame) { // not alike for all: some have the snapshot
			break
		}
		deliver.Frames = append(deliver.Frames, frame.Wire())
	}
	switch {
	case len(frames) == 0:
		f.end, f.endSeen = cursor, seen+1
		return news{}
	case len(deliver.Frames) == 0:
		return news{behind: true}
	}
	n := news{
		message: wire.Marshal(&wire.RelayFrame{Kind: &wire.RelayFrame_Deliver{Deliver: deliver}}),
		through: cursor + uint64(len(deliver.Frames)), grewAt: f.first.Swap(0),
	}
	f.after, f.through, f.grewAt = cursor, n.through, n.grewAt
	f.message, f.due = n.message, receivers-1
	if f.due <= 0 {
		f.message = nil
	}
	return n
}
