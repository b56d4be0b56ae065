package session_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"coedit/internal/journal"
	"coedit/internal/session"
	"coedit/transport/seal"
)

// TestCertificatesOutliveTwoCrashes: a fresh replica's journal, too, has the certificates of those who wrote, so that it can
// read on after another crash, also when they are gone. A journal that lacks them is helped by the room's log.
func TestCertificatesOutliveTwoCrashes(t *testing.T) {
	for name, has := range map[string]bool{"the journal has them": true, "the journal lacks them": false} {
		t.Run(name, func(t *testing.T) {
			inHub(t, func(t *testing.T, h *hub) { twoCrashes(t, h, has) })
		})
	}
}

func twoCrashes(t *testing.T, h *hub, certificates bool) {
	ann, writer := h.share("text"), h.join("writer", seal.Write)
	says := func(what string) {
		check(t, writer.Editor().Insert(time.Now().UnixMilli(), what))
		check(t, writer.Drain(t.Context()))
	}
	enter := func(disk *memoryJournal, s *journal.State) (*session.Participant, context.CancelFunc) {
		p, err := session.New(session.Options{Link: h.link(seal.Write), Dial: h.dial, Name: "pat", Journal: disk, Resume: s})
		check(t, err)
		ctx, kill := context.WithCancel(t.Context())
		h.running.Go(func() { _ = p.Run(ctx) })
		check(t, p.WaitReady(t.Context()))
		return p, kill
	}
	has := func(p *session.Participant, what string) {
		until(t, "pat has "+what, func() bool { return strings.Contains(text(p), what) && p.Drained() }, p)
	}
	crash := func(disk *memoryJournal, kill context.CancelFunc) (*memoryJournal, *journal.State) {
		log := disk.end()
		kill()
		s, _, err := journal.Read(log)
		check(t, err)
		s.Intact = true
		return &memoryJournal{log: log}, s
	}

	says("one. ")
	first := newMemoryJournal()
	pat, kill := enter(first, nil)
	has(pat, "one.")
	_, s := crash(first, kill)
	s.Intact = false // the machine went down with it
	second := newMemoryJournal()
	pat, kill = enter(second, s)
	has(pat, "one.")
	third, s := crash(second, kill)
	if len(s.Members) == 0 {
		t.Error("the fresh replica's journal has no certificate")
	}
	if !certificates {
		s.Members = nil
	}
	says("two. ")
	until(t, "ann has it", func() bool { return strings.Contains(text(ann), "two.") }, ann)
	writer.Close()
	ann.Close()
	pat, _ = enter(third, s)
	has(pat, "two.")
	pat.Close()
}

// memoryJournal is a journal that can be ended, as by a kill.
type memoryJournal struct {
	mu    sync.Mutex // guards the following
	log   []byte
	ended bool
}

func newMemoryJournal() *memoryJournal { return &memoryJournal{log: journal.Head()} }

func (j *memoryJournal) Append(then func(), records ...journal.Record) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.ended {
		return
	}
	for _, r := range records {
		j.log = journal.Append(j.log, r)
	}
	if then != nil {
		then()
	}
}

// end lets nothing more be written, and returns what was.
func (j *memoryJournal) end() []byte {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.ended = true
	return slices.Clone(j.log)
}
