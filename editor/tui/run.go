package tui

import (
	"context"

	tea "charm.land/bubbletea/v2"
)

// FPS is the rate at which the terminal is written to at most where frames cannot be had on demand.
const FPS = 120

// Run runs the program on the terminal until the user quits or ctx ends. Program options are passed on, e.g. other input and
// output. What the user typed and did not save is in o.Editor afterwards, also when the error is a [*Crash].
func Run(ctx context.Context, o Options, options ...tea.ProgramOption) error {
	waiting, stop := context.WithCancel(ctx)
	defer stop()
	m := New(o)
	m.ctx = waiting
	g := &guard{model: m, end: stop}
	if o.Widths == WidthsWc {
		options = append(options, tea.WithFilter(func(_ tea.Model, msg tea.Msg) tea.Msg {
			if !o.Widths.hears(msg) {
				return nil
			}
			return msg
		}))
	}
	options = append([]tea.ProgramOption{tea.WithFPS(FPS)}, options...)
	program := newProgram(waiting, g, options...)
	// Quit, not tea.WithContext: a program that is killed closes the terminal under the goroutine that reads it, which may
	// then read from whatever file gets that number next.
	defer context.AfterFunc(waiting, program.Quit)()
	_, err := program.Run()
	if crash := g.err(); crash != nil {
		return crash
	}
	if err == nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// newProgram returns the program with frames on demand where it can, until ctx ends.
func newProgram(ctx context.Context, g *guard, options ...tea.ProgramOption) *tea.Program {
	program := tea.NewProgram(g, options...)
	if f, ok := newFrames(program); ok {
		g.frames = f
		go f.run(ctx)
	}
	return program
}
