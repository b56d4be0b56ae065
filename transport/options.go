package transport

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// Options of a client. Now and Rand are arguments so that a simulation can be replayed.
type Options struct {
	Dial     Dialer
	Room     string
	Replica  uint64 // not 0
	Manifest []byte // signed manifest: creates the room, or makes it again at a relay that lost it; nil where not (yet) known: then the one the first relay tells is kept for the next, which verifies it
	ReadOnly bool
	Resume   Cursor
	Counter  uint64 // last frame counter known to be acknowledged or given up; the first Publish has the next one
	// Restore says that the participant brings a document that the room may lack something of: the first Online says
	// Restore and Lost, whatever the relay has. Resume is zero then.
	Restore bool
	Agent   string // program and version, for the relay's log
	// MaxVersion is the newest protocol version to speak; 0: the newest there is. Older ones are for tests, and for
	// relays that misbehave with a newer one.
	MaxVersion uint32
	// Prove answers a relay's challenge; it is called on the goroutine of Run, once for a connection. An error that wraps
	// ErrRefused is final. Without it the participant speaks version 1.
	Prove func(Challenge) (Proof, error)
	Now   func() time.Time // nil: time.Now
	Rand  *rand.Rand       // nil: seeded by the runtime; used by the client's goroutine only
	// Limits; zero means the default.
	MaxUnacked  int // bytes of published, unacknowledged frames kept; Publish fails with ErrBacklog beyond (default 64 MiB)
	MaxSnapshot int // bytes of a snapshot accepted from the relay (default 64 MiB)
}

// withDefaults fills what was left open and panics where the program forgot what has no default.
func (o Options) withDefaults() Options {
	if o.Dial == nil || o.Replica == 0 {
		panic(fmt.Sprintf("transport: Options need Dial (nil: %t) and Replica (%d)", o.Dial == nil, o.Replica))
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Rand == nil {
		o.Rand = rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))
	}
	if o.MaxVersion == 0 {
		o.MaxVersion = Version
	}
	if o.Prove == nil {
		o.MaxVersion = min(o.MaxVersion, 1)
	}
	if o.MaxUnacked == 0 {
		o.MaxUnacked = DefaultMaxUnacked
	}
	if o.MaxSnapshot == 0 {
		o.MaxSnapshot = DefaultMaxSnapshot
	}
	if len(o.Agent) > MaxAgent {
		o.Agent = o.Agent[:MaxAgent]
	}
	return o
}
