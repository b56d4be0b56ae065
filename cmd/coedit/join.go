package main

import (
	"context"
	"errors"
	"fmt"

	"coedit/editor/tui"
	"coedit/internal/session"

	"github.com/spf13/cobra"
)

const joinLong = `join opens the document behind a link, with everyone's cursors. The file stays with the person who shared it:
Ctrl+S asks them to save.

A link holds the key to the document. With - it is read from standard input, where it does not show up in the
list of processes or in the shell's history.`

func newJoin(p *program) *cobra.Command {
	var name string
	cmd := &cobra.Command{
		Use:     "join LINK|-",
		Short:   "Open a document that somebody shares",
		Long:    joinLong,
		Example: "  coedit join 'http://127.0.0.1:7000/r/...'\n  coedit join - < link.txt",
		Args:    exactly("a LINK, or - to read it from standard input"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.join(cmd.Context(), args[0], name)
		},
	}
	nameFlag(cmd, &name)
	return cmd
}

func (p *program) join(ctx context.Context, arg, name string) (err error) {
	err = p.needTerminal("coedit join", arg == "-",
		"run it in a terminal; without one, `coedit cat LINK` prints the document and `coedit put LINK FILE` changes it")
	if err != nil {
		return err
	}
	link, err := p.readLink(arg)
	if err != nil {
		return err
	}
	part, err := session.New(session.Options{Link: link, Name: p.nameOr(name), Agent: agent("join")})
	if err != nil {
		return err
	}
	go func() { _ = part.Run(context.WithoutCancel(ctx)) }() // a refusal reaches the owner, too
	defer part.Close()
	fmt.Fprintf(p.stderr, "Joining at %s (Ctrl+C ends) ...\n", link.Base)
	if err := part.WaitReady(ctx); err != nil {
		if ctx.Err() != nil {
			return errorWithHint{code: exitFailure, what: "not joined: you ended it before the document was there", err: err}
		}
		return err
	}
	tuneMemory(part.Editor().View().Len())
	title, _ := part.Editor().Doc().Meta(session.MetaName)
	screen := &screenSession{part: part}
	if !part.Encrypted() {
		screen.warning = exposed("", link.Base)
	}
	kept := &keptCopy{doc: part.Editor().Doc()}
	err = p.edit(ctx, tui.Options{Editor: part.Editor(), Session: screen, Name: title, KeepCopy: kept.keep}, nil)
	path := kept.path.Load()
	switch {
	case err == nil && !part.Drained() && path != nil:
		return failure(nil, "your text is in "+*path, "some of your last edits did not reach the others")
	case err == nil && !part.Drained():
		return errors.New("some of your last edits did not reach the others")
	case path != nil:
		fmt.Fprintf(p.stderr, "Your text is in %s.\n", *path)
	}
	return err
}
