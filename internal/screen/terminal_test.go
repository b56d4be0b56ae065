package screen_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"coedit/internal/outside"
	"coedit/internal/screen"

	"go.uber.org/goleak"
)

const limit = 10 * time.Second

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start runs a shell script on a screen.
func start(t *testing.T, script string, o screen.Options) *screen.Terminal {
	t.Helper()
	sh := outside.Need(t, "sh")
	o.Args = []string{sh, "-c", script}
	term, err := screen.Start(o)
	if errors.Is(err, screen.ErrUnsupported) {
		outside.Missing(t, "a system with pseudo-terminals")
	} else if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(term.Close)
	return term
}

func wait(t *testing.T, term *screen.Terminal, cond func(screen.Screen) bool) screen.Screen {
	t.Helper()
	s, err := term.WaitFor(limit, cond)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTypedTextComesBack(t *testing.T) {
	term := start(t, "cat", screen.Options{})
	term.Type("hello, terminal" + screen.Enter)
	s := wait(t, term, func(s screen.Screen) bool { return strings.Count(s.String(), "hello, terminal") == 2 })
	if s.CursorX != 0 || s.CursorY != 2 || !s.CursorShown {
		t.Errorf("cursor at %d,%d, shown %v", s.CursorX, s.CursorY, s.CursorShown)
	}
	if s.Row(0) != "hello, terminal" || s.Row(1) != "hello, terminal" || s.Row(2) != "" {
		t.Errorf("screen:\n%s", s)
	}
}

func TestCells(t *testing.T) {
	term := start(t, `printf '\033[1;38;2;1;2;3ma\033[0m\346\274\242b\033[7mc\033[0m e\314\201x'`, screen.Options{})
	s := wait(t, term, screen.Shows("x"))
	a := s.Cell(0, 0)
	if r, g, b, _ := a.Fg.RGBA(); a.Text != "a" || !a.Bold || r>>8 != 1 || g>>8 != 2 || b>>8 != 3 {
		t.Errorf("first cell: %+v", a)
	}
	if c := s.Cell(1, 0); c.Text != "漢" || c.Width != 2 || s.Cell(2, 0).Width != 0 {
		t.Errorf("wide cell %+v, behind it %+v", c, s.Cell(2, 0))
	}
	if !s.Cell(4, 0).Reverse || s.Cell(3, 0).Reverse {
		t.Error("only c is reversed")
	}
	if c := s.Cell(6, 0); c.Text != "e\u0301" || c.Width != 1 {
		t.Errorf("combined cell %+v", c)
	}
	if x, y, found := s.Find("x"); !found || x != 7 || y != 0 {
		t.Errorf("x found at %d,%d (%v)", x, y, found)
	}
	if x, _, _ := s.Find("b"); x != 3 {
		t.Errorf("b found at column %d", x)
	}
	if s.Cell(-1, 0) != (screen.Cell{}) || s.Cell(0, 24) != (screen.Cell{}) {
		t.Error("cells outside the screen are not zero")
	}
}

func TestResize(t *testing.T) {
	stty := outside.Need(t, "stty")
	term := start(t, `trap '`+stty+` size' WINCH; `+stty+` size; while read -r line; do echo "got $line"; done`,
		screen.Options{Columns: 40, Rows: 10})
	wait(t, term, screen.Shows("10 40"))
	if err := term.Resize(60, 12); err != nil {
		t.Fatal(err)
	}
	term.Type("x" + screen.Enter) // some shells run the trap after the next line only
	s := wait(t, term, screen.Shows("12 60"))
	if s.Columns != 60 || s.Rows != 12 {
		t.Errorf("the screen is %d x %d", s.Columns, s.Rows)
	}
}

// Queries are answered as typed input, and a program that asks and never reads does not block the screen.
func TestQueries(t *testing.T) {
	term := start(t, `stty raw -echo; printf '\033[?2027$p'; dd bs=1 count=11 2>/dev/null | od -c | tr -s ' '`, screen.Options{})
	s := wait(t, term, screen.Shows("y"))
	if !strings.Contains(s.String(), "? 2 0 2 7 ; 2 $ y") {
		t.Errorf("the answer about grapheme clusters:\n%s", s)
	}

	term = start(t, `stty raw -echo; i=0; while [ $i -lt 2000 ]; do printf '\033[c'; i=$((i+1)); done; echo done; read -r x`, screen.Options{})
	wait(t, term, screen.Shows("done"))
}

func TestExit(t *testing.T) {
	term := start(t, "printf bye; exit 3", screen.Options{})
	if code, err := term.Exit(limit); err != nil || code != 3 {
		t.Errorf("exit code %d, %v", code, err)
	}
	wait(t, term, screen.Shows("bye"))
	_, err := term.WaitFor(limit, screen.Shows("never"))
	if !errors.Is(err, screen.ErrEnded) || !strings.Contains(fmt.Sprint(err), "bye") {
		t.Errorf("waiting for what cannot come: %v", err)
	}
}

func TestTimeoutAndKill(t *testing.T) {
	term := start(t, "printf 'up %s.' $$; exec cat", screen.Options{Env: []string{"COEDIT_TEST=1"}})
	s := wait(t, term, screen.Shows("."))
	if want := fmt.Sprintf("up %d.", term.Pid()); s.Row(0) != want {
		t.Errorf("%q, want %q", s.Row(0), want)
	}
	if _, err := term.WaitFor(time.Millisecond, screen.Shows("never")); !errors.Is(err, screen.ErrTimeout) {
		t.Errorf("error of a timeout: %v", err)
	}
	if err := term.Kill(); err != nil {
		t.Fatal(err)
	}
	if code, err := term.Exit(limit); err != nil || code != -1 {
		t.Errorf("exit code %d, %v", code, err)
	}
}

// A program that never reads does not keep Close waiting.
func TestCloseWithInputLeft(t *testing.T) {
	term := start(t, "stty raw -echo; printf up; exec sleep 100", screen.Options{})
	wait(t, term, screen.Shows("up"))
	term.Type(strings.Repeat("x", 1<<20))
	term.Close()
	if code, err := term.Exit(limit); err != nil || code != -1 {
		t.Errorf("exit code %d, %v", code, err)
	}
}

func TestEnvironment(t *testing.T) {
	t.Setenv("NO_COLOR", "1")
	term := start(t, `echo "[$TERM][$NO_COLOR][$GREETING]"`, screen.Options{Env: []string{"GREETING=hello"}})
	wait(t, term, screen.Shows("[xterm-256color][][hello]"))
}

func TestOutput(t *testing.T) {
	term := start(t, `printf '\033]2;a title\007\033[31mred'`, screen.Options{})
	s := wait(t, term, screen.Shows("red"))
	if s.Title != "a title" {
		t.Errorf("title %q", s.Title)
	}
	if got := string(term.Output()); got != "\x1b]2;a title\a\x1b[31mred" {
		t.Errorf("output %q", got)
	}
	if !screen.Hides("blue")(s) || screen.Hides("red")(s) {
		t.Error("Hides")
	}
}

func TestMissingProgram(t *testing.T) {
	_, err := screen.Start(screen.Options{Args: []string{"/nonexistent/program"}})
	if errors.Is(err, screen.ErrUnsupported) {
		outside.Missing(t, "a system with pseudo-terminals")
	}
	if err == nil {
		t.Error("a program that is not there was started")
	}
}
