package transport

import (
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"coedit/transport/wire"
)

func deliver(after uint64, frames ...*wire.Frame) *wire.Deliver {
	return &wire.Deliver{After: after, Frames: frames}
}

func wireFrame(number, replica, counter uint64) *wire.Frame {
	return &wire.Frame{Number: number, Replica: replica, Counter: counter}
}

func TestInboxRefusesHoles(t *testing.T) {
	for name, d := range map[string]*wire.Deliver{
		"begins too late":  deliver(6, wireFrame(7, 1, 1)),
		"begins too early": deliver(4, wireFrame(5, 1, 1)),
		"number left out":  deliver(5, wireFrame(6, 1, 1), wireFrame(8, 1, 2)),
		"number again":     deliver(5, wireFrame(6, 1, 1), wireFrame(6, 1, 2)),
	} {
		b := inbox{cursor: Cursor{1, 5}}
		if _, err := b.deliver(d); !errors.Is(err, ErrProtocol) {
			t.Errorf("%s: %v, want ErrProtocol", name, err)
		}
	}
}

func TestInboxDropsKnownFramesAndMarks(t *testing.T) {
	var b inbox
	b.welcome(9, 0, 0)
	got, err := b.deliver(deliver(0, wireFrame(1, 1, 1), wireFrame(2, 1, 0), wireFrame(3, 2, 5), wireFrame(4, 1, 1), wireFrame(5, 1, 2)))
	if err != nil {
		t.Fatal(err)
	}
	var numbers []uint64
	for _, f := range got {
		numbers = append(numbers, f.Number)
	}
	if want := []uint64{1, 3, 5}; !slices.Equal(numbers, want) {
		t.Errorf("delivered numbers %v, want %v (2 is a mark, 4 repeats 1)", numbers, want)
	}
	if b.cursor != (Cursor{9, 5}) {
		t.Errorf("cursor %+v", b.cursor)
	}
}

func TestInboxNoticesALostLog(t *testing.T) {
	for _, c := range []struct {
		name         string
		cursor       Cursor
		incarnation  uint64
		head         uint64
		lost         bool
		cursorBecome Cursor
	}{
		{"first time", Cursor{}, 7, 3, false, Cursor{7, 0}},
		{"same log", Cursor{7, 3}, 7, 3, false, Cursor{7, 3}},
		{"log has grown", Cursor{7, 3}, 7, 9, false, Cursor{7, 3}},
		{"log is older", Cursor{7, 3}, 7, 2, true, Cursor{7, 0}},
		{"another log", Cursor{7, 3}, 8, 9, true, Cursor{8, 0}},
		{"another log, nothing read of the first", Cursor{7, 0}, 8, 9, true, Cursor{8, 0}},
	} {
		b := inbox{cursor: c.cursor}
		if lost := b.welcome(c.incarnation, c.head, 0); lost != c.lost || b.cursor != c.cursorBecome {
			t.Errorf("%s: lost %v cursor %v, want %v %v", c.name, lost, b.cursor, c.lost, c.cursorBecome)
		}
	}
}

// What another log holds is delivered even where the lost one held it, too: the consumer is to know what is there.
func TestInboxDeliversALogAnewAfterALoss(t *testing.T) {
	var b inbox
	b.welcome(1, 2, 0)
	if _, err := b.deliver(deliver(0, wireFrame(1, 1, 1), wireFrame(2, 1, 2))); err != nil {
		t.Fatal(err)
	}
	if !b.welcome(1, 1, 0) {
		t.Fatal("an older log is a lost one")
	}
	if frames, err := b.deliver(deliver(0, wireFrame(1, 1, 1))); err != nil || len(frames) != 1 {
		t.Errorf("%d frames, %v", len(frames), err)
	}
}

