package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"coedit/editor/tui"
	"coedit/internal/session"
	"coedit/presence"
)

// headless keeps a shared document open without an editor until ctx ends.
func (p *program) headless(ctx context.Context, s *hosted) error {
	announced, was := false, session.Online
	var changed atomic.Bool // another program may have changed the file
	stop := s.watch(ctx, &changed)
	defer stop()
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
		if changed.Swap(false) {
			s.say(p, s.takeDisk(now))
		}
		if s.part.SaveRequested() {
			s.say(p, s.save(now))
		}
		ed := s.part.Editor()
		if s.file != nil && s.autosave.Due(now, ed.Revision(), ed.Dirty()) {
			s.say(p, s.save(now))
		}
		there := session.Presence{Idle: true, Dirty: s.file != nil && ed.Dirty()}
		there.Head, there.Tail, there.Top = ed.Anchors(0)
		s.part.SetPresence(there)
		if s.autosave.After > 0 && ed.Dirty() {
			return time.Second, false, nil
		}
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

// watch notes when another program may have changed the file, until stop is called.
func (s *hosted) watch(ctx context.Context, changed *atomic.Bool) (stop func()) {
	if s.file == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	var ended sync.WaitGroup
	ended.Go(func() {
		for s.file.Watch(ctx) == nil {
			changed.Store(true)
			s.part.Nudge()
		}
	})
	return func() {
		cancel()
		ended.Wait()
	}
}

// say tells whoever reads standard error; empty: nothing.
func (s *hosted) say(p *program, what string) {
	if what != "" {
		fmt.Fprintln(p.stderr, what)
	}
}

// save writes the file because a guest asked or the time has come, and says how that went.
func (s *hosted) save(now time.Time) string {
	if s.file == nil {
		s.part.SaveFailed(presence.SaveNoFile)
		return "not saved: no file was named when this was started; `coedit cat LINK` prints the text"
	}
	ed, how := s.part.Editor(), "saved "
	s.file.agree(ed.Doc(), now)
	err := s.file.Save(ed.View(), false)
	if errors.Is(err, tui.ErrChanged) {
		if _, merged := takeChanges(s.file, ed, &s.disk, now); merged == nil {
			s.file.agree(ed.Doc(), now)
			how = "merged with what another program had changed, and saved "
			err = s.file.Save(ed.View(), false)
		}
	}
	s.autosave.Failed = err != nil
	if err != nil {
		s.part.SaveFailed(saveProblem(err))
		return "not saved: " + harmless(err.Error())
	}
	s.onDisk()
	s.trouble = ""
	s.part.Saved()
	return how + s.file.file.Path
}

// onDisk notes that the file holds the text as it is.
func (s *hosted) onDisk() {
	ed := s.part.Editor()
	s.disk = ed.OnDisk()
	ed.MarkSaved(s.disk.Version)
}

// takeDisk merges what another program made of the file, and says so; each trouble once.
func (s *hosted) takeDisk(now time.Time) string {
	edits, err := takeChanges(s.file, s.part.Editor(), &s.disk, now)
	switch {
	case err == nil && edits > 0:
		s.trouble = ""
		return "merged what another program changed in " + s.file.file.Path
	case err != nil && s.trouble != err.Error():
		s.trouble = err.Error()
		return "not merged: " + harmless(err.Error())
	}
	return ""
}
