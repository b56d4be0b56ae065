package store_test

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"coedit/transport"
	"coedit/transport/relay/logtest"
	"coedit/transport/store"
)

// TestRecentFramesAreBounded: of one room, and of all together; and what is not in memory is read from the file.
func TestRecentFramesAreBounded(t *testing.T) {
	const rooms, frames, size = 10, 40, 4000
	s := open(t, t.TempDir(), store.Options{RecentBytes: 100_000})
	for n := range rooms {
		r := logtest.Open(t, s, string(rune('a'+n)))
		for counter := range uint64(frames) {
			f := transport.Frame{Replica: 1, Counter: counter + 1, Payload: make([]byte, size)}
			if _, err := logtest.Append(r, f, 0); err != nil {
				t.Fatal(err)
			}
		}
		// Too much is forgotten once the frame that brought it is answered; this is answered after that.
		if _, err := s.Settle(time.Time{}); err != nil {
			t.Fatal(err)
		}
		if got := store.Recent(s); got > 100_000 {
			t.Fatalf("%d bytes are kept in memory", got)
		}
		for _, after := range []uint64{0, frames - 1, frames / 2} {
			got, err := r.Read(after, 1000, 1<<30)
			if err != nil || len(got) != int(frames-after) || got[0].Number != after+1 || len(got[0].Payload) != size {
				t.Fatalf("after %d: %d frames, %v", after, len(got), err)
			}
		}
	}
}

// TestARoomThatIsClosedTakesNoMemoryForFrames.
func TestARoomThatIsClosedTakesNoMemoryForFrames(t *testing.T) {
	s := open(t, t.TempDir(), store.Options{})
	r := logtest.Open(t, s, "room")
	if _, err := logtest.Append(r, transport.Frame{Replica: 1, Counter: 1, Payload: make([]byte, 1000)}, 0); err != nil {
		t.Fatal(err)
	}
	if store.Recent(s) < 1000 {
		t.Error("the frame just stored is not in memory")
	}
	r.Release(time.Unix(1, 0))
	if got := store.Recent(s); got != 0 {
		t.Errorf("%d bytes are kept of a room nobody is in", got)
	}
}

