package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"coedit/internal/outside"
	"coedit/internal/screen"
)

// soon bounds every single wait of the tests in terminals. What it bounds comes within a fraction of a second on an idle machine.
const soon = time.Minute

// editorTerm is coedit in a terminal of its own.
type editorTerm struct {
	*screen.Terminal
	t    testing.TB
	name string // of the test, for its messages
}

// place is where a test's programs run: a home, a folder, and nothing of the user's own.
type place struct {
	t   testing.TB
	dir string
}

func newPlace(t testing.TB) *place {
	t.Helper()
	p := &place{t: t, dir: t.TempDir()}
	t.Cleanup(p.noRaces) // when all programs have ended: what is closed later was registered later
	return p
}

// raceLog is where the race detector of a program started here writes: in its terminal nobody could read it.
const raceLog = "race"

// noRaces fails the test with what the race detectors of its programs have seen, if they have one.
func (p *place) noRaces() {
	reports, err := filepath.Glob(filepath.Join(p.dir, raceLog+".*"))
	if err != nil {
		p.t.Error(err)
	}
	for _, report := range reports {
		p.t.Errorf("%s:\n%s", filepath.Base(report), p.read(report))
	}
}

// file writes a file and returns its path.
func (p *place) file(name, content string) string {
	p.t.Helper()
	path := filepath.Join(p.dir, name)
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		p.t.Fatal(err)
	}
	return path
}

func (p *place) read(path string) string {
	p.t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		p.t.Fatal(err)
	}
	return string(content)
}

// env is what the programs find beside this process's environment.
func (p *place) env(extra ...string) []string {
	race := "GORACE=" + os.Getenv("GORACE") + " log_path=" + filepath.Join(p.dir, raceLog)
	return append([]string{"HOME=" + p.dir, "XDG_STATE_HOME=" + p.dir, "NO_PROXY=*", race}, extra...)
}

// terminal starts a program in a terminal of 80 x 24, which is closed when the test ends.
func (p *place) terminal(name string, o screen.Options) *editorTerm {
	p.t.Helper()
	o.Dir, o.Env = p.dir, append(p.env(), o.Env...)
	if o.Args[0] == "coedit" {
		o.Args[0] = outside.Need(p.t, "coedit") // this test binary: see TestMain
	}
	term, err := screen.Start(o)
	if errors.Is(err, screen.ErrUnsupported) {
		outside.Missing(p.t, "a system with pseudo-terminals")
	} else if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(term.Close)
	return &editorTerm{Terminal: term, t: p.t, name: name}
}

// coedit starts coedit in a terminal.
func (p *place) coedit(name string, args ...string) *editorTerm {
	p.t.Helper()
	return p.terminal(name, screen.Options{Args: append([]string{"coedit"}, args...), Env: []string{"COEDIT_NAME=" + name}})
}

// relay starts a relay, and returns its address.
func (p *place) relay(listen string) (relay *editorTerm, address string) {
	p.t.Helper()
	relay = p.coedit("relay", "serve", "--data", "", "--listen", listen)
	s := relay.until("the relay listens", screen.Shows("rooms are kept in memory"))
	address = regexp.MustCompile(`http://([0-9.:]+)`).FindStringSubmatch(s.String())[1]
	return relay, address
}

// share starts the editor of the one who has the file, and returns the two links. Without options the relay is its own.
func (p *place) share(name, path string, options ...string) (host *editorTerm, write, read string) {
	p.t.Helper()
	links := filepath.Join(p.dir, name+".links")
	args := append([]string{"share", "--link-file", links}, options...)
	host = p.coedit(name, append(args, path)...)
	host.until("the link is shown", screen.Shows("Share this link"))
	host.Type(screen.Escape)
	host.until("the link is put away", screen.Hides("Share this link"))
	var lines []string
	p.until("the link file is written", func() bool {
		content, err := os.ReadFile(links)
		lines = strings.Split(string(content), "\n")
		return err == nil && len(lines) > 1
	})
	return host, lines[0], lines[1]
}

// join starts the editor of a guest, and waits until the document is shown.
func (p *place) join(name, link string) *editorTerm {
	p.t.Helper()
	guest := p.coedit(name, "join", link)
	guest.until("the guest is in the room", func(s screen.Screen) bool { return s.Contains("online") && caretAt(1, 1)(s) })
	return guest
}

// cat is the document at the relay, byte for byte.
func (p *place) cat(link string) string {
	p.t.Helper()
	cmd := exec.Command(outside.Need(p.t, "coedit"), "cat", link)
	cmd.Dir, cmd.Env = p.dir, append(os.Environ(), p.env()...)
	out, err := cmd.Output()
	if exit, failed := errors.AsType[*exec.ExitError](err); failed {
		p.t.Fatalf("cat: %v: %s", err, exit.Stderr)
	} else if err != nil {
		p.t.Fatal(err)
	}
	return string(out)
}

