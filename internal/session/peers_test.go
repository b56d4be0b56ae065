package session

import (
	"slices"
	"testing"
	"time"

	"coedit/presence"
	"coedit/rga"
)

func bob(stamp uint64) presence.State {
	return presence.State{Replica: 5, Stamp: stamp, Name: "bob", Colour: 99}
}

// told lets the items arrive and returns the notices' kinds.
func told(t *testing.T, p *Participant, now time.Time, items ...item) (kinds []NoticeKind) {
	t.Helper()
	for _, it := range items {
		p.inbox.push(t.Context(), 0, it)
	}
	r, _ := p.Step(now, Budget{})
	for _, n := range r.Notices {
		kinds = append(kinds, n.Kind)
	}
	return kinds
}

func wantKinds(t *testing.T, got []NoticeKind, want ...NoticeKind) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("notices %v, want %v", got, want)
	}
}

func TestComingAndGoing(t *testing.T) {
	p := settled(t, "text")
	wantKinds(t, told(t, p, epoch, stateItem{bob(1)}), Joined)
	wantKinds(t, told(t, p, epoch, stateItem{bob(2)}))
	wantKinds(t, told(t, p, epoch, goneItem{5}), Left)
	wantKinds(t, told(t, p, epoch, goneItem{5}))
	if n := len(p.Status(epoch).Peers); n != 0 {
		t.Errorf("%d peers after the only one left", n)
	}
	wantKinds(t, told(t, p, epoch, stateItem{bob(2)}), Joined)
	if n := len(p.Status(epoch).Peers); n != 1 {
		t.Errorf("%d peers after one came back with the state it had", n)
	}
	bye := bob(3)
	bye.Left = true
	wantKinds(t, told(t, p, epoch, stateItem{bye}), Left)
	wantKinds(t, told(t, p, epoch, goneItem{5}))
}

// Whoever can write presence, or the relay, can invent participants; only so many are remembered.
func TestPeersAreBounded(t *testing.T) {
	p := settled(t, "text")
	for i := range rga.ReplicaID(maxPeers + 100) {
		p.peerState(epoch, presence.State{Replica: i + 100, Stamp: 1, Name: "x"})
	}
	if n := len(p.roster.Present()); n > maxPeers || len(p.peers.known) > maxPeers {
		t.Errorf("%d of %d are remembered", n, maxPeers+100)
	}
}

// Who left while we were offline cannot have said so.
func TestSweepAfterReconnect(t *testing.T) {
	p := settled(t, "text")
	carl := presence.State{Replica: 6, Stamp: 1, Name: "carl", Colour: 98}
	wantKinds(t, told(t, p, epoch, stateItem{bob(1)}, stateItem{carl}), Joined, Joined)
	back := epoch.Add(time.Minute)
	wantKinds(t, told(t, p, back, offlineItem{errNobody}, onlineItem{incarnation: 1}))
	wantKinds(t, told(t, p, back.Add(time.Second), stateItem{carl}))
	if wait := p.Flush(back.Add(time.Second)); wait <= 0 || wait > sweepAfter {
		t.Errorf("nobody will look again: wait %v", wait)
	}
	wantKinds(t, told(t, p, back.Add(sweepAfter)), Left)
	if peers := p.Status(back).Peers; len(peers) != 1 || peers[0].Name != "carl" {
		t.Errorf("peers %v", peers)
	}
}

// A guest learns that the host could not save, and why, once each time; what happened before it came is no news.
func TestSavingFails(t *testing.T) {
	host := settled(t, "text")
	host.SaveFailed(presence.SaveDenied)
	if s := host.me.state; s.SaveFails != 1 || s.Problem != presence.SaveDenied || !host.me.changed {
		t.Errorf("the host tells %+v", s)
	}
	host.Saved()
	if host.me.state.Problem != presence.SaveWorked {
		t.Error("the problem outlives a save")
	}

	p := settled(t, "text")
	ann := bob(1)
	ann.Host, ann.SaveFails = true, 4
	wantKinds(t, told(t, p, epoch, stateItem{ann}), Joined)
	ann.Stamp, ann.SaveFails, ann.Problem = 2, 5, presence.SaveFull
	p.inbox.push(t.Context(), 0, stateItem{ann})
	r, _ := p.Step(epoch, Budget{})
	if len(r.Notices) != 1 || r.Notices[0].Text != "bob could not save: the disk is full" {
		t.Errorf("notices %v", r.Notices)
	}
	ann.Stamp = 3
	wantKinds(t, told(t, p, epoch, stateItem{ann}))
}

