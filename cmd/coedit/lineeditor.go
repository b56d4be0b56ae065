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
	"coedit/presence"
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
  w           save (a guest asks the host)
  who         who is here, and the connection
  say TEXT    say something to everybody
  link        the links to share
  q           quit`

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

	others struct { // lines that others changed and that were not read out yet, from 0
		first, last int
		since       time.Time
	}
	applying bool // what changes now is others' doing
	state    tui.LinkState
}

// adding are lines that take the place of some.
type adding struct {
	from, to int // offsets
	text     []string
}

// editLines runs the line editor until the user quits, its input ends, or ctx does.
func (p *program) editLines(ctx context.Context, o tui.Options) error {
	e := &lineEditor{o: o, ed: o.Editor, w: p.stdout, now: time.Now, state: tui.Online}
	e.others.first = -1
	e.ed.OnChange(e.changed)
	e.tell("%s: %s. Type help for the commands.", o.Name, many(e.ed.View().Lines(), "line"))
	if o.Notice != "" {
		e.tell("%s", o.Notice)
	}
	input := make(chan string)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		defer close(input)
		for in := bufio.NewScanner(p.stdin); in.Scan(); {
			select {
			case input <- in.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	news := make(chan error)
	if o.Session != nil {
		go e.wait(ctx, news)
	}
	return e.loop(ctx, input, news)
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
				return nil
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
			e.save()
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

// changed notes which lines others changed.
func (e *lineEditor) changed(changes []rga.Change) {
	text := e.ed.View()
	for i := range changes {
		if !e.applying {
			break
		}
		c := &changes[i]
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
	var sb strings.Builder
	b := []byte(text)
	for column := 0; len(b) > 0; {
		n := max(editor.FirstCluster(b), 1)
		shown, cells := e.ed.Metrics().Display(b[:n], column)
		if b[0] == '\n' {
			shown, cells = "\n", 0
		}
		sb.WriteString(shown)
		column += cells
		b = b[n:]
	}
	return sb.String()
}

func (e *lineEditor) numbered(line int) string {
	return strconv.Itoa(line+1) + ": " + string(e.ed.Line(nil, line))
}

// read takes one line of input and says whether the user has left.
func (e *lineEditor) read(line string) (quit bool) {
	if e.adding != nil {
		e.add(line)
		return false
	}
	word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	rest = strings.TrimSpace(rest)
	if word != "q" {
		e.leaving = false
	}
	if len(word) > 1 && strings.ContainsAny(word[:1], "paicd") && strings.ContainsAny(word[1:2], ".0123456789") { // p3,4
		word, rest = word[:1], word[1:]
	}
	var err error
	switch word {
	case "":
	case "help", "h", "?":
		e.tell("%s", lineHelp)
	case "p", "a", "i", "c", "d":
		err = e.lines(word, rest)
	case "f":
		e.find(rest)
	case "u":
		err = e.step(e.ed.Undo, "Nothing left to undo.")
	case "r":
		err = e.step(e.ed.Redo, "Nothing to redo.")
	case "w":
		e.save()
	case "who", "link", "say":
		e.session(word, rest)
	case "q":
		return e.mayQuit()
	default:
		e.tell("There is no command %s. Type help for the commands.", word)
	}
	if err != nil {
		e.tell("Not done: %v.", err)
	}
	return false
}

// step undoes or redoes.
func (e *lineEditor) step(f func(int64) (bool, error), nothing string) error {
	done, err := f(e.now().UnixMilli())
	switch {
	case err == nil && !done:
		e.tell("%s", nothing)
	case err == nil:
		e.line = e.ed.View().LineAt(e.ed.Selection().Head)
		e.tell("Done. %s", e.numbered(e.line))
	}
	return err
}

var errLines = errors.New("lines are written N or N,M, with numbers of lines that there are")

// lines does what is done to a range of lines.
func (e *lineEditor) lines(command, text string) error {
	first, last, err := e.span(text)
	if err != nil {
		return err
	}
	v := e.ed.View()
	if command == "p" {
		if text == "" {
			last = min(first+9, v.Lines()-1)
		}
		for n := first; n <= last; n++ {
			e.tell("%s", e.numbered(n))
		}
		e.line = last
		return nil
	}
	if e.ed.ReadOnly() {
		return errors.New("you joined by a read-only link")
	}
	from, to := v.LineStart(first), v.LineStart(last+1)
	switch command {
	case "a":
		e.adding = &adding{from: to, to: to}
	case "i":
		e.adding = &adding{from: from, to: from}
	case "c":
		e.adding = &adding{from: from, to: to}
	case "d":
		e.line = min(first, max(v.Lines()-2, 0))
		if err = e.ed.Replace(e.now().UnixMilli(), rga.Edit{Offset: from, Delete: to - from}); err == nil {
			e.tell("Deleted %s.", many(last-first+1, "line"))
		}
		return err
	}
	e.tell("Type the lines; a single dot ends them.")
	return nil
}

// span reads N or N,M; nothing is where the user is.
func (e *lineEditor) span(text string) (first, last int, err error) {
	number := func(s string) int {
		if s = strings.TrimSpace(s); s == "." || s == "" {
			return e.line
		} else if s == "$" {
			return e.ed.View().Lines() - 1
		}
		n, bad := strconv.Atoi(s)
		if bad != nil || n < 1 || n > e.ed.View().Lines() {
			err = errLines
		}
		return n - 1
	}
	a, b, two := strings.Cut(text, ",")
	first = number(a)
	last = first
	if two {
		last = number(b)
	}
	if last < first {
		err = errLines
	}
	return first, last, err
}

// add takes a line of new text, or the dot behind the last.
func (e *lineEditor) add(line string) {
	if line != "." {
		e.adding.text = append(e.adding.text, line)
		return
	}
	a := e.adding
	e.adding = nil
	text, v := "", e.ed.View()
	if len(a.text) > 0 {
		text = strings.Join(a.text, "\n") + "\n"
	}
	from, to := min(a.from, v.Len()), min(a.to, v.Len())
	if last := v.Append(nil, max(from-1, 0), from); from == v.Len() && len(last) > 0 && last[0] != '\n' {
		text = "\n" + strings.TrimSuffix(text, "\n") // behind a last line without an end
	}
	if err := e.ed.Replace(e.now().UnixMilli(), rga.Edit{Offset: from, Delete: to - from, Insert: text}); err != nil {
		e.tell("Not done: %v.", err)
		return
	}
	e.line = e.ed.View().LineAt(from + max(len(text)-1, 0))
	e.tell("Done: %s. %s", many(len(a.text), "line"), e.numbered(e.line))
}

func (e *lineEditor) find(text string) {
	v := e.ed.View()
	for i := 1; text != "" && i <= v.Lines(); i++ {
		n := (e.line + i) % v.Lines()
		if strings.Contains(string(e.ed.Line(nil, n)), text) {
			e.line = n
			e.tell("%s", e.numbered(n))
			return
		}
	}
	e.tell("Not found: %s", text)
}

// save writes the file, or asks the host to.
func (e *lineEditor) save() {
	switch {
	case e.o.File == nil && e.o.Session != nil:
		e.o.Session.AskSave()
		e.tell("Asked the host to save.")
	case e.o.File == nil:
		e.tell("There is no file to save to.")
	default:
		v, version := e.ed.View(), e.ed.Doc().Version()
		if err := e.o.File.Save(v, false); err != nil {
			e.tell("Not saved: %v.", err)
			if e.o.Session != nil {
				e.o.Session.SaveFailed(err)
			}
			return
		}
		e.ed.MarkSaved(version)
		if e.o.Session != nil {
			e.o.Session.Saved()
		}
		e.tell("Saved %s: %s.", e.o.Name, many(v.Lines(), "line"))
	}
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
		for _, p := range status.Peers {
			if p.Replica != status.Self.Replica && !p.Left {
				e.tell("%s is here.", presence.SanitizeName(p.Name))
			}
		}
		e.tell("%s not yet with the others.", many(status.Unacked, "edit"))
	}
}

// mayQuit says whether nothing is lost by it, or that was told already.
func (e *lineEditor) mayQuit() bool {
	why := ""
	if e.o.File != nil && e.ed.Dirty() && !e.o.Scratch {
		why = e.o.Name + " has changes that are not saved."
	}
	if s := e.o.Session; s != nil && s.Status(e.now()).Unacked > 0 {
		why = strings.TrimSpace(why + " Some of your edits have not reached the others yet.")
	}
	if why == "" || e.leaving {
		return true
	}
	e.leaving = true
	e.tell("%s Type q again to quit all the same.", why)
	return false
}

// many is a number of things.
func many(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
