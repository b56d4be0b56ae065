package rga

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"strings"
	"testing"
)

// forge makes a batch by hand.
type forge struct{ b []byte }

func forged(author ReplicaID, clock, seq uint64) *forge {
	f := &forge{[]byte{batchVersion << 4}}
	f.b = binary.BigEndian.AppendUint64(f.b, uint64(author))
	return f.uvarint(clock).uvarint(clock - seq)
}

func (f *forge) uvarint(x uint64) *forge {
	f.b = binary.AppendUvarint(f.b, x)
	return f
}

func (f *forge) varint(x int64) *forge {
	f.b = binary.AppendVarint(f.b, x)
	return f
}

func (f *forge) item(kind, n uint64) *forge { return f.uvarint(n<<3 | kind) }

func (f *forge) text(s string) *forge {
	f.b = append(f.b, s...)
	return f
}

// id names the replica that is new in the batch as number ref (the author is 0).
func (f *forge) id(ref uint64, id ReplicaID) *forge {
	f.uvarint(ref + 1)
	f.b = binary.BigEndian.AppendUint64(f.b, uint64(id))
	return f
}

func (f *forge) sum() []byte {
	return binary.LittleEndian.AppendUint32(f.b, crc32.Checksum(f.b, castagnoli))
}

func mustCheck(tb testing.TB, docs ...*Doc) {
	tb.Helper()
	for _, d := range docs {
		if err := d.Check(); err != nil {
			tb.Fatal(err)
		}
	}
}

func mustEdit(tb testing.TB, d *Doc, edits ...Edit) Ticks {
	tb.Helper()
	ticks, _, err := d.Edit(1, edits...)
	if err != nil {
		tb.Fatal(err)
	}
	return ticks
}

// pass brings to what from has and it lacks.
func pass(tb testing.TB, from, to *Doc) {
	tb.Helper()
	for raw := range from.Since(to.Version(), 1<<20) {
		if _, err := to.Apply(raw); err != nil {
			tb.Fatal(err)
		}
	}
}

func text(d *Doc) string { return d.View().String() }

const (
	ann ReplicaID = 10
	bob ReplicaID = 20
	eve ReplicaID = 30
)

// scene is a document with "aé世\n" by ann, of which eve has made "xé" at the beginning.
func scene(tb testing.TB) *Doc {
	tb.Helper()
	d, e := New(ann), New(eve)
	mustEdit(tb, d, Edit{Insert: "aé世\n"})
	pass(tb, d, e)
	mustEdit(tb, e, Edit{Insert: "xé"})
	pass(tb, e, d)
	if text(d) != "xéaé世\n" {
		tb.Fatalf("%q", text(d))
	}
	return d
}

