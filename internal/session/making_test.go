package session

import (
	"strings"
	"testing"
	"time"

	"coedit/rga"
	"coedit/transport"
	"coedit/transport/seal"
)

// A snapshot of a large document is collected in slices, between which the owner goes on typing; it holds what there was
// when it was begun.
func TestSnapshotInSlices(t *testing.T) {
	p := settled(t, strings.Repeat("a line of the document\n", 50_000))
	now := epoch
	p.o.Now = func() time.Time { // every look at the clock is a slice later
		now = now.Add(sliceTime)
		return now
	}
	want := p.ed.Doc().Version()
	p.makeSnapshot(&making{generation: 3, covers: transport.Cursor{Incarnation: 1, Number: 9}})
	slices := 1
	for ; !p.making.sealing; slices++ {
		insert(t, p, "typed ")
		p.collect()
	}
	if slices < 10 {
		t.Errorf("collected in %d slices", slices)
	}
	made := awaitMade(t, p)
	if made.err != nil {
		t.Fatal(made.err)
	}
	opened, err := p.sealer.OpenSnapshot(snapshotHeader(p.link.Room), made.payload)
	check(t, err)
	doc, err := rga.Decode(opened.Content, 9) // as one of protocol version 1 does, who may be in a plain room
	check(t, err)
	check(t, doc.Check())
	if !doc.Version().Includes(want) {
		t.Errorf("the snapshot holds %v of %v", doc.Version(), want)
	}
}

// awaitMade waits for the snapshot that is being made.
func awaitMade(t *testing.T, p *Participant) madeItem {
	t.Helper()
	for {
		check(t, p.inbox.wait(t.Context()))
		it, _ := p.inbox.peek()
		p.inbox.pop()
		if made, ok := it.(madeItem); ok {
			return made
		}
	}
}

// A snapshot that was being made when the connection went is not put on the next one.
func TestSnapshotOfALostConnection(t *testing.T) {
	p := settled(t, "text\n")
	p.makeSnapshot(&making{generation: 3})
	made := awaitMade(t, p)
	p.offline(epoch, errNobody)
	p.made(epoch, made)
	if p.making != nil {
		t.Error("it is still being made")
	}
}

// Who is asked for a snapshot makes one only if it holds all that the snapshot would stand for.
func TestSnapshotWanted(t *testing.T) {
	for name, spoil := range map[string]func(p *Participant, it *wantedItem){
		"able":          func(*Participant, *wantedItem) {},
		"offline":       func(p *Participant, _ *wantedItem) { p.net.state = Offline },
		"not caught up": func(p *Participant, _ *wantedItem) { p.net.caughtUp = false },
		"restoring":     func(p *Participant, _ *wantedItem) { p.restore.active = true },
		"read-only":     func(p *Participant, _ *wantedItem) { p.link.Secret.Right = seal.Read },
		"another log":   func(_ *Participant, it *wantedItem) { it.covers.Incarnation++ },
		"tampered with": func(p *Participant, _ *wantedItem) { p.tampered(tamperedItem{replica: 5, err: seal.ErrForged}) },
		"replayed":      func(p *Participant, _ *wantedItem) { p.tampered(tamperedItem{replica: 5, err: errReplayed}) },
		"able, a presence was tampered with": func(p *Participant, _ *wantedItem) { // a reader can send such a one
			p.tampered(tamperedItem{replica: 5, err: seal.ErrForged, presence: true})
		},
		"something waits": func(p *Participant, _ *wantedItem) { hold(t, p) },
	} {
		p := settled(t, "text\n")
		it := wantedItem{4, transport.Cursor{Incarnation: 1, Number: 7}}
		spoil(p, &it)
		p.snapshotWanted(it)
		if made := p.making != nil; made != strings.HasPrefix(name, "able") {
			t.Errorf("%s: a snapshot is made: %v", name, made)
		} else if made {
			if p.making.covers.Number != 7 || p.making.generation != 4 || p.making.restore {
				t.Errorf("%s: %+v", name, p.making)
			}
			awaitMade(t, p)
		}
	}
}

// hold gives the document a batch whose causes are missing.
func hold(t *testing.T, p *Participant) {
	t.Helper()
	other := typed(t, 77, "one ")
	from := other.Clock()
	_, _, err := other.Edit(0, rga.Edit{Insert: "two "})
	check(t, err)
	if res, err := p.ed.Apply(batchOf(other, from)); err != nil || !res.Held {
		t.Fatalf("%+v, %v", res, err)
	}
}

// A room that was read from its beginning tells what its snapshot, and the frames behind it, hold: less than was known to be
// there before is noticed, and put back.
func TestSnapshotThatLacksSomething(t *testing.T) {
	for _, lacks := range []bool{false, true} {
		p := settled(t, "text\n")
		other := typed(t, 77, "of another")
		info, err := rga.Inspect(batchOf(other, 0))
		check(t, err)
		p.apply(batchItem{batchOf(other, 0), info})
		pump := newPump(p)
		pump.incarnation = 1
		raise(pump.atRelay, info)
		content := p.ed.Doc().Encode()
		if lacks {
			content = typed(t, 78, "somebody's own").Encode()
		}
		payload, err := p.sealer.SealSnapshot(snapshotHeader(p.link.Room), nil, content)
		check(t, err)
		pump.handle(t.Context(), transport.Snapshot{Generation: 2, Whole: true, Covers: transport.Cursor{Incarnation: 1, Number: 5}, Payload: payload})
		pump.handle(t.Context(), transport.CaughtUp{Cursor: transport.Cursor{Incarnation: 1, Number: 5}, Generation: 2})
		var read *readItem
		for !p.inbox.empty() {
			it, _ := p.inbox.peek()
			p.inbox.pop()
			if r, ok := it.(readItem); ok {
				read = &r
			}
		}
		if read == nil || read.lacks != lacks || read.generation != 2 {
			t.Fatalf("lacking %v: %+v", lacks, read)
		}
		p.roomRead(*read)
		if p.restore.active != lacks || (p.making != nil) != lacks {
			t.Errorf("lacking %v: restoring %v", lacks, p.restore.active)
		}
		if p.making != nil {
			awaitMade(t, p)
		}
	}
}
