package relay_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"coedit/transport"
	"coedit/transport/relay"
	"coedit/transport/seal"
	"coedit/transport/wire"
)

// sealedHouse is a house whose rooms encrypt.
func sealedHouse(t testing.TB, seed byte) house {
	t.Helper()
	h := newHouse(t, seed)
	h.suite = seal.SuiteXChaCha
	var err error
	if h.manifest, err = seal.NewManifest(h.owner, h.suite, 1700000000000); err != nil {
		t.Fatal(err)
	}
	return h
}

func identity(t testing.TB, seed byte) *seal.Identity {
	t.Helper()
	id, err := seal.NewIdentity(seal.SuiteXChaCha, bytes.NewReader(bytes.Repeat([]byte{seed}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func version2(m *wire.Hello) { m.MaxVersion = 2 }

// challenged says Hello in version 2 and gives the challenge.
func (r *raw) challenged(h house, replica uint64, change ...func(*wire.Hello)) *wire.Challenge {
	r.t.Helper()
	r.send(hello(h, replica, append([]func(*wire.Hello){version2}, change...)...))
	f := r.read()
	if f.GetChallenge() == nil {
		r.t.Fatalf("message %v, want a Challenge", f)
	}
	return f.GetChallenge()
}

// proves answers a challenge with a right, as changed.
func (r *raw) proves(h house, right seal.Right, id *seal.Identity, c *wire.Challenge, change ...func(*wire.Proof)) {
	r.t.Helper()
	p, err := h.prove(right, id, id.ReplicaID())(transport.Challenge{Version: c.GetVersion(), Nonce: c.GetNonce(), Manifest: c.GetManifest()})
	if err != nil {
		r.t.Fatal(err)
	}
	m := &wire.Proof{Right: wire.Right(p.Right), Signature: p.Signature, Certificate: p.Certificate, ReplicaSignature: p.Replica}
	for _, ch := range change {
		ch(m)
	}
	r.send(&wire.ClientFrame{Kind: &wire.ClientFrame_Proof{Proof: m}})
}

// enters is admitted with a right.
func (r *raw) enters(h house, right seal.Right, id *seal.Identity) {
	r.t.Helper()
	r.proves(h, right, id, r.challenged(h, id.ReplicaID()))
	if f := r.read(); f.GetWelcome().GetVersion() != 2 {
		r.t.Fatalf("message %v, want Welcome", f)
	}
}

func TestNothingIsKeptForThoseWhoProveNothing(t *testing.T) {
	h, id := sealedHouse(t, 1), identity(t, 1)
	for name, change := range map[string]func(*wire.Proof){
		"no signature":              func(p *wire.Proof) { p.Signature = nil },
		"another signature":         func(p *wire.Proof) { p.Signature[5] ^= 1 },
		"a higher right":            func(p *wire.Proof) { p.Right = wire.Right_RIGHT_OWNER },
		"a right that is none":      func(p *wire.Proof) { p.Right = 77 },
		"no certificate":            func(p *wire.Proof) { p.Certificate = nil },
		"no signature of its own":   func(p *wire.Proof) { p.ReplicaSignature = nil },
		"the signatures exchanged":  func(p *wire.Proof) { p.Signature, p.ReplicaSignature = p.ReplicaSignature, p.Signature },
		"a signature for elsewhere": func(p *wire.Proof) { p.Host = "elsewhere.example" },
	} {
		t.Run(name, func(t *testing.T) {
			hub := newRelay(relay.Config{})
			r := dialRaw(t, hub)
			c := r.challenged(h, id.ReplicaID())
			if !bytes.Equal(c.GetManifest(), h.manifest) || len(c.GetNonce()) != seal.NonceLen {
				t.Errorf("challenge %v", c)
			}
			r.proves(h, seal.Write, id, c, change)
			r.goodbye(wire.Goodbye_RIGHTS, "does not open this room")
			if s := hub.Stats(); s.Rooms != 0 || s.BadProofs != 1 {
				t.Errorf("%d rooms, %d bad proofs", s.Rooms, s.BadProofs)
			}
		})
	}
}

func TestProofsOfOtherConnectionsAndReplicas(t *testing.T) {
	h, id := sealedHouse(t, 1), identity(t, 1)
	hub := newRelay(relay.Config{})
	dialRaw(t, hub).enters(h, seal.Write, id)
	earlier := dialRaw(t, hub).challenged(h, id.ReplicaID())
	r := dialRaw(t, hub)
	if c := r.challenged(h, id.ReplicaID()); bytes.Equal(c.GetNonce(), earlier.GetNonce()) {
		t.Error("two connections have one nonce")
	}
	r.proves(h, seal.Write, id, earlier)
	r.goodbye(wire.Goodbye_RIGHTS, "does not open this room")

	// Who may write cannot take another's place: it has not the other's key.
	r = dialRaw(t, hub)
	r.proves(h, seal.Write, identity(t, 2), r.challenged(h, id.ReplicaID()))
	r.goodbye(wire.Goodbye_RIGHTS, "does not open this room")
}

func TestRelaysGoByTheirNames(t *testing.T) {
	h, id := sealedHouse(t, 1), identity(t, 1)
	var logged bytes.Buffer
	hub := newRelay(relay.Config{
		Hosts: []string{"relay.example", "other.example:8443"}, Logger: slog.New(slog.NewTextHandler(&logged, nil)),
	})
	for host, known := range map[string]bool{
		"relay.example": true, "relay.example:1": true, "Other.Example:8443": true,
		"other.example": false, "evil.example": false, "relay.example.evil": false, "": false,
	} {
		r := dialRaw(t, hub)
		c := r.challenged(h, id.ReplicaID())
		p, err := h.prove(seal.Write, id, id.ReplicaID())(transport.Challenge{
			Host: strings.ToLower(host), Version: c.GetVersion(), Nonce: c.GetNonce(), Manifest: c.GetManifest(),
		})
		if err != nil {
			t.Fatal(err)
		}
		r.send(&wire.ClientFrame{Kind: &wire.ClientFrame_Proof{Proof: &wire.Proof{
			Right: wire.Right(p.Right), Host: host, Signature: p.Signature, Certificate: p.Certificate, ReplicaSignature: p.Replica,
		}}})
		if !known {
			r.goodbye(wire.Goodbye_RIGHTS, "not known by the name")
		} else if f := r.read(); f.GetWelcome() == nil {
			t.Errorf("%q: %v, want Welcome", host, f)
		}
	}
	stop(t, hub)
	if said := logged.String(); !strings.Contains(said, "goodbye") || strings.Contains(said, "evil.example") {
		t.Errorf("the log names who was dialled, or says nothing:\n%s", said)
	}
}

// TestReadersAreRefusedByWhatTheyProved: their word that they write counts for nothing.
func TestReadersAreRefusedByWhatTheyProved(t *testing.T) {
	h, id := sealedHouse(t, 1), identity(t, 1)
	r := dialRaw(t, newRelay(relay.Config{}))
	r.enters(h, seal.Read, id)
	r.send(publish(id.ReplicaID(), 1, "x"))
	if n := r.nacked(); n.GetCode() != wire.Nack_RIGHTS || n.GetCounter() != 1 {
		t.Errorf("nack %v", n)
	}
	put := &wire.SnapshotPut{Covers: &wire.Cursor{Incarnation: 1}, Size: 1, Of: 1, Payload: []byte("x")}
	r.send(&wire.ClientFrame{Kind: &wire.ClientFrame_SnapshotPut{SnapshotPut: put}})
	if n := r.nacked(); n.GetCode() != wire.Nack_RIGHTS || !n.GetSnapshot() {
		t.Errorf("nack %v", n)
	}
}

func TestVersion1ComesIntoPlainRoomsOnly(t *testing.T) {
	hub := newRelay(relay.Config{})
	r := dialRaw(t, hub)
	r.send(hello(sealedHouse(t, 1), 7))
	r.goodbye(wire.Goodbye_UNSUPPORTED_VERSION, "encrypted")
	if hub.Stats().Rooms != 0 {
		t.Error("a room was made")
	}
	dialRaw(t, hub).join(newHouse(t, 2), 7)
}

func TestARelayCanRequireASuite(t *testing.T) {
	hub := newRelay(relay.Config{RequireSuite: seal.SuiteSM4})
	r := dialRaw(t, hub)
	r.send(hello(sealedHouse(t, 1), 7, version2))
	r.goodbye(wire.Goodbye_SUITE, "suite sm4 only, and this one is of suite xchacha")
	if s := hub.Stats(); s.BadSuites != 1 || s.Rooms != 0 {
		t.Errorf("%d refused, %d rooms", s.BadSuites, s.Rooms)
	}
}

func TestOnlyTheOwnerClosesARoom(t *testing.T) {
	h, host, guest := sealedHouse(t, 1), identity(t, 1), identity(t, 2)
	hub := newRelay(relay.Config{})
	owner, writer := dialRaw(t, hub), dialRaw(t, hub)
	owner.enters(h, seal.Owner, host)
	writer.enters(h, seal.Write, guest)
	closing := &wire.ClientFrame{Kind: &wire.ClientFrame_CloseRoom{CloseRoom: &wire.CloseRoom{}}}
	writer.send(closing)
	writer.goodbye(wire.Goodbye_RIGHTS, "only the owner")

	writer = dialRaw(t, hub)
	writer.enters(h, seal.Write, guest)
	owner.send(closing)
	for _, r := range []*raw{owner, writer} {
		r.until("a goodbye", func(f *wire.RelayFrame) bool { return f.GetGoodbye().GetCode() == wire.Goodbye_CLOSED })
		r.closed()
	}
	r := dialRaw(t, hub)
	r.send(hello(h, guest.ReplicaID(), version2))
	r.goodbye(wire.Goodbye_CLOSED, "the owner closed this room")
	if n := hub.Stats().Rooms; n != 0 {
		t.Errorf("%d rooms", n)
	}
}

// FuzzHandshake: whatever is said as Hello and Proof, nobody without keys gets into a room that encrypts, and nothing is kept
// for those who try.
func FuzzHandshake(f *testing.F) {
	h, id := sealedHouse(f, 1), identity(f, 1)
	p, err := h.prove(seal.Write, id, id.ReplicaID())(transport.Challenge{Version: 2, Nonce: make([]byte, seal.NonceLen), Manifest: h.manifest})
	if err != nil {
		f.Fatal(err)
	}
	proof := encode(f, &wire.ClientFrame{Kind: &wire.ClientFrame_Proof{Proof: &wire.Proof{
		Right: wire.Right(p.Right), Signature: p.Signature, Certificate: p.Certificate, ReplicaSignature: p.Replica,
	}}})
	f.Add(encode(f, hello(h, id.ReplicaID(), version2)), proof) // of another nonce
	f.Add(encode(f, hello(h, id.ReplicaID())), proof)
	f.Add(proof, proof)
	f.Fuzz(func(t *testing.T, first, second []byte) {
		hub := newRelay(relay.Config{HandshakeTimout: time.Second})
		a, b := transport.Pipe()
		done := make(chan struct{})
		go func() {
			defer close(done)
			hub.ServeConn(b)
		}()
		_ = a.WriteMessage(first)
		_ = a.WriteMessage(second)
		for {
			_ = a.SetReadDeadline(time.Now().Add(20 * time.Second))
			m, err := a.ReadMessage()
			if err != nil {
				break
			}
			var r wire.RelayFrame
			if err := wire.Unmarshal(m, &r); err != nil {
				t.Fatal(err)
			}
			if w := r.GetWelcome(); w != nil && (w.GetVersion() >= 2 || bytes.Equal(w.GetManifest(), h.manifest)) {
				t.Errorf("welcomed: %v", w)
				break
			}
			if r.GetWelcome() != nil {
				break // a plain room of its own making, in version 1
			}
		}
		_ = a.Close()
		<-done
		if hub.Stats().Present != 0 {
			t.Error("somebody is present")
		}
	})
}