func TestInboxCatchesUpOnce(t *testing.T) {
	var b inbox
	b.welcome(1, 2, 0)
	if b.caughtUp() {
		t.Error("caught up before anything was delivered")
	}
	if _, err := b.deliver(deliver(0, wireFrame(1, 1, 1), wireFrame(2, 1, 2))); err != nil {
		t.Fatal(err)
	}
	if !b.caughtUp() || b.caughtUp() {
		t.Error("caught up at the head, and only once")
	}
	b.rewound(1, 0)
	if b.caughtUp() {
		t.Error("caught up at once after a rewind")
	}
	frames, err := b.deliver(deliver(0, wireFrame(1, 1, 1)))
	if err != nil || len(frames) != 1 || !b.caughtUp() {
		t.Errorf("after a rewind: %d frames, %v; want the frame again", len(frames), err)
	}
}

func TestInboxAssemblesSnapshots(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		payload := rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(t, "payload")
		size := rapid.IntRange(1, 50).Draw(t, "chunk size")
		of := max(1, (len(payload)+size-1)/size)
		b := inbox{maxSnapshot: 200}
		b.welcome(5, 10, 0)
		for i := range of {
			s, err := b.snapshot(&wire.Snapshot{
				Generation: 3, Covers: 8, Number: 10, Size: uint64(len(payload)), Index: uint32(i), Of: uint32(of),
				Payload: payload[i*size : min(len(payload), (i+1)*size)],
			})
			if err != nil {
				t.Fatal(err)
			}
			if (s != nil) != (i == of-1) {
				t.Fatalf("snapshot %v after chunk %d of %d", s, i, of)
			}
			if s != nil && (string(s.Payload) != string(payload) || s.Covers != Cursor{5, 10} || s.Generation != 3) {
				t.Fatalf("snapshot %+v", s)
			}
		}
	})
}

// A generation counts once its snapshot is here: heard of is not enough, or the next snapshot would replace one nobody merged.
func TestInboxKnowsWhichSnapshotIsHere(t *testing.T) {
	whole := func(generation, number uint64) *wire.Snapshot {
		return &wire.Snapshot{Generation: generation, Number: number, Of: 1}
	}
	b := inbox{maxSnapshot: 100}
	b.welcome(5, 2, 1)
	if b.generation != 0 {
		t.Error("known before anything was read")
	}
	if _, err := b.snapshot(whole(1, 1)); err != nil || b.generation != 1 {
		t.Errorf("generation %d after its snapshot, %v", b.generation, err)
	}
	if _, err := b.deliver(deliver(1, wireFrame(2, 1, 1), wireFrame(3, 1, 2))); err != nil || !b.caughtUp() || b.generation != 1 {
		t.Errorf("generation %d, %v", b.generation, err)
	}
	b.welcome(5, 3, 2) // the second snapshot covers what is here
	if !b.caughtUp() || b.generation != 2 {
		t.Errorf("generation %d at the head", b.generation)
	}
	b.rewound(4, 3)
	if b.generation != 0 || b.caughtUp() {
		t.Errorf("generation %d at the beginning", b.generation)
	}
	b.welcome(6, 0, 0)
	if !b.caughtUp() || b.generation != 0 {
		t.Errorf("generation %d of a log that was lost", b.generation)
	}
}

func TestInboxRefusesBadChunks(t *testing.T) {
	chunk := func(index, of uint32, size uint64, payload string) *wire.Snapshot {
		return &wire.Snapshot{Generation: 1, Index: index, Of: of, Size: size, Payload: []byte(payload)}
	}
	for name, chunks := range map[string][]*wire.Snapshot{
		"over the limit":      {chunk(0, 1, 101, "")},
		"no chunks":           {chunk(0, 0, 0, "")},
		"begins in the midst": {chunk(1, 2, 2, "b")},
		"one left out":        {chunk(0, 3, 3, "a"), chunk(2, 3, 3, "c")},
		"too long":            {chunk(0, 2, 2, "abc")},
		"too short":           {chunk(0, 1, 2, "a")},
	} {
		b := inbox{maxSnapshot: 100}
		var err error
		for _, c := range chunks {
			if _, err = b.snapshot(c); err != nil {
				break
			}
		}
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
