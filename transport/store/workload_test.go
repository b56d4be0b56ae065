package store_test

import (
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"coedit/transport"
	"coedit/transport/relay"
	"coedit/transport/relay/logtest"
	"coedit/transport/store"
)

// The test binary plays another role when it is told so: a process whose disk fails, or that is killed.
const (
	roleVariable = "COEDIT_STORE_ROLE"
	argsVariable = "COEDIT_STORE_ARGS"
	roleWorkload = "workload"

	reportFD = 3 // where the other process says what was acknowledged
)

// playRole runs the role named in the environment; false: none is.
func playRole() (played bool, code int) {
	if os.Getenv(roleVariable) != roleWorkload {
		return false, 0
	}
	args := strings.Split(os.Getenv(argsVariable), "\n")
	seed, err := strconv.ParseUint(args[1], 10, 64)
	if err == nil {
		var steps int
		if steps, err = strconv.Atoi(args[2]); err == nil {
			err = workload(args[0], seed, steps)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "workload:", err)
		return true, 1
	}
	return true, 0
}

var (
	cutSeed = flag.Uint64("store.seed", 1, "seed of the power cuts")
	cuts    = flag.Int("store.cuts", 100, "power cuts to try in each recording")
)

// payloadOf is what a frame says: known from its op_id, so that whoever finds it can tell whether it is right.
func payloadOf(room string, replica, counter uint64) []byte {
	h := fnv.New64a()
	fmt.Fprint(h, room, "/", replica, "/", counter)
	r := rand.New(rand.NewPCG(h.Sum64(), 1))
	b := make([]byte, 8+r.IntN(200)*r.IntN(20))
	for i := 0; i+8 <= len(b); i += 8 {
		binary.LittleEndian.PutUint64(b[i:], r.Uint64())
	}
	return b
}

// snapshotOf is the payload of a room's snapshot.
func snapshotOf(room string, generation uint64) []byte {
	h := fnv.New64a()
	fmt.Fprint(h, room, " ", generation)
	r := rand.New(rand.NewPCG(h.Sum64(), 2))
	b := make([]byte, r.IntN(3)*r.IntN(90_000))
	for i := 0; i+8 <= len(b); i += 8 {
		binary.LittleEndian.PutUint64(b[i:], r.Uint64())
	}
	return b
}

// worker appends to rooms as participants do, and says what was acknowledged.
type worker struct {
	random  *rand.Rand
	store   *store.Store
	appends int // steps of a hundred that append; the others need checkpoints
	rooms   map[string]relay.RoomLog
	next    map[string]uint64 // room/replica -> counter
	pending sync.WaitGroup

	mu     sync.Mutex
	again  []func() // what was not stored and is to be tried again
	report *os.File
}

// workload does random things to a store, and writes a line for each thing acknowledged to descriptor 3 right after
// it was.
func workload(dir string, seed uint64, steps int) error {
	w := &worker{
		random: rand.New(rand.NewPCG(seed, 3)), appends: []int{70, 90}[seed%2], next: map[string]uint64{},
		report: os.NewFile(reportFD, "report"),
	}
	for range 2 { // it is started twice
		var err error
		for range maxFaults { // the disk may fail while it starts
			if w.store, err = store.Open(dir, store.Options{Retry: 5 * time.Millisecond, Seed: seed, LogBytes: 1 << (10 + seed%8)}); err == nil {
				break
			}
		}
		if err != nil {
			return err
		}
		w.rooms = map[string]relay.RoomLog{}
		for range steps / 2 {
			w.step()
		}
		w.settle()
		if err := w.store.Close(); err != nil {
			return err
		}
	}
	return nil
}

// maxFaults is more than a disk has in a row.
const maxFaults = 20

func (w *worker) say(format string, args ...any) {
	fmt.Fprintf(w.report, format+"\n", args...)
}

// settle waits for everything under way, and tries again what was not stored.
func (w *worker) settle() {
	for {
		w.pending.Wait()
		w.mu.Lock()
		again := w.again
		w.again = nil
		w.mu.Unlock()
		if again == nil {
			return
		}
		for _, f := range again {
			f()
		}
	}
}

// retry tries f again later. Failures come at once, so a little patience keeps the loop from turning idly.
func (w *worker) retry(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.again = append(w.again, f)
}

func (w *worker) room() (string, relay.RoomLog) {
	id := fmt.Sprint("room ", w.random.IntN(4))
	r := w.rooms[id]
	for r == nil {
		var err error
		if r, err = w.store.Open(id, []byte("manifest of "+id), func() {}); errors.Is(err, relay.ErrClosed) {
			return id, nil
		}
		if err != nil {
			r = nil
		}
	}
	w.rooms[id] = r
	return id, r
}

func (w *worker) step() {
	id, r := w.room()
	if r == nil {
		return
	}
	n := w.random.IntN(100)
	if n < w.appends {
		for range 1 + w.random.IntN(6) {
			w.append(id, r)
		}
		if w.appends > 80 && w.random.IntN(3) > 0 { // else there would be few group commits
			w.settle()
		}
		return
	}
	switch n = 70 + w.random.IntN(30); {
	case n < 80:
		w.settle()
		w.snapshot(id, r)
	case n < 88:
		w.settle()
		r.Confirm(r.State().Generation, 99)
	case n < 90:
		_, _ = w.store.Settle(time.Unix(2000, 0))
	case n == 90 && len(w.rooms) > 2:
		w.settle()
		w.remove(id)
	default:
		w.settle()
	}
}

func (w *worker) append(id string, r relay.RoomLog) {
	replica := 1 + w.random.Uint64N(3)
	key := fmt.Sprint(id, replica)
	w.next[key]++
	counter := w.next[key]
	f := transport.Frame{Replica: replica, Counter: counter, Class: transport.ClassEdit, Payload: payloadOf(id, replica, counter)}
	var try func()
	try = func() {
		w.pending.Add(1)
		r.Append(f, 0, func(number uint64, err error) {
			defer w.pending.Done()
			switch {
			case errors.Is(err, relay.ErrClosed): // by a removal that was not acknowledged
				return
			case err != nil:
				w.retry(try)
				return
			}
			w.say("frame|%s|%d|%d|%d", id, number, replica, counter)
		})
	}
	try()
}

func (w *worker) snapshot(id string, r relay.RoomLog) {
	st := r.State()
	s := relay.Snapshot{
		Generation: st.Generation, Maker: 1, Put: time.Unix(1000, 0), Restore: w.random.IntN(4) == 0,
		Covers: transport.Cursor{Incarnation: st.Incarnation, Number: st.Head - w.random.Uint64N(min(st.Head, 3)+1)},
	}
	g, err := logtest.PutSnapshot(r, s, snapshotOf(id, st.Generation+1))
	if err == nil {
		w.say("snapshot|%s|%d", id, g)
	}
}

func (w *worker) remove(id string) {
	if err := w.store.Remove(id); err != nil {
		return
	}
	w.say("removed|%s", id)
	delete(w.rooms, id)
}
