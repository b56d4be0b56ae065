package transport

import "time"

// bucket holds tokens for frames: so many a second flow in, up to a burst. The relay has one for each connection, and
// answers what comes too fast by a Nack; this is a little slower and smaller, because the network may bring together what
// was sent apart. Pure; guarded by Client.mu.
type bucket struct {
	perSecond, burst float64 // 0: there is no limit
	tokens           float64
	at               time.Time // when tokens was right
}

const (
	ownRate  = 0.95 // of the relay's rate
	ownBurst = 0.9  // of its burst
)

// newBucket is a full bucket of a relay's limits; zeros are no limit.
func newBucket(framesPerSecond, burst uint32, now time.Time) bucket {
	if framesPerSecond == 0 || burst == 0 {
		return bucket{}
	}
	b := bucket{perSecond: ownRate * float64(framesPerSecond), burst: max(1, ownBurst*float64(burst)), at: now}
	b.tokens = b.burst
	return b
}

// wait is how long until there are n tokens.
func (b *bucket) wait(n int, now time.Time) time.Duration {
	if b.perSecond == 0 {
		return 0
	}
	if now.After(b.at) {
		b.tokens = min(b.burst, b.tokens+now.Sub(b.at).Seconds()*b.perSecond)
		b.at = now
	}
	if lacks := float64(n) - b.tokens; lacks > 0 {
		return time.Duration(lacks/b.perSecond*float64(time.Second)) + time.Nanosecond
	}
	return 0
}

// take takes a token that is there.
func (b *bucket) take() {
	if b.perSecond > 0 {
		b.tokens--
	}
}
