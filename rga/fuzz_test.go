package rga

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"testing"
)

// summed returns b with its checksum, so that the fuzzer gets past it.
func summed(b []byte) []byte {
	return binary.LittleEndian.AppendUint32(b[:len(b):len(b)], crc32.Checksum(b, castagnoli))
}

// FuzzApply: whatever a batch holds, the document stays sound; after an error it is unchanged; what
// was accepted can be saved and loaded, and passed on to others.
func FuzzApply(f *testing.F) {
	d := goldenDoc(f)
	for raw := range d.Since(nil, 5) {
		f.Add(raw[:len(raw)-4], []byte{})
	}
	own := func() *forge { return forged(eve, 3, 3) }
	f.Add(own().item(kindDelete, 3).id(1, ann).varint(3).b, own().item(kindContinue, 1).text("x").b)
	f.Add(forged(bob, 1, 1).item(kindContinue, 1).text("x").b, forged(bob, 0, 0).item(kindInsert, 1).uvarint(0).text("y").b)
	f.Add(own().item(kindSetBack, 3).id(1, ann).uvarint(2).uvarint(2).varint(3).b,
		forged(ann, 7, 7).item(kindMeta, 1).text("k").uvarint(1).text("v").b)
	f.Fuzz(func(t *testing.T, one, two []byte) {
		d := scene(t)
		for _, raw := range [][]byte{summed(one), summed(two), summed(one)} {
			before, text0, meta := string(d.Encode()), text(d), len(d.meta)
			res, err := d.Apply(raw)
			if err := d.Check(); err != nil {
				t.Fatal(err)
			}
			if err != nil || res.Held || res.Duplicate {
				if string(d.Encode()) != before || text(d) != text0 || len(d.meta) != meta || len(res.Changes) > 0 {
					t.Fatalf("it changed the document: %+v, %v", res, err)
				}
			}
			if err != nil && !errors.Is(err, ErrInvalid) && !errors.Is(err, ErrEncoding) && !errors.Is(err, ErrRefused) {
				t.Fatal(err)
			}
			d.Missing()
		}
		loaded, err := Decode(d.Encode(), ann)
		if err != nil {
			t.Fatal(err)
		}
		copied := New(bob)
		for raw := range d.Since(nil, 3) {
			if _, err := copied.Apply(raw); err != nil {
				t.Fatal(err)
			}
		}
		for _, o := range []*Doc{loaded, copied} {
			if err := o.Check(); err != nil {
				t.Fatal(err)
			}
			if text(o) != text(d) || string(o.Encode()) != string(d.Encode()) {
				t.Fatalf("%q, not %q", text(o), text(d))
			}
		}
	})
}

// FuzzDecode: a document that loads is sound and is written again to what it loads from.
func FuzzDecode(f *testing.F) {
	doc := goldenDoc(f).Encode()
	f.Add(doc[:len(doc)-4])
	doc = scene(f).Encode()
	f.Add(doc[:len(doc)-4])
	doc = New(ann).Encode()
	f.Add(doc[:len(doc)-4])
	full := scene(f)
	forgetful, err := full.Forget(full.Version())
	if err != nil {
		f.Fatal(err)
	}
	doc = forgetful.Encode()
	f.Add(doc[:len(doc)-4])
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := Decode(summed(b), bob)
		if err != nil {
			if !errors.Is(err, ErrEncoding) {
				t.Fatal(err)
			}
			return
		}
		if err := d.Check(); err != nil {
			t.Fatal(err)
		}
		first := d.Encode()
		again, err := Decode(first, eve)
		if err != nil {
			t.Fatal(err)
		}
		if text(again) != text(d) || string(again.Encode()) != string(first) {
			t.Fatal("written and loaded it is another document")
		}
		if d.generation == 0 {
			sameAsReplayed(t, again)
		}
		mustEdit(t, d, Edit{Insert: "goes on"})
		if err := d.Check(); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzDecodeVersion(f *testing.F) {
	f.Add(Version{1: 2, 3: 400}.AppendBinary(nil))
	f.Add([]byte{0, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		v, rest, err := DecodeVersion(b)
		if err != nil {
			if !errors.Is(err, ErrEncoding) {
				t.Fatal(err)
			}
			return
		}
		if got := string(append(v.AppendBinary(nil), rest...)); got != string(b) {
			t.Fatalf("%x, not %x", got, b)
		}
	})
}
