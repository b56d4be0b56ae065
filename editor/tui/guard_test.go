package tui

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
)

// faulty is a model with a bug somewhere.
type faulty struct {
	update, view bool
	cmd          tea.Cmd
}

func (f faulty) Init() tea.Cmd { return f.cmd }

func (f faulty) Update(tea.Msg) (tea.Model, tea.Cmd) {
	if f.update {
		panic("a bug in Update")
	}
	return f, nil
}

func (f faulty) View() tea.View {
	if f.view {
		panic("a bug in View")
	}
	v := tea.NewView("text")
	v.AltScreen = true
	return v
}

// A bug anywhere ends the program with the panic as its error; the terminal is restored and shows no stack trace.
func TestCrash(t *testing.T) {
	bad := func() tea.Msg { panic("a bug in a command") }
	for what, m := range map[string]faulty{
		"Update":    {update: true},
		"View":      {view: true},
		"a command": {cmd: bad},
		"one of":    {cmd: tea.Batch(func() tea.Msg { return nil }, bad)},
	} {
		ctx, end := context.WithCancel(t.Context())
		g := &guard{model: m, end: end}
		var out bytes.Buffer
		input, _ := io.Pipe()
		_, err := tea.NewProgram(g, tea.WithContext(ctx), tea.WithInput(input), tea.WithOutput(&out), tea.WithWindowSize(40, 10),
			tea.WithoutSignals(), tea.WithEnvironment([]string{"TERM=xterm-256color"})).Run()
		input.Close()
		end()
		crash := g.err()
		if crash == nil || !strings.Contains(crash.Error(), "a bug in") || len(crash.Stack) == 0 {
			t.Errorf("%s: crash %v", what, crash)
		}
		if errors.Is(err, tea.ErrProgramPanic) {
			t.Errorf("%s: Bubble Tea saw the panic", what)
		}
		if s := out.String(); strings.Contains(s, "goroutine") || strings.LastIndex(s, "\x1b[?1049h") > strings.LastIndex(s, "\x1b[?1049l") {
			t.Errorf("%s: the terminal was left with %q", what, s)
		}
	}
}

// Run gives back the panic.
func TestRunCrash(t *testing.T) {
	f := newFixture(t, "text", shared)
	input, keys := io.Pipe()
	defer keys.Close()
	f.ed.OnChange(nil) // panics with the first key
	go io.WriteString(keys, "x")
	err := runProgram(t.Context(), f, input)
	if crash, ok := errors.AsType[*Crash](err); !ok || len(crash.Stack) == 0 {
		t.Errorf("error %v", err)
	}
}
