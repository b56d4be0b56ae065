package tui

import (
	"io"
	"os/exec"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
)

// slowly is Bubble Tea's own rate in these tests: with it alone every key would wait for up to a second.
var slowly = tea.WithFPS(1)

func TestFramesComeOnDemand(t *testing.T) {
	f := newFixture(t, "text\n")
	tm := startTerminal(t, f, 40, 8, slowly)
	tm.settle()
	began := time.Now()
	for range 30 {
		tm.program.Send(keyPress("x"))
		tm.settle()
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("30 keys took %v: the program writes at its own rate", took)
	}
}

// TestNoFrameWithoutNeed counts how often the program would look at its view: an idle one never does.
func TestNoFrameWithoutNeed(t *testing.T) {
	f := newFixture(t, "text\n")
	p := tea.NewProgram(f.m, slowly)
	frames, ok := newFrames(p)
	if !ok {
		t.Fatal("this Bubble Tea keeps its frames otherwise: see frames.go")
	}
	sent := make(chan tea.Msg)
	frames.send = func(m tea.Msg) { sent <- m }
	go frames.run(t.Context())
	for _, msg := range []tea.Msg{keyPress("x"), newsMsg{}, tickMsg{}} {
		frames.after(msg)
		if m := <-sent; m != nil {
			t.Errorf("sent %T to the program, which would take it", m)
		}
		<-frames.tick
	}
	select {
	case <-sent:
		t.Error("a frame that nobody asked for")
	case <-frames.tick:
		t.Error("a tick that nobody asked for")
	default:
	}
}

func TestFramesOfOthersAreThrottled(t *testing.T) {
	frames := &frames{send: func(tea.Msg) {}, tick: make(chan time.Time), urgent: make(chan struct{}, 1), calm: make(chan struct{}, 1)}
	made := make(chan struct{}, 1000)
	frames.send = func(tea.Msg) { made <- struct{}{} }
	go frames.run(t.Context())
	began := time.Now()
	for n := 0; n < 10; {
		frames.after(newsMsg{})
		select {
		case <-made:
			n++
		default:
		}
	}
	if took := time.Since(began); took < 8*remoteFrame {
		t.Errorf("10 frames of others within %v", took)
	}
}

// nothing is a program that runs in the terminal's foreground for a moment.
type nothing struct{ *exec.Cmd }

func (nothing) Run() error          { return nil }
func (nothing) SetStdin(io.Reader)  {}
func (nothing) SetStdout(io.Writer) {}
func (nothing) SetStderr(io.Writer) {}

// TestFramesSurvive stops and starts the renderer, as suspending does, and resizes: the ticker is stopped and reset meanwhile.
func TestFramesSurvive(t *testing.T) {
	f := newFixture(t, "text\n")
	tm := startTerminal(t, f, 40, 8, slowly)
	tm.settle()
	for range 3 {
		if err := tm.program.ReleaseTerminal(); err != nil {
			t.Fatal(err)
		}
		if err := tm.program.RestoreTerminal(); err != nil {
			t.Fatal(err)
		}
		tm.program.Send(keyPress("y"))
		tm.settle()
		back := make(chan struct{})
		tm.program.Send(tea.Exec(nothing{}, func(error) tea.Msg { close(back); return tickMsg{} })())
		<-back
		tm.program.Send(keyPress("z"))
		tm.settle()
		tm.resize(60, 10)
		tm.settle()
		tm.resize(40, 8)
		tm.settle()
	}
	if f.text() != "yzyzyztext\n" {
		t.Errorf("text %q", f.text())
	}
}
