package journal_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"coedit/internal/journal"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// everything is one record of each kind and more.
func everything() []journal.Record {
	return []journal.Record{
		journal.About{Role: "share", File: "/tmp/a b.go", Name: "a b.go", Room: "room", Owner: []byte{1, 2}, Started: 17},
		journal.Identity{Bytes: []byte("key")},
		journal.Manifest{Bytes: []byte("signed")},
		journal.Text{At: -5, Pieces: slices.Values([][]byte{[]byte("one "), []byte(strings.Repeat("two ", 1000))})},
		journal.Batch{Bytes: []byte{0x10, 1, 2}},
		journal.Batch{Bytes: bytes.Repeat([]byte{0x10, 1, 2, 3}, 500)},
		journal.Frame{Counter: 1, To: 10, Class: 2, Target: "file", Payload: []byte("sealed")},
		journal.Frame{Counter: 2, To: 20, Class: 2, Payload: []byte("sealed too")},
		journal.Frame{Counter: 3, To: 30, Class: 2, Payload: []byte{}},
		journal.Acked{Counter: 1},
		journal.Cursor{Incarnation: 1 << 60, Number: 7},
		journal.Merged{Sum: []byte("other")},
		journal.Saved{Version: []byte("v")},
		journal.Merged{Sum: []byte("sum")},
	}
}

func TestEverythingComesBack(t *testing.T) {
	log := journal.Append(journal.Head(), everything()...)
	s, valid, err := journal.Read(log)
	check(t, err)
	if valid != len(log) {
		t.Errorf("read %d of %d bytes", valid, len(log))
	}
	if s.About.File != "/tmp/a b.go" || string(s.About.Owner) != "\x01\x02" || string(s.Identity) != "key" || string(s.Manifest) != "signed" {
		t.Errorf("whose it is: %+v", s)
	}
	if s.TextAt != -5 || string(bytes.Join(s.Text, nil)) != "one "+strings.Repeat("two ", 1000) {
		t.Errorf("the text has %d pieces", len(s.Text))
	}
	if len(s.Batches) != 2 || len(s.Batches[1]) != 2000 || s.Batches[0][0] != 0x10 {
		t.Errorf("batches: %x", s.Batches)
	}
	if s.Counter != 3 || s.Acked != 1 || s.AckedTo != 10 || len(s.Frames) != 2 || string(s.Frames[0].Payload) != "sealed too" {
		t.Errorf("progress: %+v", s)
	}
	if s.Cursor != (journal.Cursor{Incarnation: 1 << 60, Number: 7}) || string(s.Saved) != "v" || string(s.Merged) != "sum" || s.Closed || s.Declined || s.Intact {
		t.Errorf("the rest: %+v", s)
	}

	log = journal.Append(log, journal.Document{Bytes: []byte("doc")}, journal.Restart{Counter: 5, Tick: 3}, journal.Declined{}, journal.Closed{})
	s, _, err = journal.Read(log)
	check(t, err)
	if s.Text != nil || s.Batches != nil || string(s.Document) != "doc" {
		t.Error("a document stands beside what it replaces")
	}
	if s.Counter != 5 || s.Acked != 5 || s.AckedTo != 3 || s.Frames != nil || !s.Declined || !s.Closed {
		t.Errorf("after a restart: %+v", s)
	}
}

// A log cut anywhere is torn, or whole at the end of a record; what stands before the cut is read.
func TestCutAnywhere(t *testing.T) {
	var ends []int
	log := journal.Head()
	for _, r := range everything() {
		ends = append(ends, len(log))
		log = journal.Append(log, r)
	}
	for n := range log {
		_, valid, err := journal.Read(log[:n])
		want := 0
		for _, end := range ends {
			if end <= n {
				want = end
			}
		}
		if valid != want || (err == nil) != (n == want && n > 0) || err != nil && !errors.Is(err, journal.ErrTorn) {
			t.Fatalf("cut at %d of %d: valid up to %d, want %d: %v", n, len(log), valid, want, err)
		}
	}
}

