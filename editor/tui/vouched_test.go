package tui

import (
	"strings"
	"testing"

	"coedit/rga"
)

// onWord is a session in which everything of another came in ann's snapshot.
type onWord struct{ *fakeSession }

func (onWord) VouchedBy(author rga.ReplicaID, _ uint64) (rga.ReplicaID, bool) {
	return 3, author == another
}

func TestOnWhoseWordALineIsHere(t *testing.T) {
	f := newFixture(t, "", shared)
	f.peer("bob", 1, 0, 0)
	f.peer("ann", 2, 0, 0)
	f.remote(rga.Edit{Insert: "bob's"})
	f.receive()
	f.m.sayAuthor()
	if got := f.m.message.text; !strings.Contains(got, "changed last by bob") || strings.Contains(got, "word") {
		t.Errorf("what bob signed: %q", got)
	}
	f.m.session = onWord{f.session}
	f.m.sayAuthor()
	if got := f.m.message.text; !strings.Contains(got, "on the word of ann") {
		t.Errorf("what came by ann: %q", got)
	}
}
