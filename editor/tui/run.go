package tui

import (
	"context"
	"errors"

	tea "charm.land/bubbletea/v2"
)

// FPS is the rate at which the terminal is written to at most.
const FPS = 120

// Run runs the program on the terminal until the user quits or ctx ends. Program options are passed on, e.g. other input and
// output. What the user typed and did not save is in o.Editor afterwards, also when the error is a [*Crash].
func Run(ctx context.Context, o Options, options ...tea.ProgramOption) error {
	waiting, stop := context.WithCancel(ctx)
	defer stop()
	m := New(o)
	m.ctx = waiting
	g := &guard{model: m, end: stop}
	options = append([]tea.ProgramOption{tea.WithFPS(FPS), tea.WithContext(waiting)}, options...)
	_, err := tea.NewProgram(g, options...).Run()
	if crash := g.err(); crash != nil {
		return crash
	}
	if ctx.Err() != nil && errors.Is(err, tea.ErrProgramKilled) && !errors.Is(err, tea.ErrProgramPanic) {
		return context.Cause(ctx)
	}
	return err
}
