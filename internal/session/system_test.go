package session_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"coedit/editor"
	"coedit/internal/session"
	"coedit/presence"
	"coedit/transport"
	"coedit/transport/relay"
	"coedit/transport/seal"
)

// hub is a relay in the test's bubble, reached without a network.
type hub struct {
	t     *testing.T
	relay *relay.Relay
	owner seal.Secret
	suite byte // of the rooms; 0: the one that sessions have by themselves
	down  atomic.Bool

	running sync.WaitGroup
}

// inHub runs f in a bubble with a relay.
func inHub(t *testing.T, f func(t *testing.T, h *hub)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		owner, err := seal.NewOwner(rand.NewChaCha8([32]byte{3}))
		check(t, err)
		h := &hub{t: t, relay: relay.New(relay.Config{Log: relay.NewMemoryLog(1)}), owner: owner}
		defer func() {
			check(t, h.relay.Shutdown(context.Background()))
			h.running.Wait()
		}()
		f(t, h)
	})
}

var errDown = errors.New("connection refused")

func (h *hub) dial(context.Context) (transport.Conn, error) {
	if h.down.Load() {
		return nil, errDown
	}
	near, far := transport.Pipe()
	h.running.Go(func() { h.relay.ServeConn(far) })
	return near, nil
}

func (h *hub) link(right seal.Right) seal.Link {
	h.t.Helper()
	room, err := h.owner.RoomID()
	check(h.t, err)
	secret, err := h.owner.Derive(right)
	check(h.t, err)
	return seal.Link{Base: "http://relay", Room: room, Secret: secret}
}

func (h *hub) start(o session.Options) *session.Participant {
	h.t.Helper()
	o.Dial = h.dial
	p, err := session.New(o)
	check(h.t, err)
	h.running.Go(func() { _ = p.Run(context.Background()) })
	return p
}

// share starts the host and waits until the relay has the text.
func (h *hub) share(text string) *session.Participant {
	h.t.Helper()
	p := h.start(session.Options{
		Link: seal.Link{Base: "http://relay"}, Owner: &h.owner, Suite: h.suite, Text: []byte(text), Name: "ann",
		Meta: map[string]string{session.MetaName: "main.go", session.MetaEOL: "crlf"},
	})
	check(h.t, p.Drain(h.t.Context()))
	return p
}

func (h *hub) join(name string, right seal.Right) *session.Participant {
	h.t.Helper()
	p := h.start(session.Options{Link: h.link(right), Name: name})
	check(h.t, p.WaitReady(h.t.Context()))
	return p
}

// until drives all of them in turn until the condition holds.
func until(t *testing.T, what string, done func() bool, all ...*session.Participant) (notices []session.Notice) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !done(); {
		if time.Now().After(end) {
			t.Fatalf("waited a minute for: %s", what)
		}
		for _, p := range all {
			r, _ := p.Step(time.Now(), session.Budget{})
			notices = append(notices, r.Notices...)
			p.Flush(time.Now())
		}
		time.Sleep(5 * time.Millisecond)
	}
	return notices
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func text(p *session.Participant) string { return p.Editor().View().String() }

func TestGuestGetsTextAndMetadata(t *testing.T) {
	inHub(t, func(t *testing.T, h *hub) {
		host := h.share("package main\n")
		guest := h.join("bob", seal.Write)
		if text(guest) != "package main\n" {
			t.Errorf("text %q", text(guest))
		}
		if eol, _ := guest.Editor().Doc().Meta(session.MetaEOL); eol != "crlf" {
			t.Errorf("line ending %q", eol)
		}
		if host.Editor().Dirty() {
			t.Error("dirty before any edit")
		}
		if host.Host() == guest.Host() {
			t.Error("both or neither are host")
		}
		if undone, err := host.Editor().Undo(0); undone || err != nil {
			t.Errorf("the host's first undo took back the file: %v, %v", undone, err)
		}
		guest.Close()
		host.Close()
	})
}

func TestEditsGoBothWays(t *testing.T) {
	inHub(t, func(t *testing.T, h *hub) {
		host := h.share("middle\n")
		guest := h.join("bob", seal.Write)
		check(t, host.Editor().Insert(0, "before "))
		guest.Editor().Move(editor.DocEnd, false, 0)
		check(t, guest.Editor().Insert(0, "after\n"))
		const want = "before middle\nafter\n"
		until(t, "equal texts", func() bool { return text(host) == want && text(guest) == want }, host, guest)
		check(t, host.Drain(t.Context()))
		check(t, guest.Drain(t.Context()))
		for _, p := range []*session.Participant{host, guest} {
			if st := p.Status(time.Now()); st.State != session.Online || st.Unacked != 0 || st.Err != nil {
				t.Errorf("status %+v", st)
			}
		}
		guest.Close()
		host.Close()
	})
}

