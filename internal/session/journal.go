package session

import (
	"crypto/sha256"
	"errors"
	"fmt"

	"coedit/internal/codec"
	"coedit/internal/journal"
	"coedit/rga"
	"coedit/transport"
	"coedit/transport/seal"
)

// Journal is where a participant writes down what must outlive its process: package journal has one on disk.
type Journal interface {
	// Append queues records and never waits for the disk. When they and all before are written then (nil: nothing) is
	// called, perhaps on another goroutine; it does not block. Append is called from several goroutines.
	Append(then func(), records ...journal.Record)
}

// ErrBehind: the journal that was continued lacks what this replica has done already, so that its ids would be used twice.
// Begin again from the same journal with Options.Fresh.
var ErrBehind = errors.New("session: the journal is older than what the room has of this participant")

// Keeper writes a document's own operations into a journal as they are made. It belongs to the document's owner. A nil
// Keeper does nothing.
type Keeper struct {
	j    Journal
	doc  *rga.Doc
	have rga.Version // what the journal holds, by replica
}

// NewKeeper keeps what is done to doc from now on, all of what it has now being in the journal.
func NewKeeper(j Journal, doc *rga.Doc) *Keeper {
	if j == nil {
		return nil
	}
	return &Keeper{j, doc, doc.Version()}
}

// Own appends the own operations that the journal has not yet.
func (k *Keeper) Own() {
	if k == nil {
		return
	}
	self := k.doc.Replica()
	for k.have[self] < k.doc.Clock() {
		batch, to := k.doc.AppendOwn(nil, k.have[self], batchBytes)
		k.have[self] = to
		k.j.Append(nil, journal.Batch{Bytes: batch})
	}
}

// others appends somebody else's batch, unless the journal has it.
func (k *Keeper) others(it batchItem) {
	if k == nil || it.info.Ticks.To <= k.have[it.info.Replica] {
		return
	}
	raise(k.have, it.info)
	k.j.Append(nil, journal.Batch{Bytes: it.batch})
}

// whole appends a document of which the batches are about to come, as it came: that is shorter than these, and nobody need
// compress it again. Where something is here already it is left to the batches; so is one that has own operations: the
// journal would hold them before the document does.
func (k *Keeper) whole(it documentItem) {
	if k == nil || len(k.have) > 0 || len(k.doc.Version()) > 0 || it.version[k.doc.Replica()] > 0 {
		return
	}
	k.have = it.version.Clone()
	k.j.Append(nil, journal.Document{Bytes: it.encoded})
}

// note appends records.
func (k *Keeper) note(records ...journal.Record) {
	if k != nil {
		k.j.Append(nil, records...)
	}
}

// Saved notes that the file on disk holds the document as of a version.
func (k *Keeper) Saved(v rga.Version) { k.note(journal.Saved{Version: v.AppendBinary(nil)}) }

// Merged notes that the file's text with this checksum is in the document.
func (k *Keeper) Merged(sum []byte) { k.note(journal.Merged{Sum: sum}) }

// MergedText notes that a text of the file is in the document, though it is the text of none of its versions.
func (k *Keeper) MergedText(text []byte) {
	if k != nil {
		sum := sha256.Sum256(text)
		k.Merged(sum[:])
	}
}

// after calls f when everything appended so far is written; at once where there is no journal. It may be called from any
// goroutine.
func (k *Keeper) after(f func(), records ...journal.Record) {
	if k == nil {
		f()
		return
	}
	k.j.Append(f, records...)
}

// Begin makes the document of an editor that works alone: its text is the first edit. The document takes the text over, which
// nobody may write into any more ([rga.Doc.Begin]). The journal, if there is one, gets what recovering needs.
func Begin(j Journal, self *seal.Identity, at int64, text []byte) (*rga.Doc, *Keeper, error) {
	doc := rga.New(rga.ReplicaID(self.ReplicaID()))
	if len(text) > 0 {
		if _, err := doc.Begin(at, text); err != nil {
			return nil, nil, fmt.Errorf("session: begin with the text: %w", err)
		}
	}
	k := NewKeeper(j, doc)
	k.begin(self, at)
	return doc, k, nil
}

