package screen

import (
	"io"
	"sync"

	"github.com/charmbracelet/x/vt"
)

// keptOutput bounds the bytes of output kept for [Terminal.Output].
const keptOutput = 4 << 20

// emulator is the screen behind a lock, with a way to wait for its next state.
type emulator struct {
	mu      sync.Mutex
	vt      *vt.Emulator
	shown   bool          // the cursor is
	title   string        // set by the program
	output  []byte        // the newest bytes written, at most keptOutput
	changed chan struct{} // closed when the next state is there
}

func newEmulator(columns, rows int) *emulator {
	e := &emulator{vt: vt.NewEmulator(columns, rows), shown: true, changed: make(chan struct{})}
	e.vt.SetCallbacks(vt.Callbacks{
		CursorVisibility: func(visible bool) { e.shown = visible },
		Title:            func(title string) { e.title = title },
	})
	// The emulator measures grapheme clusters but does not list the mode among those it knows until it was set once.
	_, _ = e.vt.WriteString("\x1b[?2027l")
	return e
}

// write shows output. The emulator's answers to queries must be read meanwhile: see replies.
func (e *emulator) write(p []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.output = keep(e.output, p)
	_, _ = e.vt.Write(p) // fails only when closed, which it never is
	e.announce()
}

// keep appends output to what is kept of it, and drops the oldest once that is twice as much as must be kept.
func keep(kept, p []byte) []byte {
	kept = append(kept, p...)
	if extra := len(kept) - keptOutput; extra > keptOutput {
		kept = append([]byte(nil), kept[extra:]...)
	}
	return kept
}

func (e *emulator) resize(columns, rows int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.vt.Resize(columns, rows)
	e.announce()
}

// announce wakes everyone who waits for the next state; e.mu is held.
func (e *emulator) announce() {
	close(e.changed)
	e.changed = make(chan struct{})
}

// replies passes what the emulated terminal itself sends (answers to queries) to send until close is called.
func (e *emulator) replies(send func([]byte)) {
	buf := make([]byte, 4096)
	for {
		n, err := e.vt.Read(buf)
		if n > 0 {
			send(append([]byte(nil), buf[:n]...))
		}
		if err != nil {
			return
		}
	}
}

// close ends replies. The emulator's own Close would race with its Read.
func (e *emulator) close() {
	if pipe, ok := e.vt.InputPipe().(*io.PipeWriter); ok {
		_ = pipe.Close()
	}
}

// snapshot returns the present state and a channel that is closed when there is another.
func (e *emulator) snapshot() (Screen, <-chan struct{}) {
	e.mu.Lock()
	defer e.mu.Unlock()
	at := e.vt.CursorPosition()
	s := Screen{
		Columns: e.vt.Width(), Rows: e.vt.Height(),
		CursorX: at.X, CursorY: at.Y, CursorShown: e.shown, Title: e.title,
	}
	s.cells = make([]Cell, 0, s.Columns*s.Rows)
	for y := range s.Rows {
		for x := range s.Columns {
			s.cells = append(s.cells, cellOf(e.vt.CellAt(x, y)))
		}
	}
	return s, e.changed
}

// written returns the newest bytes of output.
func (e *emulator) written() []byte {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]byte(nil), e.output...)
}

// openTail returns the length of the text at the end of a chunk that the next chunk may still extend: the last
// character with the marks behind it. The emulator would draw both halves of a cluster as characters of their own.
func openTail(p []byte) int {
	const longest = 64 // bytes of a cluster worth waiting for
	n := 0
	for n < len(p) && n < longest && p[len(p)-1-n] >= 0x80 {
		n++
	}
	if n < len(p) && p[len(p)-1-n] > ' ' && p[len(p)-1-n] < 0x7f {
		n++
	}
	return n
}
