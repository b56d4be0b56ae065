package session

import (
	"fmt"
	"testing"
	"time"

	"coedit/rga"
	"coedit/transport"
	"coedit/transport/seal"
)

// After a relay refused a snapshot for now, the restore begins again after a pause; refused for its size, what is own goes
// frame by frame.
func TestSnapshotRefused(t *testing.T) {
	p := settled(t, "text")
	clock := p.Editor().Doc().Clock()
	p.online(onlineItem{incarnation: 2, restore: true})
	if !p.restore.putting {
		t.Fatal("an empty log was not offered a snapshot")
	}
	if p.Drained() {
		t.Error("what only the lost log had counts as acknowledged")
	}
	p.snapshotRefused(epoch, fmt.Errorf("disk full"))
	if wait := p.Flush(epoch); wait <= 0 || wait > restorePause || !p.restore.active {
		t.Fatalf("wait %v, active %v", wait, p.restore.active)
	}
	p.Flush(epoch.Add(restorePause))
	if !p.restore.retryAt.IsZero() {
		t.Fatal("the restore did not begin again")
	}
	p.caughtUp(caughtUpItem{})
	if p.restore.active {
		t.Fatal("with only own edits to publish the restore is over")
	}

	p.online(onlineItem{incarnation: 3, restore: true})
	p.snapshotRefused(epoch, fmt.Errorf("wrapped: %w", transport.ErrTooLarge))
	if p.restore.active || p.out.published != 0 {
		t.Fatalf("active %v, published %d", p.restore.active, p.out.published)
	}
	p.Flush(epoch)
	if p.out.published != clock {
		t.Errorf("%d of %d own ticks published anew", p.out.published, clock)
	}
	if n := p.Status(epoch.Add(time.Second)).Unacked; n == 0 {
		t.Error("what is published anew counts as acknowledged")
	}
}

func TestRestoreDecides(t *testing.T) {
	p := settled(t, "text")
	doc := p.Editor().Doc()
	_, err := p.Editor().Apply(batchOf(typed(t, 5, "bob's"), 0))
	check(t, err)
	own := doc.Clock()

	p.online(onlineItem{incarnation: 2, head: 7, restore: true})
	if p.restore.putting {
		t.Fatal("a snapshot was offered before what is there was merged")
	}
	p.caughtUp(caughtUpItem{atRelay: rga.Version{5: 5}, number: 7})
	if p.restore.active || p.out.published != 0 {
		t.Errorf("lacking own edits only: active %v, published %d", p.restore.active, p.out.published)
	}

	p.online(onlineItem{incarnation: 3, head: 7, restore: true})
	p.caughtUp(caughtUpItem{atRelay: rga.Version{p.id: own}, number: 7})
	if !p.restore.putting {
		t.Fatal("others' edits are lacking, and nobody offers them")
	}
	p.conflict(epoch, 1)
	if p.restore.putting || !p.restore.active {
		t.Fatal("a conflict is to be followed by another look")
	}
	p.caughtUp(caughtUpItem{atRelay: rga.Version{5: 4}, number: 8})
	insert(t, p, "while it is under way")
	p.stored()
	if p.restore.active || p.out.published != own || p.Drained() {
		t.Errorf("active %v, published %d of %d, drained %v", p.restore.active, p.out.published, own, p.Drained())
	}

	p.online(onlineItem{incarnation: 4, head: 7, restore: true})
	p.caughtUp(caughtUpItem{atRelay: doc.Version(), number: 7})
	if p.restore.active || !p.Drained() {
		t.Error("a relay that has everything is not to be restored")
	}
}

// A connection lost in the middle of a restore begins it again, whatever the relay says.
func TestRestoreBeginsAgain(t *testing.T) {
	p := settled(t, "text")
	p.online(onlineItem{incarnation: 2, restore: true})
	p.offline(epoch, errNobody)
	p.online(onlineItem{incarnation: 2, head: 1, generation: 1})
	if !p.restore.active {
		t.Fatal("the restore was forgotten")
	}
	p.caughtUp(caughtUpItem{atRelay: p.Editor().Doc().Version(), number: 1, generation: 1})
	if p.restore.active || !p.Drained() {
		t.Error("the snapshot had been stored; there was nothing left to do")
	}
}

// Who has nothing yet does not make an empty snapshot the room's.
func TestNothingToRestore(t *testing.T) {
	p, err := New(Options{Link: seal.Link{Room: "room", Secret: seal.Secret{Right: seal.Write}}, Dial: noDial})
	check(t, err)
	p.online(onlineItem{incarnation: 2, restore: true})
	if p.restore.active || p.restore.putting {
		t.Errorf("%+v", p.restore)
	}
}

// A snapshot that is refused although its generation was right does not keep own edits back: they may be what is needed.
func TestRestoreHasPatienceForOthersEdits(t *testing.T) {
	p := settled(t, "text")
	_, err := p.Editor().Apply(batchOf(typed(t, 5, "bob's"), 0))
	check(t, err)
	p.online(onlineItem{incarnation: 2, head: 7, restore: true})
	p.caughtUp(caughtUpItem{atRelay: rga.Version{p.id: 2}, number: 7, generation: 1})
	p.conflict(epoch, 1)
	if wait := p.Flush(epoch); p.out.published != p.Editor().Doc().Clock() || wait <= 0 || wait > restorePause {
		t.Fatalf("published %d, wait %v", p.out.published, wait)
	}
	p.out.ack(p.out.counter)
	if !p.Drained() || !p.restore.active {
		t.Fatal("own edits are acknowledged, and others' are owed")
	}
	p.online(onlineItem{incarnation: 2, head: 9, lastCounter: p.out.counter})
	if !p.restore.active {
		t.Fatal("a new connection to the same log made the debt forgotten")
	}
	published := p.out.published
	p.caughtUp(caughtUpItem{atRelay: rga.Version{p.id: published}, number: 9, generation: 1})
	p.conflict(epoch, 1)
	p.Flush(epoch)
	if p.restore.pause != 2*restorePause || p.out.published != published {
		t.Errorf("the second pause is %v; published %d of %d", p.restore.pause, p.out.published, published)
	}
	p.Flush(epoch.Add(time.Minute))
	p.caughtUp(caughtUpItem{atRelay: rga.Version{p.id: published}, number: 10, generation: 1})
	p.stored()
	if p.restore.active || !p.Drained() {
		t.Errorf("%+v", p.restore)
	}
}

// A snapshot of others' edits on its way when the connection was lost is put again on the next one.
func TestPatientRestoreOutlivesAConnection(t *testing.T) {
	p := settled(t, "text")
	_, err := p.Editor().Apply(batchOf(typed(t, 5, "bob's"), 0))
	check(t, err)
	p.online(onlineItem{incarnation: 2, head: 7, restore: true})
	p.caughtUp(caughtUpItem{atRelay: rga.Version{}, number: 7, generation: 1})
	p.conflict(epoch, 1)
	p.Flush(epoch)
	p.Flush(epoch.Add(restorePause))
	p.caughtUp(caughtUpItem{atRelay: rga.Version{}, number: 9, generation: 1})
	if !p.restore.patient || !p.restore.putting {
		t.Fatalf("%+v", p.restore)
	}
	p.offline(epoch, errNobody)
	p.online(onlineItem{incarnation: 2, head: 9, generation: 1})
	p.caughtUp(caughtUpItem{atRelay: rga.Version{}, number: 9, generation: 2})
	if !p.restore.putting || p.restore.replace != 2 {
		t.Errorf("what others wrote is not put again: %+v", p.restore)
	}
}
