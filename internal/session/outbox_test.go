package session

import (
	"strings"
	"testing"
	"time"

	"coedit/rga"
)

func TestFirstEditGoesAtOnceTheNextGathers(t *testing.T) {
	p := settled(t, "text")
	frames := p.out.counter
	insert(t, p, "a")
	p.Flush(epoch)
	if p.out.counter != frames+1 {
		t.Fatal("with nothing in flight the edit was not sent at once")
	}
	insert(t, p, "b")
	if wait := p.Flush(epoch); wait != gatherMin || p.out.counter != frames+1 {
		t.Fatalf("wait %v and %d frames sent, want %v and none", wait, p.out.counter-frames-1, gatherMin)
	}
	insert(t, p, "c")
	if wait := p.Flush(epoch.Add(gatherMin / 2)); wait != gatherMin/2 {
		t.Fatalf("a later edit moved the deadline: wait %v", wait)
	}
	p.Flush(epoch.Add(gatherMin))
	if p.out.counter != frames+2 {
		t.Fatalf("%d frames after the deadline, want 1", p.out.counter-frames-1)
	}
	insert(t, p, "d")
	p.Flush(epoch.Add(gatherMin))
	p.out.ack(p.out.counter)
	p.Flush(epoch.Add(gatherMin))
	if p.out.counter != frames+3 {
		t.Error("what gathered was not sent at the acknowledgement")
	}
}

func TestUnackedCountsEdits(t *testing.T) {
	p := settled(t, "text")
	if n := p.Status(epoch).Unacked; n != 0 {
		t.Fatalf("%d unacknowledged before any edit", n)
	}
	for range 3 {
		insert(t, p, "xyz")
	}
	p.Flush(epoch)
	insert(t, p, "later")
	if n := p.Status(epoch).Unacked; n != 4 {
		t.Errorf("%d unacknowledged, want 4", n)
	}
	p.out.ack(p.out.counter)
	if n := p.Status(epoch).Unacked; n != 1 {
		t.Errorf("%d unacknowledged after the first frame's acknowledgement, want 1", n)
	}
	p.Flush(epoch)
	p.out.ack(p.out.counter)
	if n := p.Status(epoch).Unacked; n != 0 || !p.Drained() {
		t.Errorf("%d unacknowledged in the end, drained %v", n, p.Drained())
	}
}

func TestUnackedIsBounded(t *testing.T) {
	var o outbox
	for tick := uint64(1); tick <= 3*maxEdits; tick++ {
		o.note(tick)
	}
	if len(o.edits) != maxEdits {
		t.Errorf("%d edits remembered, want %d", len(o.edits), maxEdits)
	}
	o.settle(3*maxEdits - 1)
	if len(o.edits) != 1 {
		t.Errorf("%d edits left although the last is not acknowledged", len(o.edits))
	}
}

func TestPasteGoesInBoundedFramesUnderTheWindow(t *testing.T) {
	const size = 5 << 20
	p := settled(t, "")
	before, start := p.out.counter, p.out.published
	insert(t, p, strings.Repeat("0123456789abcde\n", size/16))
	got := rga.New(99)
	for !p.Drained() {
		p.Flush(epoch)
		if n := len(p.out.inflight); n == 0 || n > windowFrames || p.out.bytes() > windowBytes+batchBytes+1024 {
			t.Fatalf("%d frames of %d bytes in flight", n, p.out.bytes())
		}
		for _, f := range p.out.inflight {
			if n := f.size.Load(); n > batchBytes+1024 {
				t.Fatalf("a frame of %d bytes", n)
			}
		}
		p.out.ack(p.out.counter)
	}
	if n := p.out.counter - before; n < size/batchBytes || n > 2*size/batchBytes {
		t.Errorf("%d frames for %d bytes", n, size)
	}
	_, err := got.Apply(batchOf(p.Editor().Doc(), 0))
	check(t, err)
	if start == 0 || got.Len() != size {
		t.Errorf("%d bytes arrive", got.Len())
	}
}

// A batch of many little operations is kept small, so that applying it is short.
func TestManyLittleEditsMakeSmallBatches(t *testing.T) {
	p := settled(t, strings.Repeat("word ", 20000))
	var edits []rga.Edit
	for i := range 20000 {
		edits = append(edits, rga.Edit{Offset: 5 * i, Delete: 1, Insert: "W"})
	}
	check(t, p.Editor().Replace(epoch.UnixMilli(), edits...))
	other := rga.New(99)
	for from := uint64(0); from < p.out.published; {
		b, to := p.Editor().Doc().AppendOwn(nil, from, batchBytes)
		_, err := other.Apply(b)
		check(t, err)
		from = to
	}
	frames := 0
	for ; p.out.published < p.Editor().Doc().Clock(); frames++ {
		b, to := p.nextBatch()
		res, err := other.Apply(b)
		check(t, err)
		if res.Ops > 4096 {
			t.Fatalf("a batch of %d operations", res.Ops)
		}
		p.out.published = to
	}
	if other.View().String() != p.Editor().View().String() {
		t.Error("texts differ")
	}
	if frames < 10 {
		t.Errorf("only %d frames", frames)
	}
}

func TestNothingIsPublishedOfflineOrWhileRestoring(t *testing.T) {
	p := settled(t, "text")
	frames := p.out.counter
	p.offline(epoch, errNobody)
	insert(t, p, "a")
	p.Flush(epoch)
	if p.out.counter != frames {
		t.Error("published while offline")
	}
	p.online(onlineItem{incarnation: 2, head: 3, restore: true})
	p.Flush(epoch.Add(time.Second))
	if p.out.counter != frames {
		t.Error("published while the relay is being restored")
	}
	if p.Drained() {
		t.Error("drained before the restore is over")
	}
}
