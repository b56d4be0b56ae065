package session

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"coedit/presence"
	"coedit/rga"
	"coedit/transport"
	"coedit/transport/seal"
)

// sealed makes a frame as replica would publish it.
func sealed(t *testing.T, p *Participant, replica, counter uint64, batch []byte) transport.Frame {
	t.Helper()
	f := transport.Frame{Number: counter, Replica: replica, Counter: counter, Class: transport.ClassEdit}
	var err error
	f.Payload, err = p.sealer.Seal(seal.Header{
		Room: p.link.Room, Replica: replica, Counter: counter, Class: byte(f.Class),
	}, batch)
	check(t, err)
	return f
}

func deliver(t *testing.T, pm *pump, frames ...transport.Frame) {
	t.Helper()
	pm.handle(t.Context(), transport.Delivered{Frames: frames})
}

// taken empties the inbox.
func taken(p *Participant) (items []item) {
	for it, ok := p.inbox.peek(); ok; it, ok = p.inbox.peek() {
		items = append(items, it)
		p.inbox.pop()
	}
	return items
}

func TestFramesOfOthersAreApplied(t *testing.T) {
	p := settled(t, "")
	deliver(t, newPump(p), sealed(t, p, 5, 1, batchOf(typed(t, 5, "hello"), 0)))
	r, more := p.Step(epoch, Budget{})
	if got := p.Editor().View().String(); got != "hello" || r.Ops == 0 || r.Bytes == 0 || more {
		t.Errorf("%q, report %+v, more %v", got, r, more)
	}
}

func TestOwnFramesAreSkippedButKnownToBeAtTheRelay(t *testing.T) {
	p := settled(t, "text")
	pm := newPump(p)
	deliver(t, pm, sealed(t, p, uint64(p.id), 1, batchOf(p.Editor().Doc(), 0)))
	if items := taken(p); len(items) != 0 {
		t.Errorf("own frames came back as %v", items)
	}
	if pm.atRelay[p.id] != p.Editor().Doc().Clock() {
		t.Errorf("the relay is thought to have %v", pm.atRelay)
	}
}

// An author whose frame is forged or damaged is muted, with one notice; the others go on.
func TestUnusableFrames(t *testing.T) {
	damaged := func(t *testing.T, p *Participant) transport.Frame {
		f := sealed(t, p, 5, 1, batchOf(typed(t, 5, "x"), 0))
		f.Payload[len(f.Payload)-1] ^= 1
		return f
	}
	for name, bad := range map[string]func(t *testing.T, p *Participant) transport.Frame{
		"operations of another": func(t *testing.T, p *Participant) transport.Frame {
			return sealed(t, p, 5, 1, batchOf(typed(t, 6, "forged"), 0))
		},
		"own operations": func(t *testing.T, p *Participant) transport.Frame {
			return sealed(t, p, 5, 1, batchOf(p.Editor().Doc(), 0))
		},
		"no batch":        func(t *testing.T, p *Participant) transport.Frame { return sealed(t, p, 5, 1, []byte("nonsense")) },
		"damaged payload": damaged,
	} {
		t.Run(name, func(t *testing.T) {
			p := settled(t, "text")
			pm := newPump(p)
			deliver(t, pm, bad(t, p), sealed(t, p, 5, 2, batchOf(typed(t, 5, "later"), 0)))
			deliver(t, pm, bad(t, p), sealed(t, p, 8, 1, batchOf(typed(t, 8, "good "), 0)))
			r, _ := p.Step(epoch, Budget{})
			if len(r.Notices) != 1 || r.Notices[0].Kind != Unreadable || r.Notices[0].Replica != 5 {
				t.Errorf("notices %v", r.Notices)
			}
			if got := p.Editor().View().String(); got != "good text" && got != "textgood " {
				t.Errorf("text %q", got)
			}
			check(t, p.Editor().Doc().Check())
		})
	}
}

func TestForgedFrameIsNamed(t *testing.T) {
	p := settled(t, "")
	_, _, err := newPump(p).open(sealed(t, p, 5, 1, batchOf(typed(t, 6, "forged"), 0)))
	if !errors.Is(err, ErrForged) {
		t.Errorf("error %v", err)
	}
}

// What a replica's invalid operation is followed by is refused for good, and the user is told once.
func TestInvalidOperation(t *testing.T) {
	p := settled(t, "text")
	p.unreadable(5, rga.ErrInvalid)
	p.unreadable(5, rga.ErrRefused)
	r, _ := p.Step(epoch, Budget{})
	if len(r.Notices) != 1 || !strings.Contains(r.Notices[0].Text, "can no longer be read") {
		t.Errorf("notices %v", r.Notices)
	}
}

