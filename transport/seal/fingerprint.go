package seal

import (
	"encoding/hex"
	"strings"
)

// Fingerprint is a hash of a replica's public keys, for people to compare over another channel: whoever has the room's
// write secret can certify keys, so that a name alone says nothing.
type Fingerprint [16]byte

// fingerprintWords is how many words are read aloud: 48 bits, so that making other keys with the same words takes some
// 10^14 attempts.
const fingerprintWords = 6

// Fingerprint is that of the certified keys.
func (c Certificate) Fingerprint() Fingerprint {
	p := FamilyStandard.primitives()
	if len(c.signs) != p.publicLen() {
		p = FamilyShangMi.primitives()
	}
	h := p.hash()
	h.Write([]byte("coedit/v2 fingerprint"))
	h.Write(c.signs)
	h.Write(c.opens)
	return Fingerprint(h.Sum(nil)[:16])
}

// String is all of it, in hexadecimal groups of four.
func (f Fingerprint) String() string {
	groups := make([]string, 0, len(f)/2)
	for i := 0; i < len(f); i += 2 {
		groups = append(groups, hex.EncodeToString(f[i:i+2]))
	}
	return strings.Join(groups, " ")
}

// Words is the beginning of it in words, to be read aloud.
func (f Fingerprint) Words() string {
	said := make([]string, fingerprintWords)
	for i := range said {
		said[i] = words[f[i]]
	}
	return strings.Join(said, "-")
}
