package tui

import (
	"context"
	"errors"

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
	options = append([]tea.ProgramOption{tea.WithFPS(FPS), tea.WithContext(waiting)}, options...)
	_, err := newProgram(waiting, g, options...).Run()
	if crash := g.err(); crash != nil {
		return crash
	}
	if ctx.Err() != nil && errors.Is(err, tea.ErrProgramKilled) && !errors.Is(err, tea.ErrProgramPanic) {
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
