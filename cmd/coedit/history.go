package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"coedit/internal/session"
	"coedit/internal/textfile"
	"coedit/rga"

	"github.com/spf13/cobra"
)

const historyLong = `history lists the versions of a shared document, the oldest first: what one author did without a longer pause is one
of them. Times are those of the authors' own clocks.

--at prints the text at a version byte for byte: N is its number in the list, 0 what was there before the first;
a TIME is like 15:04, '2026-01-31 15:04:05', 2026-01-31T15:04:05Z, or a span such as 90s, 10m or 2h before now.

--replay plays the document's making in the terminal: blank pauses, right makes one step, + and - change the speed,
r begins again, q quits. Without a terminal it prints each step, one a line.`

type historyOptions struct {
	visitOptions
	at     string
	replay bool
	json   bool
	pause  time.Duration
	speed  float64
}

func newHistory(p *program) *cobra.Command {
	var o historyOptions
	cmd := &cobra.Command{
		Use:   "history LINK|-",
		Short: "List a document's versions, print one, or replay them",
		Long:  historyLong,
		Example: "  coedit history 'http://127.0.0.1:7000/r/...'\n  coedit history --at 3 LINK > old.go\n" +
			"  coedit history --at 10m LINK            as it was ten minutes ago\n  coedit history --replay LINK",
		Args: exactly("a LINK, or - to read it from standard input"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.history(cmd.Context(), args[0], cmd.Flags().Changed("at"), o)
		},
	}
	visitFlags(cmd, &o.visitOptions)
	cmd.Flags().StringVar(&o.at, "at", "", "print the text at this version: its number `N` in the list, or a TIME")
	cmd.Flags().BoolVar(&o.replay, "replay", false, "play what happened")
	cmd.Flags().BoolVar(&o.json, "json", false, "one JSON object a line, for each version; with --replay for each step")
	cmd.Flags().DurationVar(&o.pause, "pause", time.Minute, "a `TIME` without edits that ends an author's version")
	cmd.Flags().Float64Var(&o.speed, "speed", 4, "how many times faster than it happened --replay begins")
	return cmd
}

func (p *program) history(ctx context.Context, arg string, at bool, o historyOptions) error {
	switch {
	case at && o.replay:
		return usageError("leave one of them out", "--at prints one version, --replay plays all")
	case at && o.json:
		return usageError("leave one of them out", "--at prints a text, which is no JSON")
	case o.pause <= 0:
		return usageError("", "--pause %s makes no sense", o.pause)
	case !(o.speed >= slowest && o.speed <= fastest):
		return usageError("", "--speed is from %g to %g, not %g", slowest, fastest, o.speed)
	}
	moment, err := parseMoment(o.at, time.Now())
	if at && err != nil {
		return err
	}
	link, err := p.readLink(arg)
	if err != nil {
		return err
	}
	var doc *rga.Doc
	names := map[rga.ReplicaID]string{}
	err = p.visit(ctx, link, "history", o.visitOptions, func(_ context.Context, part *session.Participant) error {
		doc = part.Editor().Doc() // which nobody else touches any more once the visit is over
		for _, peer := range part.Status(time.Now()).Peers {
			names[peer.Replica] = peer.Name
		}
		return nil
	})
	if err != nil {
		return err
	}
	h := history{doc: doc, peers: names, pause: o.pause}
	switch {
	case at:
		return p.printAt(h, moment)
	case o.replay:
		return p.replay(ctx, h, o)
	}
	return p.list(h, o.json)
}

// list prints the versions.
func (p *program) list(h history, asJSON bool) error {
	out := newReport(p.stdout)
	versions := h.versions()
	if asJSON {
		for i := range versions {
			out.json(versions[i].record(i+1, h))
		}
		return out.end()
	}
	if len(versions) == 0 {
		fmt.Fprintln(p.stderr, "Nothing has been written yet.")
		return nil
	}
	width := len("author")
	for _, v := range versions {
		width = max(width, len([]rune(h.name(v.replica))))
	}
	width = min(width, 24)
	out.line("%4s  %-19s  %-*s  %s", "", "time", width, "author", "bytes")
	for i, v := range versions {
		out.line("%4d  %s  %-*.*s  %s", i+1, clock(v.to), width, width, h.name(v.replica), v.amounts())
	}
	return out.end()
}

// printAt prints the text at a moment as it would have been saved.
func (p *program) printAt(h history, m moment) error {
	v, err := h.at(m)
	if err != nil {
		return err
	}
	past, err := h.doc.At(v)
	if err != nil {
		return err
	}
	text := past.View().Append(make([]byte, 0, past.View().Len()), 0, past.View().Len())
	return p.writeDocument(textfile.Encode(nil, text, textfile.FormatOf(past)))
}

// clock is a time as the list shows it, in this machine's time zone.
func clock(ms int64) string { return time.UnixMilli(ms).Format(time.DateTime) }

// report writes lines until one cannot be written.
type report struct {
	w   io.Writer
	err error
}

func newReport(w io.Writer) *report { return &report{w: w} }

func (r *report) line(format string, a ...any) {
	if r.err == nil {
		_, r.err = fmt.Fprintln(r.w, strings.TrimRight(harmless(fmt.Sprintf(format, a...)), " "))
	}
}

func (r *report) json(v any) {
	if r.err == nil {
		var record bytes.Buffer
		enc := json.NewEncoder(&record)
		enc.SetEscapeHTML(false)
		if r.err = enc.Encode(v); r.err == nil {
			_, r.err = r.w.Write(escaped(record.Bytes()))
		}
	}
}

func (r *report) end() error {
	if r.err != nil {
		return failure(r.err, "", "cannot write the history: %s", cause(r.err))
	}
	return nil
}

// record is a version in JSON.
func (v *revision) record(number int, h history) versionRecord {
	return versionRecord{
		Number: number, Author: h.name(v.replica), Replica: replicaText(v.replica),
		From: time.UnixMilli(v.from).UTC(), To: time.UnixMilli(v.to).UTC(),
		Inserted: v.inserted, Deleted: v.deleted, Restored: v.restored,
		Ticks: base64.StdEncoding.EncodeToString(v.ticks.AppendBinary(nil)),
	}
}

type versionRecord struct {
	Number   int       `json:"version"`
	Author   string    `json:"author"`
	Replica  string    `json:"replica"`
	From     time.Time `json:"from"`
	To       time.Time `json:"to"`
	Inserted int       `json:"inserted"` // bytes
	Deleted  int       `json:"deleted"`
	Restored int       `json:"restored"`
	Ticks    string    `json:"ticks"` // as in a version file
}
