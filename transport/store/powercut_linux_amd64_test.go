package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"coedit/transport"
	"coedit/transport/relay"
	"coedit/transport/relay/logtest"
	"coedit/transport/store"
)

// disk is what is on a disk of a file: what was synced is there for certain; of the rest anything may be, in pages.
type disk struct {
	exists  bool             // it was ever written
	named   bool             // that is in the folder for certain
	gone    bool             // it was removed, but that is perhaps not in the folder
	before  *disk            // another file of that name was removed; while this one is not named, it is perhaps there
	pages   map[int64][]byte // durable, by offset; never changed, for disks share them
	size    int64
	pending []event // writes and truncations since the last sync
	// What was written before a sync that failed: it may be on disk or not, and no later sync writes it.
	doubtful map[int64][]byte
}

const (
	pageBytes   = 4096
	sectorBytes = 512
)

func newDisk() *disk {
	return &disk{pages: map[int64][]byte{}, doubtful: map[int64][]byte{}}
}

// folder is the store's, by the names of its files.
type folder map[string]*disk

func newFolder() folder {
	f := folder{}
	for _, name := range storeFiles {
		f[name] = newDisk()
	}
	return f
}

// next follows one event.
func (f folder) next(e event) {
	switch {
	case e.kind == named:
		for name, d := range f {
			d.named, d.before = d.exists, nil
			if d.gone {
				f[name] = newDisk()
			}
		}
	case f[e.file] != nil:
		if d := f[e.file]; d.gone && e.kind != removed {
			f[e.file] = newDisk()
			f[e.file].before = d
		}
		f[e.file].next(e)
	}
}

// cut makes a folder with what is there after a power cut.
func (f folder) cut(t *testing.T, random *rand.Rand) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range storeFiles { // in an order that the seed fixes
		d := f[name]
		for d != nil && (d.gone || !d.named) && random.IntN(2) == 0 {
			d = d.before
		}
		if d != nil && d.exists {
			d.after(random).write(t, filepath.Join(dir, name))
		}
	}
	return dir
}

// apply does an event to the durable part.
func (d *disk) apply(e event) {
	if e.kind == truncated {
		d.size = e.size
		return
	}
	d.size = max(d.size, e.offset+int64(len(e.data)))
	for _, part := range inPages(e) {
		page := part.offset / pageBytes * pageBytes
		fresh := make([]byte, pageBytes)
		copy(fresh, d.pages[page])
		copy(fresh[part.offset-page:], part.data)
		d.pages[page] = fresh
	}
}

// next follows one event.
func (d *disk) next(e event) {
	d.exists = true
	switch e.kind {
	case removed:
		d.gone = true
	case wrote, truncated:
		d.pending = append(d.pending, e)
	case synced:
		for _, e := range d.pending {
			d.apply(e)
			for _, part := range inPages(e) {
				delete(d.doubtful, part.offset)
			}
		}
		d.pending = nil
	case syncFailed:
		var sizes []event
		for _, e := range d.pending {
			if e.kind == truncated { // the size belongs to no page: the next sync writes it
				sizes = append(sizes, e)
				continue
			}
			for _, part := range inPages(e) {
				d.doubtful[part.offset] = part.data
			}
		}
		d.pending = sizes
	}
}

// after is a disk after a power cut: what was not synced is there in part, page by page, and pages are perhaps torn.
func (d *disk) after(random *rand.Rand) *disk {
	cut := &disk{pages: maps.Clone(d.pages), size: d.size}
	keep := random.Float64()
	some := func(part event) {
		if random.Float64() >= keep {
			return
		}
		if random.IntN(10) == 0 && len(part.data) == pageBytes { // torn
			part.data = part.data[:sectorBytes*(1+random.IntN(pageBytes/sectorBytes-1))]
		}
		cut.apply(part)
	}
	for _, at := range slices.Sorted(maps.Keys(d.doubtful)) {
		some(event{kind: wrote, offset: at, data: d.doubtful[at]})
	}
	for _, e := range d.pending {
		for _, part := range inPages(e) {
			some(part)
		}
	}
	return cut
}

// inPages cuts an event into parts of a page at most.
func inPages(e event) []event {
	if e.kind != wrote {
		return []event{e}
	}
	var parts []event
	for at := int64(0); at < int64(len(e.data)); {
		end := min((e.offset+at)/pageBytes*pageBytes+pageBytes-e.offset, int64(len(e.data)))
		parts = append(parts, event{kind: wrote, offset: e.offset + at, data: e.data[at:end]})
		at = end
	}
	return parts
}

