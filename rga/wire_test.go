package rga

import (
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestKeystrokeSize: a keystroke standing alone, with its author, version and checksum.
func TestKeystrokeSize(t *testing.T) {
	d := New(0xfedcba9876543210)
	now := int64(1_750_000_000_000)
	for i := range 3000 {
		from := d.Clock()
		if _, _, err := d.Edit(now, Edit{Offset: d.Len(), Insert: "x"}); err != nil {
			t.Fatal(err)
		}
		raw, to := d.AppendOwn(nil, from, 1000)
		limit := 20
		if i == 0 {
			limit = 25 // with the time
		}
		if to != from+1 || len(raw) > limit {
			t.Fatalf("keystroke %d: %d bytes, to %d", i, len(raw), to)
		}
	}
	for i := range 1000 {
		from := d.Clock()
		if _, _, err := d.Edit(now, Edit{Offset: d.Len() - 1, Delete: 1}); err != nil {
			t.Fatal(err)
		}
		if raw, _ := d.AppendOwn(nil, from, 1000); len(raw) > 21 {
			t.Fatalf("backspace %d: %d bytes", i, len(raw))
		}
	}
}

// TestRunsCoalesce: consecutive keystrokes are one run in a batch and in the document.
func TestRunsCoalesce(t *testing.T) {
	d := New(ann)
	for i := range 1000 {
		mustEdit(t, d, Edit{Offset: i, Insert: "é"[:2*((i+1)%2)] + "x"[:i%2]}, Edit{Offset: i})
		if i == 0 {
			break
		}
	}
	for range 500 {
		mustEdit(t, d, Edit{Offset: d.Len(), Insert: "é"})
	}
	for range 250 {
		mustEdit(t, d, Edit{Offset: d.Len() - 2, Delete: 2})
	}
	for range 100 {
		mustEdit(t, d, Edit{Delete: 2})
	}
	if n := d.self.log.ops.len(); n != 3 {
		t.Errorf("%d ops: %+v", n, d.self.log.ops.tail)
	}
	if raw, to := d.AppendOwn(nil, 0, 1<<20); to != d.Clock() || len(raw) > 1002+60 {
		t.Errorf("%d bytes to tick %d", len(raw), to)
	}
	mustCheck(t, d)
}

// TestLogIgnoresCuts: the log does not depend on how runs were cut into batches, rune by rune.
func TestLogIgnoresCuts(t *testing.T) {
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 10))
		base := New(ann)
		mustEdit(t, base, Edit{Insert: strings.Repeat("aé世😀", 3)})
		e := New(eve)
		pass(t, base, e)
		for range 12 { // deletions of neighbours in both directions, again and again
			runes := []rune(text(e))
			if len(runes) == 0 {
				break
			}
			i := rng.IntN(len(runes))
			for range 1 + rng.IntN(3) {
				if i < 0 || i >= len(runes) {
					break
				}
				off := len(string(runes[:i]))
				n := len(string(runes[i:min(len(runes), i+1+rng.IntN(2))]))
				mustEdit(t, e, Edit{Offset: off, Delete: n})
				runes = []rune(text(e))
				i -= rng.IntN(2)
			}
			if rng.IntN(3) == 0 {
				if _, _, err := e.Invert(1, eve, Ticks{e.Clock() / 2, e.Clock()}); err != nil {
					t.Fatal(err)
				}
			}
		}
		whole := New(bob)
		pass(t, base, whole)
		pass(t, e, whole)
		pieces := New(bob)
		pass(t, base, pieces)
		for raw := range e.Since(base.Version(), 1) {
			if _, err := pieces.Apply(raw); err != nil {
				t.Fatal(err)
			}
		}
		mustCheck(t, e, whole, pieces)
		want := string(e.Encode())
		if string(whole.Encode()) != want || string(pieces.Encode()) != want {
			t.Fatalf("seed %d: encodings differ", seed)
		}
		loaded, err := Decode([]byte(want), bob)
		if err != nil || string(loaded.Encode()) != want {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
}

