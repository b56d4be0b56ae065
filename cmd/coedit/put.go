package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"coedit/internal/session"
	"coedit/internal/textfile"
	"coedit/rga"
	"coedit/transport/seal"

	"github.com/spf13/cobra"
)

// maxPut bounds what is read from standard input, in bytes; more than a document can be.
const maxPut = 256<<20 + 1

const putLong = `put makes the document equal to FILE by the smallest edit that does it: text that stays keeps its identity, so
other people's cursors, and what they type meanwhile, stay where they belong. FILE may be - for standard input.

With --version-file FILE is merged as an edit of the version that cat wrote there: only what differs between that version
and FILE is changed, and what others changed since stays (done twice, it inserts twice). Without it, it is an edit of the
present text.

It ends once the relay has confirmed the edit. Line endings and byte order mark become those of FILE.`

func newPut(p *program) *cobra.Command {
	var o visitOptions
	versionFile := ""
	cmd := &cobra.Command{
		Use:     "put LINK|- FILE|-",
		Short:   "Merge a file into a shared document",
		Long:    putLong,
		Example: "  coedit put 'http://127.0.0.1:7000/r/...' main.go\n  gofmt main.go | coedit put \"$LINK\" -",
		Args:    exactly("a LINK", "a FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.put(cmd.Context(), args[0], args[1], versionFile, o)
		},
	}
	visitFlags(cmd, &o)
	cmd.Flags().StringVar(&versionFile, "version-file", "", "FILE was made from the version in this `FILE` of cat's")
	return cmd
}

func (p *program) put(ctx context.Context, arg, path, versionFile string, o visitOptions) error {
	if arg == "-" && path == "-" {
		return usageError("name one of them", "the link and the file cannot both come from standard input")
	}
	link, err := p.readLink(arg)
	if err != nil {
		return err
	}
	if link.Secret.Right == seal.Read {
		return errorWithHint{
			code: exitRefused, what: "this link allows reading only, so nothing was changed",
			hint: "ask for the link to edit",
		}
	}
	var base rga.Version
	if versionFile != "" {
		if base, err = readVersionFile(versionFile, link); err != nil {
			return err
		}
	}
	text, format, err := p.input(path)
	if err != nil {
		return err
	}
	return p.visit(ctx, link, "put", o, func(ctx context.Context, part *session.Participant) error {
		ed := part.Editor()
		if versionFile == "" {
			base = ed.Doc().Version()
		}
		if err := merge(ed, time.Now().UnixMilli(), base, text, format); err != nil {
			return err
		}
		return part.Drain(ctx)
	})
}

// input reads the file to merge.
func (p *program) input(path string) ([]byte, textfile.Format, error) {
	if path != "-" {
		file, text, format, err := textfile.Open(path)
		if err != nil {
			return nil, format, err
		}
		if file.New {
			return nil, format, failure(nil, "check the path", "there is no file %s", path)
		}
		return text, format, nil
	}
	raw, err := io.ReadAll(io.LimitReader(p.stdin, maxPut))
	if err != nil {
		return nil, textfile.Format{}, failure(err, "", "cannot read standard input: %s", cause(err))
	}
	if len(raw) == maxPut {
		return nil, textfile.Format{}, fmt.Errorf("standard input: %w", textfile.ErrTooLarge)
	}
	text, format, err := textfile.Decode(raw)
	if err != nil {
		return nil, format, fmt.Errorf("standard input: %w", err)
	}
	return text, format, nil
}
