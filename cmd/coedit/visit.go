package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"coedit/internal/session"
	"coedit/transport/seal"

	"github.com/spf13/cobra"
)

// visitOptions are the flags of commands that come, do one thing, and go.
type visitOptions struct {
	name    string
	timeout time.Duration
}

func visitFlags(cmd *cobra.Command, o *visitOptions) {
	cmd.Flags().DurationVar(&o.timeout, "timeout", 10*time.Second, "give up after this `TIME`, e.g. 30s")
	nameFlag(cmd, &o.name)
}

// farewell is how much longer than a visit its connection may last, to say goodbye.
const farewell = 500 * time.Millisecond

// visit joins the room, waits for the document, and does one thing with it.
func (p *program) visit(ctx context.Context, link seal.Link, command string, o visitOptions,
	do func(context.Context, *session.Participant) error,
) error {
	if o.timeout <= 0 {
		return usageError("", "--timeout %s makes no sense", o.timeout)
	}
	outlive := context.WithoutCancel(ctx)
	ctx, cancel := context.WithTimeout(ctx, o.timeout)
	defer cancel()
	part, err := session.New(session.Options{
		Link: link, Name: fmt.Sprintf("%s (%s)", p.nameOr(o.name), command), Agent: agent(command),
		RequireSuite: byte(p.require),
	})
	if err != nil {
		return err
	}
	go func() {
		connected, cancel := context.WithTimeout(outlive, o.timeout+farewell)
		defer cancel()
		_ = part.Run(connected) // a refusal reaches the owner, too
	}()
	defer p.sayRefused(part)
	defer part.Close()
	if err := part.WaitReady(ctx); err != nil {
		return inTime(err, link, o.timeout)
	}
	return do(ctx, part)
}

// sayRefused says at the end how much of what came was refused, if anything was: the notices said it once for each author.
func (p *program) sayRefused(part *session.Participant) {
	if part == nil {
		return
	}
	if refused := part.Status(time.Now()).Integrity.String(); refused != "" {
		fmt.Fprintf(p.stderr, "Refused in this session: %s.\n", refused)
	}
}

// inTime says how long was waited for what, where that is why err came about.
func inTime(err error, link seal.Link, timeout time.Duration) error {
	if !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	e := explain(err)
	if errors.Is(err, session.ErrNoDocument) || e.code != exitConnect {
		return e
	}
	return errorWithHint{
		code: exitConnect, err: err, hint: "is the session still running? --timeout allows more time",
		what: fmt.Sprintf("the relay at %s did not answer within %s", link.Base, timeout),
	}
}
