package tui

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"
	"go.uber.org/goleak"
)

// terminal runs a program in an emulated terminal.
type terminal struct {
	t       testing.TB
	f       *fixture
	program *tea.Program
	em      *vt.Emulator
	mu      sync.Mutex // guards em, raw and wrote
	raw     bytes.Buffer
	wrote   chan struct{} // closed and replaced with each write
	ended   chan error
}

// Write is the program's output. The emulator takes no bare LF for a new line, which the renderer sends where its input is no terminal.
func (tm *terminal) Write(b []byte) (int, error) {
	tm.mu.Lock()
	defer tm.mu.Unlock()
	tm.raw.Write(b)
	if _, err := tm.em.Write(bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n"))); err != nil {
		return 0, err
	}
	close(tm.wrote)
	tm.wrote = make(chan struct{})
	return len(b), nil
}

// probe lets a test look at the model between two messages.
type probe struct{ *Model }

type lookMsg struct {
	look func(*Model)
	done chan struct{}
}

func (p probe) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if l, ok := msg.(lookMsg); ok {
		l.look(p.Model)
		close(l.done)
		return p, nil
	}
	_, cmd := p.Model.Update(msg)
	return p, cmd
}

// startTerminal runs the fixture's program in a terminal of a size.
func startTerminal(t testing.TB, f *fixture, width, height int, options ...tea.ProgramOption) *terminal {
	t.Helper()
	tm := &terminal{t: t, f: f, em: vt.NewEmulator(width, height), wrote: make(chan struct{}), ended: make(chan error, 1)}
	input, answers := io.Pipe()
	go io.Copy(answers, tm.em)
	ctx, cancel := context.WithCancel(context.Background())
	f.m.ctx = ctx
	options = append([]tea.ProgramOption{
		tea.WithInput(input), tea.WithOutput(tm), tea.WithWindowSize(width, height), tea.WithFPS(FPS), tea.WithoutSignals(),
		tea.WithContext(ctx), tea.WithEnvironment([]string{"TERM=xterm-256color"}), tea.WithColorProfile(colorprofile.TrueColor),
	}, options...)
	tm.program = newProgram(ctx, &guard{model: probe{f.m}, end: cancel}, options...)
	go func() {
		_, err := tm.program.Run()
		tm.ended <- err
	}()
	t.Cleanup(func() {
		cancel()
		go io.Copy(io.Discard, input) // answers that the program does not read any more must not hold up what it still writes
		tm.program.Wait()
		tm.em.InputPipe().(io.Closer).Close() // ends the copying; the emulator's own Close would race with its Read
		answers.Close()
	})
	return tm
}

// look runs f where the model belongs to.
func (tm *terminal) look(f func(*Model)) {
	tm.t.Helper()
	l := lookMsg{f, make(chan struct{})}
	tm.program.Send(l)
	select {
	case <-l.done:
	case <-time.After(time.Minute):
		tm.t.Fatal("the program does not answer")
	}
}

// until waits for a condition on the model; every message may bring it about.
func (tm *terminal) until(what string, cond func(*Model) bool) {
	tm.t.Helper()
	for end := time.Now().Add(10 * time.Second); ; {
		ok := false
		tm.look(func(m *Model) { ok = cond(m) })
		if ok {
			return
		}
		if time.Now().After(end) {
			tm.t.Fatalf("did not happen: %s", what)
		}
	}
}

// settle waits until the terminal shows the program's view, cursor included.
func (tm *terminal) settle() {
	tm.t.Helper()
	var want, got string
	deadline := time.After(time.Minute)
	for {
		tm.look(func(m *Model) {
			want = dump(drawn(m.View(), m.width, m.height, m.widths.method), m.width, m.height) + cursorText(m.View().Cursor)
		})
		tm.mu.Lock()
		got = dump(tm.em, tm.em.Width(), tm.em.Height())
		if p := tm.em.CursorPosition(); strings.HasSuffix(want, cursorText(&tea.Cursor{Position: tea.Position{X: p.X, Y: p.Y}})) {
			got += cursorText(&tea.Cursor{Position: tea.Position{X: p.X, Y: p.Y}})
		} else if strings.HasSuffix(want, cursorText(nil)) {
			got += cursorText(nil)
		}
		wrote := tm.wrote
		tm.mu.Unlock()
		if want == got {
			return
		}
		select {
		case <-wrote:
		case <-time.After(10 * time.Millisecond): // the program may have changed its mind, and written that before we looked
		case <-deadline:
			tm.t.Fatalf("the terminal shows\n%s\nthe program means\n%s", got, want)
		}
	}
}

func cursorText(c *tea.Cursor) string {
	if c == nil {
		return "no cursor\n"
	}
	return fmt.Sprintf("cursor %d,%d\n", c.X, c.Y)
}

type cells interface{ CellAt(x, y int) *uv.Cell }

// dump is the text of a screen.
func dump(s cells, width, height int) string {
	var sb strings.Builder
	for y := range height {
		sb.WriteString(strings.TrimRight(rowText(func(x int) *uv.Cell { return s.CellAt(x, y) }, width), " "))
		sb.WriteByte('\n')
	}
	return sb.String()
}

