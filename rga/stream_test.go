package rga

import (
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"testing"
	"unicode/utf8"
)

// chunks types keystrokes as one would and returns the chunk of each.
func chunks(tb testing.TB, d *Doc, out *Outbox, edits ...Edit) (list [][]byte) {
	tb.Helper()
	for _, e := range edits {
		mustEdit(tb, d, e)
		for {
			c, to := out.Append(nil, 1<<20)
			list = append(list, c)
			if to == d.Clock() {
				break
			}
		}
	}
	return list
}

func keystrokes(text string) (edits []Edit) {
	for i, r := range text {
		edits = append(edits, Edit{Offset: i, Insert: string(r)})
	}
	return edits
}

// TestStreamKeystroke: in a stream a keystroke takes 2 bytes, and the checks a twentieth of a byte each.
func TestStreamKeystroke(t *testing.T) {
	d := New(ann)
	list := chunks(t, d, d.Outbox(0), keystrokes(string(make([]byte, 1000)))...)
	total := 0
	for i, c := range list[1:] {
		total += len(c)
		if len(c) != 2 && len(c) != 7 {
			t.Fatalf("chunk %d is %x", i, c)
		}
	}
	if total > 2100 {
		t.Errorf("%d bytes for 999 keystrokes", total)
	}
}

// goldenStream is ann typing, deleting backwards and forwards, receiving bob's text and going on in it.
const goldenStream = `0001000000000000000a00000702090061
0862
10c3a9
120103
0a0107
0f020000000000000014020902007a
0a01010a02000877
078e4e0e6b0176
`

func TestStreamGolden(t *testing.T) {
	a, b := New(ann), New(bob)
	out := a.Outbox(0)
	list := chunks(t, a, out, keystrokes("ab\u00e9")...)
	list = append(list, chunks(t, a, out, Edit{Offset: 2, Delete: 2}, Edit{Delete: 1})...)
	mustEdit(t, b, Edit{Insert: "xy"})
	pass(t, b, a)
	list = append(list, chunks(t, a, out, Edit{Offset: 1, Insert: "z"}, Edit{Offset: 1, Delete: 2, Insert: "w"})...)
	if _, err := a.SetMeta(5000, "k", "v"); err != nil {
		t.Fatal(err)
	}
	last, _ := out.Append(nil, 100)
	list = append(list, last)
	got := ""
	for _, c := range list {
		got += hex.EncodeToString(c) + "\n"
	}
	if got != goldenStream {
		t.Errorf("chunks:\n%s", got)
	}
	in := b.Inbox()
	for _, c := range list {
		if _, err := in.Apply(c); err != nil {
			t.Fatal(err)
		}
	}
	mustCheck(t, b)
	if string(b.Encode()) != string(a.Encode()) {
		t.Errorf("%q, not %q", text(b), text(a))
	}
}

// TestStreamsConverge: random editors that send each other streams end alike, also where chunks overtake
// those of others that they depend on, and where some ticks came as batches before.
func TestStreamsConverge(t *testing.T) {
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 1))
		const n = 4
		var docs [n]*Doc
		var out [n]*Outbox
		var in [n][n]*Inbox
		var queue [n][n][][]byte // from, to
		for i := range docs {
			docs[i] = New(ReplicaID(i + 1))
			out[i] = docs[i].Outbox(0)
		}
		for i := range docs {
			for j := range docs {
				in[i][j] = docs[j].Inbox()
			}
		}
		receive := func(i, j int) {
			if len(queue[i][j]) == 0 {
				return
			}
			c := queue[i][j][0]
			queue[i][j] = queue[i][j][1:]
			if _, err := in[i][j].Apply(c); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			mustCheck(t, docs[j])
		}
		for range 150 {
			i, j := rng.IntN(n), rng.IntN(n)
			switch k := rng.IntN(20); {
			case k < 10:
				randomEdit(t, rng, docs[i])
			case k == 10 && i != j:
				pass(t, docs[i], docs[j])
			case i != j:
				receive(i, j)
			}
			if rng.IntN(3) > 0 {
				send(docs[i], out[i], 1+rng.IntN(40), func(c []byte) {
					for j := range queue[i] {
						if j != i {
							queue[i][j] = append(queue[i][j], c)
						}
					}
				})
			}
		}
		for i := range docs {
			send(docs[i], out[i], 1<<20, func(c []byte) {
				for j := range queue[i] {
					if j != i {
						queue[i][j] = append(queue[i][j], c)
					}
				}
			})
		}
		for i := range docs {
			for j := range docs {
				for len(queue[i][j]) > 0 {
					receive(i, j)
				}
			}
		}
		for i, d := range docs {
			if held, _ := d.Held(); held > 0 || string(d.Encode()) != string(docs[0].Encode()) {
				t.Fatalf("seed %d: replica %d has %q, %d held, not %q", seed, i, text(d), held, text(docs[0]))
			}
		}
	}
}

func send(d *Doc, out *Outbox, size int, to func([]byte)) {
	for {
		c, _ := out.Append(nil, size)
		if len(c) == 0 {
			return
		}
		to(c)
	}
}

