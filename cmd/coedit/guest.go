package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"coedit/internal/journal"
	"coedit/internal/session"
	"coedit/transport"
	"coedit/transport/seal"
)

// linkOf is the link of the session whose journal has this ID; what is no ID is returned as it is.
func (p *program) linkOf(arg string) string {
	if strings.ContainsAny(arg, "/#:") || len(arg) < 4 {
		return arg
	}
	name, err := p.findJournal(arg)
	if err != nil {
		return arg
	}
	if about, err := p.journals().Head(name); err == nil && about.Role == roleJoin {
		return about.Link
	}
	return arg
}

// guest is a participant in somebody else's room, with its journal.
type guest struct {
	link seal.Link
	name string // shown to the others

	require byte // suite of the room; 0: any
	about   journal.About
	record  *record
	part    *session.Participant
	left    bool // the user quit
}

// newGuest begins a journal, or goes on with the one of the last session in this room with the same right.
func (p *program) newGuest(link seal.Link, name, recovery string) *guest {
	g := &guest{link: link, name: p.nameOr(name), require: byte(p.require), about: journal.About{
		Role: roleJoin, Room: link.Room, Link: link.String(), Started: time.Now().UnixMilli(),
	}}
	if recovery != recoverNo {
		if last := p.lastJoined(link); last != nil {
			if was, err := seal.ParseLink(last.State.About.Link); err == nil && was.Room != link.Room {
				g.link, g.about.Room, g.about.Link = was, was.Room, was.String() // the room has moved there
			}
			g.record = p.goOn(last, g.about)
			return g
		}
	}
	g.record = p.newRecord(g.about)
	return g
}

// lastJoined takes the journal of the last session in a room with the same right. A journal keeps the name that it got when it
// was made, so of a session whose room has moved it has the old room's: it is found by either link.
func (p *program) lastJoined(link seal.Link) *journal.Taken {
	key := journal.KeyOf(journal.About{Room: link.Room})
	wanted := func(s *journal.State) bool {
		was, err := seal.ParseLink(s.About.Link)
		return err == nil && (was.Secret == link.Secret || was.Room != link.Room && was.Secret.Right == link.Secret.Right)
	}
	if last, _ := p.takeLast(key, wanted); last != nil {
		return last
	}
	dir := p.journals()
	entries, err := newest(dir, "")
	if err != nil {
		return nil
	}
	for _, e := range entries {
		if about, err := dir.Head(e.Name); err != nil || about.Role != roleJoin || e.Damaged {
			continue
		}
		s, err := dir.Load(e.Name)
		if err != nil && !errors.Is(err, journal.ErrTorn) || s.About.Room != link.Room || s.Closed {
			continue
		}
		if last, _ := p.takeLast(e.Name, wanted); last != nil {
			return last
		}
	}
	return nil
}

// enter joins and waits for the document. Where the journal turns out to be behind what the room has of this participant, it
// goes on as somebody new. What a journal gave is there also while the relay cannot be reached.
func (g *guest) enter(ctx context.Context, p *program) error {
	fmt.Fprintf(p.stderr, "Joining at %s (Ctrl+C ends) ...\n", g.link.Base)
	err := g.join(ctx, p)
	if errors.Is(err, session.ErrBehind) && !g.record.fresh {
		g.part.Close()
		g.record = p.goOnAnew(&journal.Taken{State: g.record.state, Writer: g.record.w}, g.about)
		err = g.join(ctx, p)
	}
	if err == nil {
		g.about.Name, _ = g.part.Editor().Doc().Meta(session.MetaName)
		g.record.holds(g.about)
		return nil
	}
	if ctx.Err() != nil {
		return errorWithHint{code: exitFailure, what: "not joined: you ended it before the document was there", err: err}
	}
	if refusal, ok := errors.AsType[*transport.Refusal](err); ok && g.record.state != nil {
		hint := g.whatIsKept()
		if refusal.Code == transport.RefusedClosed { // for good
			_, hint, _ = strings.Cut(hint, "; ")
		}
		return errorWithHint{code: exitRefused, what: refusal.Text, hint: hint, err: err}
	}
	return err
}

func (g *guest) join(ctx context.Context, p *program) (err error) {
	g.part, err = session.New(session.Options{
		Link: g.link, Name: g.name, Agent: agent("join"),
		Journal: g.record.journal(), Resume: g.record.state, Fresh: g.record.fresh,
		RequireSuite: g.require, Moved: g.moved,
	})
	if err != nil {
		return err
	}
	part := g.part
	defer tuneArrival()(part.Editor().Doc())
	go func() { _ = part.Run(context.WithoutCancel(ctx)) }() // a refusal reaches the owner, too
	defer showProgress(p.stderr, part.Progress)()
	return part.WaitReady(ctx)
}

// showProgress says every second how much of the document has arrived, until its result is called.
func showProgress(w io.Writer, progress func() (have, size int)) (stop func()) {
	ended, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-ended:
				return
			case <-tick.C:
				if have, size := progress(); size > 0 {
					fmt.Fprintf(w, "Receiving the document: %.1f of %.1f MB\n", float64(have)/1e6, float64(size)/1e6)
				}
			}
		}
	}()
	return func() {
		close(ended)
		<-done
	}
}

// moved notes in the journal where the document goes on.
func (g *guest) moved(link seal.Link, _ *seal.Secret) {
	g.link = link
	g.about.Link, g.about.Room = link.String(), link.Room
	g.record.holds(g.about)
}

// whatIsKept says where the text of a session is that cannot go on.
func (g *guest) whatIsKept() string {
	if g.record.w == nil {
		return ""
	}
	return fmt.Sprintf("joining again sends what is left; `coedit recover %s -o FILE` writes your text to a file", g.record.w.Name())
}

// close says goodbye. The journal is over for good when the user quit, connected, with everything sent; and when there was
// nothing to come back to.
func (g *guest) close() error {
	done := g.record.state == nil
	if g.part != nil {
		if _, here := g.part.Editor().Doc().Meta(session.MetaName); here || g.part.Editor().Doc().Len() > 0 {
			done = g.left && g.part.Drained() && g.part.Status(time.Now()).State == session.Online
		}
		g.part.Close()
	}
	return g.record.end(done)
}