func TestSaving(t *testing.T) {
	p := settled(t, "text")
	told(t, p, epoch, stateItem{bob(1)})
	if p.SaveRequested() {
		t.Error("nobody asked")
	}
	asks := bob(2)
	asks.AskSave = 1
	wantKinds(t, told(t, p, epoch, stateItem{asks}), AskedSave)
	asks.Stamp = 3
	wantKinds(t, told(t, p, epoch, stateItem{asks}))
	if !p.SaveRequested() || p.SaveRequested() {
		t.Error("one request is to be seen once")
	}

	// What it typed before it asked comes first; where it left meanwhile, there is nothing to wait for.
	asks.Stamp, asks.AskSave, asks.AskedAt = 4, 2, 9
	wantKinds(t, told(t, p, epoch, stateItem{asks}), AskedSave)
	if p.SaveRequested() {
		t.Error("saved without what was typed before")
	}
	wantKinds(t, told(t, p, epoch, goneItem{5}), Left)
	if !p.SaveRequested() {
		t.Error("a request is forgotten because who asked has left")
	}

	host := presence.State{Replica: 6, Stamp: 1, Name: "host", Host: true, Saves: 3, Colour: 98}
	wantKinds(t, told(t, p, epoch, stateItem{host}), Joined)
	host.Stamp, host.Saves = 2, 4
	wantKinds(t, told(t, p, epoch, stateItem{host}), SavedBy)

	before := p.me.state
	p.Saved()
	p.AskSave()
	if p.me.state.Saves != before.Saves+1 || p.me.state.AskSave != before.AskSave+1 || !p.me.changed {
		t.Error("own saves and requests are not told")
	}
}

func TestPresenceRateIsBounded(t *testing.T) {
	p := settled(t, "text")
	p.Flush(epoch)
	stamp := p.me.stamp
	for i := range 1000 {
		now := epoch.Add(time.Second + time.Duration(i)*time.Millisecond)
		p.SetPresence(Presence{Head: rga.Anchor{ID: rga.ID{Replica: p.id, Seq: uint64(i % 4)}}})
		p.Flush(now)
	}
	if n := p.me.stamp - stamp; n < 15 || n > 20 {
		t.Errorf("presence was sent %d times in a second", n)
	}
}

func TestIdle(t *testing.T) {
	p := settled(t, "text")
	p.Flush(epoch)
	if wait := p.Flush(epoch.Add(30 * time.Second)); wait <= 0 || wait > 30*time.Second {
		t.Errorf("nobody looks again when the minute is over: wait %v", wait)
	}
	stamp := p.me.stamp
	p.Flush(epoch.Add(idleAfter))
	if !p.me.state.Idle || p.me.stamp == stamp {
		t.Error("not idle after a minute, or not told")
	}
	insert(t, p, "x")
	p.Flush(epoch.Add(idleAfter + time.Second))
	if p.me.state.Idle {
		t.Error("idle after an edit")
	}
	p.Flush(epoch.Add(3 * idleAfter))
	head := rga.Anchor{ID: rga.ID{Replica: p.id, Seq: 2}}
	p.SetPresence(Presence{Head: head})
	p.Flush(epoch.Add(3*idleAfter + time.Second))
	if p.me.state.Idle {
		t.Error("idle after a motion")
	}
	p.SetPresence(Presence{Head: head, Idle: true})
	p.Flush(epoch.Add(3*idleAfter + 2*time.Second))
	if !p.me.state.Idle {
		t.Error("not idle although the caller says so")
	}
}

// The version's hash is told when the text rests, not with every edit of others.
func TestHashIsToldWhenTheTextRests(t *testing.T) {
	p := settled(t, "")
	p.Flush(epoch)
	p.Flush(epoch.Add(2 * settleAfter))
	stamp := p.me.stamp
	pm := newPump(p)
	author := rga.New(5)
	now := epoch.Add(10 * time.Second)
	for i := range uint64(20) {
		from := author.Clock()
		_, _, err := author.Edit(0, rga.Edit{Insert: "x"})
		check(t, err)
		deliver(t, pm, sealed(t, p, 5, i+1, batchOf(author, from)))
		p.Step(now, Budget{})
		p.Flush(now)
		now = now.Add(100 * time.Millisecond)
	}
	if n := p.me.stamp - stamp; n != 0 {
		t.Errorf("presence was sent %d times while another typed", n)
	}
	p.Flush(now.Add(settleAfter))
	if p.me.stamp != stamp+1 || p.me.state.Hash != versionHash(p.Editor().Doc().Version()) {
		t.Error("the hash was not told when the text rested")
	}
}

