package demo

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"time"

	"coedit/internal/textfile"
	"coedit/rga"
)

// Config of a headless session; the zero value is a good one.
type Config struct {
	Seed     uint64                               // of what the partners do; 0: drawn
	Dir      string                               // where the file is written; "": a temporary folder, removed at the end
	Pace     float64                              // 1 is as people type; 0: faster, so that it ends soon
	Offline  time.Duration                        // how long a partner is offline; 0: 3 s
	Progress func(fraction float64, stage string) // called by one goroutine; nil: nobody looks
}

const (
	headlessPace = 0.3
	offlineFor   = 3 * time.Second
	offlineFrom  = 3 * time.Second // after the beginning
	expected     = 11 * time.Second
	settleLimit  = 20 * time.Second
)

func (c Config) withDefaults() Config {
	if c.Seed == 0 {
		c.Seed = rand.Uint64N(1_000_000) + 1
	}
	if c.Pace == 0 {
		c.Pace = headlessPace
	}
	if c.Offline == 0 {
		c.Offline = offlineFor
	}
	if c.Progress == nil {
		c.Progress = func(float64, string) {}
	}
	return c
}

// Run plays a whole session without a screen: a relay on loopback, a host who shares a real file, two partners who join
// and work on it at once, one of them offline for a while. It then compares what everybody has with the file saved. An
// error says that it could not be played; whether all are equal is in the summary.
func Run(ctx context.Context, c Config) (Summary, error) {
	c = c.withDefaults()
	began := time.Now()
	c.Progress(0, "starting a relay")
	room, err := OpenRoom()
	if err != nil {
		return Summary{}, err
	}
	s, err := inRoom(ctx, c, room)
	s.Seed, s.Took = c.Seed, time.Since(began)
	return s, errors.Join(err, room.Close())
}

// inRoom writes the sample to disk and plays the session on it.
func inRoom(ctx context.Context, c Config, room *Room) (Summary, error) {
	dir := c.Dir
	if dir == "" {
		made, err := os.MkdirTemp("", "coedit-demo-")
		if err != nil {
			return Summary{}, fmt.Errorf("demo: make a folder for the file: %w", err)
		}
		defer os.RemoveAll(made)
		dir = made
	}
	path := filepath.Join(dir, SampleName)
	if err := os.WriteFile(path, Sample(), 0o644); err != nil {
		return Summary{}, fmt.Errorf("demo: write the sample: %w", err)
	}
	file, text, format, err := textfile.Open(path)
	if err != nil {
		return Summary{}, fmt.Errorf("demo: open the sample: %w", err)
	}
	cast, err := gather(c, room, text)
	if err != nil {
		return Summary{}, err
	}
	if err := cast.perform(ctx, c); err != nil {
		return Summary{}, err
	}
	if err := file.Save(cast.all[0].part.Editor().View(), format, false); err != nil {
		return Summary{}, fmt.Errorf("demo: save the file: %w", err)
	}
	return cast.sum(path)
}

// cast are the participants of a headless session; the first is the host.
type cast struct {
	all     []*partner
	ledger  *ledger
	offline time.Duration
}

func gather(c Config, room *Room, text []byte) (*cast, error) {
	link, err := room.Link()
	if err != nil {
		return nil, err
	}
	host, err := room.Host("host", text, nil)
	if err != nil {
		return nil, fmt.Errorf("demo: host: %w", err)
	}
	k := &cast{ledger: newLedger()}
	k.all = append(k.all, play("host", host, nil, hostScript, c.Seed, c.Pace, k.ledger))
	for i, who := range []role{{"ada", adaScript}, {"sam", samScript}} {
		p, err := join(link, who.name, who.steps, c.Seed+1+uint64(i), c.Pace, k.ledger)
		if err != nil {
			return nil, err
		}
		k.all = append(k.all, p)
	}
	return k, nil
}

