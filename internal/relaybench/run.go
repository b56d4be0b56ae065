package relaybench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"coedit/transport"
)

// How long the parts of a run may take beside the load, and what is done at a time.
const (
	connectLimit = 3 * time.Minute
	restLimit    = time.Minute // without anything arriving
	settleTime   = 2 * time.Second
	dialing      = 64
)

// run is one measurement.
type run struct {
	// Static after construction.
	o     Options
	began time.Time

	members []*member
	byID    map[uint64]*member
	base    string   // of the relay
	relay   *process // nil: it was not started here

	loading    atomic.Bool // clients that are to stop reading do not read
	restarting atomic.Bool // connections may break

	published, delivered  atomic.Uint64
	opened                atomic.Uint64 // deliveries that were opened and verified
	sealed                atomic.Uint64 // bytes of the payload published last
	doubled, holes, fails atomic.Uint64
	snapshots, restores   atomic.Uint64
	fanout, ack           Histogram
	onlines               chan *member

	mu    sync.Mutex // guards the following
	first error      // that happened
}

// since is the time since the run began, by the monotonic clock.
func (r *run) since() time.Duration { return time.Since(r.began) }

func (r *run) fail(err error) {
	r.fails.Add(1)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.first == nil {
		r.first = err
	}
}

func (r *run) cameOnline(m *member, ev transport.Online) {
	if ev.Restore {
		r.restores.Add(1)
		m.author.sealer.Introduce()
		m.client.Restored()
	}
	if !m.online.Swap(true) {
		r.onlines <- m
	}
}

// Run measures. say is told now and then how far it is.
func Run(ctx context.Context, o Options, say func(string)) (Result, error) {
	if err := o.Check(); err != nil {
		return Result{}, err
	}
	r := &run{
		o: o, began: time.Now(), base: o.Relay, byID: map[uint64]*member{}, onlines: make(chan *member, o.Rooms*o.Clients),
	}
	if o.Relay == "" {
		dir, err := os.MkdirTemp("", "coedit-bench-")
		if err != nil {
			return Result{}, fmt.Errorf("relaybench: %w", err)
		}
		defer os.RemoveAll(dir)
		if r.relay, err = startProcess(ctx, o, dir); err != nil {
			return Result{}, err
		}
		defer func() { r.relay.stop() }()
		r.base = r.relay.base()
	}
	living, end := context.WithCancel(ctx)
	var clients sync.WaitGroup
	defer func() { end(); clients.Wait() }()
	return r.measure(ctx, living, &clients, say)
}

func (r *run) measure(ctx, living context.Context, clients *sync.WaitGroup, say func(string)) (Result, error) {
	accepted, err := r.connect(ctx, living, clients, say)
	if err != nil {
		return Result{}, err
	}
	if err := pause(ctx, settleTime); err != nil { // what connecting left to be cleared away is not the load's
		return Result{}, err
	}
	res := r.result()
	res.AcceptS = accepted.Seconds()
	r.idleUsage(&res)
	if err := r.load(ctx, say); err != nil {
		return res, err
	}
	r.loadUsage(&res)
	r.rest(ctx, say)
	r.count(&res)
	if r.o.Storm {
		if err := r.storm(ctx, &res, say); err != nil {
			return res, err
		}
	}
	res.Errors, res.FirstError = r.fails.Load(), ""
	if r.first != nil {
		res.FirstError = r.first.Error()
	}
	return res, nil
}

// connect brings all clients in, some at a time, and says how long that took.
func (r *run) connect(ctx, living context.Context, clients *sync.WaitGroup, say func(string)) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, connectLimit)
	defer cancel()
	for range r.o.Rooms {
		rm, err := newRoom()
		if err != nil {
			return 0, err
		}
		for i := range r.o.Clients {
			m, err := r.newMember(rm, len(r.members) < r.o.Slow, i >= r.o.Clients-r.o.Open)
			if err != nil {
				return 0, err
			}
			r.members = append(r.members, m)
			r.byID[m.id] = m
		}
	}
	began := time.Now()
	started, online := 0, 0
	for progress := time.NewTicker(time.Second); online < len(r.members); {
		for started < len(r.members) && started-online < dialing {
			r.start(living, clients, r.members[started])
			started++
		}
		select {
		case <-r.onlines:
			online++
		case <-progress.C:
			say(fmt.Sprintf("%d of %d clients are there", online, len(r.members)))
		case <-ctx.Done():
			progress.Stop()
			return 0, fmt.Errorf("relaybench: %d of %d clients came online: %w", online, len(r.members), errors.Join(ctx.Err(), r.first))
		}
	}
	return time.Since(began), nil
}

func (r *run) start(living context.Context, clients *sync.WaitGroup, m *member) {
	clients.Go(func() {
		if err := m.client.Run(living); err != nil {
			r.fail(err)
		}
	})
	clients.Go(m.take)
}

// load lets all publish.
func (r *run) load(ctx context.Context, say func(string)) error {
	loading, cancel := context.WithTimeout(ctx, r.o.Duration)
	defer cancel()
	r.loading.Store(true)
	var publishers sync.WaitGroup
	if r.o.Rate > 0 {
		for i, m := range r.members {
			if m.gate != nil {
				continue // it would wait for acknowledgements that it does not read
			}
			publishers.Go(func() { m.load(loading, r.o.Rate, rand.New(rand.NewPCG(uint64(i), 1))) })
		}
	}
	progress := time.NewTicker(time.Second)
	defer progress.Stop()
	for {
		select {
		case <-progress.C:
			say(r.soFar())
		case <-loading.Done():
			publishers.Wait()
			say(r.soFar())
			return ctx.Err()
		}
	}
}

// soFar is how the load goes, in a line.
func (r *run) soFar() string {
	return fmt.Sprintf("%d published, %d delivered, p99 %.1f ms so far, %d errors",
		r.published.Load(), r.delivered.Load(), milliseconds(r.fanout.Quantile(0.99)), r.fails.Load())
}

// rest lets everything arrive: it ends when all is acknowledged and delivered, or when nothing has moved for too long.
func (r *run) rest(ctx context.Context, say func(string)) {
	r.loading.Store(false)
	for _, m := range r.members {
		if m.gate != nil {
			close(m.gate)
		}
	}
	var last uint64
	moved := time.Now()
	for told := time.Now(); time.Since(moved) < restLimit; {
		waiting, missing := r.outstanding()
		if waiting == 0 && missing == 0 {
			return
		}
		if now := r.delivered.Load(); now != last {
			last, moved = now, time.Now()
		}
		if time.Since(told) >= time.Second {
			told = time.Now()
			say(fmt.Sprintf("coming to rest: %d not acknowledged, %d not delivered", waiting, missing))
		}
		if pause(ctx, 20*time.Millisecond) != nil {
			return
		}
	}
}

// outstanding is what has not been acknowledged, and not been delivered to somebody.
func (r *run) outstanding() (waiting int, missing uint64) {
	for i := 0; i < len(r.members); i += r.o.Clients {
		in := r.members[i : i+r.o.Clients]
		var sum uint64
		for _, m := range in {
			waiting += m.unacked()
			sum += m.count()
		}
		for _, m := range in {
			if want, got := sum-m.count(), m.received.Load(); got < want {
				missing += want - got
			}
		}
	}
	return waiting, missing
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