func TestPresenceOfOthers(t *testing.T) {
	p := settled(t, "text")
	pm := newPump(p)
	show := func(replica uint64, s presence.State) {
		payload, err := p.sealer.Seal(presenceHeader(p.link.Room, replica), s.Encode())
		check(t, err)
		pm.handle(t.Context(), transport.PresenceOf{Replica: replica, Payload: payload})
	}
	show(5, presence.State{Replica: 5, Stamp: 1, Name: "bob"})
	show(6, presence.State{Replica: 5, Stamp: 9, Name: "mallory as bob"})
	show(uint64(p.id), presence.State{Replica: p.id, Stamp: 1 << 40, Name: "mallory as ann"})
	pm.handle(t.Context(), transport.PresenceOf{Replica: 7, Payload: []byte{1, 2, 3}})
	p.Step(epoch, Budget{})
	peers := p.Status(epoch).Peers
	if len(peers) != 1 || peers[0].Name != "bob" {
		t.Errorf("peers %v", peers)
	}
}

// A snapshot comes to the owner in batches of bounded size, without what it has already.
func TestSnapshotIsTakenApart(t *testing.T) {
	p := settled(t, "")
	author := typed(t, 5, strings.Repeat("0123456789", 50000))
	first := batchOf(author, 0)
	pm := newPump(p)
	deliver(t, pm, sealed(t, p, 5, 1, first))
	p.Step(epoch, Budget{Bytes: 1 << 30, Ops: 1 << 30})

	for range 300 {
		_, _, err := author.Edit(epoch.UnixMilli(), rga.Edit{Offset: author.Len() / 2, Insert: strings.Repeat("more", 100)})
		check(t, err)
	}
	payload, err := p.sealer.Seal(snapshotHeader(p.link.Room), author.Encode())
	check(t, err)
	pm.handle(t.Context(), transport.Snapshot{Generation: 4, Covers: transport.Cursor{Incarnation: 1, Number: 9}, Payload: payload})
	items := taken(p)
	if len(items) < 5 {
		t.Errorf("%d batches for 120 KB", len(items))
	}
	total := 0
	for _, it := range items {
		b := it.(batchItem)
		if len(b.batch) > denseBytes+1024 {
			t.Errorf("a batch of %d bytes", len(b.batch))
		}
		total += len(b.batch)
		p.apply(b)
	}
	if total > 300*400*2 {
		t.Errorf("%d bytes: what was known came again", total)
	}
	if p.Editor().View().String() != author.View().String() {
		t.Error("texts differ")
	}
	if pm.atRelay[5] != author.Clock() {
		t.Errorf("at the relay: %v", pm.atRelay)
	}
}

func TestDamagedSnapshotIsTold(t *testing.T) {
	p := settled(t, "text")
	newPump(p).handle(t.Context(), transport.Snapshot{Generation: 1, Payload: []byte("nonsense")})
	r, _ := p.Step(epoch, Budget{})
	if len(r.Notices) != 1 || !strings.Contains(r.Notices[0].Text, "snapshot") {
		t.Errorf("notices %v", r.Notices)
	}
}

// A snapshot of a later generation cannot be cut into batches. It is told, and not taken for something that is here or
// that the relay has in a form we can use.
func TestForgetfulSnapshotIsTold(t *testing.T) {
	p := settled(t, "")
	pm := newPump(p)
	author, err := typed(t, 5, "hello").Forget(rga.Version{})
	check(t, err)
	payload, err := p.sealer.Seal(snapshotHeader(p.link.Room), author.Encode())
	check(t, err)
	pm.handle(t.Context(), transport.Snapshot{Generation: 1, Payload: payload})
	r, _ := p.Step(epoch, Budget{})
	if len(r.Notices) != 1 || !strings.Contains(r.Notices[0].Text, "snapshot") {
		t.Errorf("notices %v", r.Notices)
	}
	if len(pm.atRelay) != 0 {
		t.Errorf("the relay is thought to have %v", pm.atRelay)
	}
}

// A connection lost in the middle of a restore does not make forgotten what the new log is known to hold; or everything
// own would be published once more.
func TestAtRelayOutlivesAConnection(t *testing.T) {
	p := settled(t, "text")
	pm := newPump(p)
	pm.handle(t.Context(), transport.Online{Incarnation: 2, Head: 1, Restore: true, Lost: true})
	deliver(t, pm, sealed(t, p, uint64(p.id), 1, batchOf(p.Editor().Doc(), 0)))
	pm.handle(t.Context(), transport.Online{Incarnation: 2, Head: 1, Restore: true})
	if pm.atRelay[p.id] != p.Editor().Doc().Clock() {
		t.Errorf("the relay is thought to have %v", pm.atRelay)
	}
	pm.handle(t.Context(), transport.Online{Incarnation: 2, Restore: true, Lost: true})
	if len(pm.atRelay) != 0 {
		t.Errorf("an older log is thought to have %v", pm.atRelay)
	}
}