func TestReaderCannotWrite(t *testing.T) {
	inHub(t, func(t *testing.T, h *hub) {
		host := h.share("text")
		reader := h.join("eve", seal.Read)
		if err := reader.Editor().Insert(0, "x"); !errors.Is(err, editor.ErrReadOnly) {
			t.Errorf("error %v", err)
		}
		write, read := reader.Links()
		if write != "" || read != h.link(seal.Read).String() {
			t.Error("a reader gives away more than it has")
		}
		write, read = host.Links()
		if write != h.link(seal.Write).String() || read != h.link(seal.Read).String() {
			t.Error("the host's links are others than the room's")
		}
		check(t, host.Editor().Insert(0, "more "))
		until(t, "the reader follows", func() bool { return text(reader) == "more text" }, host, reader)
		check(t, reader.Drain(t.Context()))
		reader.Close()
		host.Close()
	})
}

func TestPeersSeeEachOther(t *testing.T) {
	inHub(t, func(t *testing.T, h *hub) {
		host := h.share("some text")
		guest := h.join("bob", seal.Write)
		guest.Editor().Select(0, 4)
		head, tail, top := guest.Editor().Anchors(0)
		guest.SetPresence(session.Presence{Head: head, Tail: tail, Top: top})
		notices := until(t, "the host sees the guest's selection", func() bool {
			peers := host.Editor().Peers(host.Status(time.Now()).Peers)
			return len(peers) == 1 && peers[0].Head == 4 && peers[0].Tail == 0 && peers[0].State.Name == "bob"
		}, host, guest)
		if !slices.ContainsFunc(notices, func(n session.Notice) bool { return n.String() == "bob joined" }) {
			t.Errorf("notices %v", notices)
		}

		guest.AskSave()
		until(t, "the host is asked to save", host.SaveRequested, host, guest)
		host.Saved()
		until(t, "the guest knows", func() bool {
			r, _ := guest.Step(time.Now(), session.Budget{})
			return slices.ContainsFunc(r.Notices, func(n session.Notice) bool { return n.Kind == session.SavedBy })
		}, host)

		hash := func(p *session.Participant) uint64 { return p.Status(time.Now()).Self.Hash }
		check(t, guest.Editor().Insert(0, "other"))
		until(t, "equal hashes of the version", func() bool {
			peers := host.Status(time.Now()).Peers
			return text(host) == "other text" && hash(host) == hash(guest) && peers[0].Hash == hash(host)
		}, host, guest)

		guest.Close()
		until(t, "the guest's goodbye", func() bool { return len(host.Status(time.Now()).Peers) == 0 }, host)
		host.Close()
	})
}

func TestUnreachableRelay(t *testing.T) {
	inHub(t, func(t *testing.T, h *hub) {
		h.down.Store(true)
		p := h.start(session.Options{Link: h.link(seal.Write)})
		err := p.WaitReady(t.Context())
		if !errors.Is(err, session.ErrUnreachable) || !errors.Is(err, errDown) {
			t.Errorf("error %v", err)
		}
		p.Close()
	})
}

// With patience a relay that is not there yet is waited for.
func TestPatience(t *testing.T) {
	inHub(t, func(t *testing.T, h *hub) {
		host := h.share("text")
		h.down.Store(true)
		began := time.Now()
		p := h.start(session.Options{Link: h.link(seal.Write), Patience: 3 * time.Second})
		if err := p.WaitReady(t.Context()); !errors.Is(err, session.ErrUnreachable) {
			t.Errorf("error %v", err)
		}
		if waited := time.Since(began); waited < 3*time.Second || waited > 4*time.Second {
			t.Errorf("gave up after %v", waited)
		}
		p.Close()

		p = h.start(session.Options{Link: h.link(seal.Write), Patience: time.Minute})
		time.AfterFunc(5*time.Second, func() { h.down.Store(false) })
		check(t, p.WaitReady(t.Context()))
		p.Close()
		host.Close()
	})
}

func TestNoSuchRoom(t *testing.T) {
	inHub(t, func(t *testing.T, h *hub) {
		p := h.start(session.Options{Link: h.link(seal.Write)})
		err := p.WaitReady(t.Context())
		var refusal *transport.Refusal
		if !errors.As(err, &refusal) || refusal.Code != transport.RefusedNoRoom {
			t.Errorf("error %v", err)
		}
		if st := p.Status(time.Now()); st.State != session.Refused || st.Err == nil {
			t.Errorf("status %+v", st)
		}
		if err := p.Wait(t.Context()); !errors.Is(err, session.ErrEnded) {
			t.Errorf("wait: %v", err)
		}
		p.Close()
	})
}

// A room that exists but is empty, because its relay came back without the log, is waited in.
func TestEmptyRoom(t *testing.T) {
	inHub(t, func(t *testing.T, h *hub) {
		h.suite = seal.SuitePlain
		manifest, err := seal.NewManifest(h.owner, h.suite, 0)
		check(t, err)
		room, err := h.owner.RoomID()
		check(t, err)
		c := transport.NewClient(transport.Options{Dial: h.dial, Room: room, Replica: 5, Manifest: manifest})
		ctx, cancel := context.WithCancel(t.Context())
		h.running.Go(func() { _ = c.Run(ctx) })
		for ev := range c.Events() {
			if _, ok := ev.(transport.CaughtUp); ok {
				break
			}
		}

		p := h.start(session.Options{Link: h.link(seal.Write)})
		limited, stop := context.WithTimeout(t.Context(), 5*time.Second)
		defer stop()
		if err := p.WaitReady(limited); !errors.Is(err, session.ErrNoDocument) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
		if st := p.Status(time.Now()); st.Ready || !strings.Contains(st.Detail, "waiting for someone") {
			t.Errorf("status %+v", st)
		}
		host := h.share("here it is")
		check(t, p.WaitReady(t.Context()))
		if text(p) != "here it is" {
			t.Errorf("text %q", text(p))
		}
		p.Close()
		host.Close()
		cancel()
	})
}

