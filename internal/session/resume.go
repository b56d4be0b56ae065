package session

import (
	"fmt"
	"time"

	"coedit/internal/codec"
	"coedit/internal/journal"
	"coedit/rga"
	"coedit/transport"
	"coedit/transport/seal"
)

// A participant that begins from a journal is either the same replica, if the journal is intact: it goes on with its
// counters, sends its frames again verbatim, and reads the log from where it stood. Or it is a fresh replica that has the
// document: what the room may lack of it, also what the old replica never published, goes in by a snapshot, as after a
// relay has lost its log (restore.go).

// fresh says whether the participant gets an identity of its own.
func (o Options) fresh() bool { return o.Resume == nil || o.Fresh || !o.Resume.Intact }

// identity is what the replica signs with: the journal's, or a new one.
func identity(o Options) (*seal.Identity, error) {
	link := o.Link
	if o.Owner != nil {
		link.Secret = *o.Owner
	}
	if o.fresh() {
		return seal.NewIdentity(link.IdentitySuite(), o.Random)
	}
	return identityOf(o.Resume.Identity)
}

// opened makes the participant's document: the journal's, or a new one; either is in the journal then.
func opened(o Options, self *seal.Identity) (*rga.Doc, *Keeper, error) {
	if o.Resume == nil {
		return initial(o, self)
	}
	doc, err := Recover(o.Resume, rga.ReplicaID(self.ReplicaID()))
	if err != nil {
		return nil, nil, err
	}
	k := NewKeeper(o.Journal, doc)
	if o.fresh() {
		k.note(journal.Identity{Bytes: self.Bytes()}, journal.Document{Bytes: doc.EncodeWith(codec.Zstd)})
		if o.Resume.Saved != nil {
			k.note(journal.Saved{Version: o.Resume.Saved})
		}
		if o.Resume.Merged != nil {
			k.note(journal.Merged{Sum: o.Resume.Merged})
		}
		for _, b := range o.Resume.Members { // whose later frames this journal's reader meets without their first
			k.note(journal.Member{Bytes: b})
		}
	}
	return doc, k, nil
}

// resumeIn is a journal's state for a room. What it says of the relay is of no use where it is of another room.
func resumeIn(room string, s *journal.State) *journal.State {
	if s == nil || len(s.Manifest) == 0 {
		return s
	}
	if _, err := seal.VerifyManifest(room, s.Manifest); err == nil {
		return s
	}
	here := *s
	here.Leave(nil)
	return &here
}

// resumed fills in what of the transport's options follows from the journal.
func resumed(o Options, doc *rga.Doc, t *transport.Options) {
	if o.Resume == nil {
		return
	}
	if len(o.Resume.Manifest) > 0 {
		t.Manifest = o.Resume.Manifest // a room has one, and a host's new one would be another
	}
	if o.fresh() {
		t.Restore = true
		return
	}
	t.Counter = o.Resume.Acked
	if o.Resume.Moved {
		t.Restore = true
		return
	}
	t.Resume = transport.Cursor(o.Resume.Cursor)
	if held, _ := doc.Held(); held > 0 {
		t.Resume.Number = 0 // what they wait for may stand before the cursor
	}
}

// resume takes in the room's manifest, and the certificates of a journal.
func (k *keyring) resume(manifest []byte, s *journal.State) error {
	if err := k.learn(manifest); err != nil {
		return err
	}
	if s == nil || k.sealed() == nil {
		return nil
	}
	for _, b := range s.Members {
		_, _ = k.sealed().Admit(b) // one that is damaged comes again
	}
	k.admitted() // the journal has them
	return nil
}

// resend queues the frames that no relay has acknowledged, and goes on behind them.
func (p *Participant) resend(s *journal.State) error {
	o := &p.out
	o.counter, o.published, o.acked = s.Acked, s.AckedTo, s.AckedTo
	for _, f := range s.Frames {
		err := p.client.Publish(transport.Frame{
			Replica: uint64(p.id), Counter: f.Counter, Class: transport.Class(f.Class), Target: f.Target, Payload: f.Payload,
		})
		if err != nil {
			return fmt.Errorf("session: publish frame %d of the journal: %w", f.Counter, err)
		}
		o.fly(f.Counter, f.To, len(f.Payload))
	}
	if clock := p.ed.Doc().Clock(); o.published > clock || o.acked > clock {
		return fmt.Errorf("%w: frames up to tick %d, and a document up to %d", journal.ErrDamaged, o.published, clock)
	}
	return nil
}

// resume goes on from a journal.
func (p *Participant) resume(now time.Time) error {
	s := p.o.Resume
	if s == nil {
		p.ed.MarkSaved(p.ed.Doc().Version())
		return nil
	}
	saved := p.ed.Doc().Version()
	if p.Host() {
		var err error
		if saved, err = SavedVersion(s); err != nil {
			return fmt.Errorf("session: recover: %w", err)
		}
	}
	p.ed.MarkSaved(saved)
	_, p.signed = AuthorName(p.ed.Doc(), p.id)
	p.me.stamp = uint64(now.UnixMilli()) // above whatever stamps this replica has used
	p.resumeMove(s)
	if p.o.fresh() {
		return nil
	}
	return p.resend(s)
}

// behind ends a participant whose ids are about to be used twice.
func (p *Participant) behind() {
	p.net.state, p.net.err = Refused, ErrBehind
	p.keeper.note(journal.Behind{})
	p.stop()
}

// Continue makes the document that a journal's state holds, for an editor that works alone, under a new identity and in a
// new journal.
func Continue(j Journal, s *journal.State, self *seal.Identity) (*rga.Doc, *Keeper, error) {
	return opened(Options{Journal: j, Resume: s, Fresh: true}, self)
}

// Summary is what a journal's state amounts to.
type Summary struct {
	Doc     *rga.Doc
	Unsent  bool // some of its own edits were not acknowledged
	Unsaved bool // its text is not what was last saved
}

// Summarize reads a state without going on from it.
func Summarize(s *journal.State) (Summary, error) {
	doc, err := Recover(s, scratch)
	if err != nil {
		return Summary{}, err
	}
	sum := Summary{Doc: doc, Unsaved: true}
	if s.Identity != nil {
		self, err := identityOf(s.Identity)
		if err != nil {
			return Summary{}, err
		}
		sum.Unsent = doc.Version()[rga.ReplicaID(self.ReplicaID())] > s.AckedTo
	}
	saved, err := SavedVersion(s)
	if err != nil {
		return Summary{}, err
	}
	if saved != nil {
		if past, err := doc.At(saved); err == nil {
			sum.Unsaved = textHash(past.View()) != textHash(doc.View())
		}
	}
	return sum, nil
}
