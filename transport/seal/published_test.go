package seal

import (
	"bytes"
	"crypto/cipher"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"testing"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/sm4"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestXChaCha20Poly1305 is the example of draft-irtf-cfrg-xchacha-03, A.3.1, through salt and counter as they are used here.
func TestXChaCha20Poly1305(t *testing.T) {
	key := unhex(t, "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f")
	nonce := unhex(t, "404142434445464748494a4b4c4d4e4f5051525354555657")
	text := "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it."
	want := "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff921f9664c97637da9768812f615c68b13b52ec0875924c1c7987947deafd8780acf49"
	aead, got, err := standard{}.aead(key, nonce[:saltLen], binary.BigEndian.Uint64(nonce[saltLen:]))
	if err != nil || !bytes.Equal(got, nonce) {
		t.Fatalf("nonce %x, %v", got, err)
	}
	if b := aead.Seal(nil, nonce, []byte(text), unhex(t, "50515253c0c1c2c3c4c5c6c7")); hex.EncodeToString(b) != want {
		t.Errorf("sealed %x", b)
	}
}

// TestHKDF is test case 1 of RFC 5869, with the salt that expand uses, which is case 3.
func TestHKDF(t *testing.T) {
	ikm := bytes.Repeat([]byte{0x0b}, 22)
	got, err := expand(standard{}, ikm, "", 42)
	want := "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
	if err != nil || hex.EncodeToString(got) != want {
		t.Errorf("%x, %v", got, err)
	}
}

// TestSM3 is the first example of GB/T 32905-2016.
func TestSM3(t *testing.T) {
	h := shangMi{}.hash()
	h.Write([]byte("abc"))
	if got := hex.EncodeToString(h.Sum(nil)); got != "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0" {
		t.Error(got)
	}
}

// TestSM4GCM is the example of RFC 8998, A.1.
func TestSM4GCM(t *testing.T) {
	block, err := sm4.NewCipher(unhex(t, "0123456789abcdeffedcba9876543210"))
	if err != nil {
		t.Fatal(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	text := unhex(t, "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccddddddddddddddddeeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa")
	want := "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d83de3541e4c2b58177e065a9bf7b62ec"
	got := aead.Seal(nil, unhex(t, "00001234567800000000abcd"), text, unhex(t, "feedfacedeadbeeffeedfacedeadbeefabaddad2"))
	if hex.EncodeToString(got) != want {
		t.Errorf("sealed %x", got)
	}
}

// TestSM2Signature is the example of GB/T 32918.5-2017, annex A: key, message and signature as published.
func TestSM2Signature(t *testing.T) {
	public := unhex(t, "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"+
		"ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13")
	signature := unhex(t, "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"+
		"b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa")
	message := []byte("message digest")
	if !(shangMi{}).verify(public, message, signature) {
		t.Error("the published signature does not verify")
	}
	signature[63] ^= 1
	if (shangMi{}).verify(public, message, signature) {
		t.Error("another signature verifies")
	}
	k, err := sm2.NewPrivateKey(unhex(t, "3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8"))
	if err != nil {
		t.Fatal(err)
	}
	own, err := sm2Key{k, public}.sign(message)
	if err != nil || !(shangMi{}).verify(public, message, own) {
		t.Errorf("the own signature with the published key does not verify: %v", err)
	}
}

// TestKeysAgree: what is wrapped for a key opens with it only, and with what it is bound to only.
func TestKeysAgree(t *testing.T) {
	for _, p := range []primitives{standard{}, shangMi{}} {
		to, err := p.openingKey(bytes.Repeat([]byte{1}, seedLen))
		if err != nil {
			t.Fatal(err)
		}
		other, err := p.openingKey(bytes.Repeat([]byte{2}, seedLen))
		if err != nil {
			t.Fatal(err)
		}
		wrapped, err := p.wrap(newDraws(p.hash), to.public(), []byte("secret"), []byte("bound"))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := to.unwrap(wrapped, []byte("bound")); err != nil || string(got) != "secret" {
			t.Errorf("%T: %q, %v", p, got, err)
		}
		if _, err := other.unwrap(wrapped, []byte("bound")); err == nil {
			t.Errorf("%T: another key opens it", p)
		}
		if _, err := to.unwrap(wrapped, []byte("elsewhere")); err == nil {
			t.Errorf("%T: it opens bound to something else", p)
		}
		for i := range wrapped {
			bad := bytes.Clone(wrapped)
			bad[i] ^= 1
			if _, err := to.unwrap(bad, []byte("bound")); err == nil {
				t.Errorf("%T: byte %d changed, and it opens", p, i)
			}
		}
		for n := range wrapped {
			if _, err := to.unwrap(wrapped[:n], []byte("bound")); err == nil {
				t.Errorf("%T: cut to %d bytes, and it opens", p, n)
			}
		}
		if _, err := p.wrap(newDraws(p.hash), make([]byte, p.publicLen()), []byte("secret"), nil); err == nil {
			t.Errorf("%T: wrapped for a key that is none", p)
		}
	}
}

// draws is a source of bytes that looks random and is always the same.
type draws struct {
	h hash.Hash
	n byte
}

func newDraws(h func() hash.Hash) *draws { return &draws{h: h()} }

func (d *draws) Read(b []byte) (int, error) {
	d.n++
	d.h.Write([]byte{d.n})
	return copy(b, d.h.Sum(nil)), nil
}
