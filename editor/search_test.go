package editor

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"coedit/rga"
)

func compile(t testing.TB, q Query) *Pattern {
	t.Helper()
	p, err := q.Compile()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func viewOf(t testing.TB, text string) *rga.View {
	t.Helper()
	doc := rga.New(1)
	if _, _, err := doc.Edit(0, rga.Edit{Insert: text}); err != nil {
		t.Fatal(err)
	}
	return doc.View()
}

func TestSearch(t *testing.T) {
	for _, c := range []struct {
		q    Query
		text string
		want string // the matches in brackets
	}{
		{Query{Text: "one"}, "one One none", "[one] [One] n[one]"},
		{Query{Text: "One"}, "one One none", "one [One] none"},
		{Query{Text: "one", Case: CaseExact}, "one One", "[one] One"},
		{Query{Text: "ONE", Case: CaseIgnored}, "one One", "[one] [One]"},
		{Query{Text: "one", Word: true}, "one One none one_ one1 .one.", "[one] [One] none one_ one1 .[one]."},
		{Query{Text: "aa", Word: true}, "aaa aa", "aaa [aa]"},
		{Query{Text: "é", Word: true}, "é éa e\u0301 É", "[é] éa e\u0301 [É]"},
		{Query{Text: "über"}, "Über über", "[Über] [über]"},
		{Query{Text: "a.b"}, "a.b axb", "[a.b] axb"},
		{Query{Text: "a.b", Regex: true}, "a.b axb\na\nb", "[a.b] [axb]\na\nb"},
		{Query{Text: "^.*$", Regex: true}, "ab\n\ncd", "[ab]\n\n[cd]"},
		{Query{Text: "[^x]*", Regex: true}, "ab\ncxd", "[ab]\n[c]x[d]"},
		{Query{Text: `(?s)a.b|\s+`, Regex: true}, "a\nb \t\n", "a\nb[ \t]\n"},
		{Query{Text: `a\nb`, Regex: true}, "a\nba b", "[a\nb]a b"},
		{Query{Text: `\Wa`, Regex: true}, "a\na .a", "a\na [.a]"},
		{Query{Text: `\bfoo\S`, Regex: true}, "Foox xfoox", "[Foox] xfoox"},
		{Query{Text: `Foo`, Regex: true}, "Foo foo", "[Foo] foo"},
		{Query{Text: "[\n]", Regex: true}, "a\nb", "a[\n]b"},
		{Query{Text: ""}, "abc", "abc"},
	} {
		p, v := compile(t, c.q), viewOf(t, c.text)
		var sb strings.Builder
		last := 0
		for m := range p.Matches(v, 0, v.Len()) {
			fmt.Fprintf(&sb, "%s[%s]", c.text[last:m.From], c.text[m.From:m.To])
			last = m.To
		}
		if got := sb.String() + c.text[last:]; got != c.want {
			t.Errorf("%+v: %q, want %q", c.q, got, c.want)
		}
	}
	if _, err := (Query{Text: "a(", Regex: true}).Compile(); err == nil || err.Error() != "missing closing ): a(" {
		t.Errorf("error %v", err)
	}
}

// Windows make no difference: over texts longer than several of them, with long lines, from any place, the matches are those
// of each line by itself.
func TestSearchInWindows(t *testing.T) {
	for seed := range uint64(12) {
		rng := rand.New(rand.NewPCG(seed, 5))
		var sb strings.Builder
		for sb.Len() < 400_000 {
			n := rng.IntN(60)
			if rng.IntN(2000) == 0 {
				n = 90_000
			}
			for range n {
				sb.WriteString([]string{"ab", "a", "é", " ", "Ab", "x"}[rng.IntN(6)])
			}
			sb.WriteByte('\n')
		}
		text := sb.String()
		v := viewOf(t, text)
		q := []Query{{Text: "abx"}, {Text: "Ab a"}, {Text: "a b", Regex: true}, {Text: "é+x", Regex: true}, {Text: "ab", Word: true}, {Text: "x{2}(abé?)+ab a*", Regex: true}}[rng.IntN(6)]
		p := compile(t, q)
		from := rng.IntN(len(text))
		to := from + rng.IntN(len(text)-from+1)
		expr := regexp.QuoteMeta(q.Text)
		if q.Regex {
			expr = q.Text
		}
		if strings.ToLower(q.Text) == q.Text {
			expr = "(?i)" + expr
		}
		var want []Match
		for _, loc := range regexp.MustCompile(expr).FindAllStringIndex(text, -1) {
			if loc[0] >= from && loc[1] <= to && p.isWord([]byte(text[max(loc[0]-8, 0):min(loc[1]+8, len(text))]), min(8, loc[0]), min(8, loc[0])+loc[1]-loc[0]) {
				want = append(want, Match{loc[0], loc[1]})
			}
		}
		got := slices.Collect(p.Matches(v, from, to))
		if !slices.Equal(got, want) {
			t.Fatalf("seed %d, %+v in [%d, %d): %d matches, want %d", seed, q, from, to, len(got), len(want))
		}
		last, ok := p.last(v, stretch{from, to, to})
		if ok != (len(want) > 0) || ok && last != want[len(want)-1] {
			t.Fatalf("seed %d: the last is %v, %v", seed, last, ok)
		}
	}
}

func TestReplacements(t *testing.T) {
	for _, c := range []struct {
		q                Query
		text, with, want string
	}{
		{Query{Text: "one"}, "one two one", "$1\\n", "$1\\n two $1\\n"},
		{Query{Text: `(\w+) (\w+)`, Regex: true}, "one two\nthree four", "$2 $1", "two one\nfour three"},
		{Query{Text: `(\w+)`, Regex: true}, "one", "$1x ${1}y $0 $$ $9 $ \\t\\n\\\\ \\q", "onex oney one $  $ \t\n\\ \\q"},
		{Query{Text: `(?P<n>o)(x)?`, Regex: true}, "o", "${n}${2}${nope}!", "o!"},
		{Query{Text: `,\s*`, Regex: true}, "a, b,c", ",\\n", "a,\nb,\nc"},
	} {
		p := compile(t, c.q)
		e, _ := pairOf(t, c.text)
		edits, more := p.Replacements(e.View(), 0, e.View().Len(), c.with, 100, nil)
		must(t, e.Replace(1, edits...))
		if got := e.View().String(); got != c.want || more {
			t.Errorf("%q with %q: %q, want %q", c.q.Text, c.with, got, c.want)
		}
	}
	p, v := compile(t, Query{Text: "(a)b?", Regex: true}), viewOf(t, "xx ab a")
	if text, ok := p.Replacement(v, Match{3, 5}, "<$1>"); text != "<a>" || !ok {
		t.Errorf("%q, %v", text, ok)
	}
	if _, ok := p.Replacement(v, Match{3, 4}, "<$1>"); ok {
		t.Error("a part of a match is replaced")
	}
	if edits, more := p.Replacements(v, 0, v.Len(), "", 1, nil); len(edits) != 1 || !more {
		t.Errorf("%v, %v", edits, more)
	}
}

// BenchmarkSearch goes through 8 MB of code-like lines without a match.
func BenchmarkSearch(b *testing.B) {
	text := strings.Repeat("\tif err := something.Else(argument, another); err != nil { return nil }\n", 8<<20/72)
	v := viewOf(b, text)
	for name, q := range map[string]Query{
		"exact": {Text: "otherWord", Case: CaseExact}, "folded": {Text: "otherword"}, "regex": {Text: `other\w+d`, Regex: true},
	} {
		p := compile(b, q)
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(v.Len()))
			for b.Loop() {
				p.first(v, stretch{0, v.Len(), v.Len()})
			}
		})
	}
}

