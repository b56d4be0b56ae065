package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"coedit/editor"
	"coedit/editor/tui"
	"coedit/rga"
)

const lineHelp = `Lines are counted from 1; N,M means from N to M, and . is the line you are at.
  p N,M       print lines; p alone: the ten lines from where you are
  a N         add lines behind line N: type them, and end with a single dot
  i N         the same before line N
  c N,M       change lines: type the new ones, and end with a single dot
  d N,M       delete lines
  f TEXT      find the next line with the text
  u, r        undo your own last change; redo
  w           save (a guest asks the host); what another program changed is merged
  w NAME      save under another name
  w!          save over what another program made of the file
  who         who is here, and the connection
  say TEXT    say something to everybody
  link        the links to share
  q           quit; q again does it though something speaks against it`

// settleTime is how long a line that others change must rest before it is read out.
const settleTime = 700 * time.Millisecond

// lineEditor is the editor for screen readers, and for terminals that cannot place a cursor: commands are typed as lines, and everything that
// happens is told in lines, in the order in which it happens. It draws nothing and takes nothing back.
type lineEditor struct {
	o    tui.Options
	ed   *editor.Editor
	w    io.Writer
	now  func() time.Time
	line int // where the user is, from 0

	adding  *adding // lines are being typed
	leaving bool    // quitting was asked for, and what speaks against it was told

	disk    editor.Disk // what the file held when it was read or written last
	typedAt int         // offset behind what the user's last edit inserted

	others struct { // lines that others changed and that were not read out yet, from 0
		first, last int
		since       time.Time
	}
	applying bool // what changes now is others' doing
	state    tui.LinkState
	unkept   string // why what is typed is not kept for a crash, as it was told
}

// adding are lines that take the place of some: those of the text as it was when the user began to type, for others go on.
type adding struct {
	version  rga.Version
	from, to int  // offsets in that version
	unended  bool // from is behind a last line without an end
	text     []string
}

// errInputEnded is the end of the input, with something left to be done.
var errInputEnded = errors.New("its input ended")

func newLineEditor(o tui.Options, w io.Writer) *lineEditor {
	e := &lineEditor{o: o, ed: o.Editor, w: w, now: time.Now, state: tui.Online, disk: o.Disk}
	e.others.first = -1
	e.ed.OnChange(e.changed)
	if !e.disk.Known() && !e.ed.Dirty() {
		e.disk = e.ed.OnDisk()
	}
	return e
}

// editLines runs the line editor until the user quits, its input ends, or ctx does.
func (p *program) editLines(ctx context.Context, o tui.Options) error {
	e := newLineEditor(o, p.stdout)
	e.tell("%s: %s. Type help for the commands.", o.Name, many(e.ed.View().Lines(), "line"))
	if o.Notice != "" {
		e.tell("%s", o.Notice)
	}
	input := make(chan string)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go readLines(ctx, p.stdin, input)
	news := make(chan error)
	if o.Session != nil {
		go e.wait(ctx, news)
	}
	return e.loop(ctx, input, news)
}

