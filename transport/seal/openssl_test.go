package seal_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"math/big"
	"math/bits"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"coedit/internal/outside"
)

// The kept vectors are checked here by openssl, from what doc.go says about the layouts and by nothing of this package:
// hashes, derivations, signatures and the ciphers' key streams. What openssl's command lacks is HChaCha20, which is
// written out below, and the tags, which the published vectors check.

// tool is openssl, with a folder for the files it reads.
type tool struct {
	t   *testing.T
	dir string
	sm  bool // the vector's suite is the one of SM2, SM3 and SM4
}

func TestVectorsByOpenSSL(t *testing.T) {
	outside.Need(t, "openssl")
	b, err := os.ReadFile(vectorsFile)
	if err != nil {
		t.Fatal(err)
	}
	var all []vector
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	for _, v := range all {
		t.Run(v.Suite, func(t *testing.T) {
			o := tool{t, t.TempDir(), v.Suite == "sm4"}
			t.Run("derivations", func(t *testing.T) { o.t = t; o.derivations(v) })
			t.Run("manifest", func(t *testing.T) { o.t = t; o.manifest(v) })
			t.Run("certificate", func(t *testing.T) { o.t = t; o.certificate(v) })
			t.Run("payloads", func(t *testing.T) { o.t = t; o.payloads(v) })
			t.Run("proof", func(t *testing.T) { o.t = t; o.proof(v) })
		})
	}
}

// keyLen is the length of a public key.
func (o tool) keyLen() int {
	if o.sm {
		return 64
	}
	return 32
}

func (o tool) derivations(v vector) {
	o.same("write secret", o.hkdf(o.hex(v.Owner), "coedit/v1 secret write", 32), o.hex(v.Write))
	o.same("read secret", o.hkdf(o.hex(v.Write), "coedit/v1 secret read", 32), o.hex(v.Read))
}

func (o tool) manifest(v vector) {
	m, n := o.hex(v.Manifest), o.keyLen()
	room := o.digest(append([]byte("coedit/v1 room"), m[14:14+n]...))[:16]
	o.same("room", []byte(base32Text(room)), []byte(v.Room))
	o.verify("manifest", m[14:14+n], append([]byte("coedit/v1 manifest"), m[:14+3*n]...), m[14+3*n:])
}

func (o tool) certificate(v vector) {
	c, n := o.hex(v.Certificate), o.keyLen()
	keys := c[7 : 7+2*n]
	o.same("replica", o.digest(append([]byte("coedit/v2 replica"), keys...))[:8], o.hex(v.Replica))
	fingerprint := hex.EncodeToString(o.digest(append([]byte("coedit/v2 fingerprint"), keys...))[:16])
	o.same("fingerprint", []byte(fingerprint), []byte(strings.ReplaceAll(v.Fingerprint, " ", "")))
	writeKey := o.hex(v.Manifest)[14+n : 14+2*n]
	o.verify("certificate", writeKey, o.parts("coedit/v2 certificate", []byte(v.Room), c[:7+2*n]), c[7+2*n:])
}

func (o tool) payloads(v vector) {
	for _, p := range []struct {
		name, sealed string
		counter      uint64
		class        byte
		prefix       string
	}{
		{"frame", v.Frame, v.Counter, 2, ""},
		{"next", v.Next, v.Counter + 1, 2, ""},
		{"presence", v.Presence, 0, 3, ""},
		{"snapshot", v.Snapshot, 0, 4, "\x00\x00"},
	} {
		b := o.hex(p.sealed)
		header := headerBytes(v.Room, o.hex(v.Replica), p.counter, p.class)
		signer := o.hex(v.Certificate)[7 : 7+o.keyLen()]
		o.verify(p.name, signer, o.parts("coedit/v2 payload", header, b[:18], b[82:]), b[18:82])
		n := int(binary.BigEndian.Uint16(b[82:]))
		ciphertext := b[84+n : len(b)-16]
		info := slices.Concat([]byte("coedit/v2 subkey "), b[:1], []byte{p.class}, o.hex(v.Replica))
		key := o.hkdf(o.hex(v.Read), string(info), 32)
		plain := o.decrypt(key, b[2:18], p.counter, ciphertext)
		want := append([]byte(p.prefix), o.hex(v.Text)...)
		o.same(p.name, plain, append(append(want, 0x80), make([]byte, 64-len(want)-1)...))
	}
}

