package session

import (
	"context"
	crand "crypto/rand"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"coedit/editor"
	"coedit/internal/journal"
	"coedit/presence"
	"coedit/rga"
	"coedit/transport"
	"coedit/transport/certificate"
	"coedit/transport/seal"
)

// Metadata registers that a host fills and every participant reads.
const (
	MetaName = "name" // the file's name, without its folder; set after the text, so whoever sees it has the text too
	MetaEOL  = "eol"  // the file's line ending
	MetaBOM  = "bom"  // whether the file begins with a byte order mark
)

// Options of a participant. Now, Rand and Random are arguments so that a simulation can be replayed.
type Options struct {
	Link   seal.Link         // of the room; for a host only Base is needed
	Owner  *seal.Secret      // host: the secret of the room to be created; nil for a guest
	Suite  byte              // host: of the room; 0: the one that encrypts and goes with the owner's secret
	Text   []byte            // host: the document, UTF-8 with LF; it is taken over, see rga.Doc.Begin
	Meta   map[string]string // host: metadata registers, MetaName and its like
	Name   string            // shown to the others
	Colour uint8             // 1 is the palette's first; 0: one that nobody else here has
	Agent  string            // program and version, for the relay's log

	// RequireSuite refuses rooms of any other suite; 0: any will do.
	RequireSuite byte

	// Moved, if not nil, is called on the owner's goroutine before the participant goes on in another room: what would join
	// again later needs the new link and, where this participant moved the room, its owner's secret. With a Journal it must
	// be there and see to it: a journal of the new room that is taken for one of the old would bring its text there.
	Moved func(link seal.Link, owner *seal.Secret)

	// Journal, if not nil, gets everything that is needed to go on after the process was killed. It is empty, or the one
	// that Resume was read from.
	Journal Journal
	// Resume is the state of a journal to go on from; nil: begin anew. Text is not looked at then. The participant is the
	// same replica if the state is intact and Fresh is not set; else Journal must be an empty one.
	Resume *journal.State
	Fresh  bool

	// Patience is how long WaitReady goes on trying when the relay cannot be reached at all. 0: the first failure ends it.
	Patience time.Duration

	Dial   transport.Dialer // nil: a WebSocket to Link.Base, checked against Link.Pin if there is one
	Now    func() time.Time // nil: time.Now
	Rand   *rand.Rand       // for the jitter of reconnecting; nil: seeded from Random
	Random io.Reader        // for the replica id; nil: crypto/rand
}

// Participant is one replica of a shared document with its connection. Run and Wait may be called from any goroutine;
// everything else belongs to one goroutine, the owner, which also owns the Editor. No method of the owner's blocks but
// WaitReady, Drain and Close, which say so.
type Participant struct {
	// Static after New.
	o      Options
	id     rga.ReplicaID
	link   seal.Link         // with room and secret, a host's too
	client *transport.Client // only follow changes it: the owner reads it as it is, others hold mu
	sealer *keyring
	inbox  *inbox

	// Owned by the owner.
	ed      *editor.Editor
	roster  *presence.Roster
	net     network
	out     outbox
	sealing sealing // its own goroutine seals for the owner
	restore restore
	making  *making // nil: no snapshot is being made
	me      self
	peers   peers
	signed  bool // the own name is in the document
	watcher func(rga.BatchInfo, []rga.Change)
	keeper  *Keeper
	cursor  journal.Cursor // how far the log has been read
	ahead   rga.Version    // others' ticks in the document that a journal gave; read once, by the pump

	blank bool // the document had nothing when the room was entered; as ahead, for the pump

	keptManifest bool

	integrity  Integrity
	spoilt     bool // something of the log was refused, or a snapshot says something else than is here
	withheld   withheld
	moving     *move                              // under way; nil: none
	expected   map[rga.ReplicaID]seal.Certificate // whom this owner's last move takes along
	called     []seal.Certificate                 // who was here when the last move was decided
	callRoll   time.Time                          // when to look who of them has followed; zero: not
	tamperTold map[rga.ReplicaID]bool             // whose things were tampered with, and the user knows
	vouched    map[rga.ReplicaID]voucher
	judged     uint64 // generation of the last snapshot that said what was known before

	comparisons []*comparison // under way
	comparing   worker

	mu      sync.Mutex // guards the following
	cancel  context.CancelFunc
	stopped chan struct{} // closed when Run has returned; nil before Run
	closed  bool
	leg     *leg // the room that is connected to
}

