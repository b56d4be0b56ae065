package relaybench

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"coedit/transport"
)

// member is one client in one room. One goroutine publishes, one takes events.
type member struct {
	// Static after construction.
	run    *run
	client *transport.Client
	id     uint64
	gate   chan struct{} // closed when a client that does not read may read again; nil: it reads
	author *author
	opens  bool // what it gets, as an editor does

	online   atomic.Bool
	received atomic.Uint64 // frames of others

	mu    sync.Mutex // guards the following
	sent  []int64    // nanoseconds since the run began, of the frame with the counter one higher
	acked int

	// Owned by the goroutine that takes events.
	next map[uint64]uint64 // the counter expected next, by author
}

// publish hands over one frame.
func (m *member) publish(random *rand.Rand) {
	f, err := m.author.frame(m.count()+1, random)
	if err != nil {
		m.run.fail(err)
		return
	}
	m.mu.Lock()
	m.sent = append(m.sent, int64(m.run.since()))
	m.mu.Unlock()
	if err := m.client.Publish(f); err != nil {
		m.mu.Lock()
		m.sent = m.sent[:len(m.sent)-1]
		m.mu.Unlock()
		m.run.fail(err)
		return
	}
	m.run.published.Add(1)
	m.run.sealed.Store(uint64(len(f.Payload)))
}

// load publishes at a rate until ctx ends.
func (m *member) load(ctx context.Context, rate float64, random *rand.Rand) {
	every := time.Duration(float64(time.Second) / rate)
	due := time.Now().Add(time.Duration(random.Float64() * float64(every)))
	timer := time.NewTimer(time.Until(due))
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
			m.publish(random)
			due = due.Add(every)
			timer.Reset(time.Until(due))
		}
	}
}

// take handles events until the client ends.
func (m *member) take() {
	for ev := range m.client.Events() {
		if m.gate != nil && m.run.loading.Load() {
			<-m.gate
		}
		switch ev := ev.(type) {
		case transport.Online:
			m.run.cameOnline(m, ev)
		case transport.Offline:
			m.online.Store(false)
			if !m.run.restarting.Load() {
				m.run.fail(ev.Err)
			}
		case transport.Delivered:
			for _, f := range ev.Frames {
				m.frame(f)
			}
		case transport.Acked:
			m.ack(int(ev.Counter))
		case transport.Snapshot:
			m.run.snapshots.Add(1)
		}
	}
}

func (m *member) frame(f transport.Frame) {
	switch next := m.next[f.Replica]; {
	case f.Class != transport.ClassEdit:
		return
	case f.Counter < next:
		m.run.doubled.Add(1)
		return
	case f.Counter > max(next, 1):
		m.run.holes.Add(f.Counter - max(next, 1))
	}
	m.next[f.Replica] = f.Counter + 1
	from := m.run.byID[f.Replica]
	if f.Replica == m.id || from == nil {
		return
	}
	m.received.Add(1)
	m.run.delivered.Add(1)
	if m.gate == nil {
		m.run.fanout.Add(m.run.since() - from.sentAt(f.Counter))
	}
	if m.opens {
		if err := m.author.open(f); err != nil {
			m.run.fail(err)
			return
		}
		m.run.opened.Add(1)
	}
}

// sentAt is when a frame was handed over, since the run began.
func (m *member) sentAt(counter uint64) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	if counter < 1 || counter > uint64(len(m.sent)) {
		return m.run.since() // nothing that this client has published
	}
	return time.Duration(m.sent[counter-1])
}

func (m *member) ack(counter int) {
	now := m.run.since()
	m.mu.Lock()
	defer m.mu.Unlock()
	for m.acked < min(counter, len(m.sent)) {
		if m.gate == nil {
			m.run.ack.Add(now - time.Duration(m.sent[m.acked]))
		}
		m.acked++
	}
}

// unacked is how many frames no acknowledgement has come for.
func (m *member) unacked() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.sent) - m.acked
}

func (m *member) count() uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return uint64(len(m.sent))
}