// readLines passes on the lines of the input, without their ends, and closes lines behind the last.
func readLines(ctx context.Context, from io.Reader, lines chan<- string) {
	defer close(lines)
	for in := bufio.NewReader(from); ; {
		line, err := in.ReadString('\n')
		if err == nil || line != "" {
			select {
			case lines <- strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"):
			case <-ctx.Done():
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// wait passes on when the session has something.
func (e *lineEditor) wait(ctx context.Context, news chan<- error) {
	for {
		err := e.o.Session.Wait(ctx)
		select {
		case news <- err:
		case <-ctx.Done():
			return
		}
		if err != nil {
			return
		}
	}
}

func (e *lineEditor) loop(ctx context.Context, input <-chan string, news <-chan error) error {
	again := time.NewTimer(time.Hour)
	defer again.Stop()
	for {
		again.Reset(e.turn())
		select {
		case <-ctx.Done():
			return ctx.Err()
		case line, ok := <-input:
			if !ok {
				return e.inputEnded()
			}
			if quit := e.read(line); quit {
				return nil
			}
		case err := <-news:
			if err != nil && ctx.Err() == nil {
				e.tell("The session has ended: %v. Your text is kept here.", err)
			}
		case <-again.C:
		}
	}
}

// turn does what the session and the others ask for, and says when it is to be called again at the latest.
func (e *lineEditor) turn() time.Duration {
	wait := time.Second
	if s := e.o.Session; s != nil {
		at := e.ed.View().LineStart(e.line) // where the user is follows the text
		e.ed.Select(at, at)
		for more := true; more; {
			var r tui.Report
			e.applying = true
			r, more = s.Step(e.now(), tui.Budget{Ops: 512, Bytes: 256 << 10, Time: 4 * time.Millisecond})
			e.applying = false
			for _, n := range r.Notices {
				e.tell("%s", n)
			}
		}
		if e.o.File != nil && s.SaveRequested() {
			e.save(false)
		}
		at = e.ed.Selection().Head
		e.line = e.ed.View().LineAt(at)
		p := tui.Presence{Dirty: e.o.File != nil && e.ed.Dirty()}
		p.Head, p.Tail, p.Top = e.ed.Anchors(at)
		s.SetPresence(p)
		if w := s.Flush(e.now()); w > 0 {
			wait = min(wait, w)
		}
		e.connection(s.Status(e.now()))
	}
	e.keeping()
	if e.others.first >= 0 {
		rest := settleTime - e.now().Sub(e.others.since)
		if rest <= 0 && e.adding == nil {
			e.readOut()
		} else {
			wait = min(wait, max(rest, 10*time.Millisecond))
		}
	}
	return wait
}

// keeping tells when what is typed is not kept for a crash.
func (e *lineEditor) keeping() {
	if e.o.Trouble == nil {
		return
	}
	if why := e.o.Trouble(); why != e.unkept {
		if e.unkept = why; why != "" {
			e.tell("Warning: %s.", why)
		}
	}
}

// connection tells when it is lost and when it is back.
func (e *lineEditor) connection(s tui.Status) {
	if s.State == e.state {
		return
	}
	e.state = s.State
	switch s.State {
	case tui.Offline:
		e.tell("The connection is lost. Your edits are kept.")
	case tui.Online:
		e.tell("The connection is there again.")
	case tui.Refused:
		e.tell("The relay refuses: %s.", s.Detail)
	}
}

// changed notes which lines others changed, and where the user's own text ends.
func (e *lineEditor) changed(changes []rga.Change) {
	text := e.ed.View()
	for i := range changes {
		c := &changes[i]
		if !e.applying {
			e.typedAt = c.Offset + len(c.Inserted)
			continue
		}
		line := text.LineAt(min(c.Offset, text.Len()))
		added := strings.Count(string(c.Inserted), "\n")
		if e.others.first < 0 {
			e.others.first, e.others.last = line, line
		}
		e.others.first, e.others.last = min(e.others.first, line), max(e.others.last, line+added)
		e.others.since = e.now()
	}
	e.line = min(e.line, text.Lines()-1)
}

// readOut tells what others changed.
func (e *lineEditor) readOut() {
	first, last := e.others.first, min(e.others.last, e.ed.View().Lines()-1)
	e.others.first = -1
	if last-first > 4 {
		e.tell("Lines %d to %d were changed.", first+1, last+1)
		return
	}
	for n := first; n <= last; n++ {
		e.tell("Changed %s", e.numbered(n))
	}
}

// tell prints a line. What others wrote cannot do anything to the terminal.
func (e *lineEditor) tell(format string, a ...any) {
	fmt.Fprintln(e.w, e.plain(fmt.Sprintf(format, a...)))
}

func (e *lineEditor) plain(text string) string {
	return displayed(e.ed.Metrics(), []byte(text))
}

func (e *lineEditor) numbered(line int) string {
	return strconv.Itoa(line+1) + ": " + string(e.ed.Line(nil, line))
}

func (e *lineEditor) session(command, text string) {
	s := e.o.Session
	if s == nil {
		e.tell("You are alone: this text is not shared.")
		return
	}
	status := s.Status(e.now())
	switch command {
	case "say":
		s.Say(text)
		e.tell("You said: %s", text)
	case "link":
		e.tell("To edit: %s\nTo read: %s", status.Link, status.ReadLink)
	case "who":
		for _, name := range e.present(status) {
			e.tell("%s is here.", name)
		}
		e.tell("%s not yet with the others.", many(status.Unacked, "edit"))
	}
}

// many is a number of things.
func many(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
