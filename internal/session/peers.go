package session

import (
	"fmt"
	"hash/fnv"
	"slices"
	"time"

	"coedit/presence"
	"coedit/rga"
	"coedit/transport/seal"
)

const (
	presenceEvery = 50 * time.Millisecond // at most so often
	settleAfter   = time.Second           // the version's hash is told when the text has rested so long
	idleAfter     = time.Minute
	sweepAfter    = 10 * time.Second // after a reconnect: who has not been heard of by then has left meanwhile
	colours       = 16               // of the palette
	maxPeers      = 4096             // participants remembered, those that left included
	maxNotices    = 64
)

// Presence is what the owner tells about its user.
type Presence struct {
	Head, Tail, Top rga.Anchor
	Ranges          []presence.Range // further carets, as many as are to be shown; not modified afterwards
	Rows            int              // of text shown; 0: not said
	Follows         rga.ReplicaID    // whose view is followed; 0: nobody's
	Idle            bool             // also assumed after a minute without a motion or an edit
	Dirty           bool             // host: the text differs from the file
}

// self is the own presence.
type self struct {
	state    presence.State
	stamp    uint64
	changed  bool      // state is newer than what was sent
	sentAt   time.Time // zero: never
	sentHash uint64
	revision uint64    // of the text when it was last looked at
	acked    uint64    // own ticks that the relay had then
	clock    uint64    // own clock then
	settles  time.Time // when the hash is told; zero: it was
	active   time.Time // last motion or edit
	moved    bool      // since then
	away     bool      // idle by the caller's own word
}

// peers is what is remembered about the others beside the roster.
type peers struct {
	known   map[rga.ReplicaID]*peer
	sweepAt time.Time                // zero: nothing to sweep
	since   time.Time                // the reconnect it belongs to
	asked   map[rga.ReplicaID]uint64 // who wants the file saved, with as many of their ticks as they had made then
	notices []Notice                 // for the next report
	told    map[rga.ReplicaID]bool
}

type peer struct {
	heard   time.Time
	stamp   uint64 // of the newest state
	here    bool
	saves   uint64
	fails   uint64
	askSave uint64
	calls   uint64
	lines   uint64
}

// NoticeKind says what a notice is about.
type NoticeKind int

// Kinds of notices.
const (
	Joined NoticeKind = iota + 1
	Left
	SavedBy    // the host wrote the file
	NotSavedBy // the host could not write the file
	AskedSave  // a guest wants it written
	Unreadable // a participant's edits, or the room's snapshot, cannot be used
	Called     // somebody asks everybody to come to where it is
	Said       // somebody said something to everybody; the text is what was said
	Tampered   // something is not as its author sealed it
	Moved      // the document goes on in another room
	Withheld   // the relay does not give everything to everybody, or does so again
)

// Notice is something to tell the user once.
type Notice struct {
	Kind    NoticeKind
	Replica rga.ReplicaID // whom it is about; 0: nobody
	Text    string        // a sentence; names in it are sanitised, as is what was said
}

func (n Notice) String() string { return n.Text }

// introduce fills in the own presence that does not change, or not often.
func (p *Participant) introduce() {
	p.peers.known = map[rga.ReplicaID]*peer{}
	p.peers.told = map[rga.ReplicaID]bool{}
	p.peers.asked = map[rga.ReplicaID]uint64{}
	p.me.active = p.o.Now()
	s := &p.me.state
	s.Replica, s.Host, s.ReadOnly = p.id, p.Host(), p.ReadOnly()
	s.Name = presence.SanitizeName(p.o.Name)
	s.Colour = uint8(uint64(p.id) % colours)
	if p.o.Colour > 0 {
		s.Colour = p.o.Colour - 1
	}
	s.Head, s.Tail, s.Top = p.ed.Anchors(0)
	p.me.changed = true
}

// SetPresence tells the others where the caret is and what is shown; it is sent by Flush.
func (p *Participant) SetPresence(now Presence) {
	s := &p.me.state
	ranges := now.Ranges[:min(len(now.Ranges), presence.MaxRanges)]
	if s.Head != now.Head || s.Tail != now.Tail || s.Top != now.Top || !slices.Equal(s.Ranges, ranges) {
		p.me.moved, p.me.changed = true, true
	}
	rows := uint64(max(now.Rows, 0))
	if s.Dirty != now.Dirty || p.me.away != now.Idle || s.Follows != now.Follows || s.Rows != rows {
		p.me.changed = true
	}
	s.Head, s.Tail, s.Top, s.Dirty, p.me.away = now.Head, now.Tail, now.Top, now.Dirty, now.Idle
	s.Ranges, s.Rows, s.Follows = ranges, rows, now.Follows
}

// Say tells everybody here a short line. What does not fit in [presence.MaxChat] runes is cut; nothing is kept of the line before.
func (p *Participant) Say(line string) {
	if line = presence.SanitizeChat(line); line == "" {
		return
	}
	p.me.state.Says = line
	p.me.state.Lines++
	p.me.changed = true
}

// Call asks everybody to come to where this participant is.
func (p *Participant) Call() {
	p.me.state.Calls++
	p.me.changed = true
}