// write makes a file of what is on the disk.
func (d *disk) write(t *testing.T, file string) {
	t.Helper()
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for at, page := range d.pages {
		if at < d.size {
			if _, err := f.WriteAt(page[:min(pageBytes, d.size-at)], at); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := f.Truncate(d.size); err != nil {
		t.Fatal(err)
	}
}

// acknowledged is what must be there.
type acknowledged struct {
	frames     map[string]map[uint64][2]uint64 // room -> number -> replica, counter
	generation map[string]uint64
	removed    map[string]bool
}

func newAcknowledged() *acknowledged {
	return &acknowledged{map[string]map[uint64][2]uint64{}, map[string]uint64{}, map[string]bool{}}
}

// add takes one line of the workload's.
func (a *acknowledged) add(t *testing.T, line string) {
	t.Helper()
	parts := strings.Split(line, "|")
	number := func(i int) uint64 {
		n, err := strconv.ParseUint(parts[i], 10, 64)
		if err != nil {
			t.Fatalf("the workload said %q", line)
		}
		return n
	}
	room := parts[1]
	switch parts[0] {
	case "frame":
		if a.frames[room] == nil {
			a.frames[room] = map[uint64][2]uint64{}
		}
		a.frames[room][number(2)] = [2]uint64{number(3), number(4)}
	case "snapshot":
		a.generation[room] = number(2)
	case "removed":
		a.removed[room] = true
	}
}

// verify opens a store after a crash and looks for everything acknowledged.
func (a *acknowledged) verify(dir string) (err error) {
	s, err := store.Open(dir, store.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	for room := range a.removed {
		if _, err := s.Open(room, []byte("m"), func() {}); !errors.Is(err, relay.ErrClosed) {
			return fmt.Errorf("%s was removed: %v", room, err)
		}
	}
	for room, frames := range a.frames {
		if a.removed[room] {
			continue
		}
		r, err := s.Open(room, nil, func() {})
		if errors.Is(err, relay.ErrClosed) {
			continue // its removal was stored before it was acknowledged
		}
		if err == nil {
			err = verifyRoom(room, r, frames, a.generation[room])
		}
		if err != nil {
			return fmt.Errorf("%s: %w", room, err)
		}
	}
	return nil
}

// verifyRoom compares a room with what was acknowledged.
func verifyRoom(room string, r relay.RoomLog, frames map[uint64][2]uint64, generation uint64) error {
	st, newest := r.State(), r.Snapshot()
	if newest.Generation < generation {
		return fmt.Errorf("snapshot %d, acknowledged %d", newest.Generation, generation)
	}
	from := newest.Covers.Number
	previous, kept := r.Previous()
	for _, s := range []relay.Snapshot{newest, previous} {
		payload, err := logtest.Whole(r, s)
		if err != nil || s.Generation > 0 && !bytes.Equal(payload, snapshotOf(room, s.Generation)) {
			return fmt.Errorf("snapshot %d: %d bytes that are not right, %v", s.Generation, len(payload), err)
		}
	}
	if kept {
		from = previous.Covers.Number
	}
	there, err := r.ReadKept(from, 1<<30, 1<<30)
	if err != nil {
		return err
	}
	if err := verifyFrames(room, r, there, from); err != nil {
		return err
	}
	for number, id := range frames {
		if number == 0 || number <= from {
			continue // acknowledged again after it was replaced by a snapshot, or replaced now
		}
		if number > st.Head {
			return fmt.Errorf("frame %d (%d/%d) was acknowledged, and the last is %d", number, id[0], id[1], st.Head)
		}
		if f := there[number-from-1]; f.Replica != id[0] || f.Counter != id[1] {
			return fmt.Errorf("frame %d is %d/%d, acknowledged as %d/%d", number, f.Replica, f.Counter, id[0], id[1])
		}
	}
	for _, id := range frames {
		if last := r.LastCounter(id[0]); last < id[1] {
			return fmt.Errorf("counter %d of %d was acknowledged, and the last is %d", id[1], id[0], last)
		}
	}
	// And it goes on.
	f := transport.Frame{Replica: 50, Counter: 1, Payload: []byte("after the crash")}
	if n, err := logtest.Append(r, f, 0); err != nil || n != st.Head+1 {
		return fmt.Errorf("the next frame has number %d after %d, %w", n, st.Head, err)
	}
	return nil
}

// verifyFrames checks that frames have no hole, none is there twice, and each says what it should.
func verifyFrames(room string, r relay.RoomLog, frames []transport.Frame, from uint64) error {
	last := map[uint64]uint64{}
	for i, f := range frames {
		if f.Number != from+1+uint64(i) {
			return fmt.Errorf("frame %d where %d should be", f.Number, from+1+uint64(i))
		}
		if f.Counter == 0 {
			continue // a restoring snapshot's mark
		}
		if f.Counter <= last[f.Replica] || !bytes.Equal(f.Payload, payloadOf(room, f.Replica, f.Counter)) {
			return fmt.Errorf("frame %d, %d/%d after counter %d, is not right", f.Number, f.Replica, f.Counter, last[f.Replica])
		}
		last[f.Replica] = f.Counter
	}
	for replica, counter := range last {
		if n := r.LastCounter(replica); n < counter {
			return fmt.Errorf("last counter of %d is %d, and there is a frame %d", replica, n, counter)
		}
	}
	return nil
}

// record runs the workload in a process of its own and gives what it wrote, synced and said.
func record(t *testing.T, seed uint64, steps int, faults ...fault) []event {
	t.Helper()
	events := trace(t, roleWorkload, faults, t.TempDir(), fmt.Sprint(seed), fmt.Sprint(steps))
	count, logged := map[byte]int{}, 0
	for _, e := range events {
		count[e.kind]++
		if (e.kind == synced || e.kind == syncFailed) && e.file == "rooms.wal" {
			logged++
		}
	}
	t.Logf("seed %d: %d writes, %d truncations, %d syncs (%d of the write-ahead log), %d that failed, %d acknowledged",
		seed, count[wrote], count[truncated], count[synced], logged, count[syncFailed], count[said])
	if count[wrote] < 50 || count[synced] < 20 || count[said] < 20 || logged < 5 || count[named] == 0 {
		t.Fatal("the recording is too short to be one")
	}
	return events
}

// cutPower cuts the power at random places of a recording, and verifies what is left. From the beginning the file may
// be anything, until the first thing was acknowledged.
func cutPower(t *testing.T, events []event, seed uint64, times int) {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 4))
	at := make([]int, times)
	for i := range at {
		at[i] = random.IntN(len(events)) + 1
	}
	at[0] = len(events)
	slices.Sort(at)
	f := newFolder()
	acked := newAcknowledged()
	done := 0
	for cut, n := range at {
		for _, e := range events[done:n] {
			if f.next(e); e.kind == said {
				acked.add(t, e.line)
			}
		}
		done = n
		if len(acked.frames) == 0 {
			continue
		}
		if err := acked.verify(f.cut(t, random)); err != nil {
			t.Errorf("power cut %d, after event %d of %d (-store.seed=%d): %v", cut, n, len(events), seed, err)
			return
		}
	}
}

// TestPowerCuts: at any moment, any part of what was not synced lost.
func TestPowerCuts(t *testing.T) {
	for seed := *cutSeed; seed < *cutSeed+2; seed++ { // one of them appends nearly always
		events := record(t, seed, 120)
		if last := events[len(events)-1]; last.kind != removed {
			t.Errorf("the last thing done is %c, want the log removed", last.kind)
		}
		cutPower(t, events, seed, *cuts*2/3)
	}
}

// TestPowerCutsAfterFailedSyncs: syncs fail now and then, and what they should have written may be lost although
// later ones succeed.
func TestPowerCutsAfterFailedSyncs(t *testing.T) {
	random := rand.New(rand.NewPCG(*cutSeed, 5))
	var faults []fault
	for n := 8; n < 200; n += 3 + random.IntN(12) {
		faults = append(faults, fault{"", syscall.SYS_FDATASYNC, n, syscall.EIO})
	}
	events := record(t, *cutSeed+1, 60, faults...)
	if !slices.ContainsFunc(events, func(e event) bool { return e.kind == syncFailed }) {
		t.Fatal("no sync failed")
	}
	cutPower(t, events, *cutSeed+1, *cuts)
}

// TestADiskThatFails: full, and not to be written, for some calls in a row, either file or both. Nothing is acknowledged
// that is not there, and it goes on by itself.
func TestADiskThatFails(t *testing.T) {
	for name, f := range map[string]fault{
		"full":                               {"", syscall.SYS_PWRITE64, 30, syscall.ENOSPC},
		"full when the log is written":       {"rooms.wal", syscall.SYS_PWRITE64, 5, syscall.ENOSPC},
		"broken when writing":                {"", syscall.SYS_PWRITE64, 30, syscall.EIO},
		"broken when the log is written":     {"rooms.wal", syscall.SYS_PWRITE64, 6, syscall.EIO},
		"broken when rooms.db is written":    {"rooms.db", syscall.SYS_PWRITE64, 25, syscall.EIO},
		"broken when the log is synced":      {"rooms.wal", syscall.SYS_FDATASYNC, 3, syscall.EIO},
		"broken when a checkpoint is synced": {"rooms.db", syscall.SYS_FDATASYNC, 6, syscall.EIO},
	} {
		t.Run(name, func(t *testing.T) {
			var faults []fault
			for n := range 6 {
				more := f
				more.n += n
				faults = append(faults, more)
			}
			cutPower(t, record(t, *cutSeed+2, 60, faults...), *cutSeed+2, *cuts/3)
		})
	}
}
