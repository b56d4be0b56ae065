package transport

import "time"

// Quality is how good the way to the relay is, as far as it was measured.
type Quality struct {
	RTT     time.Duration // of pings, smoothed; 0: unknown
	Ack     time.Duration // from sending a frame to its acknowledgement, smoothed: the way, and the relay's disk; 0: unknown
	Goodput int           // bytes a second that were acknowledged while there was much to send; 0: there never was
	Losses  int           // connections lost in the last minutes
}

const (
	goodputSample = 16 << 10        // bytes under way at once from which on the rate says something about the link
	lossesFor     = 5 * time.Minute // after which a loss counts no more
	lossesKept    = 16
)

// quality measures the link from frames sent and acknowledged. Pure; guarded by Client.mu.
type quality struct {
	ack     time.Duration
	goodput float64 // bytes a second
	losses  []time.Time

	timed   uint64    // counter of the frame whose acknowledgement is being timed; 0: none
	timedAt time.Time // when it was sent

	busy  time.Time // since when there has always been something under way; zero: there is not
	acked int       // bytes acknowledged since then
	most  int       // bytes that were under way at once since then
}

// sent: a frame went out, with which flying bytes are under way.
func (q *quality) sent(counter uint64, flying int, now time.Time) {
	if q.timed == 0 {
		q.timed, q.timedAt = counter, now
	}
	if q.busy.IsZero() {
		q.busy, q.acked, q.most = now, 0, 0
	}
	q.most = max(q.most, flying)
}

// got: frames up to counter were acknowledged, bytes of them; so many are still under way.
func (q *quality) got(counter uint64, bytes, flying int, now time.Time) {
	if q.timed != 0 && counter >= q.timed {
		q.ack = smooth(q.ack, now.Sub(q.timedAt))
		q.timed = 0
	}
	q.acked += bytes
	took := now.Sub(q.busy)
	if q.most >= goodputSample && q.acked >= goodputSample && took > 0 {
		rate := float64(q.acked) / took.Seconds()
		if q.goodput == 0 {
			q.goodput = rate
		}
		q.goodput += (rate - q.goodput) / 4
		q.busy, q.acked, q.most = now, 0, flying
	}
	if flying == 0 {
		q.busy = time.Time{}
	}
}

// smooth takes 1/8 of a new sample, as RFC 6298 does.
func smooth(old, sample time.Duration) time.Duration {
	if old == 0 {
		return sample
	}
	return old + (sample-old)/8
}

// interrupted: what is under way will be sent again, so nothing of it can be timed.
func (q *quality) interrupted() { q.timed, q.busy = 0, time.Time{} }

// lost: a connection broke.
func (q *quality) lost(now time.Time) {
	q.interrupted()
	q.losses = append(q.losses, now)
	if n := len(q.losses); n > lossesKept {
		q.losses = append(q.losses[:0], q.losses[n-lossesKept:]...)
	}
}

// lossesBy is how many connections were lost in the last minutes.
func (q *quality) lossesBy(now time.Time) int {
	n := 0
	for _, at := range q.losses {
		if now.Sub(at) < lossesFor {
			n++
		}
	}
	return n
}
