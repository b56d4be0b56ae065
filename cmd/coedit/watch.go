package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"coedit/internal/session"
	"coedit/rga"
	"coedit/transport/seal"

	"github.com/spf13/cobra"
)

const watchLong = `watch prints what others do to a shared document, one JSON object a line, as it happens, until Ctrl+C or SIGTERM.

Each has "event" and "at" (a time in UTC). Those about somebody have "author" and "replica", which tells apart people of one name.

  start  the document is here: "name", "bytes"; with --text also "text". What follows are changes of this text.
  edit   "changes", which apply one after the other: each has "offset" and "deleted" in bytes of UTF-8, and "inserted".
         "at" is by the clock of its author.

With --presence also, "at" being when it was seen:

  join, leave  somebody came or went
  saved        the host wrote the file; "not-saved": it could not
  say          somebody said "text" to everybody

Programs should pass over events and fields that they do not know. When the connection is lost it goes on once that is back, and
standard error says so; nothing is left out.`

type watchOptions struct {
	visitOptions
	presence, text bool
}

func newWatch(p *program) *cobra.Command {
	var o watchOptions
	cmd := &cobra.Command{
		Use:   "watch LINK|-",
		Short: "Print what others do to a document, as JSON lines",
		Long:  watchLong,
		Example: "  coedit watch 'http://127.0.0.1:7000/r/...'\n" +
			"  coedit watch LINK | jq -r 'select(.event == \"edit\") | .author'",
		Args: exactly("a LINK, or - to read it from standard input"),
		RunE: func(cmd *cobra.Command, args []string) error {
			link, err := p.readLink(args[0])
			if err != nil {
				return err
			}
			return p.watch(cmd.Context(), link, o)
		},
	}
	cmd.Flags().BoolVar(&o.presence, "presence", false, "also who comes, goes, saves and says something")
	cmd.Flags().BoolVar(&o.text, "text", false, "begin with the whole text")
	visitFlags(cmd, &o.visitOptions)
	return cmd
}

// watchRecord is one line. Empty fields are left out.
type watchRecord struct {
	Event   string         `json:"event"`
	At      time.Time      `json:"at"`
	Author  string         `json:"author,omitempty"`
	Replica string         `json:"replica,omitempty"`
	Name    string         `json:"name,omitempty"`
	Bytes   *int           `json:"bytes,omitempty"`
	Text    *string        `json:"text,omitempty"`
	Changes []changeRecord `json:"changes,omitempty"`
}

// watcher writes what happens.
type watcher struct {
	part *session.Participant
	out  *report
	last map[rga.ReplicaID]int64 // time of an author's newest edit, unix milliseconds
}

// watch stays in the room until ctx ends.
func (p *program) watch(ctx context.Context, link seal.Link, o watchOptions) error {
	if o.timeout <= 0 {
		return usageError("", "--timeout %s makes no sense", o.timeout)
	}
	part, err := session.New(session.Options{
		Link: link, Name: p.nameOr(o.name) + " (watch)", Agent: agent("watch"), RequireSuite: byte(p.require),
	})
	if err != nil {
		return err
	}
	go func() { _ = part.Run(context.WithoutCancel(ctx)) }() // a refusal reaches the owner, too
	defer part.Close()
	ready, cancel := context.WithTimeout(ctx, o.timeout)
	defer cancel()
	if err := part.WaitReady(ready); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return inTime(err, link, o.timeout)
	}
	w := &watcher{part: part, out: newReport(p.stdout), last: map[rga.ReplicaID]int64{}}
	w.start(o.text)
	part.OnBatch(w.edit)
	err = part.Drive(ctx, w.turn(p.stderr, o.presence))
	if interrupted(ctx, err) {
		return nil
	}
	return err
}

// turn returns what is done after each step.
func (w *watcher) turn(stderr io.Writer, presence bool) func(time.Time) (time.Duration, bool, error) {
	was := session.Online
	return func(now time.Time) (time.Duration, bool, error) {
		report, _ := w.part.Step(now, session.Budget{}) // what Drive's own step had to tell comes with this one
		for _, n := range report.Notices {
			if n.Kind == session.Unreadable {
				fmt.Fprintln(stderr, n.Text)
			} else if presence {
				w.notice(now, n)
			}
		}
		status := w.part.Status(now)
		if status.State != was && (status.State == session.Online || status.State == session.Offline) {
			was = status.State
			fmt.Fprintln(stderr, connection(was))
		}
		if status.State == session.Refused {
			return 0, false, status.Err
		}
		if w.out.err != nil {
			return 0, false, failure(w.out.err, "", "cannot write what happens: %s", cause(w.out.err))
		}
		return 0, false, nil
	}
}

func (w *watcher) start(text bool) {
	ed := w.part.Editor()
	size := ed.View().Len()
	name, _ := ed.Doc().Meta(session.MetaName)
	r := watchRecord{Event: "start", At: time.Now().UTC(), Name: name, Bytes: &size}
	if text {
		whole := ed.View().String()
		r.Text = &whole
	}
	w.out.json(r)
}

// edit writes a batch of somebody's edits. A batch that follows its author's edit before within a second tells no time of its own.
func (w *watcher) edit(info rga.BatchInfo, changes []rga.Change) {
	if info.At != 0 {
		w.last[info.Replica] = info.At
	}
	at := time.UnixMilli(w.last[info.Replica])
	if w.last[info.Replica] == 0 {
		at = time.Now()
	}
	r := watchRecord{Event: "edit", At: at.UTC(), Author: w.name(info.Replica), Replica: replicaText(info.Replica)}
	for _, c := range changes {
		r.Changes = append(r.Changes, changeRecord{c.Offset, c.Deleted, string(c.Inserted)})
	}
	w.out.json(r)
}

var watchEvents = map[session.NoticeKind]string{
	session.Joined: "join", session.Left: "leave", session.SavedBy: "saved", session.NotSavedBy: "not-saved", session.Said: "say",
}

// notice writes what somebody did beside editing.
func (w *watcher) notice(now time.Time, n session.Notice) {
	event := watchEvents[n.Kind]
	if event == "" {
		return
	}
	r := watchRecord{Event: event, At: now.UTC(), Author: w.name(n.Replica), Replica: replicaText(n.Replica)}
	if n.Kind == session.Said {
		for _, s := range w.part.Status(now).Peers {
			if s.Replica == n.Replica {
				r.Text = &s.Says
			}
		}
	}
	w.out.json(r)
}

// name is what somebody is called: by what it says of itself, or has written into the document.
func (w *watcher) name(id rga.ReplicaID) string {
	for _, s := range w.part.Status(time.Now()).Peers {
		if s.Replica == id {
			return s.Name
		}
	}
	if name, ok := session.AuthorName(w.part.Editor().Doc(), id); ok {
		return name
	}
	return w.part.NameOf(id)
}
