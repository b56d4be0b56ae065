package tui

import (
	"context"
	"reflect"
	"time"
	"unsafe"

	tea "charm.land/bubbletea/v2"
)

// remoteFrame is the least time between two frames that show only what others did, or that time has passed.
const remoteFrame = 16 * time.Millisecond

// frames writes to the terminal when there is something to write: at once for the user's own input, at most every remoteFrame
// for everything else, and never when nothing happened. Bubble Tea by itself looks at a fixed rate whether the view has changed,
// so a key waits for half a frame and an idle program wakes up all the time; see docs/adr/0026.
//
// Bubble Tea writes whenever its ticker ticks. The program gets a ticker of ours, which ticks on demand.
type frames struct {
	send func(tea.Msg)  // to the program; blocks until its loop takes the message or it has ended
	tick chan time.Time // of the program's ticker: one frame asked for is enough, since it shows the newest view

	urgent chan struct{} // a frame for the user
	calm   chan struct{} // a frame for the rest
}

// newFrames takes over the ticker of a program that does not run yet. false: this Bubble Tea keeps its frames otherwise than is
// known here, and writes at its own rate.
func newFrames(p *tea.Program) (*frames, bool) {
	f := &frames{send: p.Send, tick: make(chan time.Time, 1), urgent: make(chan struct{}, 1), calm: make(chan struct{}, 1)}
	field := reflect.ValueOf(p).Elem().FieldByName("ticker")
	if !field.IsValid() || field.Type() != reflect.TypeFor[*time.Ticker]() || !field.IsNil() {
		return nil, false
	}
	ticker := time.NewTicker(time.Hour) // a real one, because the program resets and stops it
	ticker.C = f.tick
	reflect.NewAt(field.Type(), unsafe.Pointer(field.UnsafeAddr())).Elem().Set(reflect.ValueOf(ticker))
	return f, true
}

// after asks for the frame that shows what a message led to. It does not block. nil frames do nothing.
func (f *frames) after(msg tea.Msg) {
	if f == nil {
		return
	}
	ask := f.calm
	switch msg.(type) {
	case tea.KeyMsg, tea.PasteMsg, tea.MouseMsg, tea.WindowSizeMsg:
		ask = f.urgent
	}
	select {
	case ask <- struct{}{}:
	default: // asked for already
	}
}

// run makes the frames until ctx ends. It needs a goroutine of its own.
func (f *frames) run(ctx context.Context) {
	last := time.Time{}
	rest := time.NewTimer(0)
	defer rest.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-f.urgent:
		case <-f.calm:
			rest.Reset(time.Until(last.Add(remoteFrame)))
			select {
			case <-ctx.Done():
				return
			case <-f.urgent:
			case <-rest.C:
			}
		}
		// The program's loop drops a nil message, and takes it only when it has handed the view over that the message before led to.
		f.send(nil)
		select {
		case f.tick <- time.Time{}:
		default:
		}
		last = time.Now()
	}
}
