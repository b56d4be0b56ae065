package syntax_test

import (
	"fmt"
	"strings"
	"testing"

	"coedit/editor/syntax"
)

// letters mark the kinds in the tests: a dot is plain.
const letters = ".cs#ktCfa<phemID"

// marks writes a text's kinds below its bytes, line by line.
func marks(g *syntax.Language, text string) string {
	var out []string
	state := syntax.Start
	for line := range strings.SplitSeq(text, "\n") {
		row := []byte(strings.Repeat(".", len(line)))
		var tokens []syntax.Token
		tokens, state = g.Tokens(nil, []byte(line), state)
		for _, t := range tokens {
			for i := t.From; i < t.To; i++ {
				row[i] = letters[t.Kind]
			}
		}
		out = append(out, string(row))
	}
	return strings.Join(out, "\n")
}

func TestTokens(t *testing.T) {
	for _, c := range []struct{ file, text, want string }{
		{"a.go", `func f(x int) { return "a\"b" } // ok`, `kkkk.f...ttt....kkkkkk.ssssss...ccccc`},
		{"a.go", "x := `raw\n\\` + 'a' /* open\nstill */ 0x1F", ".....ssss\nss...sss.ccccccc\ncccccccc.####"},
		{"a.go", `s := "not closed`, `.....sssssssssss`},
		{"a.go", "s := \"not closed\nvar x", ".....sssssssssss\nkkk.."},
		{"a.c", "#include <x.h> // why\nint f(void);", "pppppppppppppppcccccc\nttt.f.tttt.."},
		{"a.rs", `let x: &'a str = r#"a"b"#; 'c'`, `kkk........ttt...ssssssss..sss`},
		{"a.rs", "/* a /* b */ c\n*/ fn", "cccccccccccccc\ncc.kk"},
		{"a.js", "let s = `a ${b ? `x${ {y:1} }` : 2} c`; z", "kkk.....sss......ss......#...s...#.sss..."},
		{"a.js", `x = a / b; y = /["/]+/g.test(s)`, `...............ssssssss.ffff...`},
		{"a.ts", "let `", "kkk.s"},
		{"a.py", "@dec\ndef f(a: int): # c\n  '''doc\n more''' + 'x'", "aaaa\nkkk.f....ttt...ccc\n..ssssss\nssssssss...sss"},
		{"a.sh", `if [ "$x" = a#b ]; then echo ${y} # c`, `kk...ssss..........kkkk.ffff.CCCC.ccc`},
		{"a.sql", "SELECT count(*) FROM t -- c", "kkkkkk.fffff....kkkk...cccc"},
		{"a.json", `{"k": [1.5e-3, true, "v"]}`, `.aaa...######..CCCC..sss..`},
		{"a.yaml", "a: |\n  text: x\nb: 12 # c", "a..k\nsssssssss\na..##.ccc"},
		{"a.yaml", "- name: \"x\" \n  on: true", "k.aaaa..sss.\n..aa..CCCC"},
		{"a.md", "# T\n```go\nx\n```\n- **b** `c` [l](u)", "hhh\nppppp\ns\nppp\nk.mmmmm.sss.<<<aaa"},
		{"a.html", `<a href="x">t&amp;</a><!-- c`, `<<.aaaa.sss<.CCCCC<<<<cccccc`},
		{"a.diff", "--- a\n+x\n-y\n z", "hhhhh\nII\nDD\n.."},
		{"Makefile", "all: $(X) # c\nX := 1", "fff..CCCC.ccc\na....."},
		{"a.toml", "[s]\nk = \"v\" # c", "...\na...sss.ccc"},
		{"a.ini", "[s]\nk = 12", "hhh\na...##"},
		{"a.css", "a { color: red; } /* c */", "<...aaaaa.........ccccccc"},
		{"a.lua", "local x = [[a\nb]] -- c", "kkkkk.....sss\nsss.cccc"},
	} {
		g := syntax.For(c.file, nil)
		if g == nil {
			t.Errorf("%s: no language", c.file)
			continue
		}
		if got := marks(g, c.text); got != c.want {
			t.Errorf("%s:\n%s\n%s\nwant\n%s", c.file, c.text, got, c.want)
		}
	}
}

