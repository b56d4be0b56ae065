package relay_test

import (
	"bytes"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"coedit/transport"
	"coedit/transport/relay"
	"coedit/transport/seal"
	"coedit/transport/wire"
)

// measured reads a relay's metrics: the largest value of each name, whatever its labels; a histogram's is its count.
func measured(t *testing.T, r *relay.Relay, into map[string]float64) {
	t.Helper()
	var b bytes.Buffer
	r.WriteMetrics(&b)
	for line := range strings.Lines(b.String()) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), " ")
		name, _, _ = strings.Cut(name, "{")
		if !ok || strings.HasPrefix(line, "#") || strings.HasSuffix(name, "_bucket") || strings.HasSuffix(name, "_sum") {
			continue
		}
		v, err := strconv.ParseFloat(value, 64)
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		name = strings.TrimSuffix(name, "_count")
		into[name] = max(into[name], v)
	}
}

// documented are the metrics in the table for operators.
func documented(t *testing.T) []string {
	t.Helper()
	b, err := os.ReadFile("../../docs/OPERATING.md")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range regexp.MustCompile("(?m)^\\| `(coedit_[a-z_]+)` \\|").FindAllStringSubmatch(string(b), -1) {
		names = append(names, m[1])
	}
	return names
}

// TestEveryDocumentedMetricMoves, and every metric is documented. (Those of the store have a test in cmd/coedit.)
func TestEveryDocumentedMetricMoves(t *testing.T) {
	values := map[string]float64{}
	for name, scene := range map[string]func(*testing.T, func(*relay.Relay)){
		"a room at work": workingRoom, "a slow participant": slowParticipant, "a slow store": slowStore, "strangers": strangers,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				scene(t, func(r *relay.Relay) { measured(t, r, values) })
			})
		})
	}
	listed := map[string]bool{}
	for _, name := range documented(t) {
		listed[name] = true
		if !strings.HasPrefix(name, "coedit_store_") && values[name] == 0 {
			t.Errorf("%s is documented and does not move", name)
		}
	}
	for name := range values {
		if !listed[name] {
			t.Errorf("%s is not documented", name)
		}
	}
	if len(listed) < 20 {
		t.Errorf("only %d metrics are documented", len(listed))
	}
}

func workingRoom(t *testing.T, look func(*relay.Relay)) {
	h := newHouse(t, 1)
	hub := newRelay(relay.Config{TailFrames: 10, FramesPerSecond: 10, Burst: 20})
	a, b := dialRaw(t, hub), dialRaw(t, hub)
	welcome := a.join(h, 1, version2)
	b.join(h, 2, version2)
	for n := range uint64(12) {
		a.send(publish(1, n+1, "x"))
		a.acked(n + 1)
	}
	b.numbers(12)
	for n := range 10 {
		a.send(presence(strings.Repeat("p", n)))
	}
	a.send(putOf(0, transport.Cursor{Incarnation: welcome.GetIncarnation(), Number: 10}, "all"))
	a.until("stored", func(f *wire.RelayFrame) bool { return f.GetSnapshotStored() != nil })
	a.send(publish(1, 99, "x"))
	a.nacked()
	c := dialRaw(t, hub)
	c.join(h, 3, version2) // reads the snapshot and what follows
	c.numbers(12)
	time.Sleep(time.Second)
	look(hub)
	stop(t, hub)
	look(hub)
}

func slowParticipant(t *testing.T, look func(*relay.Relay)) {
	h := newHouse(t, 1)
	hub := newRelay(relay.Config{})
	a, slow := dialRaw(t, hub), dialRaw(t, hub)
	a.join(h, 1)
	slow.join(h, 2)
	synctest.Wait() // it has all there is, and is slow only from now on
	for n := range uint64(100) {
		a.send(publish(1, n+1, text(20_000)))
		a.acked(n + 1)
	}
	slow.numbers(100)
	look(hub)
}

func slowStore(t *testing.T, look func(*relay.Relay)) {
	h := newHouse(t, 1)
	log := &gatedLog{Log: relay.NewMemoryLog(1)}
	hub := newRelay(relay.Config{Log: log})
	a := dialRaw(t, hub)
	a.join(h, 1)
	a.send(publish(1, 1, "x"))
	synctest.Wait()
	look(hub)
	log.release()
	a.acked(1)
}

func strangers(t *testing.T, look func(*relay.Relay)) {
	hub := newRelay(relay.Config{MaxPresence: 10})
	h := sealedHouse(t, 1)
	a := dialRaw(t, hub)
	id := identity(t, 1)
	a.proves(h, seal.Write, id, a.challenged(h, id.ReplicaID()), func(p *wire.Proof) { p.Signature = nil })
	a.goodbye(wire.Goodbye_RIGHTS, "")
	b := dialRaw(t, hub)
	b.join(newHouse(t, 2), 7)
	b.send(presence(text(11)))
	b.goodbye(wire.Goodbye_LIMIT, "")
	look(hub)
}
