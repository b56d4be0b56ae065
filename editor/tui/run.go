package tui

import (
	"context"
	"errors"

	tea "charm.land/bubbletea/v2"
)

// FPS is the rate at which the terminal is written to at most.
const FPS = 120

// Run runs the program on the terminal until the user quits or ctx ends. Program options are passed on, e.g. other input and
// output. What the user typed and did not save is in o.Editor afterwards.
func Run(ctx context.Context, o Options, options ...tea.ProgramOption) error {
	waiting, stop := context.WithCancel(ctx)
	defer stop()
	m := New(o)
	m.ctx = waiting
	options = append([]tea.ProgramOption{tea.WithFPS(FPS), tea.WithContext(ctx)}, options...)
	_, err := tea.NewProgram(m, options...).Run()
	if ctx.Err() != nil && errors.Is(err, tea.ErrProgramKilled) && !errors.Is(err, tea.ErrProgramPanic) {
		return context.Cause(ctx)
	}
	return err
}
