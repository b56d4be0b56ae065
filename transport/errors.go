package transport

import (
	"errors"
	"fmt"
)

// Sentinels of this package; returned errors wrap them.
var (
	ErrRefused  = errors.New("transport: refused by the relay") // final; wraps a *Refusal
	ErrBacklog  = errors.New("transport: too much is waiting for the relay")
	ErrTooLarge = errors.New("transport: message over the limit")
	ErrProtocol = errors.New("transport: not a coedit relay, or a damaged message")
	ErrConnect  = errors.New("transport: cannot connect")                  // wrapped by a *ConnectError
	ErrOrder    = errors.New("transport: frame counters must be in order") // Publish with another counter than the next
	ErrLost     = errors.New("transport: the connection was lost")
	ErrClosed   = errors.New("transport: the client has ended")
	errSilent   = fmt.Errorf("%w: nothing was heard from the relay for too long", ErrLost)
)

// Refusal is why a relay refused, in a sentence for the user. It unwraps to ErrRefused.
type Refusal struct {
	Code RefusalCode
	Text string
}

func (r *Refusal) Error() string { return r.Text }

// Unwrap makes errors.Is(err, ErrRefused) true.
func (r *Refusal) Unwrap() error { return ErrRefused }

// RefusalCode says which kind of refusal it is.
type RefusalCode int

// The kinds of refusal. All are final: trying again cannot help.
const (
	RefusedVersion  RefusalCode = iota + 1 // no common protocol version
	RefusedNoRoom                          // no such room here
	RefusedRights                          // a read-only participant tried to write, a manifest that does not fit the room
	RefusedLimit                           // over one of the relay's limits
	RefusedConflict                        // the same op_id with other bytes
	RefusedProtocol                        // we broke the protocol
	RefusedBehind                          // the relay has frames of ours that we do not know of
	RefusedClosed                          // the owner closed the room
	RefusedSuite                           // the room's cipher suite is not the one that somebody asks for
)

// ConnectError says that no connection to a relay came about. It wraps ErrConnect and the cause.
type ConnectError struct {
	Host string // host:port
	Err  error
}

func (e *ConnectError) Error() string {
	return fmt.Sprintf("cannot connect to the relay at %s (%v): is it running, and is the address right?", e.Host, e.Err)
}

// Unwrap gives ErrConnect and the cause.
func (e *ConnectError) Unwrap() []error { return []error{ErrConnect, e.Err} }

// NotRelayError says that something answered at the address, but no coedit relay. It wraps ErrProtocol.
type NotRelayError struct {
	Host   string
	Answer string // what it answered, in a few words
}

func (e *NotRelayError) Error() string {
	return fmt.Sprintf("%s answers, but it is not a coedit relay (%s): check the host and port of the link", e.Host, e.Answer)
}

// Unwrap makes errors.Is(err, ErrProtocol) true.
func (e *NotRelayError) Unwrap() error { return ErrProtocol }
