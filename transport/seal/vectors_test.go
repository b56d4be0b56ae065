package seal_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"

	"coedit/transport/seal"
)

// vector is what a suite makes of known secrets, in hexadecimal: what an implementation of its own, in another language,
// is to give too. Salts are zeros here.
type vector struct {
	Suite    string
	Owner    string // secrets
	Write    string
	Read     string
	Room     string
	Manifest string

	Identity    string
	Replica     string
	Certificate string
	Fingerprint string
	Words       string

	Counter  uint64 // of the frame, class 2 (edit), target ""
	Text     string
	Frame    string // the first: with the certificate
	Next     string // the one with the next counter: without
	Presence string
	Snapshot string // of no authors

	Host           string
	Nonce          string
	ProofSignature string // for the right to write, version 2
	ProofReplica   string
}

const vectorsFile = "testdata/vectors.json"

// TestVectorsNeverChange: rooms that exist depend on these bytes. COEDIT_UPDATE_GOLDEN=1 writes the file where there is none.
func TestVectorsNeverChange(t *testing.T) {
	var got []vector
	for _, suite := range sealed {
		got = append(got, newVector(t, suite))
	}
	b, err := json.MarshalIndent(got, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	b = append(b, '\n')
	kept, err := os.ReadFile(vectorsFile)
	if os.IsNotExist(err) && os.Getenv("COEDIT_UPDATE_GOLDEN") == "1" {
		kept, err = b, os.WriteFile(vectorsFile, b, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(kept, b) {
		t.Errorf("%s has other bytes than this program makes:\n%s", vectorsFile, b)
	}
}

func newVector(t *testing.T, suite byte) vector {
	e := newEstate(t, suite, 7)
	id := identity(t, suite, 8)
	write := derive(t, e.owner, seal.Write)
	r, err := seal.NewRoom(e.manifest, write, id, constant{})
	if err != nil {
		t.Fatal(err)
	}
	text := "text of a frame"
	h := e.header(r, 258, edits)
	v := vector{
		Suite: seal.SuiteName(suite), Room: e.manifest.Room,
		Owner: hexed(e.owner.Bytes[:]), Write: hexed(write.Bytes[:]), Manifest: hexed(e.signed),
		Identity: hexed(id.Bytes()), Replica: replicaText(id), Certificate: hexed(r.Own().Bytes),
		Fingerprint: r.Own().Fingerprint().String(), Words: r.Own().Fingerprint().Words(),
		Counter: h.Counter, Text: hexed([]byte(text)), Frame: hexed(sealIt(t, r, h, text)),
		Presence: hexed(sealIt(t, r, e.header(r, 0, presences), text)),
		Host:     "relay.example:8443", Nonce: hexed(bytes.Repeat([]byte{9}, seal.NonceLen)),
	}
	read := derive(t, e.owner, seal.Read)
	v.Read = hexed(read.Bytes[:])
	h.Counter++
	v.Next = hexed(sealIt(t, r, h, text))
	snapshot, err := r.SealSnapshot(e.header(r, 0, snapshots), nil, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	v.Snapshot = hexed(snapshot)
	proof, err := seal.Prove(e.manifest, write, id, seal.Challenge{
		Host: v.Host, Room: v.Room, Replica: id.ReplicaID(), Version: 2, Nonce: bytes.Repeat([]byte{9}, seal.NonceLen),
	})
	if err != nil {
		t.Fatal(err)
	}
	v.ProofSignature, v.ProofReplica = hexed(proof.Signature), hexed(proof.Replica)
	return v
}

func hexed(b []byte) string { return hex.EncodeToString(b) }

func replicaText(id *seal.Identity) string {
	b := make([]byte, 8)
	for i := range b {
		b[i] = byte(id.ReplicaID() >> (56 - 8*i))
	}
	return hexed(b)
}
