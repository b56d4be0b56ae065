package seal_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/iotest"

	"coedit/transport/seal"
)

// owner is an owner secret of one repeated byte.
func owner(t testing.TB, b byte) seal.Secret {
	t.Helper()
	s, err := seal.NewOwner(bytes.NewReader(bytes.Repeat([]byte{b}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func derive(t testing.TB, s seal.Secret, r seal.Right) seal.Secret {
	t.Helper()
	d, err := s.Derive(r)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func room(t testing.TB, s seal.Secret) string {
	t.Helper()
	r, err := s.RoomID()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestDerivationsNeverChange: rooms and links that exist depend on these bytes.
func TestDerivationsNeverChange(t *testing.T) {
	o := owner(t, 7)
	w, r := derive(t, o, seal.Write), derive(t, o, seal.Read)
	for name, c := range map[string]struct{ got, want string }{
		"write secret": {hex.EncodeToString(w.Bytes[:]), wantWrite},
		"read secret":  {hex.EncodeToString(r.Bytes[:]), wantRead},
		"room":         {room(t, o), wantRoom},
		"link":         {seal.Link{Base: "https://relay.example", Room: room(t, o), Secret: w}.String(), wantLink},
	} {
		if c.got != c.want {
			t.Errorf("%s is %s, want %s", name, c.got, c.want)
		}
	}
}

func TestRightsDeriveDownwardsOnly(t *testing.T) {
	o := owner(t, 1)
	w := derive(t, o, seal.Write)
	if derive(t, w, seal.Read) != derive(t, o, seal.Read) {
		t.Error("the read secret depends on the way it is derived")
	}
	if derive(t, w, seal.Write) != w {
		t.Error("deriving the same right changes the secret")
	}
	if o.Bytes == w.Bytes || w.Bytes == derive(t, w, seal.Read).Bytes {
		t.Error("two rights have one secret")
	}
	for _, c := range []struct {
		from seal.Secret
		to   seal.Right
	}{{w, seal.Owner}, {derive(t, w, seal.Read), seal.Write}, {o, 0}, {seal.Secret{}, seal.Read}, {seal.Secret{Right: 9}, seal.Read}} {
		if _, err := c.from.Derive(c.to); !errors.Is(err, seal.ErrRight) {
			t.Errorf("%v from %v: %v, want ErrRight", c.to, c.from, err)
		}
	}
	if _, err := w.RoomID(); !errors.Is(err, seal.ErrRight) {
		t.Errorf("a writer gets the room id: %v", err)
	}
	if _, err := seal.NewManifest(w, seal.SuitePlain, 0); !errors.Is(err, seal.ErrRight) {
		t.Errorf("a writer signs a manifest: %v", err)
	}
}

func TestNewOwnerNeedsAllItsRandomness(t *testing.T) {
	if _, err := seal.NewOwner(strings.NewReader("short")); err == nil {
		t.Error("an owner of 5 random bytes")
	}
	if _, err := seal.NewOwner(iotest.ErrReader(errors.New("no randomness"))); err == nil {
		t.Error("an owner of nothing")
	}
	a, b := owner(t, 1), owner(t, 2)
	if a == b || room(t, a) == room(t, b) {
		t.Error("two owners are the same")
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	s := owner(t, 0xab)
	w := derive(t, s, seal.Write)
	link := seal.Link{Base: "http://h", Room: room(t, s), Secret: w}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		got := fmt.Sprintf(verb, s) + fmt.Sprintf(verb, struct{ S seal.Secret }{w})
		if strings.Contains(strings.ToLower(got), "abab") || strings.Contains(got, "171 171") || strings.Contains(strings.ToLower(got), hex.EncodeToString(w.Bytes[:4])) {
			t.Errorf("%s prints %s", verb, got)
		}
	}
	secret := strings.TrimPrefix(link.String(), link.Base+"/r/"+link.Room+"#w.")
	for name, got := range map[string]string{
		"Redacted": link.Redacted(), "LogValue": link.LogValue().String(), "GoString": fmt.Sprintf("%#v", link),
		"secret's LogValue": w.LogValue().String(),
	} {
		if strings.Contains(got, secret[:8]) {
			t.Errorf("%s shows the secret: %s", name, got)
		}
	}
	if got := (seal.Link{Base: "http://h", Room: link.Room, Secret: s}).String(); !strings.HasSuffix(got, "#o....") {
		t.Errorf("a link with the owner's secret prints %s", got)
	}
}

func TestManifestsVerify(t *testing.T) {
	o := owner(t, 3)
	b, err := seal.NewManifest(o, seal.SuitePlain, 1_700_000_000_123)
	if err != nil {
		t.Fatal(err)
	}
	again, _ := seal.NewManifest(o, seal.SuitePlain, 1_700_000_000_123)
	if len(b) != 174 || !bytes.Equal(b, again) {
		t.Errorf("%d bytes, want 174, always the same", len(b))
	}
	m, err := seal.VerifyManifest(room(t, o), b)
	if err != nil {
		t.Fatal(err)
	}
	if m.Room != room(t, o) || m.Suite != seal.SuitePlain || m.CreatedAt != 1_700_000_000_123 {
		t.Errorf("manifest %+v", m)
	}
	if len(m.OwnerKey) != 32 || bytes.Equal(m.OwnerKey, m.WriteKey) || bytes.Equal(m.WriteKey, m.ReadKey) {
		t.Errorf("keys %x, %x, %x", m.OwnerKey, m.WriteKey, m.ReadKey)
	}
}

func TestEveryChangeOfAManifestIsNoticed(t *testing.T) {
	o := owner(t, 3)
	good, err := seal.NewManifest(o, seal.SuitePlain, 1_700_000_000_123)
	if err != nil {
		t.Fatal(err)
	}
	id := room(t, o)
	for i := range good {
		bad := bytes.Clone(good)
		bad[i] ^= 1
		if _, err := seal.VerifyManifest(id, bad); !errors.Is(err, seal.ErrManifest) {
			t.Errorf("byte %d changed: %v, want ErrManifest", i, err)
		}
	}
	for n := range good {
		if _, err := seal.VerifyManifest(id, good[:n]); !errors.Is(err, seal.ErrManifest) {
			t.Errorf("cut to %d bytes: %v, want ErrManifest", n, err)
		}
	}
	if _, err := seal.VerifyManifest(id, append(bytes.Clone(good), 0)); !errors.Is(err, seal.ErrManifest) {
		t.Errorf("a byte more: %v", err)
	}
	if _, err := seal.VerifyManifest(room(t, owner(t, 4)), good); !errors.Is(err, seal.ErrManifest) {
		t.Errorf("another room's: %v", err)
	}
	later := bytes.Clone(good)
	later[4] = 2
	if _, err := seal.VerifyManifest(id, later); err == nil || !strings.Contains(err.Error(), "version 2") {
		t.Errorf("a later layout: %v, want its version named", err)
	}
}

func TestPlainBindsPayloadsToTheirHeaders(t *testing.T) {
	s := seal.NewPlain()
	h := seal.Header{Room: "room", Replica: 7, Counter: 9, Class: 2, Target: "doc"}
	sealed, err := s.Seal(h, []byte("text"))
	if err != nil || s.Encrypted() {
		t.Fatal(err, s.Encrypted())
	}
	if got, err := s.Open(h, sealed); err != nil || string(got) != "text" {
		t.Errorf("opened %q, %v", got, err)
	}
	if got, err := s.Open(h, mustSeal(t, h, nil)); err != nil || len(got) != 0 {
		t.Errorf("an empty payload: %q, %v", got, err)
	}
	for name, other := range map[string]seal.Header{
		"room":    {Room: "roo", Replica: 7, Counter: 9, Class: 2, Target: "mdoc"},
		"replica": {Room: "room", Replica: 8, Counter: 9, Class: 2, Target: "doc"},
		"counter": {Room: "room", Replica: 7, Counter: 10, Class: 2, Target: "doc"},
		"class":   {Room: "room", Replica: 7, Counter: 9, Class: 3, Target: "doc"},
		"target":  {Room: "room", Replica: 7, Counter: 9, Class: 2, Target: ""},
	} {
		if _, err := s.Open(other, sealed); !errors.Is(err, seal.ErrForged) {
			t.Errorf("another %s: %v, want ErrForged", name, err)
		}
	}
	for i := range sealed {
		bad := bytes.Clone(sealed)
		bad[i] ^= 0x40
		if _, err := s.Open(h, bad); err == nil {
			t.Errorf("byte %d changed, and it opens", i)
		}
	}
	for n := range sealed {
		if _, err := s.Open(h, sealed[:n]); err == nil {
			t.Errorf("cut to %d bytes, and it opens", n)
		}
	}
	if _, err := s.Open(h, []byte{9, 1, 2, 3, 4, 5}); !errors.Is(err, seal.ErrSuite) || !strings.Contains(err.Error(), "unknown suite 9") {
		t.Errorf("another suite: %v, want it named", err)
	}
}

func mustSeal(t testing.TB, h seal.Header, plain []byte) []byte {
	t.Helper()
	b, err := seal.NewPlain().Seal(h, plain)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
