package main

import (
	"context"
	crand "crypto/rand"
	"errors"
	"fmt"
	"net"
	"time"

	"coedit/internal/journal"
	"coedit/internal/session"
	"coedit/transport/seal"
)

// lastShared looks for what a session that was killed left of the file, or of a text without one, and asks whether to go on
// with it; nil: not.
func (p *program) lastShared(ctx context.Context, s *hosted, text []byte, recovery string) (*journal.Taken, error) {
	last, inUse := p.takeLast(journal.KeyOf(s.about), func(st *journal.State) bool {
		return st.About.Role == roleShare && len(st.About.Owner) > 0 || unsavedIn(st, text)
	})
	if inUse {
		s.notice = s.about.Name + " is open in another coedit on this machine"
	}
	if last == nil {
		return nil, nil
	}
	name := s.about.File
	if name == "" {
		name = "a text without a file"
	}
	what := fmt.Sprintf("The last session of %s was not ended (%s)", name, ago(endOf(p.journals(), last.Name())))
	if last.State.About.Role == roleShare {
		what += "; it goes on with the same links"
	}
	if yes, err := p.offer(ctx, recovery, last, what+"."); !yes || err != nil {
		return nil, err
	}
	return last, nil
}

// open opens the room, that of the last session if it is to go on, and connects to it.
func (s *hosted) open(ctx context.Context, p *program, o shareOptions, text []byte, last *journal.Taken) error {
	owner, err := seal.NewOwnerOf(byte(o.suite), crand.Reader)
	if err != nil {
		return err
	}
	switch {
	case last == nil:
		s.record, s.ended = p.newRecord(s.about), true // there is nothing yet to come back to
	case last.State.About.Role == roleShare:
		s.record = p.goOn(last, s.about)
		o = s.asBefore(o, last.State.About, &owner)
	default:
		s.record = p.goOnAnew(last, s.about)
	}
	size := len(text)
	options, err := s.openRoom(p, o, owner)
	if err != nil {
		return err
	}
	if err := s.enter(options, text); err != nil {
		return err
	}
	tuneMemory(size)
	err = s.connect(ctx, p, options, text)
	s.ended = s.ended && err != nil
	return err
}

// asBefore is the options with the room and the place of the session before, unless the flags name another place.
func (s *hosted) asBefore(o shareOptions, was journal.About, owner *seal.Secret) shareOptions {
	copy(owner.Bytes[:], was.Owner)
	if link, err := seal.ParseLink(was.Link); err == nil {
		owner.Family = link.Secret.Family
	}
	o.suite = 0 // the room has one
	if s.about.Carrier = was.Carrier; len(was.Carrier) == 0 {
		s.about.Carrier = was.Owner
	}
	if o.elsewhere {
		return o
	}
	if o.relay = was.Relay; o.relay == "" {
		o.listen, o.advertise, o.before = was.Listen, was.Advertise, true
	}
	return o
}

// enter makes the participant, and says in the journal what it takes to do so again.
func (s *hosted) enter(options session.Options, text []byte) error {
	options.Text, options.Journal = text, s.record.journal()
	options.Resume, options.Fresh, options.Moved = s.record.state, s.record.fresh, s.moved
	var err error
	if s.part, err = session.New(options); err != nil {
		return err
	}
	if err := s.begin(text); err != nil {
		return err
	}
	if s.part.Encrypted() {
		s.warning = ""
	}
	s.about.Link, _ = s.part.Links()
	s.record.holds(s.about)
	return nil
}

// moved notes in the journal where the document goes on.
func (s *hosted) moved(link seal.Link, owner *seal.Secret) {
	s.about.Link = link.String()
	if owner != nil {
		s.about.Owner = owner.Bytes[:]
	}
	s.record.holds(s.about)
	s.links.moved()
}

// begin relates the document to the file: it is the file's text, or what was recovered, merged with that.
func (s *hosted) begin(text []byte) error {
	state := s.record.state
	if state == nil {
		s.onDisk()
		return nil
	}
	now := time.Now()
	if _, named := s.part.Editor().Doc().Meta(session.MetaName); !named { // it was not shared before
		s.part.Rename(now, s.about.Name)
	}
	s.notice = recovered
	if s.file == nil {
		return nil
	}
	var err error
	if s.notice, s.disk, err = mergeFile(s.part.Editor(), s.part.Keeper(), state, text, s.file); err != nil {
		return err
	}
	if hasText(s.part.Editor().View(), text) {
		s.notice = ""
		s.onDisk()
	}
	return nil
}

// connect runs the participant until the relay has let it in. A journal that turns out to be behind what the relay has of
// this participant is gone on from as somebody new.
func (s *hosted) connect(ctx context.Context, p *program, options session.Options, text []byte) error {
	run := func() error {
		go func() { _ = s.part.Run(context.WithoutCancel(ctx)) }() // a refusal reaches the owner, too
		return online(ctx, s.part)
	}
	err := run()
	if !errors.Is(err, session.ErrBehind) || s.record.fresh {
		return err
	}
	s.part.Close()
	s.record = p.goOnAnew(&journal.Taken{State: s.record.state, Writer: s.record.w}, s.about)
	if err := s.enter(options, text); err != nil {
		return err
	}
	return run()
}

// samePort is an address to listen on with the port that was found.
func samePort(listen, port string) string {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		host = listen
	}
	return net.JoinHostPort(host, port)
}