func TestAtRelayHasNoHoles(t *testing.T) {
	v := rga.Version{}
	for _, b := range []rga.BatchInfo{
		{Replica: 1, Ticks: rga.Ticks{From: 0, To: 3}},
		{Replica: 1, Ticks: rga.Ticks{From: 5, To: 9}},
		{Replica: 2, Ticks: rga.Ticks{From: 2, To: 4}},
		{Replica: 1, Ticks: rga.Ticks{From: 1, To: 4}},
	} {
		raise(v, b)
	}
	if !v.Equal(rga.Version{1: 4}) {
		t.Errorf("%v", v)
	}
}

// However much has arrived, a step does no more than its budget, and the rest is not lost.
func TestStepKeepsToItsBudget(t *testing.T) {
	p := settled(t, "")
	pm := newPump(p)
	author := rga.New(5)
	for i := range uint64(200) {
		from := author.Clock()
		_, _, err := author.Edit(epoch.UnixMilli(), rga.Edit{Insert: strings.Repeat("x", 100)})
		check(t, err)
		deliver(t, pm, sealed(t, p, 5, i+1, batchOf(author, from)))
	}
	steps := 0
	for more := true; more; steps++ {
		var r Report
		if r, more = p.Step(epoch, Budget{Ops: 7, Bytes: 1 << 20}); r.Ops > 7 {
			t.Fatalf("%d operations in a step", r.Ops)
		}
	}
	if p.Editor().Doc().Len() != 20000 || steps < 200/7 {
		t.Errorf("%d bytes after %d steps", p.Editor().Doc().Len(), steps)
	}
}

func TestStepKeepsToItsBytes(t *testing.T) {
	p := settled(t, "")
	pm := newPump(p)
	author := rga.New(5)
	for i := range uint64(50) {
		from := author.Clock()
		_, _, err := author.Edit(epoch.UnixMilli(), rga.Edit{Insert: strings.Repeat("x", 1000)})
		check(t, err)
		deliver(t, pm, sealed(t, p, 5, i+1, batchOf(author, from)))
	}
	var sizes []int
	for more := true; more; {
		var r Report
		r, more = p.Step(epoch, Budget{Bytes: 4000})
		sizes = append(sizes, r.Bytes)
	}
	if slices.Max(sizes) > 4000 || len(sizes) < 50/4 {
		t.Errorf("bytes of each step: %v", sizes)
	}
}

// A snapshot may replace only one that was merged, not one that was heard of: what that one holds would be lost.
func TestCaughtUpNamesWhatWasMerged(t *testing.T) {
	p := settled(t, "")
	pm := newPump(p)
	pm.handle(t.Context(), transport.Online{Incarnation: 1, Head: 4, Generation: 2})
	pm.handle(t.Context(), transport.SnapshotConflict{Generation: 3})
	pm.handle(t.Context(), transport.CaughtUp{Cursor: transport.Cursor{Incarnation: 1, Number: 4}, Generation: 2})
	items := taken(p)
	if got := items[len(items)-1].(caughtUpItem); got.number != 4 || got.generation != 2 {
		t.Errorf("%+v", got)
	}
}

// When more waits for missing causes than may be held, the room is read again, once, and then nothing is missing.
func TestTooMuchHeldIsFetchedAgain(t *testing.T) {
	p := settled(t, "")
	pm := newPump(p)
	author := rga.New(5)
	var frames []transport.Frame
	everything := Budget{Ops: 1 << 30, Bytes: 1 << 30, Time: time.Hour}
	for i := uint64(1); !p.net.refetching; i++ {
		if i > 100_000 {
			t.Fatal("held without a bound")
		}
		from := author.Clock()
		_, _, err := author.Edit(epoch.UnixMilli(), rga.Edit{Insert: "x"})
		check(t, err)
		frames = append(frames, sealed(t, p, 5, i, batchOf(author, from)))
		if i > 1 { // the first is lost
			deliver(t, pm, frames[i-1])
			p.Step(epoch, everything)
		}
	}
	for _, f := range frames {
		deliver(t, pm, f)
		p.Step(epoch, everything)
	}
	pm.handle(t.Context(), transport.CaughtUp{})
	p.Step(epoch, everything)
	if p.Editor().Doc().Len() != author.Len() || p.net.refetching {
		t.Errorf("%d of %d bytes, refetching %v", p.Editor().Doc().Len(), author.Len(), p.net.refetching)
	}
}

// What could not be kept comes again with the snapshot that the room is read from, although the pump had passed it on before.
func TestSnapshotBringsAgainWhatWasNotKept(t *testing.T) {
	p := settled(t, "")
	pm := newPump(p)
	author := typed(t, 5, "hello")
	deliver(t, pm, sealed(t, p, 5, 1, batchOf(author, 0)))
	taken(p) // and lost
	p.refetch()
	payload, err := p.sealer.Seal(snapshotHeader(p.link.Room), author.Encode())
	check(t, err)
	pm.handle(t.Context(), transport.Snapshot{Generation: 1, Covers: transport.Cursor{Incarnation: 1, Number: 1}, Payload: payload})
	p.Step(epoch, Budget{})
	if got := p.Editor().View().String(); got != "hello" {
		t.Errorf("text %q", got)
	}
}
