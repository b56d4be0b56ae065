package main

import (
	"context"
	"fmt"
	"time"

	"coedit/internal/session"
	"coedit/presence"
)

// headless keeps a shared document open without an editor until ctx ends.
func (p *program) headless(ctx context.Context, s *hosted) error {
	announced, was := false, session.Online
	err := s.part.Drive(ctx, func(now time.Time) (time.Duration, bool, error) {
		report, _ := s.part.Step(now, session.Budget{}) // what Drive's own step had to tell comes with this one
		for _, n := range report.Notices {
			fmt.Fprintln(p.stderr, n.Text)
		}
		status := s.part.Status(now)
		if status.State == session.Refused {
			return 0, false, status.Err
		}
		if status.State != was {
			was = status.State
			fmt.Fprintln(p.stderr, connection(was))
		}
		s.links.watch(s.part)
		if err := s.links.failed(); err != nil {
			return 0, false, err
		}
		if !announced && s.part.Drained() {
			announced = true
			s.printLinks(p.stdout)
		}
		if s.part.SaveRequested() {
			fmt.Fprintln(p.stderr, s.save(now))
		}
		ed := s.part.Editor()
		there := session.Presence{Idle: true, Dirty: s.file != nil && ed.Dirty()}
		there.Head, there.Tail, there.Top = ed.Anchors(0)
		s.part.SetPresence(there)
		return 0, false, nil
	})
	if !interrupted(ctx, err) {
		return err
	}
	ed, file := s.part.Editor(), s.file
	if file == nil {
		file = (&untitled{}).place()
	}
	return endedFromOutside(ctx, file, ed.View(), ed.Dirty(), err)
}

// connection says in a line how things stand with the relay.
func connection(s session.LinkState) string {
	if s == session.Online {
		return "the relay is back"
	}
	return "the relay is gone; trying again, and everything is kept"
}

// save writes the file because a guest asked, and says how that went.
func (s *hosted) save(now time.Time) string {
	if s.file == nil {
		s.part.SaveFailed(presence.SaveNoFile)
		return "not saved: no file was named when this was started; `coedit cat LINK` prints the text"
	}
	ed := s.part.Editor()
	s.file.agree(ed.Doc(), now)
	if err := s.file.Save(ed.View(), false); err != nil {
		s.part.SaveFailed(saveProblem(err))
		return "not saved: " + harmless(err.Error())
	}
	ed.MarkSaved(ed.Doc().Version())
	s.part.Saved()
	return "saved " + s.file.file.Path
}
