package main

import (
	"cmp"
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
list of processes or in the shell's history.

What you type is kept on this machine until the relay has it. Joining again after coedit was killed, or after you left
while the relay could not be reached, goes on from there and sends it; where the room is gone meanwhile, your text of it is
offered as a file of your own. The ID of such a session, which ` + "`coedit`" + ` alone lists,
stands for its link.`

func newJoin(p *program) *cobra.Command {
	var name, recovery string
	cmd := &cobra.Command{
		Use:     "join LINK|-|ID",
		Short:   "Open a document that somebody shares",
		Long:    joinLong,
		Example: "  coedit join 'http://127.0.0.1:7000/r/...'\n  coedit join - < link.txt",
		Args:    exactly("a LINK, or - to read it from standard input"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkRecover(recovery); err != nil {
				return err
			}
			return p.join(cmd.Context(), args[0], name, recovery)
		},
	}
	cmd.Flags().StringVar(&recovery, "recover", recoverYes, "whether to go on from your last session in this room: `yes|no`")
	p.lookFlags(cmd)
	nameFlag(cmd, &name)
	return cmd
}

func (p *program) join(ctx context.Context, arg, name, recovery string) (err error) {
	needed := p.needTerminal("coedit join", arg == "-",
		"run it in a terminal; without one, `coedit cat LINK` prints the document and `coedit put LINK FILE` changes it")
	if needed != nil && arg == "-" {
		return needed // before standard input is read
	}
	link, err := p.readLink(p.linkOf(arg))
	if err = cmp.Or(err, needed); err != nil {
		return err
	}
	g := p.newGuest(link, name, recovery)
	defer func() {
		err = errors.Join(err, g.close())
		p.sayRefused(g.part)
	}()
	if err := g.enter(ctx, p); err != nil {
		return p.withoutRoom(ctx, g, err)
	}
	part := g.part
	title, _ := part.Editor().Doc().Meta(session.MetaName)
	screen := &screenSession{part: part, record: g.record}
	if !part.Encrypted() {
		screen.warning = exposed("", link.Base)
	}
	kept := &keptCopy{doc: part.Editor().Doc()}
	err = p.edit(ctx, tui.Options{
		Editor: part.Editor(), Session: screen, Name: title, KeepCopy: kept.keep, Copy: copies(kept.format),
	}, nil)
	path := kept.path.Load()
	g.left = err == nil
	switch {
	case err == nil && !part.Drained() && path != nil:
		return failure(nil, "your text is in "+*path+"; joining again sends the edits", "some of your last edits did not reach the others")
	case err == nil && !part.Drained():
		return failure(nil, g.whatIsKept(), "some of your last edits did not reach the others")
	case path != nil:
		fmt.Fprintf(p.stderr, "Your text is in %s.\n", *path)
	}
	return err
}
