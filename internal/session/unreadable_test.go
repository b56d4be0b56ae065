package session_test

import (
	"testing"
	"time"

	"coedit/internal/session"
	"coedit/transport/seal"
)

// TestASnapshotThatIsNoDocumentIsReplaced: a writer seals rubbish as the room's snapshot. Who comes then has nothing to read, until those
// who have the text notice that, and put it back. All of it is there then, also of those who are gone.
func TestASnapshotThatIsNoDocumentIsReplaced(t *testing.T) {
	against(t, "what ann wrote", func(p *plot) {
		p.same()
		gone := p.enter("gone", session.Options{Link: p.link(seal.Write)})
		check(t, gone.WaitReady(p.ctx))
		p.types(gone, "what somebody else wrote, ")
		until(t, "everybody has it", func() bool { return text(p.ann) == text(gone) && text(p.bob) == text(gone) && gone.Drained() }, append(p.all(), gone)...)
		gone.Close()
		p.putsContent(p.forgery(seal.Write, 43), append([]byte{0, 0}, "rubbish"...), false)
		p.types(p.ann, "more, ")
		p.until("all have that", func() bool { return text(p.bob) == text(p.ann) && p.ann.Drained() })

		late := p.enter("late", session.Options{Link: p.link(seal.Write)})
		notices := until(t, "who comes later has all of it", func() bool { return late.Ready() && text(late) == text(p.ann) }, append(p.all(), late)...)
		if want := "more, what somebody else wrote, what ann wrote"; text(p.ann) != want {
			t.Errorf("ann has %q, not %q", text(p.ann), want)
		}
		if n := late.Status(time.Now()).Integrity.BadSnapshots; n == 0 || !told(notices, session.Unreadable) {
			t.Errorf("who comes later counts %d bad snapshots: %v", n, notices)
		}
		late.Close()
	})
}