// AskSave asks the host to save.
func (p *Participant) AskSave() {
	p.me.state.AskSave++
	p.me.state.AskedAt = p.ed.Doc().Clock()
	p.me.changed = true
}

// SaveRequested says whether somebody asked since the last call. What the one who asks had typed by then is here when it says so,
// unless it is gone.
func (p *Participant) SaveRequested() bool {
	if len(p.peers.asked) == 0 {
		return false
	}
	here := p.ed.Doc().Version()
	requested := false
	for id, ticks := range p.peers.asked {
		if known := p.peers.known[id]; here[id] >= ticks || known == nil || !known.here {
			delete(p.peers.asked, id)
			requested = true
		}
	}
	return requested
}

// Saved tells the others that the host wrote the file.
func (p *Participant) Saved() {
	p.me.state.Saves++
	p.me.state.Problem = presence.SaveWorked
	p.me.changed = true
}

// SaveFailed tells the others that the host could not write the file.
func (p *Participant) SaveFailed(why presence.SaveProblem) {
	p.me.state.SaveFails++
	p.me.state.Problem = why
	p.me.changed = true
}

// tell sends the own presence if it changed and is due, and returns when to look again.
func (p *Participant) tell(now time.Time) time.Duration {
	p.observe(now)
	if p.net.state != Online || p.moving != nil {
		return 0
	}
	wait := p.rest(now)
	if !p.me.changed {
		return wait
	}
	if due := p.me.sentAt.Add(presenceEvery); due.After(now) {
		return sooner(wait, due.Sub(now))
	}
	p.send(now)
	return wait
}

// observe looks for edits, which count as activity and change the hash.
func (p *Participant) observe(now time.Time) {
	m := &p.me
	if rev := p.ed.Revision(); rev != m.revision || m.sentAt.IsZero() || p.out.acked != m.acked {
		m.revision, m.acked = rev, p.out.acked
		m.settles = now.Add(settleAfter)
	}
	if clock := p.ed.Doc().Clock(); clock != m.clock || m.moved {
		m.clock, m.active, m.moved = clock, now, false
	}
	name, _ := p.ed.Doc().Meta(MetaName)
	idle := m.away || now.Sub(m.active) >= idleAfter
	if m.state.File != name || m.state.Idle != idle {
		m.state.File, m.state.Idle = name, idle
		m.changed = true
	}
}

// rest takes note of a text at rest and returns when its hash, or that the user is idle, is to be told.
func (p *Participant) rest(now time.Time) time.Duration {
	m := &p.me
	var wait time.Duration
	if !m.settles.IsZero() {
		if wait = m.settles.Sub(now); wait <= 0 {
			m.settles = time.Time{}
			m.changed = m.changed || versionHash(p.ed.Doc().Version()) != m.sentHash || m.state.Sent != p.out.acked
		}
	}
	if !m.state.Idle {
		wait = sooner(wait, m.active.Add(idleAfter).Sub(now))
	}
	return wait
}

// send hands the own presence to the transport, which keeps the newest only.
func (p *Participant) send(now time.Time) {
	m := &p.me
	m.stamp++
	m.state.Stamp = m.stamp
	m.state.Hash, m.state.Sent = versionHash(p.ed.Doc().Version()), p.out.acked
	m.state.RTT = uint64(p.client.Status().RTT.Milliseconds())
	payload, err := p.sealer.Seal(presenceHeader(p.link.Room, uint64(p.id)), m.state.Encode())
	if err != nil {
		p.net.err = fmt.Errorf("session: seal presence: %w", err)
		return
	}
	p.client.SetPresence(payload)
	m.changed, m.sentAt, m.sentHash = false, now, m.state.Hash
}

// sayGoodbye makes the last presence one that says so.
func (p *Participant) sayGoodbye() {
	p.me.state.Left = true
	p.send(p.o.Now())
}

// versionHash is equal for equal versions; participants compare it to see that they have the same text.
func versionHash(v rga.Version) uint64 {
	h := fnv.New64a()
	h.Write(v.AppendBinary(nil))
	return h.Sum64()
}

// peerState takes in what another participant tells about itself.
func (p *Participant) peerState(now time.Time, s presence.State) {
	known := p.peers.known[s.Replica]
	if known == nil {
		if len(p.peers.known) >= maxPeers && !p.forgetOne() {
			return
		}
		known = &peer{}
		p.peers.known[s.Replica] = known
	}
	returning := !known.heard.IsZero()
	known.heard = now
	p.roster.Put(s)
	p.roster.Hint(s.Replica, s.Left)
	p.arrival(s, known, returning)
	if p.Host() && s.AskSave > known.askSave && s.Stamp >= known.stamp && p.mayWrite(s) {
		p.peers.asked[s.Replica] = s.AskedAt
		p.notice(AskedSave, s.Replica, s.Name+" asks to save the file")
	}
	if s.Host && s.Saves > known.saves && returning {
		p.notice(SavedBy, s.Replica, s.Name+" saved the file")
	}
	if s.Host && s.SaveFails > known.fails && returning {
		p.notice(NotSavedBy, s.Replica, fmt.Sprintf("%s could not save: %v", s.Name, s.Problem))
	}
	if returning && !s.Left {
		p.heed(s, known)
	}
	if s.Stamp >= known.stamp { // its counters begin anew when it was started again
		known.stamp, known.askSave, known.saves, known.fails = s.Stamp, s.AskSave, s.Saves, s.SaveFails
		known.calls, known.lines = s.Calls, s.Lines
	}
	p.avoidColour(s)
	p.claimed(now, s)
}

