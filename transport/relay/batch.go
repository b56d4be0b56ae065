package relay

import (
	"sync"

	"coedit/transport/wire"
)

// A batch is written in one piece. It is full at batchBytes, which is few enough for a link of 20 kbit/s to take it
// within the write timeout, and more than one Deliver only where those are small.
const (
	batchBytes    = 32 << 10
	batchMessages = 256
)

// batch is what is written together.
type batch struct {
	messages [][]byte
	bytes    int
	lanes    [laneCount]struct{ messages, bytes int }
	grewAt   int64         // when the oldest edit in it was stored, on the relay's clock; 0: there is none
	fresh    bool          // the writer was idle before: what waited did not wait for the participant
	bye      *wire.Goodbye // the last message
}

// batches are lent to writers: a connection that has nothing to write holds none.
var batches = sync.Pool{New: func() any { return new(batch) }}

func (b *batch) add(l lane, message []byte) {
	b.messages = append(b.messages, message)
	b.bytes += len(message)
	b.lanes[l].messages++
	b.lanes[l].bytes += len(message)
}

func (b *batch) addGoodbye(bye *wire.Goodbye) {
	b.bye = bye
	b.add(laneControl, wire.Marshal(&wire.RelayFrame{Kind: &wire.RelayFrame_Goodbye{Goodbye: bye}}))
}

func (b *batch) full() bool { return b.bytes >= batchBytes || len(b.messages) >= batchMessages }

// reset empties the batch and lets go of the messages.
func (b *batch) reset() {
	clear(b.messages)
	*b = batch{messages: b.messages[:0]}
}
