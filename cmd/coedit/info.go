package main

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"coedit/internal/session"
	"coedit/transport/seal"

	"github.com/spf13/cobra"
)

const infoLong = `info says what is behind a link: the room, how it is encrypted, the relay, what the link allows, and who takes part.

Each participant has keys of its own, and a name that it chose itself. The words stand for its keys: whoever takes
part sees the same words beside the same participant, so read yours aloud, on the phone, to be sure who is who.`

func newInfo(p *program) *cobra.Command {
	var o visitOptions
	cmd := &cobra.Command{
		Use:     "info LINK|-",
		Short:   "Say what is behind a link: relay, rights, people and their keys",
		Long:    infoLong,
		Example: "  coedit info 'http://127.0.0.1:7000/r/...'\n  coedit info - < link.txt",
		Args:    exactly("a LINK, or - to read it from standard input"),
		RunE: func(cmd *cobra.Command, args []string) error {
			link, err := p.readLink(args[0])
			if err != nil {
				return err
			}
			return p.visit(cmd.Context(), link, "info", o, func(ctx context.Context, part *session.Participant) error {
				if err := gather(ctx, part); err != nil {
					return err
				}
				return writeInfo(p.stdout, link, part)
			})
		},
	}
	visitFlags(cmd, &o)
	return cmd
}

// arrivals is for how long nobody may have come for everybody to be there: those present are sent at once.
const arrivals = 300 * time.Millisecond

// gather waits until no further participant shows up.
func gather(ctx context.Context, part *session.Participant) error {
	seen, quiet := -1, time.Time{}
	return part.Drive(ctx, func(now time.Time) (time.Duration, bool, error) {
		if n := len(part.Members()); n != seen {
			seen, quiet = n, now.Add(arrivals)
		}
		return quiet.Sub(now), !now.Before(quiet), nil
	})
}

func writeInfo(w io.Writer, link seal.Link, part *session.Participant) error {
	status := part.Status(time.Now())
	encrypted := ", encrypted from end to end"
	if !part.Encrypted() {
		encrypted = ", not encrypted: the relay can read the text"
	}
	allows := "reading and writing"
	if part.ReadOnly() {
		allows = "reading only"
	}
	relay := link.Base
	if link.Pin != "" {
		relay += ", known by the pin in the link"
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	name, _ := part.Editor().Doc().Meta(session.MetaName)
	fmt.Fprintf(t, "document\t%s\nroom\t%s\nsuite\t%s%s\nrelay\t%s\nthis link allows\t%s\n\n", harmless(name), link.Room, status.Suite, encrypted, relay, allows)
	for _, m := range part.Members() {
		what := "may write"
		if m.Right == seal.Read.String() {
			what = "may read"
		}
		switch {
		case m.Self:
			what += ", this one"
		case m.Host:
			what += ", has the file"
		case !m.Here:
			what += ", not here"
		}
		who := m.Name
		if who == "" {
			who = "without a name"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", harmless(who), what, m.Words, m.Fingerprint)
	}
	if err := t.Flush(); err != nil {
		return failure(err, "", "cannot write: %s", cause(err))
	}
	return nil
}
