package store_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"coedit/transport"
	"coedit/transport/relay"
	"coedit/transport/relay/logtest"
	"coedit/transport/store"

	bolt "go.etcd.io/bbolt"
)

// full makes a store with something of everything in it, and gives its file.
func full(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	s := open(t, dir, store.Options{})
	for n := range 3 {
		id := fmt.Sprint("room ", n)
		r := logtest.Open(t, s, id)
		for counter := range uint64(60) {
			f := transport.Frame{Replica: 1 + counter%2, Counter: 1 + counter/2, Payload: payloadOf(id, 1+counter%2, 1+counter/2)}
			if _, err := logtest.Append(r, f, 0); err != nil {
				t.Fatal(err)
			}
		}
		for generation := range uint64(2) {
			at := transport.Cursor{Incarnation: r.State().Incarnation, Number: 20 + 20*generation}
			if _, err := logtest.PutSnapshot(r, relay.Snapshot{Generation: generation, Covers: at, Maker: 1}, make([]byte, 100_000)); err != nil {
				t.Fatal(err)
			}
			if generation == 0 {
				r.Confirm(1, 2)
			}
		}
		r.Release(time.Unix(1, 0))
	}
	if err := s.Remove("another room"); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "rooms.db")
	if report, err := store.Check(dir, nil); err != nil || len(report.Findings) > 0 || report.Rooms != 3 || report.Snapshots != 6 || report.Removed != 1 {
		t.Fatalf("the store is not as it should be before it is damaged: %+v, %v", report, err)
	}
	return file
}

// change changes the file's records, as only a mistake of the program could: every page is sound afterwards.
func change(t testing.TB, file string, f func(tx *bolt.Tx) error) {
	t.Helper()
	db, err := bolt.Open(file, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Update(f); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// edit changes the file's bytes.
func edit(t testing.TB, file string, f func(b []byte) []byte) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, f(b), 0o600); err != nil {
		t.Fatal(err)
	}
}

// spoil changes a word in place, while a store has the file.
func spoil(t testing.TB, file, word string) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(file, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for at := 0; ; at++ {
		next := strings.Index(string(b[at:]), word)
		if next < 0 {
			return
		}
		at += next
		if _, err := f.WriteAt([]byte("?"), int64(at)); err != nil {
			t.Fatal(err)
		}
	}
}

// nth is the n-th key of a bucket, or that from the end.
func nth(b *bolt.Bucket, n int) (key, value []byte) {
	c := b.Cursor()
	if n < 0 {
		for key, value = c.Last(); n < -1; n++ {
			key, value = c.Prev()
		}
		return key, value
	}
	for key, value = c.First(); n > 0; n-- {
		key, value = c.Next()
	}
	return key, value
}

// flipped is a copy with one bit changed.
func flipped(b []byte, at int) []byte {
	b = append([]byte(nil), b...)
	b[at] ^= 0x10
	return b
}

// eachPage calls f for every page of a kind; some of them are in use.
func eachPage(b []byte, kind uint16, f func(page []byte)) []byte {
	for at := 2 * 4096; at+4096 <= len(b); at += 4096 {
		page := b[at : at+4096]
		if binary.NativeEndian.Uint64(page) == uint64(at/4096) && binary.NativeEndian.Uint16(page[8:]) == kind {
			f(page)
		}
	}
	return b
}

// raiseKey makes a branch promise less than what is below it.
func raiseKey(page []byte) {
	const second = 16 + 16 // the first key of a branch is never compared with
	if binary.NativeEndian.Uint16(page[10:]) < 2 {
		return
	}
	key := second + int(binary.NativeEndian.Uint32(page[second:]))
	page[key+int(binary.NativeEndian.Uint32(page[second+4:]))-1]++
}

