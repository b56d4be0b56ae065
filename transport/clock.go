package transport

import "time"

// clock estimates how far the relay's clock is from ours, from pings: of the last
// eight the one with the shortest round trip lies, because the halves of a round trip
// differ least when nothing waited in a queue. Pure; guarded by Client.mu.
type clock struct {
	sent    [pingsKept]int64 // client_time of the pings sent last, unix microseconds
	nSent   int
	samples [pingsKept]clockSample
	n       int           // samples taken
	rtt     time.Duration // the shortest of the first rttSeeds, from then on smoothed, 1/8 of each new sample (RFC 6298)
}

type clockSample struct{ rtt, offset time.Duration }

const pingsKept = 8

// rttSeeds is how many samples the smoothed round trip begins with: the first may include the start of a program.
const rttSeeds = 3

// ping notes a ping sent at now and returns its client_time.
func (c *clock) ping(now time.Time) int64 {
	t := now.UnixMicro()
	c.sent[c.nSent%pingsKept] = t
	c.nSent++
	return t
}

// pong takes the answer that arrived at now. One to no ping of ours is ignored.
func (c *clock) pong(now time.Time, clientTime, relayTime int64) {
	for i, t := range c.sent {
		if i < c.nSent && t == clientTime {
			c.sent[i] = 0
			rtt := max(0, now.Sub(time.UnixMicro(clientTime)))
			offset := time.UnixMicro(relayTime).Sub(time.UnixMicro(clientTime).Add(rtt / 2))
			c.sample(clockSample{rtt, offset})
			return
		}
	}
}

func (c *clock) sample(s clockSample) {
	c.samples[c.n%pingsKept] = s
	c.n++
	switch {
	case c.n == 1:
		c.rtt = s.rtt
	case c.n <= rttSeeds:
		c.rtt = min(c.rtt, s.rtt)
	default:
		c.rtt += (s.rtt - c.rtt) / 8
	}
}

// offset is the relay's clock minus ours; 0 while unknown.
func (c *clock) offset() time.Duration {
	if c.n == 0 {
		return 0
	}
	best := c.samples[0]
	for _, s := range c.samples[:min(c.n, pingsKept)] {
		if s.rtt < best.rtt {
			best = s
		}
	}
	return best.offset
}