// until polls for what no screen shows.
func (p *place) until(what string, done func() bool) {
	p.t.Helper()
	deadline := time.After(soon)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-deadline:
			p.t.Fatalf("not within %v: %s", soon, what)
		}
	}
}

// until waits for a state of the screen and returns it.
func (e *editorTerm) until(what string, cond func(screen.Screen) bool) screen.Screen {
	e.t.Helper()
	s, err := e.WaitFor(soon, cond)
	if err != nil {
		e.t.Fatalf("%s, waiting until %s: %v", e.name, what, err)
	}
	return s
}

// types types text in one go and waits until the last of it is drawn where the caret is.
func (e *editorTerm) types(text string) screen.Screen {
	e.t.Helper()
	e.Type(text)
	return e.until(strconv.Quote(text)+" is drawn", screen.Shows(text))
}

// gutter is the number of cells of the line numbers of a document of up to 999 lines.
const gutter = 4

// caretAt is the condition that the cursor stands in a line and a column of the text, both from 1, of a screen that is not
// scrolled. The status line says the same, but not while it shows a message.
func caretAt(line, column int) func(screen.Screen) bool {
	return func(s screen.Screen) bool {
		return s.CursorShown && s.CursorX == gutter+column-1 && s.CursorY == line-1
	}
}

var lineNumber = regexp.MustCompile(`Ln (\d+), Col`)

// lineOf is the line of the caret as the status line says it; 0 while that shows a message.
func lineOf(s screen.Screen) int {
	if m := lineNumber.FindStringSubmatch(s.Row(s.Rows - 1)); m != nil {
		n, _ := strconv.Atoi(m[1])
		return n
	}
	return 0
}

// quiet makes a message in the status line go, which hides the file's state and the position.
func (e *editorTerm) quiet() {
	e.t.Helper()
	for range 100 {
		if _, err := e.WaitFor(soon/100, func(s screen.Screen) bool { return lineOf(s) > 0 }); err == nil {
			return
		}
		e.Type(screen.Escape)
	}
	e.t.Fatalf("%s: the message does not go:\n%s", e.name, e.Screen())
}

// settled waits until all own edits have reached the relay.
func (e *editorTerm) settled() {
	e.t.Helper()
	e.until("all edits are acknowledged", func(s screen.Screen) bool {
		return s.Contains("online") && screen.Hides("on the way", "not sent", "unsent", "offline")(s)
	})
}

// exits waits for the end of the program.
func (e *editorTerm) exits(code int) {
	e.t.Helper()
	got, err := e.Exit(soon)
	if err != nil || got != code {
		e.t.Errorf("%s: exit code %d (%v), want %d; the screen:\n%s", e.name, got, err, code, e.Screen())
	}
}

var numbered = regexp.MustCompile(`^ *[0-9]+( |$)`)

// shown is the text that an editor's screen shows: without line numbers, the names of others beside it, and the status line.
// It is the whole document where that fits; blanks at the end of a line cannot be seen.
func shown(s screen.Screen) string {
	var lines []string
	for y := range s.Rows - 1 {
		row := s.Row(y)
		if !numbered.MatchString(row) {
			break
		}
		from, to := gutter, s.Columns
		for cut := true; cut; {
			for to > from && blank(s.Cell(to-1, y)) {
				to--
			}
			to, cut = cutLabel(s, from, to, y)
		}
		var line strings.Builder
		for x := from; x < to; x++ {
			line.WriteString(s.Cell(x, y).Text)
		}
		lines = append(lines, line.String())
	}
	return strings.Join(lines, "\n")
}

func blank(c screen.Cell) bool { return c.Text == " " && c.Bg == nil && !c.Reverse }

// cutLabel takes one coloured run that begins and ends with a blank off the end of a row: a name, or a caret behind the text.
func cutLabel(s screen.Screen, from, to, y int) (end int, cut bool) {
	start := to
	for start > from && s.Cell(start-1, y).Bg != nil && s.Cell(start-1, y).Bg == s.Cell(to-1, y).Bg {
		start--
	}
	if start == to || s.Cell(start, y).Text != " " || s.Cell(to-1, y).Text != " " {
		return to, false
	}
	return start, true
}

// shows is the condition that an editor shows exactly this text.
func shows(text string) func(screen.Screen) bool {
	return func(s screen.Screen) bool { return shown(s) == strings.TrimRight(text, " ") }
}