// A sweep finds the same in parts of any size as a look at the whole text.
func TestSweep(t *testing.T) {
	text := strings.Repeat("one two\n", 30_000) + "needle\n" + strings.Repeat("three\n", 30_000) + "needle"
	v := viewOf(t, text)
	first, second := strings.Index(text, "needle"), strings.LastIndex(text, "needle")
	p := compile(t, Query{Text: "needle"})
	for _, c := range []struct {
		lo, hi, from int
		back         bool
		want         int // -1: none
		wrapped      bool
	}{
		{0, len(text), 0, false, first, false},
		{0, len(text), first, false, first, false},
		{0, len(text), first + 1, false, second, false},
		{0, len(text), second + 1, false, first, true},
		{0, len(text), second, true, first, false},
		{0, len(text), len(text), true, second, false},
		{0, len(text), first, true, second, true},
		{0, first, 5, false, -1, true},
		{first + 1, second, first + 9, true, -1, true},
	} {
		for _, n := range []int{20_000, 70_000, 1 << 20} {
			if n == 20_000 && c.want != first {
				continue
			}
			s := p.Sweep(v, c.lo, c.hi, c.from, c.back)
			m, found, done := s.Step(n)
			for !found && !done {
				m, found, done = s.Step(n)
			}
			if found != (c.want >= 0) || found && m.From != c.want || found && s.Wrapped() != c.wrapped {
				t.Errorf("%+v by %d: %v, %v, wrapped %v", c, n, m, found, s.Wrapped())
			}
			if s.Percent() > 100 || !found && s.Percent() != 100 {
				t.Errorf("%d %%", s.Percent())
			}
		}
	}
	starts, more := p.Count(v, 0, v.Len(), 10, func(int) bool { return true })
	if !slices.Equal(starts, []int{first, second}) || more {
		t.Errorf("count %v, %v", starts, more)
	}
	if starts, more := p.Count(v, 0, v.Len(), 1, nil); len(starts) != 1 || !more {
		t.Errorf("count %v, %v", starts, more)
	}
	if starts, _ := p.Count(v, 0, v.Len(), 10, func(at int) bool { return at < first-searchWindow }); len(starts) != 0 {
		t.Error("it goes on although nobody wants it")
	}
}

// FuzzPattern searches any text for any query: no panic, and matches lie in order, in lines unless the query names one's end.
func FuzzPattern(f *testing.F) {
	f.Add("a(b|c)*", "abcbc\nabc", uint8(1))
	f.Add("\\bx$", "x\nx x", uint8(3))
	f.Add("É", "éÉ", uint8(0))
	f.Fuzz(func(t *testing.T, query, text string, options uint8) {
		text = strings.ToValidUTF8(text, "\uFFFD")
		if len(query) > 100 || len(text) > 1000 {
			return
		}
		p, err := Query{Text: query, Regex: options&1 != 0, Word: options&2 != 0, Case: Case(options >> 2 % 3)}.Compile()
		if err != nil {
			return
		}
		v, end := viewOf(t, text), 0
		for m := range p.Matches(v, 0, v.Len()) {
			if m.From < end || m.To <= m.From || m.To > len(text) || !p.across && p.regex != nil && strings.Contains(text[m.From:m.To], "\n") {
				t.Fatalf("match %v of %q in %q", m, query, text)
			}
			if _, ok := p.Replacement(v, m, "$1"); !ok && !p.across {
				t.Fatalf("match %v of %q in %q is not found again", m, query, text)
			}
			end = m.To
		}
		p.Replacements(v, 0, v.Len(), text[:min(len(text), 20)], 100, nil)
	})
}