func TestInvalid(t *testing.T) {
	own := func() *forge { return forged(eve, 3, 3) }
	seen := func(clock uint64) *forge { return own().item(kindMark, 1).id(1, ann).uvarint(clock) }
	tests := map[string]*forge{
		"nothing":                   own(),
		"empty run":                 own().item(kindContinue, 0),
		"run cut short":             own().item(kindContinue, 4).text("abc"),
		"text is not UTF-8":         own().item(kindContinue, 2).text("a\xff"),
		"text is half a rune":       own().item(kindContinue, 1).text("\xc3"),
		"surrogate":                 own().item(kindContinue, 3).text("\xed\xa0\x80"),
		"origin inside own rune":    own().item(kindInsert, 1).uvarint(1).varint(1 - 3).text("b"),
		"origin inside other rune":  own().item(kindInsert, 1).id(1, ann).varint(1).text("b"),
		"own origin to come":        own().item(kindInsert, 1).uvarint(1).varint(0).text("b"),
		"own origin far to come":    own().item(kindInsert, 1).uvarint(1).varint(1 << 20).text("b"),
		"negative element":          own().item(kindInsert, 1).uvarint(1).varint(-4).text("b"),
		"element out of bounds":     own().item(kindInsert, 1).uvarint(1).varint(1 << 40).text("b"),
		"unknown replica":           own().item(kindInsert, 1).uvarint(5).varint(0).text("b"),
		"replica 0":                 own().item(kindInsert, 1).id(1, 0).varint(0).text("b"),
		"the author by another ref": own().item(kindInsert, 1).id(1, eve).varint(0).text("b"),
		"elements: half a rune":     own().item(kindDelete, 1).id(1, ann).varint(1),
		"elements: end in a rune":   own().item(kindDelete, 2).id(1, ann).varint(0),
		"elements: backwards":       own().item(kindBackspace, 1).id(1, ann).varint(2),
		"own elements to come":      own().item(kindDelete, 2).uvarint(1).varint(0),
		"no elements":               own().item(kindDelete, 0).uvarint(1).varint(-3),
		"elements from the start":   own().item(kindDelete, 1).uvarint(0),
		"counter 0":                 own().item(kindSet, 1).uvarint(1).uvarint(0).uvarint(1).varint(-3),
		"counter out of bounds":     own().item(kindSet, 1).uvarint(1).uvarint(1 << 31).uvarint(1).varint(-3),
		"too many ticks":            own().item(kindDelete, 1<<33).uvarint(1).varint(-3),
		"too many elements":         own().item(kindSet, 1<<31).uvarint(1).uvarint(1).uvarint(1).varint(-3),
		"empty key":                 own().item(kindMeta, 0).uvarint(1).text("v"),
		"long key":                  own().item(kindMeta, 65).text(strings.Repeat("k", 65)).uvarint(0),
		"key is not UTF-8":          own().item(kindMeta, 1).text("\xff").uvarint(0),
		"long value":                own().item(kindMeta, 1).text("k").uvarint(4097).text(strings.Repeat("v", 4097)),
		"value cut short":           own().item(kindMeta, 1).text("k").uvarint(3).text("vv"),
		"time only":                 own().item(kindMark, 0).varint(5),
		"two times":                 own().item(kindMark, 0).varint(5).item(kindMark, 0).varint(5).item(kindContinue, 1).text("a"),
		"parents before the time":   seen(1).item(kindMark, 0).varint(5).item(kindContinue, 1).text("a"),
		"parents later on":          own().item(kindContinue, 1).text("a").item(kindMark, 1).id(1, ann).uvarint(1).item(kindContinue, 1).text("a"),
		"itself as parent":          own().item(kindMark, 1).uvarint(1).uvarint(1).item(kindContinue, 1).text("a"),
		"parent's tick 0":           seen(0).item(kindContinue, 1).text("a"),
		"wrong seq":                 forged(eve, 3, 2).item(kindContinue, 1).text("a"),
		"wrong seq, nothing else":   forged(eve, 3, 2).item(kindInsert, 1).uvarint(0).text("a"),
		"uvarint too long":          own().text("\x88\x00").text("a"),
		"split of a known rune":     forged(eve, 1, 1).item(kindContinue, 3).text("zzz\xc3"),
	}
	for name, f := range tests {
		t.Run(name, func(t *testing.T) {
			d := scene(t)
			before, version, doc := text(d), d.Version(), string(d.Encode())
			res, err := d.Apply(f.sum())
			if !errors.Is(err, ErrInvalid) {
				t.Fatalf("%+v, %v", res, err)
			}
			mustCheck(t, d)
			if text(d) != before || !d.Version().Equal(version) || string(d.Encode()) != doc {
				t.Fatalf("an invalid batch changed the document: %q", text(d))
			}
			if _, err := d.Apply(own().item(kindContinue, 1).text("a").sum()); !errors.Is(err, ErrRefused) {
				t.Errorf("after it: %v", err)
			}
			if _, err := d.Apply(forged(bob, 0, 0).item(kindInsert, 1).uvarint(0).text("b").sum()); err != nil {
				t.Errorf("another author: %v", err)
			}
			mustCheck(t, d)
		})
	}
}

// TestNotInThePast: an origin that its author cannot have seen is invalid, and may not be judged by
// what happens to be here.
func TestNotInThePast(t *testing.T) {
	d := New(ann)
	mustEdit(t, d, Edit{Insert: "abc"})
	batch := forged(bob, 0, 0).item(kindInsert, 1).id(1, ann).varint(2).text("x")
	if _, err := d.Apply(batch.sum()); !errors.Is(err, ErrInvalid) {
		t.Fatalf("origin of Lamport time 3 in an op of time 1: %v", err)
	}
	late := New(eve)
	if res, err := late.Apply(batch.sum()); err != nil || !res.Held {
		t.Fatalf("%+v, %v", res, err)
	}
	raw, _ := d.AppendOwn(nil, 0, 100)
	res, err := late.Apply(raw)
	if err != nil || len(res.Refused) != 1 || res.Refused[0] != bob || text(late) != "abc" {
		t.Fatalf("%+v, %v, %q", res, err, text(late))
	}
	if n, _ := late.Held(); n != 0 {
		t.Errorf("%d batches held", n)
	}
	mustCheck(t, late)
}

