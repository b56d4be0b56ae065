package tui

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"

	tea "charm.land/bubbletea/v2"
)

// Crash is the error of [Run] after a panic, which is a bug of ours. The terminal is as it was before.
type Crash struct {
	Value any    // of the panic
	Stack []byte // where it happened, for a report
}

func (c *Crash) Error() string { return fmt.Sprint(c.Value) }

// guard stands between Bubble Tea and the model. Bubble Tea would answer a panic with a stack trace on the screen; the guard
// ends the program in the ordinary way, which restores the terminal, and keeps the panic for who started it.
type guard struct {
	model  tea.Model
	end    context.CancelFunc // ends the program
	frames *frames            // nil: the program writes at a fixed rate

	mu    sync.Mutex // guards crash: commands run in goroutines of their own
	crash *Crash     // the first one; the model is not used after it
}

// crashed is deferred around everything that is ours.
func (g *guard) crashed() {
	if r := recover(); r != nil {
		g.mu.Lock()
		if g.crash == nil {
			g.crash = &Crash{r, debug.Stack()}
		}
		g.mu.Unlock()
		g.end()
	}
}

func (g *guard) err() *Crash {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.crash
}

func (g *guard) Init() (cmd tea.Cmd) {
	defer g.crashed()
	g.frames.after(nil)
	return g.watch(g.model.Init())
}

func (g *guard) Update(msg tea.Msg) (_ tea.Model, cmd tea.Cmd) {
	defer g.crashed()
	if g.err() == nil {
		_, cmd = g.model.Update(msg)
	}
	g.frames.after(msg)
	return g, g.watch(cmd)
}

func (g *guard) View() (v tea.View) {
	defer g.crashed()
	if g.err() == nil {
		v = g.model.View()
	}
	return v
}

// watch guards a command, and those that it leads to.
func (g *guard) watch(cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	return func() (msg tea.Msg) {
		defer g.crashed()
		msg = cmd()
		if batch, ok := msg.(tea.BatchMsg); ok {
			for i := range batch {
				batch[i] = g.watch(batch[i])
			}
		}
		return msg
	}
}
