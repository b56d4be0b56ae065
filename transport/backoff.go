package transport

import (
	"math/rand/v2"
	"time"
)

// backoff says how long to wait before the next attempt: at random within a bound
// that doubles from 250 ms to 8 s ("full jitter": a crowd that lost its relay at one
// moment does not come back at one moment). Pure; owned by Run.
type backoff struct{ attempts int }

const (
	backoffFirst = 250 * time.Millisecond
	backoffMost  = 8 * time.Second
)

func (b *backoff) next(r *rand.Rand) time.Duration {
	bound := backoffMost
	if b.attempts < 5 {
		bound = backoffFirst << b.attempts
		b.attempts++
	}
	return time.Duration(r.Int64N(int64(bound)))
}

func (b *backoff) reset() { b.attempts = 0 }
