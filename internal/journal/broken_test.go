package journal

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// A journal that cannot be written any more does not hold up what waits for it, and says by its name that it is not whole.
func TestDiskFails(t *testing.T) {
	d := Dir{t.TempDir()}
	w, err := d.Create(Options{}, About{Role: "join", Room: "room"})
	if err != nil {
		t.Fatal(err)
	}
	written := make(chan struct{})
	w.Append(func() { close(written) }, Frame{Counter: 1, Payload: []byte("p")})
	<-written
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("skipped: this system has no /dev/full")
	}
	swapped := make(chan struct{})
	w.Append(func() { // on the writer's goroutine
		w.log.Close()
		w.log = full
		close(swapped)
	})
	<-swapped
	told := make(chan bool, 1)
	w.Append(func() {
		_, err := os.Stat(filepath.Join(d.Path, w.Name(), behindName))
		told <- err == nil
	}, Frame{Counter: 2, Payload: []byte("p")})
	if !<-told {
		t.Error("what waited was told before the journal's name said that it is behind")
	}
	if w.Err() == nil {
		t.Error("nobody is told that the disk is full")
	}
	w.Append(nil, Frame{Counter: 3, Payload: []byte("p")})
	if err := w.Close(); err == nil {
		t.Error("closed without a word")
	}
	taken, err := d.Take(w.Name(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	if taken.State.Intact || taken.State.Counter != 1 {
		t.Errorf("a journal that was given up: intact %v, counter %d", taken.State.Intact, taken.State.Counter)
	}
}

// A disk that does not answer costs bounded memory, and the journal then counts as not whole.
func TestDiskHangs(t *testing.T) {
	d := Dir{t.TempDir()}
	w, err := d.Create(Options{}, About{Role: "join", Room: "room"})
	if err != nil {
		t.Fatal(err)
	}
	hangs, answers := make(chan struct{}), make(chan struct{})
	w.Append(func() {
		close(hangs)
		<-answers
	})
	<-hangs
	batch := make([]byte, 1<<20)
	for range maxWaiting>>20 + 8 {
		w.Append(nil, Batch{batch})
	}
	if !errors.Is(w.Err(), ErrBehind) {
		t.Errorf("%d MiB wait, and the journal says %v", maxWaiting>>20+8, w.Err())
	}
	close(answers)
	if err := w.Close(); !errors.Is(err, ErrBehind) {
		t.Errorf("closed: %v", err)
	}
	if _, err := os.Stat(filepath.Join(d.Path, w.Name(), behindName)); err != nil {
		t.Errorf("its name does not say that it is behind: %v", err)
	}
}
