package seal_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"

	"coedit/transport/seal"
)

// estate is a room with what its owner knows.
type estate struct {
	suite    byte
	owner    seal.Secret
	manifest seal.Manifest
	signed   []byte // the manifest's bytes
}

func newEstate(t testing.TB, suite, seed byte) estate {
	t.Helper()
	o, err := seal.NewOwnerOf(suite, bytes.NewReader(bytes.Repeat([]byte{seed}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	signed, err := seal.NewManifest(o, suite, 1_700_000_000_123)
	if err != nil {
		t.Fatal(err)
	}
	m, err := seal.VerifyManifest(room(t, o), signed)
	if err != nil {
		t.Fatal(err)
	}
	return estate{suite, o, m, signed}
}

// enter is a replica's sealer with a right.
func (e estate) enter(t testing.TB, right seal.Right, seed byte) *seal.Room {
	t.Helper()
	r, err := seal.NewRoom(e.manifest, derive(t, e.owner, right), identity(t, e.suite, seed), rand.NewChaCha8([32]byte{seed}))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (e estate) header(r *seal.Room, counter uint64, class byte) seal.Header {
	return seal.Header{Room: e.manifest.Room, Replica: r.Own().Replica, Counter: counter, Class: class}
}

func sealIt(t testing.TB, r *seal.Room, h seal.Header, text string) []byte {
	t.Helper()
	b, err := r.Seal(h, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

const (
	edits     = 2
	presences = 3
	snapshots = 4
)

// eachSuite runs a test with every suite that encrypts.
func eachSuite(t *testing.T, test func(t *testing.T, e estate)) {
	for _, suite := range sealed {
		t.Run(seal.SuiteName(suite), func(t *testing.T) { test(t, newEstate(t, suite, 3)) })
	}
}

func TestParticipantsReadEachOther(t *testing.T) {
	eachSuite(t, func(t *testing.T, e estate) {
		alice, bob, eve := e.enter(t, seal.Write, 1), e.enter(t, seal.Write, 2), e.enter(t, seal.Read, 3)
		first, second := sealIt(t, alice, e.header(alice, 1, edits), "first"), sealIt(t, alice, e.header(alice, 2, edits), "second")
		if len(second) >= len(first) {
			t.Errorf("the second frame has %d bytes, the first, with a certificate, %d", len(second), len(first))
		}
		if _, err := eve.Open(e.header(alice, 2, edits), second); !errors.Is(err, seal.ErrUncertified) {
			t.Errorf("before its certificate: %v, want ErrUncertified", err)
		}
		for _, reader := range []*seal.Room{bob, eve} {
			for i, text := range []string{"first", "second"} {
				got, err := reader.Open(e.header(alice, uint64(i+1), edits), [][]byte{first, second}[i])
				if err != nil || string(got) != text {
					t.Errorf("%q opens to %q, %v", text, got, err)
				}
			}
		}
		if !alice.Encrypted() || bytes.Contains(first, []byte("first")) || bytes.Contains(second, []byte("second")) {
			t.Error("the text can be read in what was sealed")
		}
		here := sealIt(t, eve, e.header(eve, 0, presences), "eve is here")
		if got, err := bob.Open(e.header(eve, 0, presences), here); err != nil || string(got) != "eve is here" {
			t.Errorf("a reader's presence opens to %q, %v", got, err)
		}
		alice.Introduce()
		later := e.enter(t, seal.Read, 4)
		if _, err := later.Open(e.header(alice, 3, edits), sealIt(t, alice, e.header(alice, 3, edits), "third")); err != nil {
			t.Errorf("a frame that introduces its author again: %v", err)
		}
	})
}

func TestReadersPublishNothing(t *testing.T) {
	eachSuite(t, func(t *testing.T, e estate) {
		eve, bob := e.enter(t, seal.Read, 3), e.enter(t, seal.Write, 2)
		if _, err := eve.Seal(e.header(eve, 1, edits), []byte("x")); !errors.Is(err, seal.ErrRight) {
			t.Errorf("a reader seals an edit: %v", err)
		}
		if _, err := eve.SealSnapshot(e.header(eve, 0, snapshots), nil, []byte("x")); !errors.Is(err, seal.ErrRight) {
			t.Errorf("a reader seals a snapshot: %v", err)
		}
		// A presence of a reader under the header of an edit, and one whose program seals edits all the same.
		here := sealIt(t, eve, e.header(eve, 0, presences), "x")
		for _, class := range []byte{edits, snapshots, 6} {
			if _, err := bob.Open(e.header(eve, 0, class), here); !errors.Is(err, seal.ErrForged) {
				t.Errorf("a presence as class %d: %v", class, err)
			}
		}
		forged := seal.ForgeEdit(eve, e.header(eve, 1, edits), []byte("x"))
		if _, err := bob.Open(e.header(eve, 1, edits), forged); !errors.Is(err, seal.ErrForged) || !errors.Is(err, seal.ErrRight) {
			t.Errorf("an edit that a reader sealed: %v, want ErrForged and ErrRight", err)
		}
		if _, err := bob.OpenSnapshot(e.header(eve, 0, snapshots), seal.ForgeEdit(eve, e.header(eve, 0, snapshots), []byte{0, 0})); !errors.Is(err, seal.ErrForged) {
			t.Errorf("a snapshot that a reader sealed: %v", err)
		}
	})
}

func TestEveryChangeOfAPayloadIsNoticed(t *testing.T) {
	eachSuite(t, func(t *testing.T, e estate) {
		alice, bob := e.enter(t, seal.Write, 1), e.enter(t, seal.Write, 2)
		h := e.header(alice, 1, edits)
		good := sealIt(t, alice, h, "text")
		if _, err := bob.Open(h, good); err != nil {
			t.Fatal(err)
		}
		for i := range good {
			bad := bytes.Clone(good)
			bad[i] ^= 1
			if _, err := bob.Open(h, bad); err == nil {
				t.Errorf("byte %d of %d changed, and it opens", i, len(good))
			}
		}
		for n := range good {
			if _, err := bob.Open(h, good[:n]); err == nil {
				t.Errorf("cut to %d bytes, and it opens", n)
			}
		}
		if _, err := bob.Open(h, append(bytes.Clone(good), 0)); err == nil {
			t.Error("a byte more, and it opens")
		}
		others := map[string]seal.Header{"counter": h, "class": h, "target": h, "replica": h, "room": h}
		for what, other := range others {
			switch what {
			case "counter":
				other.Counter++
			case "class":
				other.Class = presences
			case "target":
				other.Target = "another"
			case "replica":
				other.Replica = bob.Own().Replica
			case "room":
				other.Room = room(t, owner(t, 9))
			}
			if _, err := bob.Open(other, good); !errors.Is(err, seal.ErrForged) {
				t.Errorf("under another %s: %v, want ErrForged", what, err)
			}
		}
		elsewhere := newEstate(t, e.suite, 4).enter(t, seal.Write, 1)
		h.Room = elsewhere.Manifest().Room
		if _, err := elsewhere.Open(h, good); !errors.Is(err, seal.ErrForged) {
			t.Errorf("in another room, whose replica has the same keys: %v", err)
		}
	})
}

// TestWritersCannotWriteForOthers: who has all secrets of the room, but not another's own key, is found out.
func TestWritersCannotWriteForOthers(t *testing.T) {
	eachSuite(t, func(t *testing.T, e estate) {
		alice, bob, mallory := e.enter(t, seal.Write, 1), e.enter(t, seal.Write, 2), e.enter(t, seal.Write, 3)
		if _, err := bob.Admit(alice.Own().Bytes); err != nil {
			t.Fatal(err)
		}
		h := e.header(alice, 1, edits)
		if _, err := mallory.Seal(h, []byte("x")); err == nil {
			t.Error("mallory seals for alice")
		}
		if _, err := bob.Open(h, seal.ForgeEdit(mallory, h, []byte("x"))); !errors.Is(err, seal.ErrForged) {
			t.Errorf("mallory's seal under alice's header: %v", err)
		}
	})
}

func TestNothingIsSealedTwiceAlike(t *testing.T) {
	eachSuite(t, func(t *testing.T, e estate) {
		// A participant that lost its journal but not its keys counts from 1 again.
		seen := map[string]bool{}
		alice := e.enter(t, seal.Write, 1)
		for range 100 {
			b := sealIt(t, alice, e.header(alice, 1, edits), "text")
			salt := string(b[2:18])
			if seen[salt] {
				t.Fatal("a salt came twice")
			}
			seen[salt] = true
		}
	})
}

func TestSnapshotsCarryTheirAuthors(t *testing.T) {
	eachSuite(t, func(t *testing.T, e estate) {
		alice, bob, late := e.enter(t, seal.Write, 1), e.enter(t, seal.Write, 2), e.enter(t, seal.Read, 5)
		h := seal.Header{Room: e.manifest.Room, Class: snapshots}
		authors := []uint64{alice.Own().Replica, bob.Own().Replica, alice.Own().Replica}
		if b, err := bob.SealSnapshot(h, authors, []byte("doc")); err != nil {
			t.Errorf("a snapshot with text of somebody unknown: %v", err)
		} else if s, err := late.OpenSnapshot(h, b); err != nil || len(s.Authors) != 1 || s.Authors[alice.Own().Replica] {
			t.Errorf("a snapshot with text of somebody unknown: %+v, %v", s, err)
		}
		if _, err := bob.Admit(alice.Own().Bytes); err != nil {
			t.Fatal(err)
		}
		b, err := bob.SealSnapshot(h, authors, []byte("doc"))
		if err != nil {
			t.Fatal(err)
		}
		s, err := late.OpenSnapshot(h, b)
		if err != nil || s.Maker != bob.Own().Replica || string(s.Content) != "doc" || len(s.Authors) != 2 || !s.Authors[alice.Own().Replica] {
			t.Fatalf("snapshot %+v, %v", s, err)
		}
		if _, err := late.Open(e.header(alice, 2, edits), seal.ForgeEdit(alice, e.header(alice, 2, edits), []byte("x"))); err != nil {
			t.Errorf("a frame of an author whose certificate came with the snapshot: %v", err)
		}
		for i := range b {
			bad := bytes.Clone(b)
			bad[i] ^= 1
			if _, err := late.OpenSnapshot(h, bad); err == nil {
				t.Errorf("byte %d changed, and it opens", i)
			}
		}
		if _, err := late.Open(e.header(bob, 0, edits), b); err == nil {
			t.Error("a snapshot opens as a frame")
		}
	})
}

func TestLengthsDoNotTellKeys(t *testing.T) {
	eachSuite(t, func(t *testing.T, e estate) {
		alice := e.enter(t, seal.Write, 1)
		sealIt(t, alice, e.header(alice, 1, edits), "introduces")
		length := func(n int) int { return len(sealIt(t, alice, e.header(alice, 2, edits), string(make([]byte, n)))) }
		for n := range 64 {
			if length(n) != length(0) {
				t.Errorf("%d bytes are told from none", n)
			}
		}
		if length(64) == length(63) || length(1023) != length(600) || length(1025) != length(2000) {
			t.Error("the steps are others than documented")
		}
	})
}

func TestCertificates(t *testing.T) {
	eachSuite(t, func(t *testing.T, e estate) {
		id := identity(t, e.suite, 1)
		write, read := derive(t, e.owner, seal.Write), derive(t, e.owner, seal.Read)
		c, err := seal.Certify(e.manifest, write, seal.Write, id)
		if err != nil || c.Replica != id.ReplicaID() || c.Right != seal.Write {
			t.Fatalf("certificate %+v, %v", c, err)
		}
		if _, err := seal.Certify(e.manifest, read, seal.Write, id); !errors.Is(err, seal.ErrRight) {
			t.Errorf("a reader certifies itself to write: %v", err)
		}
		for i := range c.Bytes {
			bad := bytes.Clone(c.Bytes)
			bad[i] ^= 1
			if _, err := seal.VerifyCertificate(e.manifest, bad); !errors.Is(err, seal.ErrCertificate) {
				t.Errorf("byte %d changed: %v, want ErrCertificate", i, err)
			}
		}
		if _, err := seal.VerifyCertificate(newEstate(t, e.suite, 4).manifest, c.Bytes); !errors.Is(err, seal.ErrCertificate) {
			t.Errorf("in another room: %v", err)
		}
		other, err := seal.Certify(e.manifest, write, seal.Read, id)
		if err != nil || other.Fingerprint() != c.Fingerprint() || c.Fingerprint().Words() == "" {
			t.Errorf("fingerprints %v and %v, %v", other.Fingerprint(), c.Fingerprint(), err)
		}
		r := e.enter(t, seal.Write, 2)
		for _, b := range [][]byte{other.Bytes, c.Bytes, other.Bytes} {
			if _, err := r.Admit(b); err != nil {
				t.Fatal(err)
			}
		}
		if got, _ := r.Member(c.Replica); got.Right != seal.Write || len(r.Members()) != 2 {
			t.Errorf("of a replica with two certificates, the one to %v counts, among %d", got.Right, len(r.Members()))
		}
	})
}

func TestRoomsNeedTheirOwnKeys(t *testing.T) {
	eachSuite(t, func(t *testing.T, e estate) {
		stranger := newEstate(t, e.suite, 4)
		id := identity(t, e.suite, 1)
		if _, err := seal.NewRoom(e.manifest, derive(t, stranger.owner, seal.Write), id, constant{}); !errors.Is(err, seal.ErrRight) {
			t.Errorf("with the secret of another room: %v", err)
		}
		other := seal.SuiteXChaCha + seal.SuiteSM4 - e.suite
		if _, err := seal.NewRoom(e.manifest, derive(t, e.owner, seal.Write), identity(t, other, 1), constant{}); !errors.Is(err, seal.ErrSuite) {
			t.Errorf("with an identity of the other suite: %v", err)
		}
		if _, err := seal.NewManifest(e.owner, other, 0); !errors.Is(err, seal.ErrSuite) {
			t.Errorf("a manifest of the other suite: %v", err)
		}
	})
}

// constant is a source of "randomness" that never changes.
type constant struct{}

func (constant) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

func TestProofsHoldForOneChallengeOnly(t *testing.T) {
	for _, suite := range append([]byte{seal.SuitePlain}, sealed...) {
		t.Run(seal.SuiteName(suite), func(t *testing.T) { checkProofs(t, newEstate(t, suite, 3)) })
	}
}

func checkProofs(t *testing.T, e estate) {
	id := identity(t, e.suite, 1)
	c := seal.Challenge{
		Host: "relay.example:1", Room: e.manifest.Room, Replica: id.ReplicaID(), Version: 2, Nonce: bytes.Repeat([]byte{5}, seal.NonceLen),
	}
	for _, right := range []seal.Right{seal.Read, seal.Write, seal.Owner} {
		proof, err := seal.Prove(e.manifest, derive(t, e.owner, right), id, c)
		if err != nil || proof.Right != right {
			t.Fatal(proof.Right, err)
		}
		if err := seal.VerifyProof(e.manifest, c, proof); err != nil {
			t.Errorf("%v: %v", right, err)
		}
		for what, change := range map[string]func(*seal.Challenge, *seal.Proof){
			"host":      func(c *seal.Challenge, _ *seal.Proof) { c.Host = "relay.example:2" },
			"replica":   func(c *seal.Challenge, _ *seal.Proof) { c.Replica++ },
			"version":   func(c *seal.Challenge, _ *seal.Proof) { c.Version++ },
			"nonce":     func(c *seal.Challenge, _ *seal.Proof) { c.Nonce = bytes.Repeat([]byte{6}, seal.NonceLen) },
			"none":      func(c *seal.Challenge, _ *seal.Proof) { c.Nonce = nil },
			"right":     func(_ *seal.Challenge, p *seal.Proof) { p.Right = right%seal.Owner + 1 },
			"no right":  func(_ *seal.Challenge, p *seal.Proof) { p.Right = 0 },
			"signature": func(_ *seal.Challenge, p *seal.Proof) { p.Signature = p.Signature[:63] },
		} {
			c, p := c, proof
			change(&c, &p)
			if err := seal.VerifyProof(e.manifest, c, p); !errors.Is(err, seal.ErrProof) {
				t.Errorf("%v, another %s: %v, want ErrProof", right, what, err)
			}
		}
		if err := seal.VerifyProof(newEstate(t, e.suite, 4).manifest, c, proof); !errors.Is(err, seal.ErrProof) {
			t.Errorf("%v in another room: %v", right, err)
		}
		if e.suite == seal.SuitePlain {
			continue
		}
		// Somebody else with the same right shows this replica's certificate, which is no secret.
		stolen, err := seal.Prove(e.manifest, derive(t, e.owner, right), identity(t, e.suite, 2), c)
		if err != nil {
			t.Fatal(err)
		}
		stolen.Certificate = proof.Certificate
		if err := seal.VerifyProof(e.manifest, c, stolen); !errors.Is(err, seal.ErrProof) {
			t.Errorf("%v with a certificate whose key is another's: %v", right, err)
		}
	}
}

// TestReadersTakeNoWritersPlace: whoever may read can make any number of certificates to read, and those who write are let in
// all the same, the readers among them who may write by then, too.
func TestReadersTakeNoWritersPlace(t *testing.T) {
	e := newEstate(t, seal.SuiteXChaCha, 1)
	r := e.enter(t, seal.Write, 1)
	random := rand.NewChaCha8([32]byte{2})
	certify := func(id *seal.Identity, right seal.Right) []byte {
		c, err := seal.Certify(e.manifest, derive(t, e.owner, right), right, id)
		if err != nil {
			t.Fatal(err)
		}
		return c.Bytes
	}
	var last *seal.Identity
	for i := range seal.MaxReaders + 2 {
		id, err := seal.NewIdentity(e.suite, random)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Admit(certify(id, seal.Read)); (err != nil) != (i >= seal.MaxReaders) || err != nil && !errors.Is(err, seal.ErrCertificate) {
			t.Fatalf("reader %d: %v", i, err)
		}
		if i < seal.MaxReaders {
			last = id
		}
	}
	writer := identity(t, e.suite, 7)
	for _, id := range []*seal.Identity{writer, last} {
		if c, err := r.Admit(certify(id, seal.Write)); err != nil || c.Right != seal.Write {
			t.Errorf("somebody who may write: %v, %v", c.Right, err)
		}
	}
	if _, err := r.Admit(certify(identity(t, e.suite, 8), seal.Read)); err != nil {
		t.Errorf("a reader, now that one writes: %v", err)
	}
}
