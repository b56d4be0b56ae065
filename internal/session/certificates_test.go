package session_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"coedit/internal/journal"
	"coedit/internal/session"
	"coedit/internal/sim"
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
	enter := func(disk *sim.Disk, s *journal.State) (*session.Participant, context.CancelFunc) {
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
	crash := func(disk *sim.Disk, kill context.CancelFunc) (*sim.Disk, *journal.State) {
		disk.Break()
		kill()
		next, s, err := disk.Restart(0)
		check(t, err)
		return next, s
	}

	says("one. ")
	first := sim.NewDisk()
	pat, kill := enter(first, nil)
	has(pat, "one.")
	_, s := crash(first, kill)
	s.Intact = false // the machine went down with it
	second := sim.NewDisk()
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
