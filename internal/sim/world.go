package sim

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"coedit/internal/journal"
	"coedit/internal/session"
	"coedit/rga"
	"coedit/transport"
	"coedit/transport/seal"
)

// tick is the virtual time between two turns of a peer, a fast frame of a screen.
const tick = 10 * time.Millisecond

// World is a room with its relay and participants. One goroutine, inside a synctest bubble, uses it and owns all peers.
type World struct {
	Server *Server
	Rand   *rand.Rand
	Peers  []*Peer

	Journals bool // whether who joins from now on keeps a journal

	// Between, if not nil, stands between the connections made from now on and the participants.
	Between func(transport.Conn) transport.Conn

	owner   seal.Secret
	ctx     context.Context
	cancel  context.CancelFunc
	running sync.WaitGroup
}

// Peer is one participant.
type Peer struct {
	Name string
	Part *session.Participant
	Line *Line

	Notices  []session.Notice
	MaxOps   int // most operations that one Step applied
	MaxBytes int

	Disk *Disk // its journal; nil: none

	options  session.Options
	cancel   context.CancelFunc
	done     chan struct{} // closed when Run has returned
	revision uint64        // of the text when it was checked last
}

// NewWorld starts a relay. Close ends the world.
func NewWorld(seed uint64) (*World, error) {
	w := &World{Server: NewServer(), Rand: rand.New(rand.NewPCG(seed, 0x5eed))}
	var err error
	if w.owner, err = seal.NewOwner(w.Random()); err != nil {
		return nil, fmt.Errorf("sim: owner: %w", err)
	}
	w.ctx, w.cancel = context.WithCancel(context.Background())
	return w, nil
}

// Random is a source of bytes that comes from the seed.
func (w *World) Random() *rand.ChaCha8 {
	var seed [32]byte
	for i := range seed {
		seed[i] = byte(w.Rand.Uint32())
	}
	return rand.NewChaCha8(seed)
}

// Link is the room's link with the given right.
func (w *World) Link(right seal.Right) (seal.Link, error) {
	room, err := w.owner.RoomID()
	if err != nil {
		return seal.Link{}, fmt.Errorf("sim: room: %w", err)
	}
	secret, err := w.owner.Derive(right)
	if err != nil {
		return seal.Link{}, fmt.Errorf("sim: link: %w", err)
	}
	return seal.Link{Base: "http://sim", Room: room, Secret: secret}, nil
}

// Host adds the participant that shares text.
func (w *World) Host(name, text string, line *Line) (*Peer, error) {
	return w.start(name, line, session.Options{
		Link: seal.Link{Base: "http://sim"}, Owner: &w.owner, Text: []byte(text), Meta: map[string]string{session.MetaName: "sim.txt"},
	})
}

// Join adds a guest.
func (w *World) Join(name string, line *Line, right seal.Right) (*Peer, error) {
	link, err := w.Link(right)
	if err != nil {
		return nil, err
	}
	return w.start(name, line, session.Options{Link: link})
}

func (w *World) start(name string, line *Line, o session.Options) (*Peer, error) {
	p := &Peer{Name: name, Line: line}
	if w.Journals {
		p.Disk = NewDisk()
	}
	return w.run(p, o)
}

// run starts a peer's participant.
func (w *World) run(p *Peer, o session.Options) (*Peer, error) {
	o.Name, o.Agent = p.Name, "sim"
	o.Dial = w.dialer(p.Line)
	o.Random = w.Random()
	o.Rand = rand.New(w.Random())
	if p.Disk != nil {
		o.Journal = p.Disk
		o.Moved = func(link seal.Link, owner *seal.Secret) {
			about := journal.About{Link: link.String()}
			if owner != nil {
				about.Owner = owner.Bytes[:]
			}
			p.Disk.Append(nil, about)
		}
	}
	part, err := session.New(o)
	if err != nil {
		return nil, fmt.Errorf("sim: %s: %w", p.Name, err)
	}
	p.Part, p.options = part, o
	ctx, cancel := context.WithCancel(w.ctx)
	p.cancel, p.done = cancel, make(chan struct{})
	w.Peers = append(w.Peers, p)
	w.running.Go(func() {
		defer close(p.done)
		_ = part.Run(ctx) // a refusal reaches Status as well
	})
	return p, nil
}

func (w *World) dialer(l *Line) transport.Dialer {
	dial := w.Server.Dialer(l)
	return func(ctx context.Context) (transport.Conn, error) {
		conn, err := dial(ctx)
		if err == nil && w.Between != nil {
			conn = w.Between(conn)
		}
		return conn, err
	}
}

// Kill ends a peer as kill -9 does: nothing is said, nothing more is written.
func (w *World) Kill(p *Peer) {
	if p.Disk != nil {
		p.Disk.Break()
	}
	p.Line.Cut()
	p.cancel()
	<-p.done
	w.Peers = slices.DeleteFunc(w.Peers, func(q *Peer) bool { return q == p })
}

// Revive starts a killed peer again from its journal; lost is how many of its last records a power cut took.
func (w *World) Revive(p *Peer, lost int) (*Peer, error) {
	disk, state, err := p.Disk.Restart(lost)
	if err != nil {
		return nil, fmt.Errorf("sim: %s: %w", p.Name, err)
	}
	return w.ReviveFrom(p, disk, state)
}

