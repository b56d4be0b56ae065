package main

import (
	"context"
	"errors"
	"fmt"

	"coedit/transport"
)

// withoutRoom is the end of a session that was to go on and whose room is not there any more: what the user has of it is offered as
// a file to edit alone. err is why, and what is returned where that is not wanted, or there is nothing. The journal stays.
func (p *program) withoutRoom(ctx context.Context, g *guest, err error) error {
	refusal, ok := errors.AsType[*transport.Refusal](err)
	if !ok || refusal.Code != transport.RefusedNoRoom && refusal.Code != transport.RefusedClosed || g.record.state == nil || g.part == nil {
		return err
	}
	doc := g.part.Editor().Doc()
	if doc.Len() == 0 || !terminal(p.stdin) || !terminal(p.stderr) {
		return err
	}
	question := fmt.Sprintf("coedit: %s.\nYour text of it is kept here. Open it as a file of your own? [Y/n] ", harmless(refusal.Text))
	if yes, asked := p.askYes(ctx, question); asked != nil || !yes {
		return errors.Join(err, asked)
	}
	kept := &keptCopy{doc: doc}
	if err := kept.keep(doc.View())(); err != nil {
		return err
	}
	path := *kept.path.Load()
	fmt.Fprintf(p.stderr, "Your text is in %s.\n", path)
	return p.editAlone(ctx, path, recoverNo)
}
