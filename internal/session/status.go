package session

import (
	"time"

	"coedit/presence"
	"coedit/transport/seal"
)

// LinkState is the state of the connection to the relay.
type LinkState int

// States of the connection.
const (
	Connecting LinkState = iota // no attempt has ended yet
	Online
	Offline // no connection; edits are kept and sent later
	Refused // for good; Status.Err says why
)

func (s LinkState) String() string {
	switch s {
	case Connecting:
		return "connecting"
	case Online:
		return "online"
	case Offline:
		return "offline"
	case Refused:
		return "refused"
	}
	return "unknown"
}

// Status is what there is to show about a participant.
type Status struct {
	State   LinkState
	Ready   bool          // the document is here
	Unacked int           // own edits that the relay has not acknowledged; counted one by one up to some thousands
	RetryIn time.Duration // Offline: until the next attempt
	RTT     time.Duration // smoothed; 0: unknown
	Detail  string        // what is being waited for, or why there is no connection; "" nothing to say
	Peers   []presence.State
	Self    presence.State
	Err     error // Offline, Refused: why

	Suite     string    // by which the room is sealed; "" while it is not known
	Integrity Integrity // what was refused
	Withheld  string    // what the relay seems to keep back, and from whom; "" nothing
}

// Progress says how much of the room's document has arrived, in bytes, and how much it is; zeros: none is arriving. It may be
// called from any goroutine.
func (p *Participant) Progress() (have, size int) {
	p.mu.Lock()
	client := p.client
	p.mu.Unlock()
	link := client.Status()
	return link.Received, link.Size
}

// Status says how things stand.
func (p *Participant) Status(now time.Time) Status {
	p.out.note(p.ed.Doc().Clock())
	link := p.client.Status()
	s := Status{
		State: p.net.state, Ready: p.Ready(), Unacked: len(p.out.edits),
		RTT: link.RTT, Self: p.me.state, Err: p.net.err, Integrity: p.integrity,
	}
	if s.State == Offline && link.RetryAt.After(now) {
		s.RetryIn = link.RetryAt.Sub(now)
	}
	if suite := p.sealer.suite(); suite != 0 {
		s.Suite = seal.SuiteName(suite)
	}
	s.Withheld = p.withheld.text
	s.Peers = p.roster.Present()
	s.Detail = p.detail()
	return s
}

func (p *Participant) detail() string {
	switch {
	case p.net.err != nil:
		return p.net.err.Error()
	case p.restore.blocks():
		return "restoring the document at the relay"
	case !p.Ready() && p.net.caughtUp:
		return "waiting for someone who has the document"
	}
	return ""
}
