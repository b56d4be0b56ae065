package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
	"unsafe"

	"coedit/editor"
	"coedit/editor/tui"
	"coedit/rga"

	tea "charm.land/bubbletea/v2"
)

// editAlone edits a file with nobody else.
func (p *program) editAlone(ctx context.Context, path string) error {
	file, text, err := openFile(path)
	if err != nil {
		return err
	}
	if err := p.needTerminal("coedit "+path, false, "run it in a terminal"); err != nil {
		return err
	}
	doc := rga.New(rga.ReplicaID(rand.Uint64() | 1))
	if len(text) > 0 {
		insert := unsafe.String(&text[0], len(text)) // the document copies it
		if _, _, err := doc.Edit(time.Now().UnixMilli(), rga.Edit{Insert: insert}); err != nil {
			return err
		}
	}
	tuneMemory(len(text))
	ed := editor.New(doc)
	ed.MarkSaved(doc.Version())
	return p.edit(ctx, tui.Options{Editor: ed, File: file, Name: file.Name()}, func() *diskFile { return file })
}

// edit runs the editor on the terminal until the user quits. place says where unsaved text is kept when the program is ended
// from outside or by a bug; nil: nowhere, the file is somebody else's.
func (p *program) edit(ctx context.Context, o tui.Options, place func() *diskFile) error {
	options := []tea.ProgramOption{tea.WithOutput(p.stdout), tea.WithoutSignalHandler()}
	if terminal(p.stdin) {
		options = append(options, tea.WithInput(p.stdin))
	}
	if place != nil {
		if file := place(); file != nil {
			o.Notice = leftover(file.file.Path)
		}
	}
	err := tui.Run(ctx, o, options...)
	if err == nil && ctx.Err() == nil {
		return nil
	}
	if crash, ok := errors.AsType[*tui.Crash](err); ok && p.getenv("COEDIT_DEBUG") != "" {
		fmt.Fprintf(p.stderr, "%s\n", crash.Stack)
	}
	var file *diskFile
	if place != nil {
		file = place()
	}
	return endedFromOutside(ctx, file, o.Editor.View(), o.Editor.Dirty(), err)
}
