package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"sort"
	"time"

	"coedit/internal/journal"
	"coedit/internal/session"

	"github.com/adrg/xdg"
	"github.com/spf13/cobra"
)

// Roles in a journal's About.
const (
	roleAlone = "alone"
	roleShare = "share"
	roleJoin  = "join"
)

// longAgo is when a journal is removed in which nothing is left to be done.
const longAgo = 30 * 24 * time.Hour

// journals is the folder with this user's journals.
func (p *program) journals() journal.Dir {
	state := p.getenv("COEDIT_STATE")
	if state == "" {
		state = filepath.Join(xdg.StateHome, "coedit")
	}
	return journal.Dir{Path: filepath.Join(state, "journal")}
}

var journalOptions = journal.Options{Compact: session.Compact}

// notKept is what follows from having no journal.
const notKept = "no journal can be kept, so what you type is lost if this program is killed"

// record is the journal of one run of a command, with what it goes on from.
type record struct {
	w     *journal.Writer // nil: there is none
	err   error           // why
	state *journal.State  // of the session before; nil: none
	fresh bool            // w is not the journal that the state is of
	last  *journal.Taken  // that journal, until w holds all of it
}

// newRecord begins a journal. Where none can be kept, it says so, and the command goes on without.
func (p *program) newRecord(about journal.About) *record {
	p.cleanJournals(journal.KeyOf(about))
	w, err := p.journals().Create(journalOptions, about)
	if err != nil {
		fmt.Fprintf(p.stderr, "Warning: %s: %s.\n", notKept, harmless(cause(err)))
	}
	return &record{w: w, err: err}
}

// goOn continues a journal; where it may lack something, with what it has in a new one.
func (p *program) goOn(last *journal.Taken, about journal.About) *record {
	if last.State.Intact {
		return &record{w: last.Writer, state: last.State}
	}
	return p.goOnAnew(last, about)
}

func (p *program) goOnAnew(last *journal.Taken, about journal.About) *record {
	r := p.newRecord(about)
	r.state, r.fresh, r.last = last.State, true, last
	return r
}

// journal is what the session writes to; nil: nothing.
func (r *record) journal() session.Journal {
	if r == nil || r.w == nil {
		return nil
	}
	return r.w
}

// holds notes what the journal is of, and lets the one before go once this one has all that was in it.
func (r *record) holds(about journal.About) {
	if r.w == nil {
		return
	}
	last := r.last
	r.last = nil
	r.w.Append(func() {
		if last != nil {
			go func() { _ = last.Discard() }() // elsewhere: it waits for the disk
		}
	}, about)
}

// problem is why nothing is kept any more; "" all is well.
func (r *record) problem() string {
	switch {
	case r == nil:
		return ""
	case r.err != nil:
		return notKept + ": " + cause(r.err)
	case r.w == nil || r.w.Err() == nil:
		return ""
	}
	return notKept + ": " + cause(r.w.Err())
}

// rename says that the journal is of another file from now on.
func (r *record) rename(about journal.About) {
	if r != nil && r.w != nil {
		r.w.Rename(about)
	}
}

// end closes the journal: for good where nothing is left to be done.
func (r *record) end(done bool) error {
	if r == nil {
		return nil
	}
	if r.last != nil { // it was not taken over
		_ = r.last.Close()
	}
	switch {
	case r.w == nil:
		return nil
	case done:
		return r.w.Retire()
	}
	return r.w.Close()
}

// cleanJournals removes journals that nobody needs: older ones of the same key that are closed, and any in which nothing has
// been left to be done for long.
func (p *program) cleanJournals(key string) {
	dir := p.journals()
	entries, err := dir.List("")
	if err != nil {
		return
	}
	for _, e := range entries {
		old := time.Since(e.Modified) > longAgo
		if e.Damaged || !old && e.Name[:min(len(e.Name), len(key))] != key {
			continue
		}
		if s, err := dir.Load(e.Name); err == nil && (s.Closed || old && done(s)) {
			_ = dir.Remove(e.Name) // another process may have it
		}
	}
}

// done says whether a journal is of no use any more.
func done(s *journal.State) bool {
	if s.Closed {
		return true
	}
	sum, err := session.Summarize(s)
	switch {
	case err != nil:
		return false
	case s.About.Role == roleJoin:
		return !sum.Unsent
	}
	return !sum.Unsaved
}

