package relaybench

import (
	"errors"
	"fmt"
	"time"
)

// Options of a run.
type Options struct {
	Rooms    int
	Clients  int           // in each room
	Rate     float64       // frames a second that each client publishes; 0: all are idle
	Duration time.Duration // of the load
	Payload  int           // bytes of an edit before it is sealed; 0: an edit is a keystroke, as the editor makes it
	Open     int           // clients of each room that open and verify what they get
	Slow     int           // clients that do not read while the load lasts
	Storm    bool          // afterwards the relay is killed and started again, and everybody comes back at once

	Relay   string   // URL of a relay; "" starts one
	Program string   // which is this program, as `serve`
	Serve   []string // further flags for it
	Memory  bool     // it keeps its rooms in memory
	FIFO    bool     // in its place one without flow control, for comparison
}

// Bounds of a run, so that a slip of the finger does not take the machine.
const (
	maxClients  = 30_000
	maxPublish  = 200_000 // frames a second of all clients together
	maxDuration = 10 * time.Minute
)

// ErrOptions is wrapped by what Check says.
var ErrOptions = errors.New("relaybench: options that make no sense")

// Check says what is wrong with the options.
func (o Options) Check() error {
	switch {
	case o.Rooms < 1 || o.Clients < 1 || o.Rooms*o.Clients > maxClients:
		return fmt.Errorf("%w: %d rooms of %d clients; at least one of each, and at most %d clients", ErrOptions, o.Rooms, o.Clients, maxClients)
	case o.Rate < 0 || o.Rate*float64(o.Rooms*o.Clients) > maxPublish:
		return fmt.Errorf("%w: %g frames a second from each of %d clients; at most %d together", ErrOptions, o.Rate, o.Rooms*o.Clients, maxPublish)
	case o.Duration <= 0 || o.Duration > maxDuration:
		return fmt.Errorf("%w: a load of %s; at most %s", ErrOptions, o.Duration, maxDuration)
	case o.Payload < 0 || o.Payload > 1<<20:
		return fmt.Errorf("%w: a payload of %d bytes; at most %d", ErrOptions, o.Payload, 1<<20)
	case o.Open < 0:
		return fmt.Errorf("%w: %d clients of each room open what they get", ErrOptions, o.Open)
	case o.Slow < 0 || o.Slow >= o.Rooms*o.Clients:
		return fmt.Errorf("%w: %d of %d clients do not read", ErrOptions, o.Slow, o.Rooms*o.Clients)
	case o.FIFO && (o.Relay != "" || o.Storm):
		return fmt.Errorf("%w: the relay without flow control is started here, and keeps nothing", ErrOptions)
	case o.Storm && o.Relay != "":
		return fmt.Errorf("%w: only a relay that is started here can be started again", ErrOptions)
	}
	return nil
}
