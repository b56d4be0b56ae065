package main

import (
	"context"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"coedit/rga"

	tea "charm.land/bubbletea/v2"
)

// replay plays the history on a terminal, or prints its steps.
func (p *program) replay(ctx context.Context, h history, o historyOptions) error {
	if o.json || !terminal(p.stdout) || !terminal(p.stdin) {
		return p.printSteps(ctx, h, o.json)
	}
	m := newPlayer(h, o.speed)
	defer m.close()
	options := []tea.ProgramOption{tea.WithInput(p.stdin), tea.WithOutput(p.screen()), tea.WithoutSignalHandler()}
	player := tea.NewProgram(m, options...)
	defer context.AfterFunc(ctx, player.Quit)()
	_, err := player.Run()
	return err
}

// stepRecord is a step in JSON.
type stepRecord struct {
	At      time.Time      `json:"at"`
	Author  string         `json:"author"`
	Replica string         `json:"replica"`
	Changes []changeRecord `json:"changes"`
}

type changeRecord struct {
	Offset   int    `json:"offset"` // bytes
	Deleted  int    `json:"deleted"`
	Inserted string `json:"inserted"`
}

// printSteps prints what changed the text, one step a line.
func (p *program) printSteps(ctx context.Context, h history, asJSON bool) error {
	out := newReport(p.stdout)
	for s := range h.doc.Replay() {
		if ctx.Err() != nil || out.err != nil {
			break
		}
		if len(s.Changes) == 0 {
			continue
		}
		if !asJSON {
			out.line("%s  %s %s", clock(s.At), h.name(s.Replica), changesText(s.Changes))
			continue
		}
		r := stepRecord{At: time.UnixMilli(s.At).UTC(), Author: h.name(s.Replica), Replica: replicaText(s.Replica)}
		for _, c := range s.Changes {
			r.Changes = append(r.Changes, changeRecord{c.Offset, c.Deleted, string(c.Inserted)})
		}
		out.json(r)
	}
	return out.end()
}

// changesText describes changes: where, how many bytes went, and what came.
func changesText(changes []rga.Change) string {
	const most = 60 // runes of one text
	var b strings.Builder
	for _, c := range changes {
		fmt.Fprintf(&b, " @%d", c.Offset)
		if c.Deleted > 0 {
			fmt.Fprintf(&b, " -%d", c.Deleted)
		}
		if len(c.Inserted) == 0 {
			continue
		}
		text, n := c.Inserted, 0
		for ; n < most && len(text) > 0; n++ {
			_, size := utf8.DecodeRune(text)
			text = text[size:]
		}
		b.WriteString(" +" + strconv.Quote(string(c.Inserted[:len(c.Inserted)-len(text)])))
		if len(text) > 0 {
			fmt.Fprintf(&b, " and %d bytes more", len(text))
		}
	}
	return b.String()
}

// timeline is the steps of a history as they are played.
type timeline struct {
	doc   *rga.Doc
	times []int64 // of the steps, unix milliseconds
	next  func() (rga.Step, *rga.Doc, bool)
	stop  func()
}

func newTimeline(doc *rga.Doc) *timeline {
	t := &timeline{doc: doc}
	for s := range doc.Steps() {
		t.times = append(t.times, s.At)
	}
	t.begin()
	return t
}

// begin goes back to the empty text.
func (t *timeline) begin() {
	if t.stop != nil {
		t.stop()
	}
	t.next, t.stop = iter.Pull2(t.doc.Replay())
}

// gap is how long after step i the next one happened, as it is played: nobody wants to watch pauses.
func (t *timeline) gap(i int, speed float64) time.Duration {
	const (
		longest  = 2 * time.Second
		shortest = 10 * time.Millisecond
	)
	if i < 0 || i+1 >= len(t.times) {
		return shortest
	}
	gap := time.Duration(float64(t.times[i+1]-t.times[i]) / speed * float64(time.Millisecond))
	return min(max(gap, shortest), longest)
}