// network is the owner's knowledge of the connection.
type network struct {
	state       LinkState
	incarnation uint64
	wasOnline   bool
	since       time.Time // when this connection was made
	caughtUp    bool      // on this connection
	ready       bool      // the document is here
	refetching  bool      // the room is being read again
	failing     time.Time // since when no connection could be made; zero while there is one
	err         error     // why there is none

	lost atomic.Bool // shared with the pump: something that it forwarded could not be kept
}

// New makes a participant; nothing is sent before Run.
func New(o Options) (*Participant, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Random == nil {
		o.Random = crand.Reader
	}
	self, err := identity(o)
	if err != nil {
		return nil, err
	}
	id := rga.ReplicaID(self.ReplicaID())
	if o.Rand == nil {
		o.Rand = rand.New(rand.NewPCG(uint64(id), uint64(o.Now().UnixNano())))
	}
	link, manifest, err := roomOf(o)
	if err != nil {
		return nil, err
	}
	if o.Dial == nil {
		o.Dial = transport.WebSocketTLS(link.Base, certificate.Pinned(link.Pin))
	}
	o.Resume = resumeIn(link.Room, o.Resume)
	doc, keep, err := opened(o, self)
	if err != nil {
		return nil, err
	}
	o.Text = nil // the document has it
	p := &Participant{
		o: o, id: id, link: link, inbox: newInbox(),
		ed: editor.New(doc), roster: presence.NewRoster(), keeper: keep,
		blank: len(doc.Version()) == 0, ahead: doc.Version(), tamperTold: map[rga.ReplicaID]bool{}, vouched: map[rga.ReplicaID]voucher{},
		sealer: &keyring{self: self, link: link, owner: o.Owner, require: o.RequireSuite, random: o.Random},
	}
	delete(p.ahead, id)
	wire := transport.Options{
		Dial: o.Dial, Room: link.Room, Replica: uint64(id), Manifest: manifest,
		ReadOnly: p.ReadOnly(), Agent: o.Agent, Now: o.Now, Rand: o.Rand,
		Prove: p.sealer.prove,
	}
	resumed(o, doc, &wire)
	if len(wire.Manifest) > 0 {
		if err := p.sealer.resume(wire.Manifest, o.Resume); err != nil {
			return nil, err
		}
		p.keptManifest = true
		p.keeper.note(journal.Manifest{Bytes: wire.Manifest})
	}
	p.client = transport.NewClient(wire)
	p.ed.SetReadOnly(p.ReadOnly())
	if err := p.resume(o.Now()); err != nil {
		return nil, err
	}
	p.ed.OnSave(p.keeper.Saved)
	p.ed.OnMerge(p.keeper.MergedText)
	p.ed.OnChange(func([]rga.Change) { p.out.note(p.ed.Doc().Clock()) })
	p.out.note(doc.Clock())
	p.introduce()
	return p, nil
}

// roomOf completes a host's link from its owner secret and makes the room's manifest.
func roomOf(o Options) (seal.Link, []byte, error) {
	if o.Owner == nil {
		return o.Link, nil, nil
	}
	link := o.Link
	var err error
	if link.Room, err = o.Owner.RoomID(); err != nil {
		return link, nil, fmt.Errorf("session: room of the owner secret: %w", err)
	}
	if link.Secret, err = o.Owner.Derive(seal.Write); err != nil {
		return link, nil, fmt.Errorf("session: write secret: %w", err)
	}
	manifest, err := seal.NewManifest(*o.Owner, o.suite(), o.Now().UnixMilli())
	if err != nil {
		return link, nil, fmt.Errorf("session: manifest: %w", err)
	}
	return link, manifest, nil
}