func TestFor(t *testing.T) {
	for _, c := range []struct{ name, first, want string }{
		{"main.go", "", "Go"},
		{"/x/Makefile", "", "Makefile"},
		{"A.MD", "", "Markdown"},
		{"script", "#!/usr/bin/env python3", "Python"},
		{"script", "#!/bin/sh -e", "Shell"},
		{"script", "#!/usr/bin/env -S node --x", "JavaScript"},
		{"page", "<!DOCTYPE html>", "HTML"},
		{"x", "", "plain text"},
		{"x.unknown", "#!", "plain text"},
	} {
		if got := syntax.For(c.name, []byte(c.first)).Name(); got != c.want {
			t.Errorf("%s, %q: %s, want %s", c.name, c.first, got, c.want)
		}
	}
}

// check reads any text in any language and state.
func check(t *testing.T, g *syntax.Language, text string, state syntax.State) {
	t.Helper()
	for line := range strings.SplitSeq(text, "\n") {
		tokens, after := g.Tokens(nil, []byte(line), state)
		if again := g.After([]byte(line), state); again != after {
			t.Fatalf("%s: after %q in state %#x is %#x with tokens, %#x without", g.Name(), line, state, after, again)
		}
		end := 0
		for _, tok := range tokens {
			if tok.From < end || tok.To <= tok.From || tok.To > len(line) || tok.Kind == syntax.Plain || tok.Kind >= syntax.Kinds {
				t.Fatalf("%s: token %+v behind %d in %q", g.Name(), tok, end, line)
			}
			end = tok.To
		}
		state = after
	}
}

var samples = []string{
	"func f() { return `a", "` /* x", "*/ '", "\"", "\\", "${", "{", "}", "r##\"", "\"##", "<!--", "-->", "<a b='", "'>", "```", "~~~~", "key: |", "   x", "#", "'''", "\"\"\"", "\xff\xfe", "日本", "a/b/c", "@", "$(", "[[", "]]", "R\"", "///", "",
}

func TestAnyTextInEveryLanguage(t *testing.T) {
	for _, name := range syntax.Languages() {
		var g *syntax.Language
		for _, file := range []string{"a.go", "a.c", "a.cpp", "a.java", "a.cs", "a.kt", "a.swift", "a.js", "a.ts", "a.rs", "a.zig", "a.py", "a.rb", "a.php", "a.lua", "a.sh", "a.sql", "a.proto", "a.css", "a.json", "a.toml", "Dockerfile", "a.tf", "a.ini", "Makefile", "a.yml", "a.md", "a.html", "a.xml", "a.diff"} {
			if syntax.For(file, nil).Name() == name {
				g = syntax.For(file, nil)
			}
		}
		if g == nil {
			t.Errorf("%s is not among the files of this test", name)
			continue
		}
		for i, a := range samples {
			for j, b := range samples {
				check(t, g, a+b+"\n"+samples[(i*7+j)%len(samples)]+a+"\n"+b, syntax.Start)
			}
		}
	}
}

func FuzzTokens(f *testing.F) {
	for i, s := range samples {
		f.Add(fmt.Sprintf("a.%d", i), s+"\n"+s)
	}
	f.Add("a.rs", "r###\"x\"## \"###")
	f.Add("a.js", "`${`${`${`${x}`}`}`}`")
	f.Fuzz(func(t *testing.T, name, text string) {
		for _, file := range []string{name, "a.go", "a.rs", "a.js", "a.sh", "a.md", "a.yaml", "a.html", "a.css", "a.py"} {
			check(t, syntax.For(file, nil), text, syntax.Start)
		}
	})
}

func BenchmarkAfter(b *testing.B) {
	text := []byte("\tif ctx := s.apply(doc, 1234); ctx != nil { // why \"not\" this")
	g := syntax.For("a.go", nil)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		g.After(text, syntax.Start)
	}
}

func BenchmarkTokens(b *testing.B) {
	text := []byte("\tif ctx := s.apply(doc, 1234); ctx != nil { // why \"not\" this")
	g := syntax.For("a.go", nil)
	var tokens []syntax.Token
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		tokens, _ = g.Tokens(tokens[:0], text, syntax.Start)
	}
}