// begin writes what a new journal begins with: the identity, and the document of one edit.
func (k *Keeper) begin(self *seal.Identity, at int64) {
	if k == nil {
		return
	}
	k.note(journal.Identity{Bytes: self.Bytes()})
	if view := k.doc.View(); view.Len() > 0 {
		k.note(journal.Text{At: at, Pieces: view.Chunks(0, view.Len())})
	}
}

// identityOf reads a journal's identity.
func identityOf(b []byte) (*seal.Identity, error) {
	self, err := seal.IdentityFromBytes(b)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", journal.ErrDamaged, err)
	}
	return self, nil
}

// Recover makes the document that a journal's state holds, to be continued as self.
func Recover(s *journal.State, self rga.ReplicaID) (*rga.Doc, error) {
	doc, err := replayed(s, self)
	if err != nil {
		return nil, err
	}
	if held, _ := doc.Held(); held > 0 {
		return doc, nil
	}
	// A document that was loaded is as one that was edited, also where the own batches came in as another's.
	return continued(doc, self)
}

// continued is a document as another replica, or anew.
func continued(doc *rga.Doc, self rga.ReplicaID) (*rga.Doc, error) {
	doc, err := rga.Decode(doc.Encode(), self)
	if err != nil {
		return nil, fmt.Errorf("session: recover: %w", err)
	}
	return doc, nil
}

// replayed is the document of a state, made from its base by its batches. It is of the replica self, unless all that is in it
// can be encoded.
func replayed(s *journal.State, self rga.ReplicaID) (*rga.Doc, error) {
	doc, err := base(s, self)
	if err != nil {
		return nil, err
	}
	if err := replay(doc, s); err != nil {
		return nil, err
	}
	if held, _ := doc.Held(); held == 0 || doc.Replica() == self {
		return doc, nil
	}
	if doc, err = base(s, self); err == nil {
		doc, err = continued(doc, self)
	}
	if err == nil {
		err = replay(doc, s)
	}
	return doc, err
}

// replay applies a state's batches.
func replay(doc *rga.Doc, s *journal.State) error {
	for _, batch := range s.Batches {
		if _, err := doc.Apply(batch); errors.Is(err, rga.ErrEncoding) {
			return fmt.Errorf("session: recover: %w", err)
		} // other errors came up when it was written, too: that author is refused
	}
	return nil
}

// base is the document before the batches, of the replica self or, where it begins with a text, of that text's author.
func base(s *journal.State, self rga.ReplicaID) (*rga.Doc, error) {
	if s.Document != nil {
		doc, err := rga.DecodeWith(s.Document, self, codec.All()...)
		if err != nil {
			return nil, fmt.Errorf("session: recover: %w", err)
		}
		return doc, nil
	}
	if s.Text == nil {
		return rga.New(self), nil
	}
	began, err := identityOf(s.Identity)
	if err != nil {
		return nil, err
	}
	doc := rga.New(rga.ReplicaID(began.ReplicaID()))
	size := 0
	for _, piece := range s.Text {
		size += len(piece)
	}
	text := make([]byte, 0, size+size/4) // room for what comes
	for _, piece := range s.Text {
		text = append(text, piece...)
	}
	if _, err := doc.Begin(s.TextAt, text); err != nil {
		return nil, fmt.Errorf("session: recover: %w", err)
	}
	return doc, nil
}

// scratch is a replica that writes nothing: it only reads documents. Ids are drawn at random, so nobody has this one.
const scratch rga.ReplicaID = 1

// errHeld is why a journal is not compacted now.
var errHeld = errors.New("session: some batches wait for others")

// Compact makes one document of a state; it is what journal.Options wants.
func Compact(s *journal.State) ([]byte, error) {
	doc, err := replayed(s, scratch)
	if err != nil {
		return nil, err
	}
	if held, _ := doc.Held(); held > 0 {
		return nil, errHeld
	}
	return doc.EncodeWith(codec.Zstd), nil
}

// SavedVersion is the version that the file holds by what a journal says; nil: none was noted.
func SavedVersion(s *journal.State) (rga.Version, error) {
	if s.Saved == nil {
		return nil, nil
	}
	v, _, err := rga.DecodeVersion(s.Saved)
	return v, err
}

// frame is what the journal keeps of a frame.
func frame(f transport.Frame, to uint64) journal.Frame {
	return journal.Frame{Counter: f.Counter, To: to, Class: uint8(f.Class), Target: f.Target, Payload: f.Payload}
}