// suite is the host's room's.
func (o Options) suite() byte {
	if o.Suite != 0 {
		return o.Suite
	}
	return seal.Link{Secret: *o.Owner}.IdentitySuite()
}

// initial makes the document: empty for a guest, the host's text and then its metadata for a host. These are ordinary
// edits, but no undo step: a host's first Ctrl+Z must not empty the file.
func initial(o Options, self *seal.Identity) (*rga.Doc, *Keeper, error) {
	at := o.Now().UnixMilli()
	text := o.Text
	if o.Owner == nil {
		text = nil
	}
	doc, keep, err := Begin(o.Journal, self, at, text)
	if err != nil || o.Owner == nil {
		return doc, keep, err
	}
	if err := editor.MarkLoaded(doc, at, len(text)); err != nil {
		return nil, nil, fmt.Errorf("session: share what is the file's: %w", err)
	}
	meta := maps.Clone(o.Meta)
	if meta == nil {
		meta = map[string]string{}
	}
	if meta[MetaName] == "" {
		meta[MetaName] = "untitled"
	}
	for _, key := range slices.Sorted(maps.Keys(meta)) {
		if key == MetaName {
			continue
		}
		if _, err := doc.SetMeta(at, key, meta[key]); err != nil {
			return nil, nil, fmt.Errorf("session: share %s: %w", key, err)
		}
	}
	if _, err := doc.SetMeta(at, MetaName, meta[MetaName]); err != nil {
		return nil, nil, fmt.Errorf("session: share the file's name: %w", err)
	}
	keep.Own()
	return doc, keep, nil
}

// Editor is the document's editor; it belongs to the owner.
func (p *Participant) Editor() *editor.Editor { return p.ed }

// Keeper writes into the participant's journal; nil where there is none, which does nothing.
func (p *Participant) Keeper() *Keeper { return p.keeper }

// Replica is this participant's id.
func (p *Participant) Replica() rga.ReplicaID { return p.id }

// Host says whether this participant created the room.
func (p *Participant) Host() bool { return p.o.Owner != nil }

// ReadOnly says that the link allows reading only.
func (p *Participant) ReadOnly() bool { return p.link.Secret.Right == seal.Read }

// Encrypted says whether relay and network are kept from reading; a guest knows once it was online.
func (p *Participant) Encrypted() bool { return p.sealer.Encrypted() }

// Links returns the links that this participant can give away: to write (empty for a reader) and to read.
func (p *Participant) Links() (write, read string) {
	secret, err := p.link.Secret.Derive(seal.Read)
	if err != nil {
		return "", ""
	}
	reader := p.link
	reader.Secret = secret
	if p.ReadOnly() {
		return "", reader.String()
	}
	return p.link.String(), reader.String()
}

// Run keeps the participant connected until ctx ends or Close is called (nil), or the relay refuses it for good (an error
// wrapping transport.ErrRefused). It is called once.
func (p *Participant) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan struct{})
	defer close(done)
	p.mu.Lock()
	if p.closed || p.stopped != nil {
		p.mu.Unlock()
		return nil
	}
	p.cancel, p.stopped = cancel, done
	p.mu.Unlock()

	p.setOut(newPump(p))
	err := p.walk(ctx)
	p.inbox.end(endedItem{err})
	return err
}

// goodbyeLinger is how long Close waits for the goodbye to go out: a little more than the transport may hold presence back.
const goodbyeLinger = 60 * time.Millisecond

// Close tells the others goodbye where it can, ends Run and waits for it.
func (p *Participant) Close() {
	p.mu.Lock()
	p.closed = true
	cancel, stopped := p.cancel, p.stopped
	p.mu.Unlock()
	p.sealing.wait()
	p.comparing.wait()
	if stopped == nil {
		return
	}
	if p.net.state == Online && p.moving == nil {
		p.sayGoodbye()
		linger := time.NewTimer(goodbyeLinger)
		defer linger.Stop()
		select {
		case <-linger.C:
		case <-stopped:
		}
	}
	cancel()
	<-stopped
}

// stop ends Run without a goodbye and does not wait for it.
func (p *Participant) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cancel != nil {
		p.cancel()
	}
}