// randomEdit types, backspaces, deletes ranges, takes back what was done, or sets a register.
func randomEdit(tb testing.TB, rng *rand.Rand, d *Doc) {
	tb.Helper()
	words := []string{"a", "b", "é", "\n", "word ", "日本", "x\ny"}
	s := text(d)
	at := rng.IntN(len(s) + 1)
	for at > 0 && at < len(s) && !utf8.RuneStart(s[at]) {
		at--
	}
	switch k := rng.IntN(12); {
	case k < 6 || s == "":
		mustEdit(tb, d, Edit{Offset: at, Insert: words[rng.IntN(len(words))]})
	case k < 10:
		end := at
		for range 1 + rng.IntN(3) {
			if end < len(s) {
				_, n := utf8.DecodeRuneInString(s[end:])
				end += n
			}
		}
		mustEdit(tb, d, Edit{Offset: at, Delete: end - at})
	case k == 10 && d.Clock() > 0:
		to := 1 + rng.Uint64N(d.Clock())
		if _, _, err := d.Invert(7, d.Replica(), Ticks{to - 1, to}); err != nil && !errors.Is(err, ErrRange) && !errors.Is(err, ErrInvalid) {
			tb.Fatal(err)
		}
	default:
		if _, err := d.SetMeta(int64(rng.IntN(9000)), "name", words[rng.IntN(4)]); err != nil {
			tb.Fatal(err)
		}
	}
}

// TestStreamLost: a chunk that is left out is noticed, and nothing is applied after that.
func TestStreamLost(t *testing.T) {
	a, b := New(ann), New(bob)
	list := chunks(t, a, a.Outbox(0), keystrokes(string(make([]byte, 300)))...)
	in := b.Inbox()
	var err error
	after := 0
	for i, c := range list {
		if i == 10 {
			continue
		}
		if _, err = in.Apply(c); err != nil {
			after = i
			break
		}
	}
	if !errors.Is(err, ErrEncoding) || after > 10+checkEvery {
		t.Fatalf("noticed at %d: %v", after, err)
	}
	before := b.Len()
	if _, err := in.Apply(list[299]); !errors.Is(err, ErrEncoding) || b.Len() != before {
		t.Errorf("after it: %v", err)
	}
	mustCheck(t, b)
}

// TestStreamInvalid: a chunk that cannot be ends its stream, and changes nothing.
func TestStreamInvalid(t *testing.T) {
	head := "\x00\x01\x00\x00\x00\x00\x00\x00\x00\x63\x00\x00"
	good := head + "\x09\x00a" // an insertion at the beginning
	for name, c := range map[string]struct {
		before []string
		chunk  string
		want   error
	}{
		"no head":                   {nil, "\x08a", ErrEncoding},
		"author 0":                  {nil, "\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x09\x00a", ErrEncoding},
		"another version":           {nil, "\x00\x02" + head[2:] + "\x09\x00a", ErrEncoding},
		"a second head":             {[]string{good}, good, ErrEncoding},
		"nothing":                   {[]string{good}, "", ErrEncoding},
		"half a rune":               {[]string{good}, "\x08\xc3", ErrInvalid},
		"the second op half a rune": {[]string{good}, "\x08b\x08\xc3", ErrInvalid},
		"own element to come":       {[]string{good}, "\x0a\x01\x00", ErrInvalid},
		"replica not named":         {[]string{good}, "\x0a\x04\x00", ErrEncoding},
		"run cut short":             {[]string{good}, "\x10b", ErrEncoding},
		"huge gap":                  {[]string{good}, "\x0a\x01\xfe\xff\xff\xff\xff\x1f", ErrEncoding},
		"too many ticks":            {[]string{good}, "\xfa\xff\xff\xff\xff\x0f\x01\x00", ErrEncoding},
		"wrong check":               {[]string{good}, "\x06\x00\x00\x00\x00\x08b", ErrEncoding},
		"check cut short":           {[]string{good}, "\x06\x00\x00", ErrEncoding},
	} {
		t.Run(name, func(t *testing.T) {
			d := scene(t)
			in := d.Inbox()
			for _, b := range c.before {
				if _, err := in.Apply([]byte(b)); err != nil {
					t.Fatal(err)
				}
			}
			before := string(d.Encode())
			res, err := in.Apply([]byte(c.chunk))
			if !errors.Is(err, c.want) || len(res.Changes) > 0 {
				t.Fatalf("%+v, %v", res, err)
			}
			if _, err := in.Apply([]byte("\x08b")); !errors.Is(err, c.want) {
				t.Errorf("after it: %v", err)
			}
			mustCheck(t, d)
			if string(d.Encode()) != before {
				t.Errorf("it changed the document: %q", text(d))
			}
		})
	}
}

// FuzzInbox: whatever a stream holds, the document stays sound, and a chunk that fails changes nothing.
func FuzzInbox(f *testing.F) {
	a := scene(f)
	send(a, a.Outbox(0), 3, func(c []byte) { f.Add(c, []byte{8, 'x'}) })
	f.Add([]byte("\x00\x01\x00\x00\x00\x00\x00\x00\x00\x09\x00\x00\x09\x00a"), []byte("\x0b\x01\x01"))
	f.Fuzz(func(t *testing.T, one, two []byte) {
		d := scene(t)
		in := d.Inbox()
		for _, c := range [][]byte{one, two, two} {
			before := string(d.Encode())
			res, err := in.Apply(c)
			mustCheck(t, d)
			if (err != nil || res.Held || res.Duplicate) && string(d.Encode()) != before {
				t.Fatalf("a chunk changed the document: %+v, %v", res, err)
			}
		}
		if _, err := Decode(d.Encode(), 77); err != nil {
			t.Fatal(err)
		}
	})
}