// Bytes of format version 1, which every later version must read.
const (
	goldenTyped = "11" + "000000000000000a" + "0000" + "d00f" + // header: author, clock 0, seq 0, time
		"39" + "00" + "61c3a9e4b89678" + "eb5e2339" // 7 bytes at the beginning, checksum
	goldenPlain    = "12" + "000000000000000a" + "0600" + "78" + "9c7f7933"
	goldenDocument = "636f6564697400440100" +
		"340002000000000000000a0c040201000000000000001405040101" +
		"100203040503010107" +
		"0e07010202020101" +
		"10080f024a07010051" +
		"040102" +
		"16046e616d6505612e747874" +
		"06000700" +
		"0cd00f807d904e" +
		"040700" +
		"040100" +
		"040a0e" +
		"0000" +
		"1261c3a9e4b896652178" +
		"42bbf1e6"
	goldenForgetful = "636f6564697400440100" +
		"340102000000000000000a10060301000000000000001405040101" +
		"1402030405030303010107" +
		"1207010202030102010114080f024a01280701005104010216046e616d6505612e747874080007050012d00f807dcd8c01904e040700040100040a0e" +
		"100f01030405010002" + // ann's first 15 ticks, elements 3 to 7; bob's first 5, elements 0 to 2
		"04060c" + // a rune of 3 bytes, 3 of 1
		"06c3a961" + "e4acffc7"
)