func TestDamaged(t *testing.T) {
	d := scene(t)
	good, _ := d.AppendOwn(nil, 0, 100)
	for i := range good {
		bad := append([]byte(nil), good...)
		bad[i] ^= 0x10
		if _, err := d.Apply(bad); !errors.Is(err, ErrEncoding) {
			t.Fatalf("byte %d: %v", i, err)
		}
		if _, err := Inspect(bad[:i]); !errors.Is(err, ErrEncoding) {
			t.Fatalf("first %d bytes: %v", i, err)
		}
		if _, err := New(bob).Apply(bad[:i]); !errors.Is(err, ErrEncoding) {
			t.Fatalf("first %d bytes: %v", i, err)
		}
	}
	if res, err := d.Apply(good); err != nil || !res.Duplicate {
		t.Fatalf("damage was held against the author: %+v, %v", res, err)
	}
}

// TestRefusedFrom: what an author did before its invalid op stays valid for those who have not seen it.
func TestRefusedFrom(t *testing.T) {
	e := New(eve)
	mustEdit(t, e, Edit{Insert: "good"})
	good, _ := e.AppendOwn(nil, 0, 100)
	bad := forged(eve, 4, 4).item(kindContinue, 1).text("\xff").sum()
	later := forged(eve, 5, 5).item(kindContinue, 1).text("x").sum()
	d := New(ann)
	if res, err := d.Apply(later); err != nil || !res.Held {
		t.Fatalf("%+v, %v", res, err)
	}
	if res, err := d.Apply(bad); err != nil || !res.Held {
		t.Fatalf("%+v, %v", res, err)
	}
	if m := d.Missing(); !m.Equal(Version{eve: 5}) {
		t.Fatalf("missing %v", m)
	}
	res, err := d.Apply(good)
	if err != nil || text(d) != "good" || len(res.Refused) != 1 {
		t.Fatalf("%+v, %v, %q", res, err, text(d))
	}
	if n, size := d.Held(); n+size != 0 || len(d.Missing()) != 0 {
		t.Fatalf("held %d, %d bytes, missing %v", n, size, d.Missing())
	}
	if _, err := d.Apply(later); !errors.Is(err, ErrRefused) {
		t.Fatal(err)
	}
	mustCheck(t, d)
}

// TestAtomic: an invalid op at the end of a batch undoes the good ones before it.
func TestAtomic(t *testing.T) {
	d := scene(t)
	before, doc := text(d), string(d.Encode())
	f := forged(eve, 3, 3).item(kindContinue, 3).text("new").item(kindDelete, 3).uvarint(1).varint(-3)
	if _, err := New(bob).Apply(f.sum()); err != nil {
		t.Fatal(err)
	}
	f = f.item(kindMeta, 1).text("k").uvarint(1).text("v").item(kindDelete, 1).id(1, ann).varint(1)
	if _, err := d.Apply(f.sum()); !errors.Is(err, ErrInvalid) {
		t.Fatal(err)
	}
	if _, ok := d.Meta("k"); ok || text(d) != before || string(d.Encode()) != doc {
		t.Fatalf("a part of it was applied: %q", text(d))
	}
	mustCheck(t, d)
	f = forged(eve+1, 0, 0).item(kindInsert, 1).uvarint(0).text("a").item(kindContinue, 1).text("\xff")
	if _, err := d.Apply(f.sum()); !errors.Is(err, ErrInvalid) || len(d.Version()) != 2 {
		t.Fatalf("%v, version %v", err, d.Version())
	}
	mustCheck(t, d)
}

// TestMergeAroundRefused: what one author did wrong does not keep away what others did.
func TestMergeAroundRefused(t *testing.T) {
	d := New(bob)
	if _, err := d.Apply(forged(eve, 0, 0).item(kindContinue, 1).text("a").sum()); !errors.Is(err, ErrInvalid) {
		t.Fatal(err)
	}
	other, e := New(ann), New(eve)
	mustEdit(t, e, Edit{Insert: "refused"})
	pass(t, e, other)
	apart := New(ann + 1)
	mustEdit(t, apart, Edit{Insert: "good"})
	pass(t, apart, other)
	res, err := d.Merge(other.Encode())
	if !errors.Is(err, ErrRefused) || text(d) != "good" || len(res.Changes) != 1 {
		t.Errorf("%+v, %v, %q", res, err, text(d))
	}
	mustCheck(t, d)
}