// newest are the journals of a key, or all, the newest first.
func newest(dir journal.Dir, key string) ([]journal.Entry, error) {
	entries, err := dir.List(key)
	sort.Slice(entries, func(i, j int) bool { return entries[i].Modified.After(entries[j].Modified) })
	return entries, err
}

// takeLast takes the newest journal of a key that a session left open and that wanted says yes to. inUse says that there is
// one which another process writes.
func (p *program) takeLast(key string, wanted func(*journal.State) bool) (last *journal.Taken, inUse bool) {
	dir := p.journals()
	entries, err := newest(dir, key)
	if err != nil {
		return nil, false
	}
	for _, e := range entries {
		if e.Damaged {
			continue
		}
		taken, err := dir.Take(e.Name, journalOptions)
		switch {
		case errors.Is(err, journal.ErrInUse):
			inUse = true
			continue
		case errors.Is(err, journal.ErrDamaged):
			fmt.Fprintf(p.stderr, "Warning: the journal %s is damaged and was set aside; `coedit recover` shows what can be read of it.\n", e.Name)
			continue
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			fmt.Fprintf(p.stderr, "Warning: the journal %s cannot be read: %s.\n", e.Name, harmless(cause(err)))
			continue
		case err != nil:
			continue
		}
		if s := taken.State; !s.Closed && !s.Declined && wanted(s) {
			return taken, inUse
		}
		_ = taken.Close()
	}
	return nil, inUse
}

// Values of --recover.
const (
	recoverAsk = "ask"
	recoverYes = "yes"
	recoverNo  = "no"
)

func recoverFlag(cmd *cobra.Command, mode *string) {
	cmd.Flags().StringVar(mode, "recover", recoverAsk, "what to do with text of a session that was killed: `yes|no|ask`")
}

func checkRecover(mode string) error {
	if mode != recoverAsk && mode != recoverYes && mode != recoverNo {
		return usageError("", "--recover is yes, no or ask, not %s", mode)
	}
	return nil
}

// offer asks whether to recover what a session left, unless the answer is given by the flag. Without a terminal nobody can
// be asked: then it is left, and said. What the user does not want stays there for `coedit recover`, and is not offered again.
func (p *program) offer(ctx context.Context, mode string, last *journal.Taken, what string) (yes bool, err error) {
	switch {
	case mode == recoverYes:
		return true, nil
	case mode == recoverNo:
	case !terminal(p.stdin) || !terminal(p.stderr):
		fmt.Fprintf(p.stderr, "%s It stays in the journal %s: --recover=yes goes on from it.\n", what, last.Name())
		return false, last.Close()
	default:
		if yes, err = p.askYes(ctx, what+" Recover it? [Y/n] "); yes || err != nil {
			return yes, err
		}
	}
	last.Append(nil, journal.Declined{})
	fmt.Fprintf(p.stderr, "Left where it is: `coedit recover %s` prints it.\n", last.Name())
	return false, last.Close()
}

// askYes asks a question to which no answer means yes.
func (p *program) askYes(ctx context.Context, question string) (bool, error) {
	fmt.Fprint(p.stderr, question)
	type answer struct {
		text string
		err  error
	}
	answers := make(chan answer, 1)
	go func() {
		var line []byte
		for b := make([]byte, 1); ; { // one at a time: what is typed ahead is for the editor
			n, err := p.stdin.Read(b)
			if n > 0 && b[0] != '\n' && b[0] != '\r' {
				line = append(line, b[0])
				continue
			}
			if n > 0 || err != nil {
				answers <- answer{string(line), err}
				return
			}
		}
	}()
	select {
	case a := <-answers:
		if a.err != nil {
			return false, failure(a.err, "--recover=yes or --recover=no answers it", "the question was not answered: %s", cause(a.err))
		}
		return a.text == "" || a.text[0] == 'y' || a.text[0] == 'Y', nil
	case <-ctx.Done():
		return false, ctx.Err()
	}
}

// ago says how long something is past, in words.
func ago(t time.Time) string {
	d := time.Since(t)
	switch {
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return fmt.Sprintf("%d min ago", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h ago", int(d.Hours()))
	}
	return fmt.Sprintf("%d days ago", int(d.Hours()/24))
}
