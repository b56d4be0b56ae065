package presence

import "sync/atomic"

// Clock is an injectable logical clock: each Next is greater than all before.
type Clock interface{ Next() uint64 }

// LogicalClock is a Lamport clock, safe for concurrent use.
type LogicalClock struct{ last atomic.Uint64 }

// NewClock returns a clock whose first stamp is start+1. A participant that comes back with the same replica id starts
// it at a stamp that it has not used, such as the unix time in milliseconds.
func NewClock(start uint64) *LogicalClock {
	c := &LogicalClock{}
	c.last.Store(start)
	return c
}

// Next returns a stamp greater than all returned and observed before.
func (c *LogicalClock) Next() uint64 { return c.last.Add(1) }

// Observe raises the clock to a stamp seen elsewhere.
func (c *LogicalClock) Observe(stamp uint64) {
	for {
		last := c.last.Load()
		if stamp <= last || c.last.CompareAndSwap(last, stamp) {
			return
		}
	}
}
