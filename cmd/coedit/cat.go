package main

import (
	"context"

	"coedit/internal/session"
	"coedit/internal/textfile"

	"github.com/spf13/cobra"
)

func newCat(p *program) *cobra.Command {
	var o visitOptions
	versionFile := ""
	cmd := &cobra.Command{
		Use:   "cat LINK|-",
		Short: "Print a shared document",
		Long: `cat prints the document as it is now, byte for byte as it would be saved: with its line endings and its
byte order mark.

With --version-file it also writes down which version it printed. ` + "`coedit put --version-file`" + ` then merges what became
of the copy with what others changed meanwhile.`,
		Example: "  coedit cat 'http://127.0.0.1:7000/r/...' > main.go\n  coedit cat - < link.txt\n" +
			"  coedit cat --version-file v LINK > main.go && gofmt -w main.go && coedit put --version-file v LINK main.go",
		Args: exactly("a LINK, or - to read it from standard input"),
		RunE: func(cmd *cobra.Command, args []string) error {
			link, err := p.readLink(args[0])
			if err != nil {
				return err
			}
			return p.visit(cmd.Context(), link, "cat", o, func(_ context.Context, part *session.Participant) error {
				if err := p.print(part); err != nil || versionFile == "" {
					return err
				}
				return writeVersionFile(versionFile, link, part.Editor().Doc().Version())
			})
		},
	}
	visitFlags(cmd, &o)
	cmd.Flags().StringVar(&versionFile, "version-file", "", "write the version that was printed to this `FILE`, for put")
	return cmd
}

// print writes the document as it would be saved.
func (p *program) print(part *session.Participant) error {
	ed := part.Editor()
	view := ed.View()
	text := view.Append(make([]byte, 0, view.Len()), 0, view.Len())
	return p.writeDocument(textfile.Encode(nil, text, textfile.FormatOf(ed.Doc())))
}
