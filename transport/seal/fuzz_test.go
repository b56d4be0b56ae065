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
	b, err := seal.NewManifest(o, 1_700_000_000_123)
	if err != nil {
		f.Fatal(err)
	}
	id := room(f, o)
	f.Add(id, b)
	f.Add(id, b[:100])
	f.Fuzz(func(t *testing.T, room string, m []byte) {
		got, err := seal.VerifyManifest(room, m)
		if err == nil && (got.Room != room || len(m) != seal.ManifestLen) {
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
