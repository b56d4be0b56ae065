package tui

import (
	"bytes"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"unicode/utf8"
)

// pipedInput is an input into which a test writes.
func pipedInput(t *testing.T) (in *WholeInput, write func(string) string) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); w.Close() })
	in = NewWholeInput(r)
	return in, func(s string) string {
		t.Helper()
		if _, err := w.WriteString(s); err != nil {
			t.Fatal(err)
		}
		var p [4096]byte
		n, err := in.Read(p[:])
		if err != nil {
			t.Fatal(err)
		}
		return string(p[:n])
	}
}

// What is cut on its way is handed on whole; Escape alone is not held up.
func TestInputIsWhole(t *testing.T) {
	for _, c := range []struct{ name, in, out string }{ // | is where a read ends
		{"text", "ab|c", "ab|c"},
		{"a character", "a\xe6|\xbc|\xa2b", "a||\u6f22b"},
		{"Escape", "\x1b|x", "\x1b|x"},
		{"Escape and a bracket", "\x1b[|A", "\x1b[|A"},
		{"a key", "\x1b[1;5|C", "|\x1b[1;5C"},
		{"the mouse", "x\x1b[<0;12|;3M", "x|\x1b[<0;12;3M"},
		{"a paste", "\x1b[20|0~a\xe6\xbc|\xa2\x1b|[|201|~\x1b|x", "|\x1b[200~a|\u6f22||" + "|\x1b[201~\x1b|x"},
		{"a paste that begins in pieces", "\x1b|[200~a\x1b|[201~", "\x1b|[200~a|\x1b[201~"},
		{"Escape in a paste", "\x1b[200~\x1b|b", "\x1b[200~|\x1bb"},
		{"function keys of the Linux console", "a\x1b[[Ab\x1b[[E\x1b[[E\x1b[[Fc\x1b[[|D", "a\x1bOPb\x1b[15~\x1b[15~\x1b[[Fc|\x1bOS"},
		{"the same in a paste", "\x1b[200~\x1b[[A|\x1b[[B|\x1b[201~", "\x1b[200~\x1b[[A|\x1b[[B|\x1b[201~"},
		{"the same in a short paste", "\x1b[200~\x1b[[A\x1b[201~", "\x1b[200~\x1b[[A\x1b[201~"},
		{"not UTF-8", "\xff|\xc3|(", "\xff||\xc3("},
		{"a long sequence", "\x1b[" + strings.Repeat("1", 80) + "|m", "\x1b[" + strings.Repeat("1", 80) + "|m"},
	} {
		_, write := pipedInput(t)
		var got []string
		for part := range strings.SplitSeq(c.in, "|") {
			got = append(got, write(part))
		}
		if joined := strings.Join(got, "|"); joined != c.out {
			t.Errorf("%s: %q, want %q", c.name, joined, c.out)
		}
	}
}

// However it is cut, all of it arrives, and pasted text in whole characters.
func TestInputLosesNothing(t *testing.T) {
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 9))
		var all strings.Builder
		for range 40 {
			all.WriteString([]string{"a", "漢字", "\x1b[200~", "\x1b[201~", "\x1b[1;5C", "\x1b", "\r", "👍🏽", "\x1b[<0;1;2M"}[rng.IntN(9)])
		}
		all.WriteString(".")
		_, write := pipedInput(t)
		var got bytes.Buffer
		for rest := all.String(); rest != ""; {
			n := min(1+rng.IntN(5), len(rest))
			part := write(rest[:n])
			if !utf8.ValidString(part) {
				t.Fatalf("seed %d: %q is cut", seed, part)
			}
			got.WriteString(part)
			rest = rest[n:]
		}
		if got.String() != all.String() {
			t.Fatalf("seed %d: %q became %q", seed, all.String(), got.String())
		}
	}
}
