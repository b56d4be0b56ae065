package tui

import (
	"context"
	"time"

	"coedit/presence"

	tea "charm.land/bubbletea/v2"
)

// frameTime is the least time between two steps, so that what the network brings costs at most one Update a frame.
const frameTime = 8 * time.Millisecond

// restTime is left to keys between two steps when a step did not finish.
const restTime = 3 * time.Millisecond

// stepBudget bounds the work of one Update for others.
var stepBudget = Budget{Ops: 512, Bytes: 256 << 10, Time: 4 * time.Millisecond}

// idleAfter is the time without a key after which a participant counts as idle.
const idleAfter = time.Minute

type (
	newsMsg         struct{}
	flushMsg        struct{}
	sessionEndedMsg struct{ err error }
)

// wait returns the command that waits for the network. One is under way at any time, except while a step is left unfinished.
func (m *Model) wait() tea.Cmd {
	if m.session == nil {
		return nil
	}
	ctx, session, earliest := m.ctx, m.session, m.lastStep.Add(frameTime)
	return func() tea.Msg {
		if err := session.Wait(ctx); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return sessionEndedMsg{err}
		}
		pause(ctx, time.Until(earliest))
		return newsMsg{}
	}
}

// pause waits unless ctx ends before.
func pause(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// news applies a bounded part of what has arrived.
func (m *Model) news() tea.Cmd {
	now, shown := m.now(), m.caretShown()
	report, more := m.session.Step(now, stepBudget)
	m.lastStep = now
	if m.people.followed != 0 {
		m.refreshStatus() // where they are now
		m.keepUp()
	} else if text := m.ed.View(); shown { // others must not push the caret off the screen
		m.view.settle(text)
		m.view.show(text, m.caretSpot(), 0)
	}
	for _, n := range report.Notices {
		m.notice(topicOthers, n)
	}
	if report.Caller != 0 {
		m.refreshStatus()
		m.called(report.Caller)
	}
	var save tea.Cmd
	if m.hosts() && m.session.SaveRequested() {
		save = m.saveForGuest()
	}
	if more {
		return tea.Batch(save, m.after(restTime, newsMsg{}))
	}
	return tea.Batch(save, m.wait())
}

// saveForGuest writes the file because a guest asked. Only who hosts can name one.
func (m *Model) saveForGuest() tea.Cmd {
	if m.file == nil {
		m.say("A guest wants it saved: press Ctrl+S to name a file.")
		m.session.SaveFailed(ErrNoFile)
		return nil
	}
	m.notice(topicDisk, "saving, because a guest asked")
	return m.write(byGuest, false)
}

// share tells the session about own edits and the caret, and takes its state.
func (m *Model) share() tea.Cmd {
	if m.session == nil {
		return nil
	}
	now := m.now()
	p := Presence{Idle: now.Sub(m.lastKey) > idleAfter, Dirty: m.hosts() && (m.ed.Dirty() || m.gone)}
	p.Head, p.Tail, p.Top = m.ed.Anchors(m.view.top)
	p.Ranges = m.ed.FurtherAnchors(presence.MaxRanges)
	p.Rows, p.Follows = m.view.height, m.people.followed
	if !p.equal(m.presence) {
		m.presence = p
		m.session.SetPresence(p)
	}
	wait := m.session.Flush(now)
	m.refreshStatus()
	due := now.Add(wait)
	if wait <= 0 || m.flushAsked && !due.Before(m.flushDue) {
		return nil
	}
	m.flushAsked, m.flushDue = true, due
	return m.after(wait, flushMsg{})
}

// refreshStatus takes the session's state and resolves the others' carets.
func (m *Model) refreshStatus() {
	m.status = m.session.Status(m.now())
	switch {
	case m.status.State != Offline && m.status.State != Refused:
		m.lostSince = time.Time{}
	case m.lostSince.IsZero():
		m.lostSince = m.now()
	}
	others := m.status.Peers[:0:0]
	for _, p := range m.status.Peers {
		if p.Replica != m.status.Self.Replica && !p.Left {
			others = append(others, p)
		}
	}
	m.status.Peers = others
	m.peers = m.ed.Peers(others)
	m.meet()
	if h, ok := m.host(); ok && !m.hosts() && h.File != "" {
		m.name = h.File // it may get its name, or another one, later
	}
	if m.status.Link != "" && m.intro == "" && m.status.Host && !m.linkShown {
		m.linkShown = true
		m.sheet = m.linkSheet()
	}
}

// lostAfter is the time without a connection after which the session may well have ended: a relay that was only restarted is
// back sooner.
const lostAfter = 20 * time.Second

// lost says whether the session may have ended, with the text of a guest nowhere but here.
func (m *Model) lost() bool {
	return m.ended || m.status.State == Refused || !m.lostSince.IsZero() && m.now().Sub(m.lostSince) >= lostAfter
}

// host is the participant who has the file.
func (m *Model) host() (presence.State, bool) {
	for _, p := range m.status.Peers {
		if p.Host {
			return p, true
		}
	}
	return presence.State{}, false
}