// Any byte changed is found.
func TestAnyDamageIsFound(t *testing.T) {
	log := journal.Append(journal.Head(), everything()...)
	for i := range log {
		bad := bytes.Clone(log)
		bad[i] ^= 0x41
		if _, _, err := journal.Read(bad); err == nil {
			t.Errorf("byte %d was changed, and nobody noticed", i)
		}
	}
	if _, _, err := journal.Read(append([]byte("coedit\x00J"), 99)); !errors.Is(err, journal.ErrVersion) {
		t.Errorf("a later version: %v", err)
	}
}

// Counters with a hole, or acknowledgements of what was never sent, are damage: nobody may go on from there.
func TestImpossibleCounters(t *testing.T) {
	for name, records := range map[string][]journal.Record{
		"hole":         {journal.Frame{Counter: 2}},
		"twice":        {journal.Frame{Counter: 1}, journal.Frame{Counter: 1}},
		"acked ahead":  {journal.Frame{Counter: 1}, journal.Acked{Counter: 2}},
		"restart back": {journal.Frame{Counter: 1}, journal.Frame{Counter: 2}, journal.Restart{Counter: 1}},
	} {
		if _, _, err := journal.Read(journal.Append(journal.Head(), records...)); !errors.Is(err, journal.ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzRead: no log panics, what is read once is read again the same, and what is valid is no longer than the log.
func FuzzRead(f *testing.F) {
	f.Add(journal.Append(journal.Head(), everything()...))
	f.Add(journal.Append(journal.Head(), journal.Document{Bytes: []byte("d")}, journal.Restart{Counter: 5, Tick: 3}))
	f.Fuzz(func(t *testing.T, log []byte) {
		s, valid, err := journal.Read(log)
		if valid > len(log) || (err == nil) != (valid == len(log) && valid > 0) {
			t.Fatalf("valid up to %d of %d: %v", valid, len(log), err)
		}
		if valid == 0 {
			return
		}
		again, _, err := journal.Read(log[:valid])
		if err != nil || !reflect.DeepEqual(s, again) {
			t.Fatalf("the valid part reads otherwise: %v", err)
		}
	})
}

func create(t *testing.T, d journal.Dir, o journal.Options) *journal.Writer {
	t.Helper()
	w, err := d.Create(o, journal.About{Role: "join", Room: "room"})
	check(t, err)
	w.Append(nil, journal.Identity{Bytes: []byte("key")})
	return w
}

func take(t *testing.T, d journal.Dir, name string) *journal.Taken {
	t.Helper()
	taken, err := d.Take(name, journal.Options{})
	check(t, err)
	return taken
}

// What was appended is there when its function is called, in order.
func TestWrittenBeforeTold(t *testing.T) {
	d := journal.Dir{Path: filepath.Join(t.TempDir(), "journals")}
	w := create(t, d, journal.Options{})
	told := make(chan uint64, 1000)
	for i := range uint64(1000) {
		w.Append(func() {
			if i%100 == 0 { // as a kill at this moment would find it
				s, err := d.Load(w.Name())
				if err != nil || s.Counter < i+1 {
					t.Errorf("told of %d, and the log has %d: %v", i+1, s.Counter, err)
				}
			}
			told <- i
		}, journal.Frame{Counter: i + 1, Payload: []byte("p")})
	}
	for want := range uint64(1000) {
		if got := <-told; got != want {
			t.Fatalf("told of %d before %d", got, want)
		}
	}
	check(t, w.Close())
	for _, name := range []string{"lock", "log"} {
		if info, err := os.Stat(filepath.Join(d.Path, w.Name(), name)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
	if info, err := os.Stat(d.Path); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder: %v, %v", info.Mode(), err)
	}
}

func TestTaken(t *testing.T) {
	d := journal.Dir{Path: t.TempDir()}
	w := create(t, d, journal.Options{})
	if _, err := d.Take(w.Name(), journal.Options{}); !errors.Is(err, journal.ErrInUse) {
		t.Errorf("taken twice: %v", err)
	}
	if err := d.Remove(w.Name()); !errors.Is(err, journal.ErrInUse) {
		t.Errorf("removed while in use: %v", err)
	}
	w.Append(nil, journal.Frame{Counter: 1, To: 5, Payload: []byte("p")})
	check(t, w.Close())

	for round := range uint64(3) { // what was taken is continued, also behind an end that was cut off
		taken := take(t, d, w.Name())
		if s := taken.State; s.Counter != round+1 || string(s.Identity) != "key" || !s.Intact {
			t.Fatalf("round %d: %+v", round, s)
		}
		taken.Append(nil, journal.Frame{Counter: round + 2, To: 5, Payload: []byte("p")})
		check(t, taken.Close())
		log, err := os.OpenFile(filepath.Join(d.Path, w.Name(), "log"), os.O_APPEND|os.O_WRONLY, 0)
		check(t, err)
		_, err = log.WriteString("\x09\x00\x00\x00cut")
		check(t, errors.Join(err, log.Close()))
	}
	check(t, d.Remove(w.Name()))
	if _, err := d.Take(w.Name(), journal.Options{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("taken though it is gone: %v", err)
	}
}

// A copy of a journal, such as a backup, is no journal to continue: its original may have gone on.
func TestACopyIsNotIntact(t *testing.T) {
	d := journal.Dir{Path: t.TempDir()}
	w := create(t, d, journal.Options{})
	check(t, w.Close())
	log := filepath.Join(d.Path, w.Name(), "log")
	content, err := os.ReadFile(log)
	check(t, err)
	check(t, os.Rename(log, log+".original")) // which keeps its inode in use
	check(t, os.WriteFile(log, content, 0o600))
	taken := take(t, d, w.Name())
	defer taken.Close()
	if taken.State.Intact || string(taken.State.Identity) != "key" {
		t.Errorf("a copy passes for the original: %+v", taken.State)
	}
}

// Nor is one continued whose ids were found to be in use elsewhere.
func TestBehindIsNotIntact(t *testing.T) {
	d := journal.Dir{Path: t.TempDir()}
	w := create(t, d, journal.Options{})
	w.Append(nil, journal.Behind{})
	check(t, w.Close())
	taken := take(t, d, w.Name())
	defer taken.Close()
	if taken.State.Intact {
		t.Error("it passes for intact")
	}
}

func TestDamagedIsSetAside(t *testing.T) {
	d := journal.Dir{Path: t.TempDir()}
	w := create(t, d, journal.Options{})
	w.Append(nil, journal.Batch{Bytes: []byte{0x10}}, journal.Batch{Bytes: []byte{0x11}})
	check(t, w.Close())
	log := filepath.Join(d.Path, w.Name(), "log")
	content, err := os.ReadFile(log)
	check(t, err)
	content[len(content)-1] ^= 1
	check(t, os.WriteFile(log, content, 0o600))
	taken, err := d.Take(w.Name(), journal.Options{})
	if !errors.Is(err, journal.ErrDamaged) || taken == nil || len(taken.State.Batches) != 1 {
		t.Fatalf("damaged: %+v, %v", taken, err)
	}
	all, err := d.List("")
	check(t, err)
	if len(all) != 1 || !all[0].Damaged || all[0].Name != w.Name()+".damaged" {
		t.Errorf("it stands as %+v", all)
	}
}

func TestFoundByWhatItIsOf(t *testing.T) {
	d := journal.Dir{Path: filepath.Join(t.TempDir(), "none yet")}
	if all, err := d.List(""); err != nil || len(all) != 0 {
		t.Errorf("no folder: %v, %v", all, err)
	}
	a := journal.About{Role: "alone", File: "/x/a.go"}
	b := journal.About{Role: "join", Room: "r"}
	for _, about := range []journal.About{a, b, b} {
		w, err := d.Create(journal.Options{}, about)
		check(t, err)
		check(t, w.Close())
	}
	if all, err := d.List(journal.KeyOf(a)); err != nil || len(all) != 1 {
		t.Errorf("of the file: %v, %v", all, err)
	}
	if all, err := d.List(journal.KeyOf(b)); err != nil || len(all) != 2 {
		t.Errorf("of the room: %v, %v", all, err)
	} else if got, err := d.Head(all[0].Name); err != nil || got.Room != "r" {
		t.Errorf("what it is of: %+v, %v", got, err)
	}
}

func TestRetiredAndDiscarded(t *testing.T) {
	d := journal.Dir{Path: t.TempDir()}
	w := create(t, d, journal.Options{})
	w.Append(nil, journal.Batch{Bytes: []byte("text")})
	check(t, w.Retire())
	s, err := d.Load(w.Name())
	check(t, err)
	if !s.Closed || s.About.Room != "room" || s.Identity != nil || s.Batches != nil {
		t.Errorf("a retired journal still says %+v", s)
	}
	w = create(t, d, journal.Options{})
	check(t, w.Discard())
	if all, _ := d.List(""); len(all) != 1 {
		t.Errorf("after discarding one of two: %v", all)
	}
}

// joined stands in for the document: all batches one after the other.
func joined(s *journal.State) ([]byte, error) {
	return slices.Concat(s.Document, bytes.Join(s.Text, nil), bytes.Join(s.Batches, nil)), nil
}

// A log that grows is written anew, and says the same, also what was appended meanwhile.
func TestCompaction(t *testing.T) {
	d := journal.Dir{Path: t.TempDir()}
	w := create(t, d, journal.Options{Compact: func(s *journal.State) ([]byte, error) {
		b, _ := joined(s)
		return fmt.Appendf(nil, "%d;", len(b)), nil // much shorter than what it stands for
	}})
	counter, renewed := uint64(0), 0
	rng := rand.New(rand.NewPCG(1, 2))
	batch := make([]byte, 12<<10) // that do not become shorter
	for i := range batch {
		batch[i] = byte(rng.Uint32())
	}
	var log os.FileInfo
	for renewed < 3 { // until another log has taken the place of the first three times
		counter++
		written := make(chan struct{})
		w.Append(func() { close(written) },
			journal.Batch{Bytes: batch},
			journal.Frame{Counter: counter, To: counter, Payload: make([]byte, 1<<10)})
		if counter > 2 {
			w.Append(nil, journal.Acked{Counter: counter - 2})
		}
		<-written
		info, err := os.Stat(filepath.Join(d.Path, w.Name(), "log"))
		check(t, err)
		if log != nil && !os.SameFile(log, info) {
			renewed++
		}
		log = info
	}
	check(t, w.Close())
	taken := take(t, d, w.Name())
	defer taken.Close()
	s := taken.State
	if s.Counter != counter || s.Acked != counter-2 || len(s.Frames) != 2 || string(s.Identity) != "key" || s.Document == nil {
		t.Errorf("after %d frames: counter %d, acked %d, %d frames", counter, s.Counter, s.Acked, len(s.Frames))
	}
	if !s.Intact {
		t.Error("a compacted journal does not count as intact")
	}
}

// A compaction that fails, or that the end overtakes, changes nothing.
func TestCompactionFails(t *testing.T) {
	d := journal.Dir{Path: t.TempDir()}
	tried := make(chan struct{}, 100)
	w := create(t, d, journal.Options{Compact: func(*journal.State) ([]byte, error) {
		tried <- struct{}{}
		return nil, errors.New("no")
	}})
	text := []byte(strings.Repeat("x", 500))
	for range 4000 {
		w.Append(nil, journal.Batch{Bytes: text})
	}
	<-tried
	check(t, w.Close())
	s, err := d.Load(w.Name())
	check(t, err)
	if len(s.Batches) != 4000 || s.Document != nil {
		t.Errorf("%d batches, want 4000", len(s.Batches))
	}
}

// TestARoomThatWasLeft: once the journal has the link of another room, what it says of the relay counts for nothing, and not
// before; counters go on.
func TestARoomThatWasLeft(t *testing.T) {
	at := func(room string) journal.About {
		return journal.About{Role: "join", Link: "https://relay/r/" + room + "#w.secret"}
	}
	log := journal.Append(journal.Head(), append([]journal.Record{at("old"), journal.Member{Bytes: []byte("member")}}, everything()[1:]...)...)
	log = journal.Append(log, journal.Moved{Manifest: []byte("next")})
	s, _, err := journal.Read(log)
	check(t, err)
	if string(s.Manifest) != "signed" || len(s.Frames) != 2 || s.Cursor.Number != 7 || s.Moved {
		t.Errorf("before the link is there: %+v", s)
	}
	same := at("old")
	same.Name, same.Link = "renamed", "https://relay:1/r/old#w.secret"
	if s, _, err = journal.Read(journal.Append(slices.Clone(log), same)); err != nil || s.Moved {
		t.Errorf("with another link to the old room: %+v, %v", s, err)
	}
	log = journal.Append(log, at("new"))
	s, _, err = journal.Read(log)
	check(t, err)
	if string(s.Manifest) != "next" || len(s.Frames) != 0 || len(s.Members) != 0 || s.Cursor != (journal.Cursor{}) {
		t.Errorf("what is of the old room: %+v", s)
	}
	if !s.Moved || s.Counter != 3 || s.Acked != 3 || s.AckedTo != 0 || len(s.Batches) != 2 || string(s.Saved) != "v" {
		t.Errorf("what goes on: %+v", s)
	}
	s, _, err = journal.Read(journal.Append(log, journal.Restart{Counter: 3, Tick: 30}, journal.Frame{Counter: 4, To: 40, Payload: []byte("there")}))
	check(t, err)
	if !s.Moved || len(s.Frames) != 1 || s.AckedTo != 30 {
		t.Errorf("in the new room, in which log is not said: %+v", s)
	}
	s, _, err = journal.Read(journal.Append(log, journal.Restart{Counter: 3, Tick: 30}, journal.Cursor{Incarnation: 9}))
	check(t, err)
	if s.Moved || s.Cursor.Incarnation != 9 {
		t.Errorf("in the new room: %+v", s)
	}
}

// TestARoomThatWasLeftInACompactedLog: that nothing was noted of the new room yet, or that its link is still to come, is not
// forgotten.
func TestARoomThatWasLeftInACompactedLog(t *testing.T) {
	d := journal.Dir{Path: t.TempDir()}
	for _, arrived := range []bool{true, false} {
		w := create(t, d, journal.Options{Compact: func(*journal.State) ([]byte, error) { return []byte("document"), nil }})
		w.Append(nil, journal.About{Link: "https://relay/r/old#w.secret"}, journal.Manifest{Bytes: []byte("old")}, journal.Moved{Manifest: []byte("next")})
		if arrived {
			w.Append(nil, journal.About{Link: "https://relay/r/new#w.secret"})
		}
		rng := rand.New(rand.NewPCG(3, 4))
		batch := make([]byte, 12<<10)
		for i := range batch {
			batch[i] = byte(rng.Uint32())
		}
		path := filepath.Join(d.Path, w.Name(), "log")
		first, err := os.Stat(path)
		check(t, err)
		for info := first; os.SameFile(first, info); {
			written := make(chan struct{})
			w.Append(func() { close(written) }, journal.Batch{Bytes: batch})
			<-written
			info, err = os.Stat(path)
			check(t, err)
		}
		check(t, w.Close())
		taken := take(t, d, w.Name())
		if s := taken.State; s.Moved != arrived || string(s.Manifest) != map[bool]string{true: "next", false: "old"}[arrived] {
			t.Errorf("arrived %v: moved %v, manifest %q", arrived, s.Moved, s.Manifest)
		}
		check(t, taken.Close())
		if s, _, err := journal.Read(journal.Append(logOf(t, path), journal.About{Link: "https://relay/r/new#w.secret"})); err != nil || !s.Moved || string(s.Manifest) != "next" {
			t.Errorf("arrived %v, then the link: moved %v, manifest %q, %v", arrived, s.Moved, s.Manifest, err)
		}
	}
}

func logOf(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	check(t, err)
	return b
}
