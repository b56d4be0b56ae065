package seal_test

import (
	"bytes"
	"testing"

	"coedit/transport/seal"
)

func FuzzParseLink(f *testing.F) {
	l := goodLink(f)
	f.Add(l.String())
	l.Pin, l.Suite = pin, suite
	f.Add(l.String())
	f.Add("http://[::1]:80/r/#w.~")
	f.Fuzz(func(t *testing.T, s string) {
		l, err := seal.ParseLink(s)
		if err != nil {
			return
		}
		again, err := seal.ParseLink(l.String())
		if err != nil || again != l {
			t.Errorf("%q is read as %#v and written as %q, which is read as %#v, %v", s, l, l.String(), again, err)
		}
	})
}

func FuzzVerifyManifest(f *testing.F) {
	o := owner(f, 3)
	b, err := seal.NewManifest(o, seal.SuitePlain, 1_700_000_000_123)
	if err != nil {
		f.Fatal(err)
	}
	id := room(f, o)
	f.Add(id, b)
	f.Add(id, b[:100])
	f.Fuzz(func(t *testing.T, room string, m []byte) {
		got, err := seal.VerifyManifest(room, m)
		if err == nil && got.Room != room {
			t.Errorf("verified %d bytes for %q: %+v", len(m), room, got)
		}
		if err == nil && room == id && !bytes.Equal(m, b) && got.CreatedAt == 1_700_000_000_123 {
			t.Error("a second manifest of the same room, without its key")
		}
	})
}

func FuzzOpen(f *testing.F) {
	h := seal.Header{Room: "room", Replica: 7, Counter: 9, Class: 2, Target: "doc"}
	f.Add([]byte(nil))
	f.Add(mustSeal(f, h, nil))
	f.Add(mustSeal(f, h, []byte("text")))
	f.Fuzz(func(t *testing.T, sealed []byte) {
		plain, err := seal.NewPlain().Open(h, sealed)
		if err == nil && !bytes.Equal(mustSeal(t, h, plain), sealed) {
			t.Errorf("%x opens to %x, which is sealed otherwise", sealed, plain)
		}
	})
}

// fuzzRooms are a reader's sealers, one of each suite, that know the writer whose frames the seeds are.
func fuzzRooms(f *testing.F) []*seal.Room {
	var rooms []*seal.Room
	for _, suite := range sealed {
		rooms = append(rooms, newEstate(f, suite, 3).enter(f, seal.Read, 2))
	}
	return rooms
}

// FuzzOpenSealed: without its key nobody makes a payload that opens, whatever is done to those that do.
func FuzzOpenSealed(f *testing.F) {
	good := map[string]bool{}
	headers := map[byte]seal.Header{}
	for _, suite := range sealed {
		e := newEstate(f, suite, 3)
		alice := e.enter(f, seal.Write, 1)
		headers[suite] = e.header(alice, 9, edits)
		for range 2 {
			b := sealIt(f, alice, headers[suite], "text")
			good[string(b)] = true
			f.Add(b)
		}
	}
	rooms := fuzzRooms(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, r := range rooms {
			if _, err := r.Open(headers[r.Manifest().Suite], b); err == nil && !good[string(b)] {
				t.Errorf("%x opens", b)
			}
		}
	})
}

// FuzzOpenSnapshot opens the bytes, and the bytes as a writer sealed and signed them, who may sign anything.
func FuzzOpenSnapshot(f *testing.F) {
	var makers []*seal.Room
	good := map[string]bool{}
	for _, suite := range sealed {
		e := newEstate(f, suite, 3)
		alice := e.enter(f, seal.Write, 1)
		b, err := alice.SealSnapshot(e.header(alice, 0, snapshots), []uint64{alice.Own().Replica}, []byte("text"))
		if err != nil {
			f.Fatal(err)
		}
		good[string(b)] = true
		f.Add(b)
		f.Add([]byte{0, 2, 0, 200, 1})
		makers = append(makers, alice)
	}
	rooms := fuzzRooms(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		for i, r := range rooms {
			h := seal.Header{Room: r.Manifest().Room, Class: snapshots, Replica: makers[i].Own().Replica}
			if s, err := r.OpenSnapshot(h, seal.ForgeEdit(makers[i], h, b)); err == nil && len(s.Content) > len(b)-2 {
				t.Errorf("%x has content %x", b, s.Content)
			}
			if _, err := r.OpenSnapshot(h, b); err == nil && !good[string(b)] {
				t.Errorf("%x opens", b)
			}
		}
	})
}

func FuzzVerifyCertificate(f *testing.F) {
	good := map[string]bool{}
	rooms := fuzzRooms(f)
	for _, suite := range sealed {
		b := newEstate(f, suite, 3).enter(f, seal.Write, 1).Own().Bytes
		good[string(b)] = true
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, r := range rooms {
			if _, err := seal.VerifyCertificate(r.Manifest(), b); err == nil && !good[string(b)] {
				t.Errorf("%x is a certificate", b)
			}
		}
	})
}

func FuzzVerifyProof(f *testing.F) {
	rooms := fuzzRooms(f)
	replicas := map[byte]uint64{}
	for _, suite := range sealed {
		replicas[suite] = identity(f, suite, 1).ReplicaID()
	}
	challenge := func(r *seal.Room) seal.Challenge {
		m := r.Manifest()
		return seal.Challenge{Host: "h", Room: m.Room, Replica: replicas[m.Suite], Version: 2, Nonce: make([]byte, seal.NonceLen)}
	}
	type fields struct {
		right                        byte
		signature, certificate, self string
	}
	good := map[fields]bool{}
	for _, r := range rooms {
		suite := r.Manifest().Suite
		p, err := seal.Prove(r.Manifest(), derive(f, newEstate(f, suite, 3).owner, seal.Write), identity(f, suite, 1), challenge(r))
		if err != nil {
			f.Fatal(err)
		}
		good[fields{byte(p.Right), string(p.Signature), string(p.Certificate), string(p.Replica)}] = true
		f.Add(byte(p.Right), p.Signature, p.Certificate, p.Replica)
	}
	f.Fuzz(func(t *testing.T, right byte, signature, certificate, self []byte) {
		p := seal.Proof{Right: seal.Right(right), Signature: signature, Certificate: certificate, Replica: self}
		for _, r := range rooms {
			if seal.VerifyProof(r.Manifest(), challenge(r), p) == nil && !good[fields{right, string(signature), string(certificate), string(self)}] {
				t.Errorf("proof %+v", p)
			}
		}
	})
}
