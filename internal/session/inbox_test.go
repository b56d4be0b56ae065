package session

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestInboxBlocksThePumpNotTheOwner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newInbox()
		pushed := 0
		go func() {
			for q.push(t.Context(), 0, batchItem{batch: make([]byte, 64<<10)}) {
				pushed++
			}
		}()
		synctest.Wait()
		if max := inboxBytes / (64 << 10); pushed != max {
			t.Fatalf("%d batches wait, want %d", pushed, max)
		}
		q.pop()
		q.pop()
		synctest.Wait()
		if max := inboxBytes/(64<<10) + 2; pushed != max {
			t.Errorf("%d batches in all after two were taken, want %d", pushed, max)
		}
	})
}

func TestInboxCountsItems(t *testing.T) {
	q := newInbox()
	for i := 0; q.offer(ackedItem{}, false); i++ {
		if i > inboxItems {
			t.Fatal("no bound")
		}
	}
	if !q.offer(endedItem{}, true) {
		t.Error("the last item was not taken")
	}
}

// A queue that is never empty, because the owner is always a little behind, does not grow with what went through it.
func TestInboxDoesNotGrowWithWhatWentThrough(t *testing.T) {
	q := newInbox()
	q.offer(ackedItem{}, false)
	for i := range uint64(100_000) {
		q.offer(ackedItem{i + 1}, false)
		if it, _ := q.peek(); it != (ackedItem{i}) {
			t.Fatalf("item %d is %v", i, it)
		}
		q.pop()
	}
	if n := cap(q.items); n > 4*inboxItems {
		t.Errorf("room for %d items is kept for one that waits", n)
	}
}

func TestInboxTakesOneHeavyItem(t *testing.T) {
	q := newInbox()
	if !q.offer(batchItem{batch: make([]byte, 2*inboxBytes)}, false) {
		t.Error("an item heavier than the bound would never get in")
	}
	if q.offer(batchItem{batch: make([]byte, 1)}, false) {
		t.Error("the bound was forgotten after it")
	}
}

func TestInboxWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newInbox()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := q.wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("wait on nothing: %v", err)
		}
		q.offer(ackedItem{}, false)
		for range 2 { // the item is still there
			check(t, q.wait(t.Context()))
		}
		q.pop()
		q.end(endedItem{})
		check(t, q.wait(t.Context()))
		q.pop()
		if err := q.wait(t.Context()); !errors.Is(err, ErrEnded) {
			t.Errorf("wait after the end: %v", err)
		}
	})
}