func TestTerminalShowsTheView(t *testing.T) {
	f := newFixture(t, "package main\n\n// 日本語 e\u0301 👩‍👩‍👧‍👦 ❤️ done\n", shared, hosting)
	tm := startTerminal(t, f, 60, 12)
	tm.settle()
	for _, k := range []string{"down", "down", "end", "left", "left", "left", "left", "left", "left", "left"} {
		tm.program.Send(keyPress(k))
		tm.settle()
	}
	tm.program.Send(tea.PasteMsg{Content: "👍🏽 \x1b[31mred\x1b[m\u009b1m\x90q\x07"})
	tm.settle()
	tm.program.Send(keyPress("f1"))
	tm.settle()
	tm.program.Send(keyPress("esc"))
	tm.settle()
	tm.program.Send(keyPress("ctrl+q"))
	tm.settle()
	tm.program.Send(keyPress("y"))
	select {
	case err := <-tm.ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(time.Minute):
		t.Fatal("does not quit")
	}
}

func TestWidthsFollowTheTerminal(t *testing.T) {
	f := newFixture(t, "👩‍👩‍👧‍👦x")
	if f.m.widths.method != ansi.WcWidth {
		t.Fatal("does not begin with wcwidth")
	}
	tm := startTerminal(t, f, 60, 5)
	tm.program.Send(keyPress("end"))
	tm.settle()
	tm.look(func(m *Model) {
		if c := m.View().Cursor; c == nil || c.X != m.gutterWidth()+9 {
			t.Errorf("by wcwidth: cursor %+v", c)
		}
	})
	// The emulator understands mode 2027 but says nothing of it; its answer comes from here.
	tm.program.Send(tea.ModeReportMsg{Mode: ansi.ModeUnicodeCore, Value: ansi.ModeReset})
	tm.until("the answer about mode 2027 changes the widths", func(m *Model) bool { return m.widths.method == ansi.GraphemeWidth })
	tm.settle()
	tm.look(func(m *Model) {
		if c := m.View().Cursor; c == nil || c.X != m.gutterWidth()+3 {
			t.Errorf("cursor %+v", c)
		}
	})
}

func TestRunEnds(t *testing.T) {
	t.Run("by the user", func(t *testing.T) {
		defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
		f := newFixture(t, "text", shared)
		input, keys := io.Pipe()
		go func() {
			io.WriteString(keys, "x\x11") // Ctrl+Q
			keys.Close()
		}()
		if err := runProgram(t.Context(), f, input); err != nil {
			t.Error(err)
		}
		if f.text() != "xtext" {
			t.Errorf("text %q", f.text())
		}
	})
	t.Run("from outside", func(t *testing.T) {
		defer goleak.VerifyNone(t, goleak.IgnoreCurrent(),
			goleak.IgnoreAnyFunction("github.com/charmbracelet/ultraviolet.(*TerminalReader).StreamEvents")) // stays with a key that nobody takes any more
		f := newFixture(t, "text", shared)
		why := errors.New("terminated")
		ctx, cancel := context.WithCancelCause(t.Context())
		input, keys := io.Pipe()
		before := f.session.flushes.Load()
		go func() {
			io.WriteString(keys, "x")
			for f.session.flushes.Load() == before { // until the program runs
				runtime.Gosched()
			}
			cancel(why)
			keys.Close()
		}()
		if err := runProgram(ctx, f, input); !errors.Is(err, why) {
			t.Errorf("error %v", err)
		}
	})
}

// runProgram is Run with a terminal that only reads.
func runProgram(ctx context.Context, f *fixture, input io.Reader) error {
	return Run(ctx, Options{Editor: f.ed, Session: f.session, Name: "text"}, tea.WithInput(input), tea.WithOutput(io.Discard),
		tea.WithWindowSize(40, 10), tea.WithoutSignals(), tea.WithEnvironment([]string{"TERM=dumb"}))
}

// TestTerminalFollowsAScript plays random scripts through the renderer: after every few steps the terminal, which saw only what changed,
// shows what the program means.
func TestTerminalFollowsAScript(t *testing.T) {
	texts := slices.DeleteFunc(slices.Clone(scriptText), func(s string) bool {
		// The emulator gives the one no cell and half a flag always two; the renderer goes by wcwidth at first.
		return s == "\u0600" || s == "🇳🇱🇳"
	})
	for seed := range 12 {
		f := newFixture(t, "one\n\ttwo 日本\nthree\n", shared, hosting)
		tm := startTerminal(t, f, 60, 16)
		tm.settle()
		script := scriptOf(uint64(seed)+1000, 150)
		next := func() int {
			if len(script) == 0 {
				return 0
			}
			b := script[0]
			script = script[1:]
			return int(b)
		}
		for len(script) > 0 {
			width, height, method := 0, 0, ansi.WcWidth
			tm.look(func(m *Model) {
				before := m.widths.method
				step(f, next, texts)
				m.quitting, m.leaving = false, false // the script goes on
				width, height = m.width, m.height
				if method = m.widths.method; method != before {
					m.widths.method = before // the renderer has to hear of it first
				}
			})
			tm.resize(width, height)
			if method == ansi.GraphemeWidth {
				tm.program.Send(tea.ModeReportMsg{Mode: ansi.ModeUnicodeCore, Value: ansi.ModeReset})
			}
			if len(script)%3 == 0 {
				tm.settle()
			}
		}
		tm.settle()
	}
}

// resize makes the terminal another size, if it is not that already.
func (tm *terminal) resize(width, height int) {
	tm.mu.Lock()
	same := tm.em.Width() == width && tm.em.Height() == height
	if !same {
		tm.em.Resize(width, height)
	}
	tm.mu.Unlock()
	if !same {
		tm.program.Send(tea.WindowSizeMsg{Width: width, Height: height})
	}
}
