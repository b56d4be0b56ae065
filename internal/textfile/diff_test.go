package textfile

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"coedit/rga"
)

// applied makes the edits, checking that they are ascending, apart and in range.
func applied(t interface{ Fatalf(string, ...any) }, old []byte, edits []rga.Edit) []byte {
	var out []byte
	at := 0
	for i, e := range edits {
		if e.Offset < at || e.Delete < 0 || e.Offset+e.Delete > len(old) || i > 0 && e.Offset == at {
			t.Fatalf("edit %d of %v is out of order or range, or touches the one before", i, edits)
		}
		if e.Delete == 0 && e.Insert == "" {
			t.Fatalf("edit %d does nothing", i)
		}
		out = append(append(out, old[at:e.Offset]...), e.Insert...)
		at = e.Offset + e.Delete
	}
	return append(out, old[at:]...)
}

func checkDiff(t interface{ Fatalf(string, ...any) }, old, new []byte) []rga.Edit {
	edits := Diff(old, new)
	if got := applied(t, old, edits); !bytes.Equal(got, new) {
		t.Fatalf("%q became %q, want %q, by %v", old, got, new, edits)
	}
	if utf8.Valid(old) && utf8.Valid(new) {
		for _, e := range edits {
			if !utf8.ValidString(e.Insert) || !wholeRunes(old, e.Offset) || !wholeRunes(old, e.Offset+e.Delete) {
				t.Fatalf("%v splits a rune of %q", e, old)
			}
		}
	}
	return edits
}

func TestDiffTurnsOldIntoNew(t *testing.T) {
	piece := rapid.SampledFrom([]string{"a", "b", "foo", "bar ", "\n", "\n\n", "é", "漢字", "🚀", "\x80", "  ", "line\n", "e\u0301"})
	text := rapid.Custom(func(t *rapid.T) []byte {
		return []byte(strings.Join(rapid.SliceOfN(piece, 0, 30).Draw(t, "pieces"), ""))
	})
	rapid.Check(t, func(t *rapid.T) {
		checkDiff(t, text.Draw(t, "old"), text.Draw(t, "new"))
	})
}

// A text and a slightly changed one: the edits must be about as large as the change.
func TestDiffIsSmall(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		var old []byte
		for i := range 200 {
			old = fmt.Appendf(old, "line %d says %d\n", i, rng.IntN(50))
		}
		changed := bytes.Clone(old)
		edits := rapid.IntRange(1, 10).Draw(t, "edits")
		for range edits {
			at := rng.IntN(len(changed))
			changed = append(changed[:at:at], append([]byte("x"), changed[at+rng.IntN(2):]...)...)
		}
		size := 0
		for _, e := range checkDiff(t, old, changed) {
			size += e.Delete + len(e.Insert)
		}
		if size > 4*edits {
			t.Fatalf("%d changes of one or two bytes took edits of %d bytes: %v", edits, size, Diff(old, changed))
		}
	})
}

func TestDiffExamples(t *testing.T) {
	for _, c := range []struct {
		old, new string
		want     []rga.Edit
	}{
		{"", "", nil},
		{"same", "same", nil},
		{"", "new", []rga.Edit{{Insert: "new"}}},
		{"old", "", []rga.Edit{{Delete: 3}}},
		{"a\nb\nc\n", "a\nB\nc\n", []rga.Edit{{Offset: 2, Delete: 1, Insert: "B"}}},
		{"one\ntwo\nthree\n", "one\nthree\nfour\n", []rga.Edit{{Offset: 4, Delete: 4}, {Offset: 14, Insert: "four\n"}}},
		{"if x == nil {", "if y == nil && x {", []rga.Edit{{Offset: 3, Delete: 1, Insert: "y"}, {Offset: 11, Insert: " && x"}}},
		{"ä", "ö", []rga.Edit{{Delete: 2, Insert: "ö"}}}, // they share their first byte
		{"héllo wörld", "héllo wärld", []rga.Edit{{Offset: 8, Delete: 2, Insert: "ä"}}},
		{"alpha beta", "omega zeta", []rga.Edit{{Offset: 0, Delete: 4, Insert: "omeg"}, {Offset: 6, Delete: 1, Insert: "z"}}},
	} {
		if got := checkDiff(t, []byte(c.old), []byte(c.new)); fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%q to %q: %v, want %v", c.old, c.new, got, c.want)
		}
	}
}

// The longest common subsequence of short sequences is compared with the textbook's table.
func TestLCSIsLongest(t *testing.T) {
	ids := rapid.SliceOfN(rapid.Uint64Range(1, 4), 0, 14)
	rapid.Check(t, func(t *rapid.T) {
		a, b := ids.Draw(t, "a"), ids.Draw(t, "b")
		l := lcs{steps: 1 << 30}
		got := l.pairs(a, b, 1<<30)
		last := pair{-1, -1}
		for _, p := range got {
			if p.a <= last.a || p.b <= last.b || a[p.a] != b[p.b] {
				t.Fatalf("pairs %v of %v and %v", got, a, b)
			}
			last = p
		}
		table := make([][]int, len(a)+1)
		for i := range table {
			table[i] = make([]int, len(b)+1)
			for j := 1; i > 0 && j <= len(b); j++ {
				table[i][j] = max(table[i-1][j], table[i][j-1])
				if a[i-1] == b[j-1] {
					table[i][j] = table[i-1][j-1] + 1
				}
			}
		}
		if want := table[len(a)][len(b)]; len(got) != want {
			t.Fatalf("%d pairs of %v and %v, want %d", len(got), a, b, want)
		}
	})
}

// Inputs that make naive diffs quadratic end soon, in a correct result. The work is bounded by steps, not by a clock; the
// generous limit only catches a bound that does not hold.
func TestDiffBounded(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	lines := func(n int, line func() string) []byte {
		var b []byte
		for range n {
			b = append(append(b, line()...), '\n')
		}
		return b
	}
	few := func() string { return []string{"{", "}", "", "return"}[rng.IntN(4)] }
	unique := func() string { return fmt.Sprint(rng.Uint64()) }
	noise := make([]byte, 4<<20)
	for i := range noise {
		noise[i] = "ab"[rng.IntN(2)]
	}
	for name, c := range map[string][2][]byte{
		"few distinct lines": {lines(40_000, few), lines(40_000, few)},
		"different lines":    {lines(100_000, unique), lines(100_000, unique)},
		"one long line":      {noise[:2<<20], noise[2<<20:]},
		"equal blank lines":  {bytes.Repeat([]byte("\n"), 300_000), append([]byte("x"), bytes.Repeat([]byte("\n"), 200_000)...)},
	} {
		t.Run(name, func(t *testing.T) {
			begun := time.Now()
			checkDiff(t, c[0], c[1])
			took := time.Since(begun)
			t.Logf("%d and %d bytes took %v", len(c[0]), len(c[1]), took.Round(time.Millisecond))
			if took > time.Minute {
				t.Fatalf("took %v", took)
			}
		})
	}
}

func FuzzDiff(f *testing.F) {
	f.Add([]byte("a b\nc"), []byte("a c\nb"))
	f.Fuzz(func(t *testing.T, old, new []byte) { checkDiff(t, old, new) })
}
