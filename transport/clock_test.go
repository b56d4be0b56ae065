package transport

import (
	"math/rand/v2"
	"testing"
	"time"
)

func TestClockTrustsTheShortestRoundTrip(t *testing.T) {
	var c clock
	now := time.UnixMicro(1_700_000_000_000_000)
	const offset = 90 * time.Second
	for _, d := range []struct{ there, back time.Duration }{
		{500 * time.Millisecond, 20 * time.Millisecond}, // the request waited in a queue
		{10 * time.Millisecond, 10 * time.Millisecond},
		{20 * time.Millisecond, 800 * time.Millisecond},
	} {
		sent := c.ping(now)
		c.pong(now.Add(d.there+d.back), sent, now.Add(d.there+offset).UnixMicro())
		now = now.Add(3 * time.Second)
	}
	if got := c.offset(); got != offset {
		t.Errorf("offset %v, want %v", got, offset)
	}
}

func TestClockForgetsOldSamples(t *testing.T) {
	var c clock
	now := time.UnixMicro(1_700_000_000_000_000)
	answer := func(rtt, offset time.Duration) {
		sent := c.ping(now)
		c.pong(now.Add(rtt), sent, now.Add(rtt/2+offset).UnixMicro())
		now = now.Add(3 * time.Second)
	}
	answer(time.Millisecond, time.Hour) // then somebody set a clock
	for range pingsKept {
		answer(50*time.Millisecond, time.Second)
	}
	if got := c.offset(); got != time.Second {
		t.Errorf("offset %v, want that of the last %d pings, 1s", got, pingsKept)
	}
	if c.rtt < time.Millisecond || c.rtt > 50*time.Millisecond {
		t.Errorf("smoothed round trip %v", c.rtt)
	}
}

// A first answer that was slow because a program had only just started must not be told as the round trip for the next minute.
func TestClockForgetsASlowStart(t *testing.T) {
	var c clock
	now := time.UnixMicro(1_700_000_000_000_000)
	for i, d := range []time.Duration{177, 1, 1, 9} {
		sent := c.ping(now)
		c.pong(now.Add(d*time.Millisecond), sent, now.UnixMicro())
		want := []time.Duration{177, 1, 1, 2}[i] * time.Millisecond
		if c.rtt != want {
			t.Errorf("after %d samples %v, want %v", i+1, c.rtt, want)
		}
		now = now.Add(3 * time.Second)
	}
}

func TestClockIgnoresAnswersToNothing(t *testing.T) {
	var c clock
	now := time.UnixMicro(1_700_000_000_000_000)
	c.pong(now, 0, now.UnixMicro())
	c.pong(now, 12345, now.UnixMicro())
	sent := c.ping(now)
	c.pong(now.Add(time.Second), sent, now.UnixMicro())
	c.pong(now.Add(time.Hour), sent, now.UnixMicro()) // twice
	if c.n != 1 || c.rtt != time.Second {
		t.Errorf("%d samples, round trip %v; want 1 of 1s", c.n, c.rtt)
	}
}

func TestBackoffDoublesToItsBoundWithFullJitter(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var longest [8]time.Duration
	sum, n := time.Duration(0), 0
	for range 2000 {
		var b backoff
		for i := range longest {
			d := b.next(r)
			longest[i] = max(longest[i], d)
			if i == len(longest)-1 {
				sum += d
				n++
			}
		}
	}
	for i, want := range []time.Duration{250, 500, 1000, 2000, 4000, 8000, 8000, 8000} {
		bound := want * time.Millisecond
		if longest[i] > bound || longest[i] < bound*9/10 {
			t.Errorf("attempt %d waits up to %v, want up to %v", i+1, longest[i], bound)
		}
	}
	if mean := sum / time.Duration(n); mean < 3500*time.Millisecond || mean > 4500*time.Millisecond {
		t.Errorf("mean wait %v at the bound, want about half of it", mean)
	}
	b := backoff{attempts: 5}
	b.reset()
	if d := b.next(r); d > backoffFirst {
		t.Errorf("first wait after a reset %v", d)
	}
}
