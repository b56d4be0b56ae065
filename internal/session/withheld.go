package session

import (
	"fmt"
	"time"

	"coedit/presence"
	"coedit/rga"
	"coedit/transport/seal"
)

// A relay cannot read, alter or forge, but it can keep things back, from everybody or from some, and it can show an older
// log. Each participant says in its presence, which is sealed, how much of its own the relay has acknowledged and the hash of
// its version. So what is kept back shows at the latest when any later presence passes: something is missing that its author
// knows to be at the relay; or edits are here that build on others that are not; or two participants at rest have different
// versions, whichever of them lacks something.
//
// None of this is said at once: what is on its way looks the same for a moment.
const (
	withheldAfter  = 5 * time.Second  // for what is known to be at the relay
	differentAfter = 15 * time.Second // for versions that differ, when nobody edits
	compareEvery   = 250 * time.Millisecond
)

// withheld is the owner's knowledge of what the relay keeps back.
type withheld struct {
	claims map[rga.ReplicaID]claim
	held   time.Time // since when something here builds on what is not; zero: it does not
	quiet  time.Time // since when the own version is the same
	hash   uint64    // of that version
	looked time.Time // when all this was looked at
	told   bool
	text   string // what there is to say; "" nothing
}

// claim is what another participant says of itself.
type claim struct {
	sent    uint64 // own ticks that the relay has
	missing time.Time
	hash    uint64    // of its version
	since   time.Time // it has been the same
}

// claimed takes in what a presence says of the log.
func (p *Participant) claimed(now time.Time, s presence.State) {
	w := &p.withheld
	if w.claims == nil {
		w.claims = map[rga.ReplicaID]claim{}
	}
	if s.Left {
		delete(w.claims, s.Replica)
		return
	}
	c := w.claims[s.Replica]
	if room := p.sealer.sealed(); room != nil {
		if m, ok := room.Member(uint64(s.Replica)); !ok || m.Right < seal.Write {
			s.Sent = 0 // who may only read has written nothing that could be missing
		}
	}
	c.sent = max(c.sent, s.Sent)
	if c.hash != s.Hash || c.since.IsZero() {
		c.hash, c.since = s.Hash, now
	}
	w.claims[s.Replica] = c // bounded like peers.known
}

// compare holds what the others say against what is here, and returns when to look again.
func (p *Participant) compare(now time.Time) time.Duration {
	w := &p.withheld
	if p.net.state != Online || !p.net.caughtUp || p.restore.active {
		w.reset()
		return 0
	}
	if left := w.looked.Add(compareEvery).Sub(now); left > 0 && !w.looked.IsZero() {
		return left
	}
	w.looked = now
	if hash := versionHash(p.ed.Doc().Version()); hash != w.hash || w.quiet.IsZero() {
		w.hash, w.quiet = hash, now
	}
	wait, text := time.Duration(0), ""
	if count, _ := p.ed.Doc().Held(); count == 0 {
		w.held = time.Time{}
	} else if after := due(now, &w.held, withheldAfter); after <= 0 {
		text = "The relay keeps edits back that others have built on."
	} else {
		wait = sooner(wait, after)
	}
	for id, c := range w.claims {
		said, again := p.lacks(now, id, &c)
		w.claims[id] = c
		wait = sooner(wait, again)
		if text == "" {
			text = said
		}
	}
	p.say(text)
	return wait
}

// lacks says what is missing of one participant's, or what it seems to lack itself.
func (p *Participant) lacks(now time.Time, id rga.ReplicaID, c *claim) (text string, again time.Duration) {
	here := p.peers.known[id] != nil && p.peers.known[id].here
	if c.sent <= p.ed.Doc().Version()[id] || p.refusedAuthor(id) {
		c.missing = time.Time{}
	} else if again = due(now, &c.missing, withheldAfter); again <= 0 {
		return fmt.Sprintf("The relay keeps back what %s wrote.", p.nameOf(id)), 0
	}
	w := &p.withheld
	if !here || c.hash == w.hash || p.refusedAuthor(id) || !p.Drained() {
		return "", again
	}
	since := c.since
	if w.quiet.After(since) {
		since = w.quiet
	}
	if left := since.Add(differentAfter).Sub(now); left > 0 {
		return "", sooner(again, left)
	}
	return fmt.Sprintf("%s has not the same text as you: the relay keeps something back from one of you.", p.nameOf(id)), again
}

// refusedAuthor says whether what somebody writes is not taken, so that it is no wonder when it is missing.
func (p *Participant) refusedAuthor(id rga.ReplicaID) bool { return p.peers.told[id] }

// due begins to wait, or says how much longer.
func due(now time.Time, since *time.Time, after time.Duration) time.Duration {
	if since.IsZero() {
		*since = now
	}
	return since.Add(after).Sub(now)
}

// reset forgets how long things have been missing: without a connection that means nothing.
func (w *withheld) reset() {
	w.held, w.quiet = time.Time{}, time.Time{}
	for id, c := range w.claims {
		c.missing, c.since = time.Time{}, time.Time{}
		w.claims[id] = c
	}
}

// say tells when the relay begins to keep something back, and when it does not any more.
func (p *Participant) say(text string) {
	w := &p.withheld
	w.text = text
	switch {
	case text != "" && !w.told:
		w.told = true
		p.notice(Withheld, 0, text)
		p.refetch() // perhaps it was only this connection
	case text == "" && w.told:
		w.told = false
		p.notice(Withheld, 0, "What the relay kept back has arrived.")
	}
}
