package main

import (
	"context"
	"errors"
	"strings"
	"time"

	"coedit/editor/tui"
	"coedit/internal/session"
	"coedit/rga"
)

// screenSession is a participant as the terminal program needs it. All its methods but Wait are called by the program's one
// goroutine.
type screenSession struct {
	part    *session.Participant
	file    *diskFile                // nil: the file is somebody else's
	unnamed *untitled                // nil: the file is somebody else's
	warning string                   // what the user should know about who can read along
	links   *linkWriter              // nil: nothing to write
	words   map[rga.ReplicaID]string // those that stand for keys, as far as they were asked for
	record  *record                  // nil: nothing is recorded
	named   func(*diskFile)          // told that the text has another file; nil: nobody is

	problem string // with the record, said already
}

var states = map[session.LinkState]tui.LinkState{
	session.Connecting: tui.Connecting,
	session.Online:     tui.Online,
	session.Offline:    tui.Offline,
	session.Refused:    tui.Refused,
}

func (s *screenSession) Wait(ctx context.Context) error { return s.part.Wait(ctx) }

func (s *screenSession) Step(now time.Time, b tui.Budget) (tui.Report, bool) {
	report, more := s.part.Step(now, session.Budget(b))
	r := tui.Report{Ops: report.Ops, Bytes: report.Bytes}
	for _, n := range report.Notices {
		if n.Kind == session.Called {
			r.Caller = n.Replica // the program says what to do then
			continue
		}
		r.Notices = append(r.Notices, n.Text)
	}
	if err := s.links.failed(); err != nil {
		r.Notices = append(r.Notices, err.Error())
	}
	if problem := s.record.problem(); problem != s.problem {
		s.problem = problem
		r.Notices = append(r.Notices, problem)
	}
	s.links.watch(s.part)
	return r, more
}

func (s *screenSession) Flush(now time.Time) time.Duration {
	if s.file != nil {
		s.file.agree(s.part.Editor().Doc(), now)
	}
	return s.part.Flush(now)
}

func (s *screenSession) SetPresence(p tui.Presence) { s.part.SetPresence(session.Presence(p)) }

func (s *screenSession) Status(now time.Time) tui.Status {
	from := s.part.Status(now)
	to := tui.Status{
		State: states[from.State], Unacked: from.Unacked, RetryIn: from.RetryIn, RTT: from.RTT, Detail: from.Detail,
		Peers: from.Peers, Self: from.Self, Warning: s.warning, Host: s.part.Host(), ReadOnly: s.part.ReadOnly(), Suite: from.Suite,
	}
	to.Link, to.ReadLink = s.part.Links()
	return to
}

func (s *screenSession) Say(line string) { s.part.Say(line) }
func (s *screenSession) Call()           { s.part.Call() }

// Words stand for a participant's keys. They are made once for each: a list of many is drawn often.
func (s *screenSession) Words(id rga.ReplicaID) string {
	if words := s.words[id]; words != "" {
		return words
	}
	s.words = map[rga.ReplicaID]string{}
	for _, m := range s.part.Members() {
		s.words[m.Replica] = m.Words
	}
	return s.words[id]
}

func (s *screenSession) AskSave()            { s.part.AskSave() }
func (s *screenSession) SaveRequested() bool { return s.part.SaveRequested() }
func (s *screenSession) Saved()              { s.part.Saved() }

func (s *screenSession) SaveFailed(err error) { s.part.SaveFailed(saveProblem(err)) }

func (s *screenSession) Named(name string) {
	s.part.Rename(time.Now(), name)
	if s.unnamed != nil {
		s.file = s.unnamed.file.Load()
		s.named(s.file)
	}
}

// Kick moves the document to a new room without somebody.
func (s *screenSession) Kick(now time.Time, out rga.ReplicaID) error {
	return inWords(s.part.Kick(now, out))
}

// Relink moves it with everybody.
func (s *screenSession) Relink(now time.Time) error { return inWords(s.part.Relink(now)) }

// CloseRoom ends the room for everybody.
func (s *screenSession) CloseRoom() error { return inWords(s.part.CloseRoom()) }

// inWords takes the name of the package off an error that is shown.
func inWords(err error) error {
	if err == nil {
		return nil
	}
	return errors.New(strings.TrimPrefix(err.Error(), "session: "))
}

// VouchedBy says on whose word something is here that its author did not sign.
func (s *screenSession) VouchedBy(author rga.ReplicaID, tick uint64) (maker rga.ReplicaID, ok bool) {
	return s.part.VouchedBy(author, tick)
}
