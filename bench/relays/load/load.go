package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"coedit/internal/relaybench"

	"github.com/gorilla/websocket"
)

// dialing is how many connect at a time; settle is how long is waited before and behind the load.
const (
	dialing    = 64
	settle     = 2 * time.Second
	readyLimit = time.Minute
)

// load is one measurement.
type load struct {
	// Static.
	o       options
	d       dialect
	address string
	pid     int
	began   time.Time

	clients []*client
	byID    map[uint64]*client

	closing           atomic.Bool
	delivered, errors atomic.Uint64
	fanout            relaybench.Histogram
}

// client is one connection.
type client struct {
	id    uint64
	room  string
	ws    *websocket.Conn
	ready chan struct{} // closed when the server has sent the document
	sent  []atomic.Int64
	clock uint64 // owned by the publisher, then by measure
}

func (l *load) measure() (result, error) {
	l.began = time.Now()
	l.byID = map[uint64]*client{}
	bare, _ := relaybench.ResidentBytes(l.pid)
	accepted, err := l.connect()
	if err != nil {
		return result{}, err
	}
	defer func() {
		l.closing.Store(true)
		for _, c := range l.clients {
			_ = c.ws.Close()
		}
	}()
	wait(settle)
	res := result{
		Rooms: l.o.rooms, Clients: l.o.clients, Rate: l.o.rate, Seconds: l.o.duration.Seconds(), Payload: 1,
		AcceptS: accepted.Seconds(),
	}
	if rss, ok := relaybench.ResidentBytes(l.pid); ok {
		per := float64(rss-bare) / 1024 / float64(len(l.clients))
		res.IdleRSS = &per
	}
	before, known := relaybench.CPUTime(l.pid)
	l.publish()
	if after, ok := relaybench.CPUTime(l.pid); ok && known {
		cpu := (after - before).Seconds()
		res.RelayCPU = &cpu
		if n := l.delivered.Load(); n > 0 {
			per := cpu * 1e6 / float64(n)
			res.PerDelivery = &per
		}
	}
	if rss, ok := relaybench.ResidentBytes(l.pid); ok {
		mb := float64(rss) / 1e6
		res.RelayRSS = &mb
	}
	wait(settle)
	l.count(&res)
	return res, nil
}

func (l *load) count(res *result) {
	for _, c := range l.clients {
		res.Published += c.clock
	}
	res.Delivered, res.Errors = l.delivered.Load(), l.errors.Load()
	if want := res.Published * uint64(l.o.clients-1); want > res.Delivered {
		res.Lost = want - res.Delivered
	}
	q := func(p float64) float64 { return float64(l.fanout.Quantile(p).Microseconds()) / 1000 }
	res.FanoutP50, res.FanoutP99, res.FanoutP999 = q(0.5), q(0.99), q(0.999)
}

func (l *load) connect() (time.Duration, error) {
	for i := range l.o.rooms * l.o.clients {
		c := &client{
			id: uint64(100_000 + i), room: fmt.Sprintf("room-%d", i/l.o.clients), ready: make(chan struct{}),
			sent: make([]atomic.Int64, int(l.o.rate*l.o.duration.Seconds())+16),
		}
		l.clients = append(l.clients, c)
		l.byID[c.id] = c
	}
	began := time.Now()
	failed := make(chan error, len(l.clients))
	places := make(chan struct{}, dialing)
	var all sync.WaitGroup
	for _, c := range l.clients {
		places <- struct{}{}
		all.Go(func() {
			defer func() { <-places }()
			if err := l.dial(c); err != nil {
				failed <- err
			}
		})
	}
	all.Wait()
	select {
	case err := <-failed:
		return 0, fmt.Errorf("%d clients did not get in, the first: %w", len(failed)+1, err)
	default:
		return time.Since(began), nil
	}
}

func (l *load) dial(c *client) error {
	d := websocket.Dialer{ReadBufferSize: 1024, WriteBufferSize: 1024, HandshakeTimeout: readyLimit}
	var err error
	if c.ws, _, err = d.Dial("ws://"+l.address+l.d.path(c.room), nil); err != nil {
		return err
	}
	for _, m := range l.d.greet(c.room) {
		if err := c.ws.WriteMessage(websocket.BinaryMessage, m); err != nil {
			return err
		}
	}
	go l.read(c)
	limit := time.NewTimer(readyLimit)
	defer limit.Stop()
	select {
	case <-c.ready:
		return nil
	case <-limit.C:
		return errors.New("the server does not send the document")
	}
}

// read takes what arrives; reader owns nothing but ready's closing.
func (l *load) read(c *client) {
	ready := false
	for {
		_, b, err := c.ws.ReadMessage()
		if err != nil {
			if !l.closing.Load() {
				l.errors.Add(1)
			}
			return
		}
		kind, payload, ok := syncMessage(l.d.strip(b))
		switch {
		case !ok:
		case kind == syncStep2 && !ready:
			ready = true
			close(c.ready)
		case kind == syncUpdate || kind == syncStep2:
			now := time.Since(l.began)
			characters(payload, func(id, clock uint64) { l.arrived(c, id, clock, now) })
		}
	}
}

func (l *load) arrived(c *client, id, clock uint64, now time.Duration) {
	from := l.byID[id]
	if from == nil || from == c || clock >= uint64(len(from.sent)) {
		return
	}
	l.delivered.Add(1)
	l.fanout.Add(now - time.Duration(from.sent[clock].Load()))
}

// publish lets all type for the duration.
func (l *load) publish() {
	ctx, cancel := context.WithTimeout(context.Background(), l.o.duration)
	defer cancel()
	var all sync.WaitGroup
	if l.o.rate > 0 {
		for i, c := range l.clients {
			all.Go(func() { l.keystrokes(ctx, c, rand.New(rand.NewPCG(uint64(i), 1))) })
		}
	}
	<-ctx.Done()
	all.Wait()
}

func (l *load) keystrokes(ctx context.Context, c *client, random *rand.Rand) {
	every := time.Duration(float64(time.Second) / l.o.rate)
	due := time.Now().Add(time.Duration(random.Float64() * float64(every)))
	timer := time.NewTimer(time.Until(due))
	defer timer.Stop()
	for c.clock < uint64(len(c.sent)) {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		u := update(c.id, c.clock)
		message := append([]byte{kindSync, syncUpdate, byte(len(u))}, u...) // shorter than 128 bytes
		c.sent[c.clock].Store(int64(time.Since(l.began)))
		if err := c.ws.WriteMessage(websocket.BinaryMessage, l.d.wrap(c.room, message)); err != nil {
			l.errors.Add(1)
			return
		}
		c.clock++
		due = due.Add(every)
		timer.Reset(time.Until(due))
	}
}

func wait(d time.Duration) { <-time.After(d) }