// TestTooMuchThatWaitsIsRefusedInItsTurn, and what comes later is taken.
func TestTooMuchThatWaitsIsRefusedInItsTurn(t *testing.T) {
	held, hold := make(chan struct{}), make(chan struct{})
	first := true
	s := open(t, t.TempDir(), store.Options{QueueBytes: 10_000, Committed: func(store.Commit) {
		if first {
			first = false
			close(held)
			<-hold
		}
	}})
	r := logtest.Open(t, s, "room")
	<-held // the commit of the room itself
	var answers []error
	done := make(chan struct{})
	for counter := range uint64(10) {
		f := transport.Frame{Replica: 1, Counter: counter + 1, Payload: make([]byte, 2000)}
		r.Append(f, 0, func(_ uint64, err error) {
			if answers = append(answers, err); len(answers) == 10 {
				close(done)
			}
		})
	}
	close(hold)
	<-done
	stored := 0
	for _, err := range answers {
		if err == nil {
			stored++
		}
	}
	if stored == 0 || stored > 5 || !errors.Is(answers[stored], store.ErrBusy) {
		t.Errorf("%d of 10 frames of 2,000 bytes were stored, then %v; 10,000 may wait", stored, answers[stored])
	}
	if _, err := logtest.Append(r, transport.Frame{Replica: 1, Counter: uint64(stored) + 1}, 0); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// TestWhatNobodyNeedsIsDeleted from the file, after a restart, too.
func TestWhatNobodyNeedsIsDeleted(t *testing.T) {
	file := full(t)
	dir := filepath.Dir(file)
	s := open(t, dir, store.Options{})
	if n, err := s.Settle(time.Unix(1<<40, 0)); n != 3 || err != nil {
		t.Fatalf("%d settled, %v", n, err)
	}
	if n, err := s.Expire(time.Unix(1<<40, 0)); n != 3 || err != nil {
		t.Fatalf("%d expired, %v", n, err)
	}
	if err := s.Close(); err != nil { // before all of it is swept, perhaps
		t.Fatal(err)
	}
	s = open(t, dir, store.Options{})
	r := logtest.Open(t, s, "room 0")
	for n := uint64(1); ; n++ { // each commit sweeps some
		if _, err := logtest.Append(r, transport.Frame{Replica: 1, Counter: n}, 0); err != nil {
			t.Fatal(err)
		}
		if n == 20 {
			break
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if report, err := store.Check(dir, nil); err != nil || report.Waste != 0 || report.Rooms != 1 || report.Frames != 20 || len(report.Findings) > 0 {
		t.Errorf("%+v, %v", report, err)
	}
}

// TestAFolderThatCannotBeUsedIsNamed.
func TestAFolderThatCannotBeUsedIsNamed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(filepath.Join(file, "dir"), store.Options{}); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("%v", err)
	}
	if _, err := store.Check(filepath.Join(file, "none"), nil); err == nil {
		t.Error("a check of nothing")
	}
	if u, err := user.Current(); err != nil || u.Uid == "0" || runtime.GOOS == "windows" {
		return // nothing is forbidden
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(dir, store.Options{}); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("%v", err)
	}
}

// TestADiskThatIsReadOnlyIsSaidSo, mounted so for this test where that may be done.
func TestADiskThatIsReadOnlyIsSaidSo(t *testing.T) {
	dir := filepath.Dir(full(t))
	if out, err := exec.Command("mount", "--bind", dir, dir).CombinedOutput(); err != nil {
		t.Skipf("no file system may be mounted here: %s", out)
	}
	defer exec.Command("umount", dir).Run()
	if out, err := exec.Command("mount", "-o", "remount,ro,bind", dir).CombinedOutput(); err != nil {
		t.Skipf("no file system may be mounted here: %s", out)
	}
	if _, err := store.Open(dir, store.Options{}); err == nil || !strings.Contains(err.Error(), "read-only file system") {
		t.Errorf("opening: %v", err)
	}
	if report, err := store.Check(dir, nil); err != nil || report.Rooms != 3 {
		t.Errorf("checking: %+v, %v", report, err)
	}
}

// TestASmallDiskThatIsFull: a file system of 400 KB.
func TestASmallDiskThatIsFull(t *testing.T) {
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=600k", "none", dir).CombinedOutput(); err != nil {
		t.Skipf("no file system may be mounted here: %s", out)
	}
	defer exec.Command("umount", "-l", dir).Run()
	filler := filepath.Join(dir, "filler")
	s, err := store.Open(dir, store.Options{Retry: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	r := logtest.Open(t, s, "room")
	stored := uint64(0)
	put := func() error {
		f := transport.Frame{Replica: 1, Counter: stored + 1, Payload: payloadOf("room", 1, stored+1)}
		n, err := logtest.Append(r, f, 0)
		if err == nil {
			if stored++; n != stored {
				t.Fatalf("number %d, want %d", n, stored)
			}
		}
		return err
	}
	for range 5 {
		if err := put(); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filler, make([]byte, 600<<10), 0o600); err == nil {
		t.Fatal("the disk is not full")
	}
	for err = nil; err == nil; {
		err = put()
	}
	if !errors.Is(err, store.ErrUnavailable) || s.Err() == nil || !strings.Contains(err.Error(), "no space left") {
		t.Fatalf("on a full disk: %v; the store says %v", err, s.Err())
	}
	if got, err := r.Read(stored-1, 10, 1<<20); err != nil || len(got) != 1 {
		t.Errorf("what was stored last: %v, %v", got, err)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	before := stored
	for stored == before { // until it works again by itself
		if err := put(); err != nil && !errors.Is(err, store.ErrUnavailable) {
			t.Fatal(err)
		}
	}
	frames, err := r.Read(0, 1<<20, 1<<30)
	if err != nil || len(frames) != int(stored) {
		t.Fatalf("%d frames, %v; want %d", len(frames), err, stored)
	}
	for _, f := range frames {
		if string(f.Payload) != string(payloadOf("room", 1, f.Counter)) {
			t.Errorf("frame %d is not what was stored", f.Number)
		}
	}
}
