package main

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"coedit/internal/screen"
)

// rhythm is the time between two words of a writer.
const rhythm = 40 * time.Millisecond

// writer types words into lines of their own, in a steady rhythm but each only once the former is drawn, until told to stop.
type writer struct {
	*editorTerm
	prefix string
	words  []string      // typed so far, to be read after the end
	drawn  atomic.Int64  // words drawn so far
	stop   chan struct{} // closed: after the present word
	ended  chan struct{}
}

func (e *editorTerm) write(prefix string) *writer {
	w := &writer{editorTerm: e, prefix: prefix, stop: make(chan struct{}), ended: make(chan struct{})}
	go w.run()
	return w
}

func (w *writer) run() {
	defer close(w.ended)
	beat := time.NewTicker(rhythm)
	defer beat.Stop()
	for n := 1; ; n++ {
		select {
		case <-w.stop:
			return
		case <-beat.C:
		}
		word := fmt.Sprintf("%s%d.", w.prefix, n)
		if n%15 == 0 {
			word += "\n"
		}
		w.words = append(w.words, word)
		w.Type(strings.ReplaceAll(word, "\n", screen.Enter))
		if _, err := w.WaitFor(soon, screen.Shows(strings.TrimSpace(word))); err != nil {
			w.t.Errorf("%s types %q: %v", w.name, word, err)
			return
		}
		w.drawn.Add(1)
	}
}

// goesOn waits until the writer has typed some more words and seen them drawn.
func (w *writer) goesOn(p *place, words int64) {
	w.t.Helper()
	from := w.drawn.Load()
	p.until(fmt.Sprintf("%s types %d more words", w.name, words), func() bool { return w.drawn.Load() >= from+words })
}

// end stops the writer and returns what was typed.
func (w *writer) end() string {
	close(w.stop)
	<-w.ended
	return strings.Join(w.words, "")
}

// The relay is killed while two people type, and started again at the same port, without any memory. Both see that they
// are disconnected, go on typing, come back by themselves, and end with the same text: nothing lost, nothing doubled.
func TestRelayKilledAndRestarted(t *testing.T) {
	p := newPlace(t)
	relay, address := p.relay("127.0.0.1:0")
	path := p.file("notes.txt", "ann:\n\nbob:\n")
	ann, link, _ := p.share("ann", path, "--relay", "http://"+address)
	bob := p.join("bob", link)
	both := []*editorTerm{ann, bob}

	// Each in a part of their own, so that there is only one right text.
	ann.Type(screen.End)
	ann.until("ann is behind her name", caretAt(1, 5))
	bob.Type(screen.Down + screen.Down + screen.End)
	bob.until("bob is behind his name", caretAt(3, 5))
	for _, e := range both { // room for everything that will be typed
		if err := e.Resize(120, 100); err != nil {
			t.Fatal(err)
		}
		e.until("the screen is large", func(s screen.Screen) bool { return s.Contains("online") && s.Row(99) != "" })
	}
	anns, bobs := ann.write("a"), bob.write("b")
	anns.goesOn(p, 3)
	bobs.goesOn(p, 3)

	if err := relay.Kill(); err != nil {
		t.Fatal(err)
	}
	for _, e := range both {
		e.until("the end of the connection is seen", screen.Shows("offline"))
	}
	anns.goesOn(p, 5)
	bobs.goesOn(p, 5)
	var unsent sync.WaitGroup
	for _, e := range both {
		unsent.Go(func() {
			e.until("edits without an acknowledgement are counted", func(s screen.Screen) bool {
				return s.Contains("edits not sent") || s.Contains("unsent")
			})
		})
	}
	unsent.Wait()
	p.relay(address)
	for _, e := range both {
		e.until("the connection is back", func(s screen.Screen) bool { return s.Contains("online") && !s.Contains("offline") })
	}
	anns.goesOn(p, 3)
	bobs.goesOn(p, 3)

	want := "ann:" + anns.end() + "\n\nbob:" + bobs.end() + "\n"
	for _, e := range both {
		e.settled()
		e.until("everything typed is there, once", shows(want))
	}
	if got := p.cat(link); got != want {
		t.Errorf("cat prints %q, typed was %q", got, want)
	}
	ann.Type(screen.Ctrl('s'))
	ann.until("the file is saved", screen.Shows("Saved notes.txt"))
	if got := p.read(path); got != want {
		t.Errorf("the file holds %q, typed was %q", got, want)
	}
}