// forgetOne makes place for a newcomer: whoever is gone for longest is forgotten. false: all are here.
func (p *Participant) forgetOne() bool {
	var longest rga.ReplicaID
	for id, known := range p.peers.known {
		if !known.here && (longest == 0 || known.heard.Before(p.peers.known[longest].heard)) {
			longest = id
		}
	}
	if longest == 0 {
		return false
	}
	delete(p.peers.known, longest)
	p.roster.Forget(longest)
	return true
}

// mayWrite says whether a participant has shown the right to write; where nothing is encrypted, what it says of itself is all there is.
func (p *Participant) mayWrite(s presence.State) bool {
	if room := p.sealer.sealed(); room != nil {
		c, ok := room.Member(uint64(s.Replica))
		return ok && c.Right != seal.Read
	}
	return !s.ReadOnly
}

// heed tells what somebody wants of everybody here.
func (p *Participant) heed(s presence.State, known *peer) {
	if s.Lines > known.lines && s.Says != "" {
		p.notice(Said, s.Replica, s.Name+": "+s.Says)
	}
	if s.Calls > known.calls {
		p.notice(Called, s.Replica, s.Name+" asks you to come to where they are")
	}
}

// arrival says who came and who went.
func (p *Participant) arrival(s presence.State, known *peer, returning bool) {
	here := !s.Left
	if here == known.here {
		return
	}
	known.here = here
	switch {
	case !here:
		p.notice(Left, s.Replica, s.Name+" left")
	case returning:
		p.notice(Joined, s.Replica, s.Name+" is back")
	case p.net.caughtUp:
		p.notice(Joined, s.Replica, s.Name+" joined")
	default:
		p.notice(Joined, s.Replica, s.Name+" is here")
	}
}

// peerGone: the relay saw a participant's connection end.
func (p *Participant) peerGone(id rga.ReplicaID) {
	p.roster.Hint(id, true)
	if known := p.peers.known[id]; known != nil && known.here {
		known.here = false
		p.notice(Left, id, p.nameOf(id)+" left")
	}
}

// awaitPeers begins to look who is still here after a connection was made: those who left meanwhile cannot say so.
func (p *Participant) awaitPeers(now time.Time) {
	p.peers.since, p.peers.sweepAt = now, now.Add(sweepAfter)
}

func (p *Participant) sweepIn(now time.Time) time.Duration {
	if p.peers.sweepAt.IsZero() || p.net.state != Online {
		return 0
	}
	return max(p.peers.sweepAt.Sub(now), time.Millisecond)
}

// sweep takes those as gone who have not been heard of since the reconnect, and says whether it was time to.
func (p *Participant) sweep(now time.Time) (due bool) {
	if p.peers.sweepAt.IsZero() || p.net.state != Online || now.Before(p.peers.sweepAt) {
		return false
	}
	p.peers.sweepAt = time.Time{}
	for id, known := range p.peers.known {
		if known.here && known.heard.Before(p.peers.since) {
			p.peerGone(id)
		}
	}
	return true
}

// avoidColour picks another colour where an older participant has the same one and the user did not choose.
func (p *Participant) avoidColour(s presence.State) {
	if p.o.Colour > 0 || s.Left || s.Colour != p.me.state.Colour || s.Replica > p.id {
		return
	}
	taken := map[uint8]bool{}
	for _, other := range p.roster.Present() {
		taken[other.Colour] = true
	}
	for c := range uint8(colours) {
		if !taken[c] {
			p.me.state.Colour, p.me.changed = c, true
			return
		}
	}
}

// unreadable says once that an author's edits cannot be used any more.
func (p *Participant) unreadable(id rga.ReplicaID, err error) {
	if p.peers.told[id] || len(p.peers.told) >= maxPeers {
		return
	}
	p.peers.told[id] = true
	if id == 0 {
		p.notice(Unreadable, 0, fmt.Sprintf("the room's snapshot cannot be read: %v", err))
		return
	}
	p.notice(Unreadable, id, fmt.Sprintf("%s's edits can no longer be read: %v", p.nameOf(id), err))
}

// NameOf is the name under which a participant was heard of last, also of one that is gone.
func (p *Participant) NameOf(id rga.ReplicaID) string { return p.nameOf(id) }

func (p *Participant) nameOf(id rga.ReplicaID) string {
	if s, ok := p.roster.Get(id); ok {
		return s.Name
	}
	return "someone"
}

func (p *Participant) notice(k NoticeKind, id rga.ReplicaID, text string) {
	p.peers.notices = append(p.peers.notices, Notice{k, id, text})
}