func (o tool) proof(v vector) {
	n := o.keyLen()
	fixed := slices.Concat(o.hex(v.Replica), []byte{2}, []byte{0, 0, 0, 2})
	signed := func(domain string) []byte {
		return o.parts(domain, []byte(v.Host), []byte(v.Room), fixed, o.hex(v.Nonce))
	}
	o.verify("proof", o.hex(v.Manifest)[14+n:14+2*n], signed("coedit/v2 proof"), o.hex(v.ProofSignature))
	o.verify("proof of the replica", o.hex(v.Certificate)[7:7+n], signed("coedit/v2 proof replica"), o.hex(v.ProofReplica))
}

// parts is what is signed: domain, 0, and a hash of the parts, each behind its length.
func (o tool) parts(domain string, parts ...[]byte) []byte {
	var all []byte
	for _, p := range parts {
		all = append(binary.BigEndian.AppendUint64(all, uint64(len(p))), p...)
	}
	return append(append([]byte(domain), 0), o.digest(all)...)
}

func headerBytes(room string, replica []byte, counter uint64, class byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(room)))
	b = append(append(b, room...), replica...)
	b = append(binary.BigEndian.AppendUint64(b, counter), class)
	return append(b, 0, 0, 0, 0)
}

func (o tool) decrypt(key, salt []byte, counter uint64, ciphertext []byte) []byte {
	if o.sm {
		once := o.hkdf(key, "coedit/v2 payload "+string(salt), 16)
		iv := binary.BigEndian.AppendUint64(make([]byte, 4), counter)
		iv = append(iv, 0, 0, 0, 2) // GCM counts from 1, with which it makes the tag
		return o.run(ciphertext, "enc", "-d", "-sm4-ctr", "-K", hex.EncodeToString(once), "-iv", hex.EncodeToString(iv))
	}
	once := hChaCha20(key, salt)
	iv := []byte{1, 0, 0, 0, 0, 0, 0, 0} // block 1, little-endian; then a nonce of 12 bytes
	iv = binary.BigEndian.AppendUint64(iv, counter)
	return o.run(ciphertext, "enc", "-d", "-chacha20", "-K", hex.EncodeToString(once), "-iv", hex.EncodeToString(iv))
}

func (o tool) hash() string {
	if o.sm {
		return "SM3"
	}
	return "SHA256"
}

func (o tool) digest(b []byte) []byte {
	return o.run(b, "dgst", "-"+strings.ToLower(o.hash()), "-binary")
}

func (o tool) hkdf(secret []byte, info string, n int) []byte {
	text := o.run(nil, "kdf", "-keylen", big.NewInt(int64(n)).String(), "-kdfopt", "digest:"+o.hash(),
		"-kdfopt", "hexkey:"+hex.EncodeToString(secret), "-kdfopt", "hexinfo:"+hex.EncodeToString([]byte(info)), "-binary", "HKDF")
	return text
}