// goldenDoc is a document with every kind of op.
func goldenDoc(t testing.TB) *Doc {
	a, b := New(ann), New(bob)
	if _, _, err := a.Edit(1000, Edit{Insert: "aé世"}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := a.Edit(1500, Edit{Offset: 6, Insert: "x"}); err != nil {
		t.Fatal(err)
	}
	pass(t, a, b)
	if _, _, err := b.Edit(5000, Edit{Offset: 1, Delete: 2, Insert: "e"}, Edit{Offset: 6, Insert: "!"}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.SetMeta(5000, "name", "a.txt"); err != nil {
		t.Fatal(err)
	}
	pass(t, b, a)
	if _, _, err := a.Edit(9000, Edit{Offset: 6, Delete: 1}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := a.Edit(9000, Edit{Offset: 5, Delete: 1}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := a.Invert(9100, bob, Ticks{0, 3}); err != nil {
		t.Fatal(err)
	}
	return a
}

func TestGolden(t *testing.T) {
	d := goldenDoc(t)
	typed, _ := d.AppendOwn(nil, 0, 1000)
	plain, _ := d.AppendOwn(nil, 6, 1000)
	doc := d.Encode()
	// Of generation 1: all that is deleted then is forgotten, "世" among it, but not "a", which is so since.
	mustEdit(t, d, Edit{Offset: 3, Delete: 3})
	then := d.Version()
	mustEdit(t, d, Edit{Delete: 1})
	forgetful, err := d.Forget(then)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		got  []byte
		want string
	}{
		"typed": {typed, goldenTyped}, "plain": {plain, goldenPlain},
		"document": {doc, goldenDocument}, "generation 1": {forgetful.Encode(), goldenForgetful},
	} {
		if got := hex.EncodeToString(c.got); got != c.want {
			t.Errorf("%s: %s, not %s", name, got, c.want)
		}
	}
	for want, golden := range map[string]string{"aé世": goldenDocument, "é": goldenForgetful} {
		old, err := hex.DecodeString(golden)
		if err != nil {
			t.Fatal(err)
		}
		read, err := Decode(old, eve)
		if err != nil {
			t.Fatal(err)
		}
		mustCheck(t, read)
		if name, _ := read.Meta("name"); text(read) != want || name != "a.txt" {
			t.Errorf("%q, %q", text(read), name)
		}
	}
}

func TestDecodeDamaged(t *testing.T) {
	doc := goldenDoc(t).Encode()
	for i := range doc {
		bad := append([]byte(nil), doc...)
		bad[i] ^= 0x41
		if _, err := Decode(bad, eve); !errors.Is(err, ErrEncoding) {
			t.Errorf("byte %d: %v", i, err)
		}
		if _, err := Decode(doc[:i], eve); !errors.Is(err, ErrEncoding) {
			t.Errorf("first %d bytes: %v", i, err)
		}
		if _, err := New(eve).Merge(doc[:i]); !errors.Is(err, ErrEncoding) {
			t.Errorf("merge of the first %d bytes: %v", i, err)
		}
	}
}

// TestDecodeContinues: a loaded document goes on as any replica, its own author or a new one.
func TestDecodeContinues(t *testing.T) {
	d := goldenDoc(t)
	for _, self := range []ReplicaID{ann, bob, eve} {
		c, err := Decode(d.Encode(), self)
		if err != nil {
			t.Fatal(err)
		}
		mustEdit(t, c, Edit{Offset: c.Len(), Insert: "on"})
		mustCheck(t, c)
		o := goldenDoc(t)
		pass(t, c, o)
		if text(o) != text(c) || string(o.Encode()) != string(c.Encode()) {
			t.Errorf("as %d: %q, %q", self, text(o), text(c))
		}
	}
}

// TestDecodeForwardRunMadeOverTime: a run of deletions of which the last ones hit text that was made
// after the first ones loads, although it waits in the middle.
func TestDecodeForwardRunMadeOverTime(t *testing.T) {
	a, b := New(ann), New(bob)
	mustEdit(t, b, Edit{Insert: "x"})
	pass(t, b, a)
	mustEdit(t, a, Edit{Delete: 1})
	pass(t, a, b)
	mustEdit(t, b, Edit{Insert: "y"})
	pass(t, b, a)
	mustEdit(t, a, Edit{Delete: 1})
	c, err := Decode(a.Encode(), eve)
	if err != nil {
		t.Fatal(err)
	}
	mustCheck(t, a, c)
	pass(t, a, New(eve))
	if n := a.self.log.ops.len(); n != 1 {
		t.Errorf("%d ops", n)
	}
	// The same without parents, as a careless author may do it.
	d := New(eve + 1)
	for _, raw := range [][]byte{
		forged(bob, 0, 0).item(kindInsert, 1).uvarint(0).text("x").sum(),
		forged(eve, 0, 0).item(kindDelete, 1).id(1, bob).varint(0).sum(),
		forged(bob, 1, 1).item(kindMark, 1).id(1, eve).uvarint(1).item(kindContinue, 1).text("y").sum(),
		forged(eve, 1, 0).item(kindDelete, 1).id(1, bob).varint(1).sum(),
	} {
		if res, err := d.Apply(raw); err != nil || res.Held {
			t.Fatalf("%+v, %v", res, err)
		}
	}
	mustCheck(t, d)
	c, err = Decode(d.Encode(), ann)
	if err != nil || string(c.Encode()) != string(d.Encode()) {
		t.Fatal(err)
	}
	e := New(ann)
	pass(t, d, e)
	if n, _ := e.Held(); n > 0 || string(e.Encode()) != string(d.Encode()) {
		t.Errorf("%d held", n)
	}
}

// TestLogIgnoresCutsOfAnything: also where an author sets the same elements again and again.
func TestLogIgnoresCutsOfAnything(t *testing.T) {
	base := New(ann)
	mustEdit(t, base, Edit{Insert: "aé世😀bc"})
	starts := []uint64{0, 1, 3, 6, 10, 11, 12} // of the runes, and the end
	for seed := range uint64(500) {
		rng := rand.New(rand.NewPCG(seed, 11))
		whole, runes := New(bob), New(bob)
		pass(t, base, whole)
		pass(t, base, runes)
		clock := uint64(0)
		set := func(d *Doc, at, kind, from, to uint64) {
			if _, err := d.Apply(forged(eve, at, 0).item(kind, to-from).id(1, ann).varint(int64(from)).sum()); err != nil {
				t.Fatal(err)
			}
		}
		for range 6 {
			i := rng.IntN(len(starts) - 1)
			j := i + 1 + rng.IntN(len(starts)-1-i)
			kind := uint64(kindDelete + rng.IntN(2))
			set(whole, clock, kind, starts[i], starts[j])
			for k := range j - i {
				u := i + k
				if kind == kindBackspace {
					u = j - 1 - k
				}
				set(runes, clock, kindDelete, starts[u], starts[u+1])
				clock += starts[u+1] - starts[u]
			}
		}
		mustCheck(t, whole, runes)
		want := string(whole.Encode())
		if string(runes.Encode()) != want {
			t.Fatalf("seed %d: encodings differ:\n%+v\n%+v", seed, whole.byID[eve].log.ops.tail, runes.byID[eve].log.ops.tail)
		}
		loaded, err := Decode([]byte(want), bob)
		if err != nil || string(loaded.Encode()) != want {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
}

// TestDecodeCircle: a document whose authors each wait for the other one's first tick is refused.
func TestDecodeCircle(t *testing.T) {
	d, o := New(ann), New(bob)
	mustEdit(t, d, Edit{Insert: "x"})
	mustEdit(t, o, Edit{Insert: "x"})
	pass(t, o, d)
	for i, r := range d.tree.reps {
		r.log.parents = []parent{{rep: uint32(1 - i), seen: 1}}
	}
	if _, err := Decode(d.Encode(), eve); !errors.Is(err, ErrEncoding) || !strings.Contains(err.Error(), "wait for one another") {
		t.Fatal(err)
	}
}