func TestDrainSaysWhatIsLeft(t *testing.T) {
	inHub(t, func(t *testing.T, h *hub) {
		host := h.share("text")
		h.down.Store(true)
		check(t, h.relay.Shutdown(t.Context()))
		check(t, host.Editor().Insert(0, "x"))
		check(t, host.Editor().Insert(0, "y"))
		limited, stop := context.WithTimeout(t.Context(), 20*time.Second)
		defer stop()
		err := host.Drain(limited)
		if !errors.Is(err, session.ErrUnacknowledged) || !strings.Contains(err.Error(), "2 left") {
			t.Errorf("error %v", err)
		}
		st := host.Status(time.Now())
		if st.State != session.Offline || st.Unacked != 2 || st.Err == nil || st.RetryIn <= 0 {
			t.Errorf("status %+v", st)
		}
		host.Close()
	})
}

// A relay on another protocol, an attacker, anything: random bytes on the connection do no harm.
func TestRandomBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var running sync.WaitGroup
		var connections atomic.Uint64
		dial := func(context.Context) (transport.Conn, error) {
			near, far := transport.Pipe()
			rng := rand.New(rand.NewPCG(connections.Add(1), 2))
			running.Go(func() {
				for range 5 {
					b := make([]byte, rng.IntN(64))
					for i := range b {
						b[i] = byte(rng.Uint32())
					}
					if far.WriteMessage(b) != nil {
						break
					}
				}
				for {
					if _, err := far.ReadMessage(); err != nil {
						return
					}
				}
			})
			return near, nil
		}
		owner, err := seal.NewOwner(rand.NewChaCha8([32]byte{3}))
		check(t, err)
		p, err := session.New(session.Options{Owner: &owner, Text: []byte("kept"), Dial: dial})
		check(t, err)
		running.Go(func() { _ = p.Run(t.Context()) })
		limited, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		if err := p.Drain(limited); err == nil {
			t.Error("nobody acknowledged anything")
		}
		if text(p) != "kept" {
			t.Errorf("text %q", text(p))
		}
		p.Close()
		running.Wait()
	})
}

// The others hear a goodbye from who leaves, before the relay says that the connection is gone.
func TestGoodbye(t *testing.T) {
	inHub(t, func(t *testing.T, h *hub) {
		h.suite = seal.SuitePlain // a client without keys looks on
		host := h.share("text")
		c := transport.NewClient(transport.Options{Dial: h.dial, Room: h.link(seal.Read).Room, Replica: 5, ReadOnly: true})
		ctx, cancel := context.WithCancel(t.Context())
		h.running.Go(func() { _ = c.Run(ctx) })
		sealer, left := seal.NewPlain(), false
		check(t, host.Drive(t.Context(), func(time.Time) (time.Duration, bool, error) { // until the observer has heard of the host
			select {
			case ev := <-c.Events():
				_, ok := ev.(transport.PresenceOf)
				return time.Millisecond, ok, nil
			default:
				return time.Millisecond, false, nil
			}
		}))
		host.Close()
		for ev := range c.Events() {
			if p, ok := ev.(transport.PresenceOf); ok {
				plain, err := sealer.Open(seal.Header{Room: h.link(seal.Read).Room, Replica: p.Replica, Class: byte(transport.ClassPresence)}, p.Payload)
				check(t, err)
				state, err := presence.DecodeState(plain)
				check(t, err)
				left = left || state.Left
			}
			if _, ok := ev.(transport.Gone); ok {
				break
			}
		}
		if !left {
			t.Error("the host left without a word")
		}
		cancel()
	})
}

// Wait is called on another goroutine, as a screen does from a command, while the owner steps.
func TestWaitBesideTheOwner(t *testing.T) {
	inHub(t, func(t *testing.T, h *hub) {
		host := h.share("")
		guest := h.join("bob", seal.Write)
		news := make(chan error)
		wait := func() { news <- host.Wait(t.Context()) }
		go wait()
		const keys = 50
		for i := 0; host.Editor().View().Len() < keys; i++ {
			if i < keys {
				check(t, guest.Editor().Insert(0, "k"))
			}
			check(t, guest.Drain(t.Context()))
			select {
			case err := <-news:
				check(t, err)
				host.Step(time.Now(), session.Budget{})
				host.Flush(time.Now())
				go wait()
			case <-time.After(time.Millisecond):
			}
		}
		guest.Close()
		host.Close()
		for err := range news {
			if err != nil {
				break
			}
			for more := true; more; {
				_, more = host.Step(time.Now(), session.Budget{})
			}
			go wait()
		}
	})
}