// TestCheckFindsWhatWasPlanted: and the store is not opened, but named.
func TestCheckFindsWhatWasPlanted(t *testing.T) {
	record := func(bucket string, n int, f func(b *bolt.Bucket, key, value []byte) error) func(t *testing.T, file string) {
		return func(t *testing.T, file string) {
			change(t, file, func(tx *bolt.Tx) error {
				b := tx.Bucket([]byte(bucket))
				key, value := nth(b, n)
				return f(b, append([]byte(nil), key...), append([]byte(nil), value...))
			})
		}
	}
	remove := func(b *bolt.Bucket, key, _ []byte) error { return b.Delete(key) }
	flip := func(b *bolt.Bucket, key, value []byte) error { return b.Put(key, flipped(value, len(value)/2)) }
	shorten := func(b *bolt.Bucket, key, value []byte) error { return b.Put(key, value[:3]) }
	move := func(b *bolt.Bucket, key, value []byte) error {
		return errors.Join(b.Delete(key), b.Put(flipped(key, 0), value))
	}
	longer := func(b *bolt.Bucket, key, value []byte) error { return b.Put(append(key, 0), value) }
	const branch, leaf = 1, 2
	bytes := func(f func(b []byte) []byte) func(t *testing.T, file string) {
		return func(t *testing.T, file string) { edit(t, file, f) }
	}
	for name, planted := range map[string]struct {
		plant func(t *testing.T, file string)
		want  string // part of a finding
	}{
		"a bit of a frame":                    {record("log", -5, flip), "damaged record: checksum"},
		"a frame cut off":                     {record("log", -5, shorten), "too few"},
		"a frame gone":                        {record("log", -5, remove), "is missing"},
		"a frame elsewhere":                   {record("log", -5, move), "checksum"},
		"a frame under no number":             {record("log", -5, longer), "a key of 9 bytes"},
		"the last frames gone":                {record("log", -1, remove), ""}, // unnoticeable unless a snapshot stands behind it
		"a bit of a room":                     {record("rooms", 0, flip), "damaged record"},
		"a bit of a snapshot":                 {record("snapshots", 1, flip), "damaged record"},
		"a snapshot under another room":       {record("snapshots", 1, move), "checksum"},
		"a bit of a snapshot's payload":       {record("blobs", 0, flip), "blobs"},
		"a part of a snapshot's payload gone": {record("blobs", 1, remove), "incomplete"},
		"a bit of a counter":                  {record("counters", 0, flip), "damaged record"},
		"a bit of a removed room":             {record("removed", 0, flip), "damaged record"},
		"a bit of the version":                {record("store", 0, flip), "the version of the store"},
		"the version gone":                    {record("store", 0, remove), "it is missing"},
		"a bucket gone": {func(t *testing.T, file string) {
			change(t, file, func(tx *bolt.Tx) error { return tx.DeleteBucket([]byte("counters")) })
		}, "bucket counters: it is missing"},
		"a room twice": {func(t *testing.T, file string) {
			change(t, file, func(tx *bolt.Tx) error {
				key, value := nth(tx.Bucket([]byte("rooms")), 0)
				return tx.Bucket([]byte("rooms")).Put(binary.BigEndian.AppendUint64(nil, 77), store.Reseal(key, binary.BigEndian.AppendUint64(nil, 77), value))
			})
		}, "it is there twice"},
		"both first pages":    {bytes(func(b []byte) []byte { copy(b[:8192], make([]byte, 8192)); return b }), "neither of its two first pages"},
		"the end of the file": {bytes(func(b []byte) []byte { return b[:100_000] }), "its end is missing"},
		"everything":          {bytes(func(b []byte) []byte { return []byte(strings.Repeat("no store at all ", 1000)) }), "not a bbolt database"},
		"a branch page":       {bytes(func(b []byte) []byte { return eachPage(b, branch, func(p []byte) { p[16+8] ^= 0xff }) }), "page"},
		"a branch's key":      {bytes(func(b []byte) []byte { return eachPage(b, branch, raiseKey) }), "where they should be"},
		"a leaf's kind":       {bytes(func(b []byte) []byte { return eachPage(b, leaf, func(p []byte) { p[8] = 0x40 }) }), "kind"},
		"a leaf's number":     {bytes(func(b []byte) []byte { return eachPage(b, leaf, func(p []byte) { p[0] ^= 1 }) }), "calls itself"},
		"a leaf's element":    {bytes(func(b []byte) []byte { return eachPage(b, leaf, func(p []byte) { p[16+7] = 0x7f }) }), "outside"},
		"a leaf that goes on": {bytes(func(b []byte) []byte { return eachPage(b, leaf, func(p []byte) { p[14] = 0x7f }) }), "beyond the end"},
	} {
		t.Run(name, func(t *testing.T) {
			file := full(t)
			planted.plant(t, file)
			before, _ := os.ReadFile(file)
			report, err := store.Check(filepath.Dir(file), nil)
			if err != nil {
				t.Fatalf("check: %v", err)
			}
			if planted.want == "" {
				return
			}
			if !strings.Contains(fmt.Sprint(report.Findings), planted.want) {
				t.Errorf("found %v, want %q", report.Findings, planted.want)
			}
			if after, _ := os.ReadFile(file); string(after) != string(before) {
				t.Error("the check changed the file")
			}
			s, err := store.Open(filepath.Dir(file), store.Options{})
			if err == nil {
				s.Close()
				if !strings.HasPrefix(name, "a bit of a snapshot's") { // a start does not read payloads
					t.Error("it was opened")
				}
			} else if !errors.Is(err, store.ErrDamaged) || !strings.HasPrefix(err.Error(), file+": damaged: ") {
				t.Errorf("opening says %v", err)
			}
		})
	}
}

