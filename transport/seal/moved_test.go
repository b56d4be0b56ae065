package seal_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"

	"coedit/transport/seal"
)

// moving is a move of a room to another one, for a writer and a reader.
func moving(t testing.TB, e, next estate) (notice []byte, writer, reader, left *seal.Identity) {
	t.Helper()
	writer, reader, left = identity(t, e.suite, 1), identity(t, e.suite, 2), identity(t, e.suite, 3)
	w, err := seal.Certify(e.manifest, derive(t, e.owner, seal.Write), seal.Write, writer)
	if err != nil {
		t.Fatal(err)
	}
	r, err := seal.Certify(e.manifest, derive(t, e.owner, seal.Read), seal.Read, reader)
	if err != nil {
		t.Fatal(err)
	}
	link := seal.Link{Base: "https://relay.example:1", Room: next.manifest.Room, Secret: next.owner}
	notice, err = seal.Move(e.owner, link, next.signed, []seal.Certificate{w, r}, rand.NewChaCha8([32]byte{1}))
	if err != nil {
		t.Fatal(err)
	}
	return notice, writer, reader, left
}

func TestThoseWhoFollowGetTheirRight(t *testing.T) {
	eachSuite(t, func(t *testing.T, e estate) {
		next := newEstate(t, e.suite, 5)
		notice, writer, reader, left := moving(t, e, next)
		for id, right := range map[*seal.Identity]seal.Right{writer: seal.Write, reader: seal.Read} {
			m, err := seal.OpenMoved(e.manifest, notice, id)
			if err != nil || m.Link.Secret != derive(t, next.owner, right) || m.Link.Room != next.manifest.Room ||
				m.Link.Base != "https://relay.example:1" || !bytes.Equal(m.Manifest, next.signed) {
				t.Errorf("to %v: %v, %v", right, m.Link, err)
			}
		}
		if _, err := seal.OpenMoved(e.manifest, notice, left); !errors.Is(err, seal.ErrLeftOut) {
			t.Errorf("who was left out: %v", err)
		}
		for _, secret := range [][]byte{next.owner.Bytes[:], bytesOf(t, next, seal.Write), bytesOf(t, next, seal.Read)} {
			if bytes.Contains(notice, secret) {
				t.Error("a secret can be read in the notice")
			}
		}
	})
}

// TestTheOwnerFindsItsOwnWay: by its own notice, with the secret of the room that is left and no key of a replica.
func TestTheOwnerFindsItsOwnWay(t *testing.T) {
	eachSuite(t, func(t *testing.T, e estate) {
		next := newEstate(t, e.suite, 5)
		notice, _, _, _ := moving(t, e, next)
		m, err := seal.OpenOwnMoved(e.manifest, notice, e.owner)
		if err != nil || m.Link.Secret != next.owner || m.Link.Room != next.manifest.Room || !bytes.Equal(m.Manifest, next.signed) {
			t.Errorf("the owner: %v, %v", m.Link, err)
		}
		if _, err := seal.OpenOwnMoved(e.manifest, notice, derive(t, e.owner, seal.Write)); !errors.Is(err, seal.ErrRight) {
			t.Errorf("with a secret to write: %v", err)
		}
		if m, err := seal.OpenOwnMoved(e.manifest, notice, newEstate(t, e.suite, 6).owner); !errors.Is(err, seal.ErrMoved) || m.Link.Secret == next.owner {
			t.Errorf("another owner: %v", err)
		}
		elsewhere, err := seal.Move(e.owner, seal.Link{Base: "https://h", Room: next.manifest.Room, Secret: newEstate(t, e.suite, 7).owner}, next.signed, nil, rand.NewChaCha8([32]byte{2}))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := seal.OpenOwnMoved(e.manifest, elsewhere, e.owner); !errors.Is(err, seal.ErrMoved) || !errors.Is(err, seal.ErrRight) {
			t.Errorf("a secret of another room: %v", err)
		}
	})
}

func bytesOf(t testing.TB, e estate, right seal.Right) []byte {
	s := derive(t, e.owner, right)
	return s.Bytes[:]
}

func TestNobodyButTheOwnerMovesARoom(t *testing.T) {
	eachSuite(t, func(t *testing.T, e estate) {
		next := newEstate(t, e.suite, 5)
		notice, writer, _, _ := moving(t, e, next)
		for i := range notice {
			bad := bytes.Clone(notice)
			bad[i] ^= 1
			if _, err := seal.OpenMoved(e.manifest, bad, writer); !errors.Is(err, seal.ErrMoved) {
				t.Fatalf("byte %d changed: %v, want ErrMoved", i, err)
			}
		}
		if _, err := seal.OpenMoved(newEstate(t, e.suite, 6).manifest, notice, writer); !errors.Is(err, seal.ErrMoved) {
			t.Errorf("in another room: %v", err)
		}
		link := seal.Link{Base: "https://h", Room: next.manifest.Room, Secret: next.owner}
		if _, err := seal.Move(derive(t, e.owner, seal.Write), link, next.signed, nil, constant{}); !errors.Is(err, seal.ErrRight) {
			t.Errorf("a writer moves the room: %v", err)
		}
		link.Secret = derive(t, next.owner, seal.Write)
		if _, err := seal.Move(e.owner, link, next.signed, nil, constant{}); !errors.Is(err, seal.ErrRight) {
			t.Errorf("without the new owner's secret: %v", err)
		}
	})
}

// FuzzOpenMoved opens bytes that the owner signed, who is the only one that can: nothing in them makes a follower panic.
func FuzzOpenMoved(f *testing.F) {
	type world struct {
		e    estate
		id   *seal.Identity
		good []byte
	}
	var all []world
	for _, suite := range sealed {
		e := newEstate(f, suite, 3)
		notice, writer, _, _ := moving(f, e, newEstate(f, suite, 5))
		all = append(all, world{e, writer, notice})
		f.Add(notice[:len(notice)-64])
		f.Add(notice)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, w := range all {
			if _, err := seal.OpenMoved(w.e.manifest, b, w.id); err == nil && !bytes.Equal(b, w.good) {
				t.Errorf("%x moves a room", b)
			}
			if m, err := seal.OpenMoved(w.e.manifest, seal.SignMoved(w.e.owner, b), w.id); err == nil && len(m.Manifest) > len(b) {
				t.Errorf("%x has a manifest of %d bytes", b, len(m.Manifest))
			}
			if m, err := seal.OpenOwnMoved(w.e.manifest, seal.SignMoved(w.e.owner, b), w.e.owner); err == nil && m.Link.Secret.Right != seal.Owner {
				t.Errorf("%x gives the owner a secret to %v", b, m.Link.Secret.Right)
			}
		}
	})
}
