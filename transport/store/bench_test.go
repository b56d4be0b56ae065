package store_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"coedit/transport"
	"coedit/transport/relay"
	"coedit/transport/relay/logtest"
	"coedit/transport/store"
)

// BenchmarkAppend appends without pause, in so many rooms at once, each with one frame under way.
func BenchmarkAppend(b *testing.B) {
	for _, rooms := range []int{1, 10, 100, 1000} {
		b.Run(fmt.Sprint("rooms=", rooms), func(b *testing.B) {
			s := open(b, b.TempDir(), store.Options{})
			logs := openAll(b, s, rooms)
			var took durations
			var writers sync.WaitGroup
			b.ResetTimer()
			for i, r := range logs {
				writers.Go(func() {
					for n := uint64(i); n < uint64(b.N); n += uint64(rooms) {
						began := time.Now()
						f := transport.Frame{Replica: 1, Counter: n/uint64(rooms) + 1, Payload: make([]byte, 120)}
						if _, err := logtest.Append(r, f, 0); err != nil {
							b.Error(err)
						}
						took.add(time.Since(began))
					}
				})
			}
			writers.Wait()
			took.report(b)
		})
	}
}

// BenchmarkSteady is 1,000 rooms in which somebody types two frames a second, at any time: how long until they are on disk.
func BenchmarkSteady(b *testing.B) {
	const rooms, rate = 1000, 2
	s := open(b, b.TempDir(), store.Options{})
	logs := openAll(b, s, rooms)
	var took durations
	var under sync.WaitGroup
	b.ResetTimer()
	start := time.Now()
	for n := range uint64(b.N) {
		due := start.Add(time.Duration(n) * time.Second / (rooms * rate))
		if early := time.Until(due); early > 0 { // a ticker would leave out what a busy machine misses
			<-time.After(early)
		}
		began := time.Now()
		under.Add(1)
		f := transport.Frame{Replica: 1, Counter: n/rooms + 1, Payload: make([]byte, 120)}
		logs[n%rooms].Append(f, 0, func(_ uint64, err error) {
			took.add(time.Since(began))
			if err != nil {
				b.Error(err)
			}
			under.Done()
		})
	}
	under.Wait()
	took.report(b)
}

func openAll(b *testing.B, s *store.Store, rooms int) []relay.RoomLog {
	logs := make([]relay.RoomLog, rooms)
	for i := range logs {
		logs[i] = logtest.Open(b, s, fmt.Sprint("room ", i))
	}
	if _, err := s.Settle(time.Time{}); err != nil { // they are on disk
		b.Fatal(err)
	}
	return logs
}

// durations are how long appends took.
type durations struct {
	mu  sync.Mutex
	all []time.Duration
}

func (d *durations) add(t time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.all = append(d.all, t)
}

func (d *durations) report(b *testing.B) {
	slices.Sort(d.all)
	for name, share := range map[string]float64{"p50-ms": 0.5, "p99-ms": 0.99} {
		b.ReportMetric(d.all[int(share*float64(len(d.all)-1))].Seconds()*1000, name)
	}
}