// TestADamagedSnapshotIsNotGivenOut: it is read only when somebody wants it.
func TestADamagedSnapshotIsNotGivenOut(t *testing.T) {
	file := full(t)
	change(t, file, func(tx *bolt.Tx) error {
		b := tx.Bucket([]byte("blobs"))
		for key, value := b.Cursor().First(); key != nil; key = nil {
			return b.Put(append([]byte(nil), key...), flipped(value, 500))
		}
		return nil
	})
	s := open(t, filepath.Dir(file), store.Options{})
	damaged := 0
	for n := range 3 {
		r := logtest.Open(t, s, fmt.Sprint("room ", n))
		previous, _ := r.Previous()
		for _, snapshot := range []relay.Snapshot{r.Snapshot(), previous} {
			if _, err := logtest.Whole(r, snapshot); errors.Is(err, store.ErrDamaged) && strings.Contains(err.Error(), file) {
				damaged++
			} else if err != nil {
				t.Error(err)
			}
		}
	}
	if damaged != 1 {
		t.Errorf("%d snapshots are damaged, want 1", damaged)
	}
}

// TestABadFrameHarmsNoOtherRoom: a frame goes bad while the relay runs.
func TestABadFrameHarmsNoOtherRoom(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, store.Options{})
	bad, good := logtest.Open(t, s, "bad"), logtest.Open(t, s, "good")
	text := strings.Repeat("planted ", 20)
	for counter := range uint64(3) {
		if _, err := logtest.Append(bad, transport.Frame{Replica: 1, Counter: counter + 1, Payload: []byte(text)}, 0); err != nil {
			t.Fatal(err)
		}
		if _, err := logtest.Append(good, transport.Frame{Replica: 1, Counter: counter + 1, Payload: []byte("x")}, 0); err != nil {
			t.Fatal(err)
		}
	}
	bad.Release(time.Unix(1, 0)) // so that it is read from the file
	bad = logtest.Open(t, s, "bad")
	if _, err := s.Settle(time.Time{}); err != nil { // everything under way is on disk
		t.Fatal(err)
	}
	spoil(t, filepath.Join(dir, "rooms.db"), "planted")
	if _, err := bad.Read(0, 10, 10_000); !errors.Is(err, store.ErrDamaged) || !strings.Contains(err.Error(), "rooms.db") {
		t.Errorf("reading it: %v", err)
	}
	if _, err := logtest.Append(bad, transport.Frame{Replica: 1, Counter: 2, Payload: []byte(text)}, 0); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("comparing with it: %v", err)
	}
	if n, err := logtest.Append(good, transport.Frame{Replica: 1, Counter: 4, Payload: []byte("x")}, 0); n != 4 || err != nil {
		t.Errorf("another room: %d, %v", n, err)
	}
	if n, err := logtest.Append(bad, transport.Frame{Replica: 1, Counter: 4, Payload: []byte("x")}, 0); n != 4 || err != nil {
		t.Errorf("the next frame of the same room: %d, %v", n, err)
	}
}

