package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"coedit/editor/tui"
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
	err = endedFromOutside(ctx, file, ed.View(), ed.Dirty(), err)
	s.ended = !errors.Is(err, errNotRescued)
	return err
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
	ed, how := s.part.Editor(), "saved "
	s.file.agree(ed.Doc(), now)
	err := s.file.Save(ed.View(), false)
	if errors.Is(err, tui.ErrChanged) && s.mergeDisk(now) {
		s.file.agree(ed.Doc(), now)
		how = "merged with what another program had changed, and saved "
		err = s.file.Save(ed.View(), false)
	}
	if err != nil {
		s.part.SaveFailed(saveProblem(err))
		return "not saved: " + harmless(err.Error())
	}
	s.onDisk()
	s.part.Saved()
	return how + s.file.file.Path
}

// onDisk notes that the file holds the text as it is.
func (s *hosted) onDisk() {
	ed := s.part.Editor()
	s.disk.version, s.disk.view = ed.Doc().Version(), ed.View()
	ed.MarkSaved(s.disk.version)
}

// mergeDisk merges what another program wrote into the file as an edit of the text that it held before; false where that is
// not known, or the file cannot be read.
func (s *hosted) mergeDisk(now time.Time) bool {
	base := s.disk
	if base.view == nil {
		return false
	}
	edits, accept, err := s.file.Changes(base.view)
	if err != nil || s.part.Editor().ReplaceAt(now.UnixMilli(), base.version, edits...) != nil {
		return false
	}
	accept()
	s.disk.view = nil // until it is saved
	return true
}