// ReviveFrom starts a killed peer again from a state.
func (w *World) ReviveFrom(p *Peer, disk *Disk, state *journal.State) (*Peer, error) {
	o := p.options
	o.Resume = state
	if at, err := seal.ParseLink(state.About.Link); err == nil { // the room has moved
		o.Link = at
	}
	if own := state.About.Owner; len(own) > 0 {
		o.Owner = &seal.Secret{Right: seal.Owner, Family: o.Owner.Family, Bytes: [32]byte(own)}
	}
	return w.run(&Peer{Name: p.Name, Line: p.Line, Disk: disk}, o)
}

// Close ends all participants and the relay.
func (w *World) Close() {
	for _, p := range w.Peers {
		p.Part.Close()
	}
	w.cancel()
	w.running.Wait()
	w.Server.Close()
}

// Advance lets virtual time pass. At every tick each peer takes a turn: it applies what has arrived, does what act says
// (nil: nothing), and sends. Whatever a turn changed is checked.
func (w *World) Advance(d time.Duration, act func(p *Peer, now time.Time) error) error {
	for end := time.Now().Add(d); time.Now().Before(end); {
		time.Sleep(tick)
		for _, i := range w.Rand.Perm(len(w.Peers)) {
			if err := w.Peers[i].turn(act); err != nil {
				return err
			}
		}
	}
	return nil
}

// turn is what a screen does once a frame.
func (p *Peer) turn(act func(*Peer, time.Time) error) error {
	now := time.Now()
	r, _ := p.Part.Step(now, session.Budget{})
	p.Notices = append(p.Notices, r.Notices...)
	p.MaxOps, p.MaxBytes = max(p.MaxOps, r.Ops), max(p.MaxBytes, r.Bytes)
	if act != nil {
		if err := act(p, now); err != nil {
			return fmt.Errorf("sim: %s: %w", p.Name, err)
		}
	}
	head, tail, top := p.Part.Editor().Anchors(0)
	p.Part.SetPresence(session.Presence{Head: head, Tail: tail, Top: top})
	p.Part.Flush(now)
	if rev := p.Part.Editor().Revision(); rev != p.revision {
		p.revision = rev
		if err := p.Part.Editor().Doc().Check(); err != nil {
			return fmt.Errorf("sim: %s: %w", p.Name, err)
		}
	}
	return nil
}

// ErrUnsettled: the peers did not come to an end in the time given.
var ErrUnsettled = errors.New("sim: the peers did not settle")

// Until lets time pass until the condition holds, at most limit.
func (w *World) Until(limit time.Duration, what string, done func() bool) error {
	for end := time.Now().Add(limit); !done(); {
		if time.Now().After(end) {
			return fmt.Errorf("%w: %s within %v%s", ErrUnsettled, what, limit, w.state())
		}
		if err := w.Advance(tick, nil); err != nil {
			return err
		}
	}
	return nil
}

// Settle waits until everything is acknowledged and everybody has the same version, and compares the replicas.
func (w *World) Settle(limit time.Duration) error {
	err := w.Until(limit, "everybody has everything", func() bool {
		first := w.Peers[0].Part.Editor().Doc().Version()
		for _, p := range w.Peers {
			if !p.Part.Ready() || !p.Part.Drained() || !p.Part.Editor().Doc().Version().Equal(first) {
				return false
			}
		}
		return true
	})
	if err != nil {
		return err
	}
	return w.Equal()
}

// Equal compares the replicas: text, history, and that nothing is held.
func (w *World) Equal() error {
	first := w.Peers[0]
	want := string(first.Part.Editor().Doc().Encode())
	for _, p := range w.Peers {
		doc := p.Part.Editor().Doc()
		if err := accuses(p); err != nil {
			return err
		}
		if held, _ := doc.Held(); held > 0 {
			return fmt.Errorf("sim: %s holds %d batches that nobody will release", p.Name, held)
		}
		if p.Text() != first.Text() {
			return fmt.Errorf("sim: texts differ\n%s: %q\n%s: %q", first.Name, first.Text(), p.Name, p.Text())
		}
		if string(doc.Encode()) != want {
			return fmt.Errorf("sim: %s and %s have equal texts and different histories", first.Name, p.Name)
		}
	}
	return nil
}

// state describes every peer, for a failure.
func (w *World) state() string {
	var s string
	for _, p := range w.Peers {
		st := p.Part.Status(time.Now())
		held, _ := p.Part.Editor().Doc().Held()
		s += fmt.Sprintf("\n%s: %v, ready %v, unacknowledged %d, held %d, detail %q, version %v",
			p.Name, st.State, st.Ready, st.Unacked, held, st.Detail, shortVersion(p.Part.Editor().Doc().Version()))
	}
	return s
}

func shortVersion(v rga.Version) map[string]uint64 {
	short := map[string]uint64{}
	for id, n := range v {
		short[fmt.Sprintf("%04x", uint64(id)>>48)] = n
	}
	return short
}

// Text is the peer's document.
func (p *Peer) Text() string { return p.Part.Editor().View().String() }

// accuses is an error where a participant believes that the relay, which is honest in all worlds, changed something or keeps
// something back. That it came back with another log is no accusation.
func accuses(p *Peer) error {
	status := p.Part.Status(time.Now())
	status.Integrity.Rewound = 0
	if status.Integrity != (session.Integrity{}) || status.Withheld != "" {
		return fmt.Errorf("sim: %s accuses the relay: %+v, %q", p.Name, status.Integrity, status.Withheld)
	}
	return nil
}