// TestPagesThatGoBadWhileItRuns: bbolt panics over them. The relay lives, stores nothing more, and says which file it is.
func TestPagesThatGoBadWhileItRuns(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, store.Options{Retry: time.Millisecond})
	r := logtest.Open(t, s, "room")
	for n := range uint64(100) {
		if _, err := logtest.Append(r, transport.Frame{Replica: 1, Counter: n + 1, Payload: make([]byte, 200)}, 0); err != nil {
			t.Fatal(err)
		}
	}
	file, err := os.OpenFile(filepath.Join(dir, "rooms.db"), os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for page := int64(2); page < 100; page++ {
		if _, err := file.WriteAt([]byte{0x40, 0, 0xff, 0xff}, page*4096+8); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Settle(time.Time{}); !errors.Is(err, store.ErrDamaged) { // what is in the log is to come into the file
		t.Errorf("a checkpoint: %v", err)
	}
	for range 3 {
		_, err = logtest.Append(r, transport.Frame{Replica: 1, Counter: 101, Payload: []byte("x")}, 0)
		if !errors.Is(err, store.ErrUnavailable) || !errors.Is(err, store.ErrDamaged) || !strings.Contains(err.Error(), dir) {
			t.Errorf("an append: %v", err)
		}
	}
	if s.Err() == nil {
		t.Error("the store says it is well")
	}
	if got, err := r.Read(99, 1, 1000); err != nil || len(got) != 1 {
		t.Errorf("what is still in memory: %v, %v", got, err)
	}
}

func TestALaterVersionIsLeftAlone(t *testing.T) {
	file := full(t)
	change(t, file, func(tx *bolt.Tx) error {
		return tx.Bucket([]byte("store")).Put([]byte("format"), store.FormatOf(9))
	})
	_, err := store.Open(filepath.Dir(file), store.Options{})
	var later *store.VersionError
	if !errors.As(err, &later) || later.Found != 9 || !strings.Contains(err.Error(), "version 9") {
		t.Errorf("%v", err)
	}
	if _, err := store.Check(file, nil); !errors.As(err, &later) {
		t.Errorf("check: %v", err)
	}
}

func TestASecondProcessIsRefused(t *testing.T) {
	dir := t.TempDir()
	open(t, dir, store.Options{})
	if _, err := store.Open(dir, store.Options{}); !errors.Is(err, store.ErrInUse) || !strings.Contains(err.Error(), dir) {
		t.Errorf("opening again: %v", err)
	}
	if _, err := store.Check(dir, nil); !errors.Is(err, store.ErrInUse) {
		t.Errorf("checking: %v", err)
	}
}

// TestDamageIsNeverFollowed: random bytes of a store are changed. It is opened or refused, and whatever is read from it is right or an error.
func TestDamageIsNeverFollowed(t *testing.T) {
	file := full(t)
	sound, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(*cutSeed, 6))
	used := len(sound)
	for used > 0 && sound[used-1] == 0 {
		used--
	}
	for range 100 {
		b := append([]byte(nil), sound...)
		for range 1 + random.IntN(20) {
			at := random.IntN(used)
			b[at] = byte(random.Uint32())
			if random.IntN(3) == 0 { // headers are hit seldom by chance
				b[at/4096*4096+random.IntN(64)] = byte(random.Uint32())
			}
		}
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "rooms.db"), b, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := store.Check(dir, nil); err != nil {
			t.Fatalf("check: %v", err)
		}
		s, err := store.Open(dir, store.Options{})
		if err != nil {
			if !errors.Is(err, store.ErrDamaged) && !errors.As(err, new(*store.VersionError)) {
				t.Fatal(err)
			}
			continue
		}
		for n := range 3 {
			id := fmt.Sprint("room ", n)
			r := logtest.Open(t, s, id)
			frames, err := r.Read(40, 100, 1<<20)
			for _, f := range frames {
				if string(f.Payload) != string(payloadOf(id, f.Replica, f.Counter)) {
					t.Fatalf("%s: frame %d is not what was stored", id, f.Number)
				}
			}
			if err == nil && len(frames) != 20 {
				t.Fatalf("%s: %d frames", id, len(frames))
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestEntriesMarkedAsBuckets: the mark is in no record's checksum, and bbolt takes the value of such an entry for the number of a
// page.
func TestEntriesMarkedAsBuckets(t *testing.T) {
	const pageBytes, pageHead, leaf = 4096, 16, 2
	file := full(t)
	sound, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for at := 2 * pageBytes; at+pageBytes <= len(sound); at += pageBytes {
		if le := binary.NativeEndian; le.Uint16(sound[at+8:]) != leaf || le.Uint16(sound[at+10:]) == 0 || le.Uint32(sound[at+pageHead:]) != 0 {
			continue
		}
		b := bytes.Clone(sound)
		b[at+pageHead] |= 1
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "rooms.db"), b, 0o600); err != nil {
			t.Fatal(err)
		}
		report, err := store.Check(dir, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(report.Findings) == 0 {
			continue // a page that is free
		}
		found++
		if _, err := store.Open(dir, store.Options{}); !errors.Is(err, store.ErrDamaged) {
			t.Errorf("page %d: opened: %v", at/pageBytes, err)
		}
	}
	if found < 4 {
		t.Errorf("%d pages were found out", found)
	}
}

// TestBucketsThatDoNotBelong: one more, or the one that says what all this is away.
func TestBucketsThatDoNotBelong(t *testing.T) {
	for name, spoil := range map[string]func(tx *bolt.Tx) error{
		"one more":     func(tx *bolt.Tx) error { _, err := tx.CreateBucket([]byte("other")); return err },
		"one missing":  func(tx *bolt.Tx) error { return tx.DeleteBucket([]byte("log")) },
		"no version":   func(tx *bolt.Tx) error { return tx.DeleteBucket([]byte("store")) },
		"one in other": func(tx *bolt.Tx) error { _, err := tx.Bucket([]byte("log")).CreateBucket([]byte("b")); return err },
	} {
		file := full(t)
		change(t, file, spoil)
		report, err := store.Check(filepath.Dir(file), nil)
		if err != nil || len(report.Findings) == 0 {
			t.Errorf("%s: %d findings, %v", name, len(report.Findings), err)
		}
		if _, err := store.Open(filepath.Dir(file), store.Options{}); !errors.Is(err, store.ErrDamaged) {
			t.Errorf("%s: opened: %v", name, err)
		}
	}
}
