package main

import (
	"fmt"
	"strings"
	"testing"

	"coedit/internal/screen"

	"pgregory.net/rapid"
)

// consoleCases are what a program writes, and what of it a Linux console gets.
var consoleCases = []struct{ written, passed string }{
	{"text \u6f22\x1b[1;7mbold\x1b[m\r\n", "text \u6f22\x1b[1;7mbold\x1b[m\r\n"},
	{"\x1b[?25l\x1b[4`\x1b[3d\x1b[10X\x1b[K\x1b[?25h", "\x1b[?25l\x1b[4`\x1b[3d\x1b[10X\x1b[K\x1b[?25h"},
	{"\x1b[?2004h\x1b[?1002h\x1bM\x1b7", "\x1b[?2004h\x1b[?1002h\x1bM\x1b7"},
	{"a\x1b]2;title\x07b\x1b]52;c;eA==\x1b\\c\x1b]11;?\x07d", "abcd"},
	{"a\x1bP+q544e\x1b\\b\x1b_apc\x1b\\c\x1b^pm\x1b\\d\x1bXsos\x1b\\e", "abcde"},
	{"a\x1b]8;;http://x\x1b[1m\x1b\\b", "ab"},
	{"a\x1b[>4;2m\x1b[>5u\x1b[<u\x1b[=1c\x1b[?ub", "ab"},
	{"a\x1b[5 q\x1b[?2026$p\x1b[!pb", "ab"},
	{"a\x1b[1\x1b[2mb\x1b[\x00c", "a[2mbc"},
	{"a" + leaveScreen, "a" + clearScreen + leaveScreen},
	{"a\x1b[" + strings.Repeat("1", 300) + "mb", "a" + strings.Repeat("1", 300-(longestCSI+1-len("\x1b["))) + "mb"},
}

func TestTheConsoleGetsWhatItUnderstands(t *testing.T) {
	for _, c := range consoleCases {
		var f consoleFilter
		if got := string(f.pass(nil, []byte(c.written))); got != c.passed {
			t.Errorf("%q leads to %q, want %q", c.written, got, c.passed)
		}
	}
}

// TestTheConsoleInPieces: where the pieces end that are written makes no difference.
func TestTheConsoleInPieces(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var written, passed string
		for _, i := range rapid.SliceOf(rapid.IntRange(0, len(consoleCases)-1)).Draw(rt, "cases") {
			written += consoleCases[i].written
			passed += consoleCases[i].passed
		}
		var f consoleFilter
		var got []byte
		for rest := []byte(written); len(rest) > 0; {
			n := rapid.IntRange(1, len(rest)).Draw(rt, "piece")
			got = f.pass(got, rest[:n])
			rest = rest[n:]
		}
		if string(got) != passed {
			rt.Errorf("%q, want %q", got, passed)
		}
	})
}

// On a Linux console everything works, in sixteen colours, and nothing is written that it would print.
func TestOnTheLinuxConsole(t *testing.T) {
	p := newPlace(t)
	path := p.file("x.go", "package main\n\nfunc main() {\n\t\tx := 1\n}\n")
	ed := p.terminal("ann", screen.Options{
		Args: []string{"coedit", "--guides", "--whitespace", path},
		Env:  []string{"TERM=linux", "COLORTERM="},
	})
	ed.until("the text is there", screen.Shows("package.main", ">   >   x.:=.1"))
	ed.Type(screen.ShiftEnd + screen.Ctrl('c') + screen.End + "; // x")
	ed.until("typing works", screen.Shows("package.main;.//.x"))
	ed.Type("\x1b[[A") // F1, as this terminal alone sends it
	ed.until("the help is there", screen.Shows("Keys"))
	ed.Type("q" + screen.Ctrl('f') + "main")
	ed.until("the find bar is there", screen.Shows("Find: main"))
	ed.Type(screen.Ctrl('s'))
	ed.until("it is saved", screen.Shows("Saved x.go"))
	ed.Type(screen.Ctrl('q'))
	ed.exits(0)
	for y := range 23 {
		if row := ed.Screen().Row(y); row != "" && y > 1 {
			t.Errorf("row %d of the console shows %q after the end", y, row)
		}
	}
	checkConsole(t, string(ed.Output()))
}

// checkConsole fails where output has what is not in the oldest kernels' console_codes(4), more colours than sixteen, or
// characters that are not in each of its fonts.
func checkConsole(t *testing.T, output string) {
	t.Helper()
	for rest := output; rest != ""; {
		seq, after := rest[:1], rest[1:]
		if seq == "\x1b" {
			n := strings.IndexFunc(after[1:], func(r rune) bool { return r >= 0x40 })
			if after[0] != '[' || n < 0 {
				n = -1
			}
			seq, after = rest[:n+3], rest[n+3:]
			if problem := consoleProblem(seq); problem != "" {
				t.Errorf("%q is written: %s", seq, problem)
			}
		} else if seq[0] >= 0x80 {
			t.Errorf("%q is written", rest[:4])
		}
		rest = after
	}
}

func consoleProblem(seq string) string {
	body := strings.TrimPrefix(strings.TrimPrefix(seq, "\x1b["), "?")
	switch final := seq[len(seq)-1]; {
	case !strings.HasPrefix(seq, "\x1b[") && !strings.Contains("c D E H M Z 7 8 > =", seq[1:]):
		return "no escape sequence of the console's"
	case !strings.HasPrefix(seq, "\x1b["):
		return ""
	case strings.Trim(body[:len(body)-1], "0123456789;") != "":
		return "it has a prefix or an intermediate byte"
	case body != seq[len("\x1b["):]: // DEC's
		if final != 'h' && final != 'l' && final != 'W' {
			return "a question"
		}
	case !strings.ContainsRune("@ABCDEFGHJKLMPXacdefghlmnqrsu`", rune(final)):
		return fmt.Sprintf("there is no %c", final)
	case final == 'm' && (strings.Contains(body, "38;") || strings.Contains(body, "48;")):
		return "it has sixteen colours"
	}
	return ""
}
