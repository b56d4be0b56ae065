package textfile

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"coedit/rga"
)

// made is what edits make of a text.
func made(text string, edits []rga.Edit) string {
	var out strings.Builder
	at := 0
	for _, e := range edits {
		out.WriteString(text[at:e.Offset])
		out.WriteString(e.Insert)
		at = e.Offset + e.Delete
	}
	return out.String() + text[at:]
}

func TestRebaseExamples(t *testing.T) {
	for _, x := range []struct{ was, theirs, ours, want string }{
		{"one\ntwo\nthree\n", "one\nTWO\nthree\n", "zero\none\ntwo\nthree\n", "zero\none\nTWO\nthree\n"},
		{"one\ntwo\nthree\n", "one\ntwo\nthree\nfour\n", "two\nthree\n", "two\nthree\nfour\n"},
		{"one\ntwo\nthree\n", "three\n", "one\ntwo and a half\nthree\n", " and a halfthree\n"},
		{"same\n", "same\nnew\n", "same\nnew\n", "same\nnew\n"},
		{"a b c\n", "a c\n", "a b c\n", "a c\n"},
	} {
		over := Diff([]byte(x.was), []byte(x.ours))
		got := made(x.ours, Rebase(Diff([]byte(x.was), []byte(x.theirs)), over))
		if got != x.want {
			t.Errorf("%q became %q there and %q here: together %q, want %q", x.was, x.theirs, x.ours, got, x.want)
		}
	}
}

// someEdits draws edits of a text of n bytes.
func someEdits(t *rapid.T, n int, mark string) []rga.Edit {
	var out []rga.Edit
	at := 0
	for range rapid.IntRange(0, 5).Draw(t, "edits") {
		from := at + rapid.IntRange(0, 4).Draw(t, "from")
		e := rga.Edit{Offset: from, Delete: rapid.IntRange(0, 4).Draw(t, "delete"), Insert: strings.Repeat(mark, rapid.IntRange(0, 3).Draw(t, "insert"))}
		if e.Offset+e.Delete > n {
			break
		}
		if e.Delete > 0 || e.Insert != "" {
			out = append(out, e)
		}
		at = e.Offset + e.Delete + 1
	}
	return out
}

// Both sides' insertions are in the result, whole and in order, and of the text exactly what neither deleted.
func TestRebaseKeepsBothSides(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const text = "abcdefghijklmnopqrstuvwxyz"
		theirs, ours := someEdits(t, len(text), "T"), someEdits(t, len(text), "O")
		edits := Rebase(theirs, ours)
		end := 0
		for _, e := range edits {
			if e.Offset < end {
				t.Fatalf("edits overlap: %v", edits)
			}
			end = e.Offset + e.Delete
		}
		got := made(made(text, ours), edits)
		gone := map[int]bool{}
		count := map[string]int{}
		for mark, side := range map[string][]rga.Edit{"T": theirs, "O": ours} {
			for _, e := range side {
				for i := range e.Delete {
					gone[e.Offset+i] = true
				}
				if mark == "O" || !slices.Contains(ours, e) {
					count[mark] += len(e.Insert)
				}
			}
		}
		want := ""
		for i := range len(text) {
			if !gone[i] {
				want += text[i : i+1]
			}
		}
		rest := strings.NewReplacer("T", "", "O", "").Replace(got)
		if rest != want || strings.Count(got, "T") != count["T"] || strings.Count(got, "O") != count["O"] {
			t.Fatalf("%v over %v: %q; what neither deleted is %q", theirs, ours, got, want)
		}
		if without := made(text, Rebase(theirs, nil)); without != made(text, theirs) {
			t.Fatalf("over nothing: %q", without)
		}
	})
}