// verify lets openssl check a signature.
func (o tool) verify(what string, public, message, signature []byte) {
	o.t.Helper()
	prefix := "302a300506032b6570032100" // SubjectPublicKeyInfo of Ed25519
	args := []string{"-rawin"}
	if o.sm {
		prefix = "3059301306072a8648ce3d020106082a811ccf5501822d03420004" // of a point of SM2's curve
		signature = asn1Pair(signature)
		args = []string{"-rawin", "-digest", "sm3", "-pkeyopt", "distid:1234567812345678"}
	}
	der := append(o.hex(prefix), public...)
	pem := "-----BEGIN PUBLIC KEY-----\n" + base64.StdEncoding.EncodeToString(der) + "\n-----END PUBLIC KEY-----\n"
	args = append([]string{
		"pkeyutl", "-verify", "-pubin", "-inkey", o.file("key", []byte(pem)),
		"-in", o.file("message", message), "-sigfile", o.file("signature", signature),
	}, args...)
	if out, err := exec.Command("openssl", args...).CombinedOutput(); err != nil {
		o.t.Errorf("%s: openssl says %s (%v)", what, out, err)
	}
	bad := o.file("message", append(message, 0))
	if _, err := exec.Command("openssl", args...).CombinedOutput(); err == nil {
		o.t.Errorf("%s: openssl accepts another message in %s", what, bad)
	}
}

// asn1Pair is r and s as a SEQUENCE of two INTEGERs.
func asn1Pair(signature []byte) []byte {
	var both []byte
	for _, n := range [][]byte{signature[:32], signature[32:]} {
		n = bytes.TrimLeft(n, "\x00")
		if n[0] >= 0x80 {
			n = append([]byte{0}, n...)
		}
		both = append(append(both, 2, byte(len(n))), n...)
	}
	return append([]byte{0x30, byte(len(both))}, both...)
}

func (o tool) file(name string, b []byte) string {
	o.t.Helper()
	path := filepath.Join(o.dir, name)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		o.t.Fatal(err)
	}
	return path
}

func (o tool) run(in []byte, args ...string) []byte {
	o.t.Helper()
	c := exec.Command("openssl", args...)
	c.Stdin = bytes.NewReader(in)
	out, err := c.Output()
	if err != nil {
		o.t.Fatalf("openssl %v: %v", args, err)
	}
	return out
}

func (o tool) hex(s string) []byte {
	o.t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		o.t.Fatal(err)
	}
	return b
}

func (o tool) same(what string, got, want []byte) {
	o.t.Helper()
	if !bytes.Equal(got, want) {
		o.t.Errorf("%s: openssl gives %x, want %x", what, got, want)
	}
}

// base32Text is RFC 4648 in lower case without padding, digit by digit.
func base32Text(b []byte) string {
	n := new(big.Int).SetBytes(b)
	length := (len(b)*8 + 4) / 5
	n.Lsh(n, uint(length*5-len(b)*8))
	text := make([]byte, length)
	for i := length - 1; i >= 0; i-- {
		var digit big.Int
		n.DivMod(n, big.NewInt(32), &digit)
		text[i] = "abcdefghijklmnopqrstuvwxyz234567"[digit.Int64()]
	}
	return string(text)
}

// hChaCha20 is section 2.2 of draft-irtf-cfrg-xchacha-03: the rounds of ChaCha20 without the last addition.
func hChaCha20(key, nonce []byte) []byte {
	x := [16]uint32{0x61707865, 0x3320646e, 0x79622d32, 0x6b206574}
	for i := range 8 {
		x[4+i] = binary.LittleEndian.Uint32(key[4*i:])
	}
	for i := range 4 {
		x[12+i] = binary.LittleEndian.Uint32(nonce[4*i:])
	}
	quarter := func(a, b, c, d int) {
		x[a] += x[b]
		x[d] = bits.RotateLeft32(x[d]^x[a], 16)
		x[c] += x[d]
		x[b] = bits.RotateLeft32(x[b]^x[c], 12)
		x[a] += x[b]
		x[d] = bits.RotateLeft32(x[d]^x[a], 8)
		x[c] += x[d]
		x[b] = bits.RotateLeft32(x[b]^x[c], 7)
	}
	for range 10 {
		for i := range 4 {
			quarter(i, 4+i, 8+i, 12+i)
		}
		for i := range 4 {
			quarter(i, 4+(i+1)%4, 8+(i+2)%4, 12+(i+3)%4)
		}
	}
	var out []byte
	for _, i := range []int{0, 1, 2, 3, 12, 13, 14, 15} {
		out = binary.LittleEndian.AppendUint32(out, x[i])
	}
	return out
}