// perform runs everybody until all have played their script and have what the others wrote.
func (k *cast) perform(ctx context.Context, c Config) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var running sync.WaitGroup
	start := func(p *partner) { running.Go(func() { _ = p.part.Run(ctx) }) } // a refusal reaches the owner as well
	defer running.Wait()
	defer func() {
		for _, p := range k.all {
			p.part.Close()
		}
	}()

	c.Progress(0.05, "the host shares "+SampleName)
	start(k.all[0])
	if err := k.all[0].part.Drain(ctx); err != nil { // before it there is no room to join
		return fmt.Errorf("demo: share the file: %w", err)
	}
	for _, p := range k.all[1:] {
		start(p)
	}
	if err := k.work(ctx, c); err != nil {
		return err
	}
	c.Progress(0.95, "waiting until everybody has everything")
	return k.converge(ctx)
}

// work has everybody play their script; this goroutine looks after the progress and the partner who goes offline.
func (k *cast) work(ctx context.Context, c Config) error {
	rest, stop := context.WithCancel(ctx)
	defer stop()
	var (
		working  sync.WaitGroup
		errs     = make([]error, len(k.all))
		finished = make(chan struct{}, 2*len(k.all))
	)
	for i, p := range k.all {
		working.Go(func() {
			errs[i] = p.work(ctx, rest, func() { finished <- struct{}{} })
			if errs[i] != nil {
				stop()
			}
		})
	}
	k.direct(rest, c, finished)
	stop()
	working.Wait()
	return errors.Join(errs...)
}

// direct takes the last partner offline and back, and returns when all have finished or ctx is done.
func (k *cast) direct(ctx context.Context, c Config, finished <-chan struct{}) {
	sam := k.all[len(k.all)-1]
	stage := "everybody types"
	began := time.Now()
	from := time.Duration(float64(offlineFrom) * c.Pace / headlessPace)
	var unplugged time.Time
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for left := len(k.all); left > 0 || k.offline == 0; {
		select {
		case <-ctx.Done():
			return
		case <-finished:
			left--
		case now := <-tick.C:
			switch {
			case unplugged.IsZero() && now.Sub(began) > from:
				unplugged = now
				k.ledger.setAway(sam.part.Replica())
				sam.gate.unplug()
				stage = sam.name + " is offline and goes on typing"
			case k.offline == 0 && !unplugged.IsZero() && now.Sub(unplugged) > c.Offline:
				sam.gate.plug()
				sam.returning.Store(true)
				k.offline = now.Sub(unplugged)
				stage = sam.name + " is back"
			}
			c.Progress(0.05+0.9*min(1, float64(now.Sub(began))/float64(expected)), stage)
		}
	}
}

// converge waits until everybody has the union of what everybody has.
func (k *cast) converge(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, settleLimit)
	defer cancel()
	want := rga.Version{}
	for _, p := range k.all {
		want.Merge(p.part.Editor().Doc().Version())
	}
	errs := make([]error, len(k.all))
	var settling sync.WaitGroup
	for i, p := range k.all {
		settling.Go(func() { errs[i] = p.settle(ctx, want) })
	}
	settling.Wait()
	return errors.Join(errs...)
}

// sum compares everybody's text with the file's bytes.
func (k *cast) sum(path string) (Summary, error) {
	saved, err := os.ReadFile(path)
	if err != nil {
		return Summary{}, fmt.Errorf("demo: read the saved file: %w", err)
	}
	s := Summary{
		P50: k.ledger.percentile(0.50), P99: k.ledger.percentile(0.99), Offline: k.offline,
		Bytes: len(saved), File: path, Saved: hash(saved), Equal: true,
	}
	s.Edits, s.Apart = k.ledger.edits()
	for _, ticks := range k.all[0].part.Editor().Doc().Version() {
		s.Ops += int(ticks)
	}
	for _, p := range k.all {
		r := Replica{p.name, hash([]byte(p.part.Editor().View().String()))}
		s.Equal = s.Equal && r.Hash == s.Saved
		s.Replicas = append(s.Replicas, r)
	}
	return s, nil
}

func hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
