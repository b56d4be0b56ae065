package main

import (
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"coedit/internal/journal"
	"coedit/transport/seal"
)

// While a document arrives, its progress is shown each second; before and after, nothing is.
func TestShowProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		begun := time.Now()
		stop := showProgress(&out, func() (int, int) {
			s := int(time.Since(begun).Seconds())
			if s < 2 {
				return 0, 0
			}
			return s * 1_000_000, 5_000_000
		})
		time.Sleep(3500 * time.Millisecond)
		stop()
		want := "Receiving the document: 2.0 of 5.0 MB\nReceiving the document: 3.0 of 5.0 MB\n"
		if out.String() != want {
			t.Errorf("%q, want %q", out.String(), want)
		}
	})
}

// guestLink is a link to a room that depends on the seed.
func guestLink(t *testing.T, seed byte, right seal.Right) seal.Link {
	t.Helper()
	owner, err := seal.NewOwner(rand.NewChaCha8([32]byte{seed}))
	if err != nil {
		t.Fatal(err)
	}
	room, err := owner.RoomID()
	if err != nil {
		t.Fatal(err)
	}
	secret, err := owner.Derive(right)
	if err != nil {
		t.Fatal(err)
	}
	return seal.Link{Base: "http://relay", Room: room, Secret: secret}
}

// TestAMovedGuestsJournalIsFound: by the link of the room that was left, and by that of the one in which it went on; with the
// same right only, and by no other room's.
func TestAMovedGuestsJournalIsFound(t *testing.T) {
	old, next := guestLink(t, 1, seal.Write), guestLink(t, 2, seal.Write)
	for name, c := range map[string]struct {
		link  seal.Link
		found bool
	}{
		"the old link": {old, true}, "the new link": {next, true},
		"the old link to read": {guestLink(t, 1, seal.Read), false}, "the new link to read": {guestLink(t, 2, seal.Read), false},
		"another room": {guestLink(t, 3, seal.Write), false},
	} {
		state := t.TempDir()
		p := &program{stderr: io.Discard, getenv: func(name string) string {
			if name == "COEDIT_STATE" {
				return state
			}
			return ""
		}}
		killed := p.newGuest(old, "bob", recoverAsk)
		killed.record.w.Append(nil, journal.Identity{Bytes: []byte("key")}, journal.Batch{Bytes: make([]byte, 100<<10)}) // more than is read to look whose it is
		killed.moved(next, nil)
		if err := killed.record.w.Close(); err != nil {
			t.Fatal(err)
		}
		again := p.newGuest(c.link, "bob", recoverAsk)
		if found := again.record.state != nil; found != c.found {
			t.Errorf("by %s: found %v", name, found)
		}
		if c.found && (again.link.String() != next.String() || again.about.Link != next.String() || again.about.Room != next.Room) {
			t.Errorf("by %s: %v", name, again.about)
		}
		if err := again.record.end(false); err != nil {
			t.Fatal(err)
		}
	}
}