func TestColoursDiffer(t *testing.T) {
	p := settled(t, "")
	same := presence.State{Replica: 5, Stamp: 1, Name: "bob", Colour: p.me.state.Colour}
	if same.Replica > p.id {
		t.Fatal("the test wants an older replica")
	}
	told(t, p, epoch, stateItem{same})
	if p.me.state.Colour == same.Colour {
		t.Error("two participants have one colour")
	}
	p = settled(t, "")
	p.o.Colour = 1
	p.me.state.Colour = 0
	same.Colour = 0
	told(t, p, epoch, stateItem{same})
	if p.me.state.Colour != 0 {
		t.Error("a chosen colour was changed")
	}
}

// What is said to everybody is told to those who are here, each line once, the same line twice if it was said twice.
func TestSaying(t *testing.T) {
	p := settled(t, "text")
	before := p.me.state
	p.Say(" look\n\x1b here ")
	p.Say("\x07\n")
	p.Call()
	if s := p.me.state; s.Says != "look here" || s.Lines != before.Lines+1 || s.Calls != before.Calls+1 || !p.me.changed {
		t.Errorf("told %+v", s)
	}

	ann := bob(1)
	ann.Says, ann.Lines, ann.Calls = "before", 3, 2
	wantKinds(t, told(t, p, epoch, stateItem{ann}), Joined)
	ann.Stamp, ann.Lines = 2, 4
	p.inbox.push(t.Context(), 0, stateItem{ann})
	r, _ := p.Step(epoch, Budget{})
	if len(r.Notices) != 1 || r.Notices[0] != (Notice{Said, 5, "bob: before"}) {
		t.Errorf("notices %v", r.Notices)
	}
	ann.Stamp, ann.Calls = 3, 3
	wantKinds(t, told(t, p, epoch, stateItem{ann}), Called)
	wantKinds(t, told(t, p, epoch, stateItem{ann}))
	ann.Stamp, ann.Lines, ann.Calls, ann.Left = 4, 9, 9, true
	wantKinds(t, told(t, p, epoch, stateItem{ann}), Left)
}

// The others learn what is shown here and whom the user follows; further carets are bounded.
func TestViewIsTold(t *testing.T) {
	p := settled(t, "text")
	p.Flush(epoch)
	stamp := p.me.stamp
	ranges := make([]presence.Range, presence.MaxRanges+5)
	p.SetPresence(Presence{Ranges: ranges, Rows: 40, Follows: 5})
	p.Flush(epoch.Add(time.Second))
	s := p.me.state
	if p.me.stamp == stamp || len(s.Ranges) != presence.MaxRanges || s.Rows != 40 || s.Follows != 5 {
		t.Errorf("told %+v", s)
	}
	p.SetPresence(Presence{Ranges: slices.Clone(ranges), Rows: 40, Follows: 5})
	p.Flush(epoch.Add(1500 * time.Millisecond))
	if p.me.changed {
		t.Error("the same again is told again")
	}
}

// Whoever hears nothing from anybody after a connection was made looks once who is gone, and then rests: without news nobody
// calls Step.
func TestTheSweepIsOverWithoutNews(t *testing.T) {
	p := settled(t, "text")
	now := epoch
	for range 20 { // what else there is to do at first
		now = now.Add(sweepAfter)
		p.Flush(now)
	}
	if wait := p.sweepIn(now); wait != 0 {
		t.Errorf("Flush is to be called every %v", wait)
	}
}

// TestNewcomersAreSeenAfterVeryManyCame: each `coedit cat` is one who comes and leaves; a room lives through any number.
func TestNewcomersAreSeenAfterVeryManyCame(t *testing.T) {
	p := settled(t, "text")
	visit := func(id rga.ReplicaID, at time.Time, stays bool) {
		s := presence.State{Replica: id, Name: "visitor", Stamp: 1}
		p.peerState(at, s)
		if !stays {
			s.Stamp, s.Left = 2, true
			p.peerState(at, s)
		}
	}
	visit(500, epoch, true) // is here all the time
	for i := range 2 * maxPeers {
		visit(rga.ReplicaID(i+1000), epoch.Add(time.Duration(i)*time.Second), false)
	}
	s := presence.State{Replica: 99, Name: "new", Stamp: 1}
	p.peerState(epoch, s)
	s.Stamp, s.AskSave = 2, 1
	p.peerState(epoch, s)
	if !p.SaveRequested() || len(p.roster.Present()) != 2 || len(p.peers.known) > maxPeers {
		t.Errorf("a newcomer's wish is heard: not; %d are here, %d known", len(p.roster.Present()), len(p.peers.known))
	}
}
