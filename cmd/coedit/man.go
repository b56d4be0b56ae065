package main

import (
	"fmt"
	"io"
	"strings"

	"coedit/editor/tui"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const manLong = `man prints the manual page of coedit: all commands, flags, keys, files and exit codes.

  coedit man | man -l -
  coedit man > ~/.local/share/man/man1/coedit.1`

func newMan(p *program) *cobra.Command {
	return &cobra.Command{
		Use:     "man",
		Short:   "Print the manual page",
		Long:    manLong,
		Example: "  coedit man | man -l -",
		Args:    exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			m := manual{w: p.stdout}
			m.page(cmd.Root())
			return m.err
		},
	}
}

// manual writes a page for man(7). The text of commands is that of their help.
type manual struct {
	w   io.Writer
	err error
}

func (m *manual) f(format string, a ...any) {
	if m.err == nil {
		_, m.err = fmt.Fprintf(m.w, format, a...)
	}
}

// roff makes text harmless: no line of it is a request, and its dashes can be copied.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text)
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		if strings.HasPrefix(l, ".") || strings.HasPrefix(l, "'") {
			lines[i] = `\&` + l
		}
	}
	return strings.Join(lines, "\n")
}

func (m *manual) page(root *cobra.Command) {
	m.f(".TH COEDIT 1\n.SH NAME\ncoedit \\- %s\n", roff(strings.ToLower(root.Short[:1])+root.Short[1:]))
	m.f(".SH SYNOPSIS\n")
	for _, cmd := range append([]*cobra.Command{root}, available(root)...) {
		m.f(".B %s\n.br\n", roff(cmd.UseLine()))
	}
	m.f(".SH DESCRIPTION\n")
	m.paragraphs(root.Long)
	m.flags(root.LocalFlags())
	m.f(".SH COMMANDS\n")
	m.commands(root)
	m.f(".SH KEYS\n")
	group := ""
	for _, c := range tui.Commands() {
		if c.Group != group {
			group = c.Group
			m.f(".SS %s\n", roff(group))
		}
		keys := strings.Join(c.Keys, ", ")
		if keys == "" {
			keys = "(in the palette)"
		}
		m.f(".TP\n.B %s\n%s (%s)\n", roff(keys), roff(c.Name), roff(c.ID))
	}
	m.f(".SH FILES\n.TP\n.I ~/.config/coedit/config.toml\nSettings and keys;\n.B coedit config\nprints one.\n")
	m.f(".SH ENVIRONMENT\n.TP\n.B COEDIT_NAME\nsets the flag \\-\\-name, and so for every flag. The flag wins over it, and it wins over the file.\n")
	m.f(".TP\n.B NO_COLOR\nif set, no colours.\n.TP\n.B ACCESSIBLE\nif set, as \\-\\-accessible.\n.TP\n.B RUNEWIDTH_EASTASIAN\nif 1, as \\-\\-ambiguous wide.\n")
	m.f(".SH EXIT STATUS\n0 done, 1 failure, 2 usage, 3 could not connect, 4 refused.\n")
}

// available are the commands below one that people are told of.
func available(cmd *cobra.Command) []*cobra.Command {
	var out []*cobra.Command
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			out = append(out, c)
		}
	}
	return out
}

func (m *manual) commands(of *cobra.Command) {
	for _, cmd := range available(of) {
		m.f(".SS %s\n", roff(cmd.UseLine()))
		about := cmd.Long
		if about == "" {
			about = cmd.Short + "."
		}
		m.paragraphs(about)
		if cmd.Example != "" {
			m.f(".PP\n.nf\n%s\n.fi\n", roff(cmd.Example))
		}
		m.flags(cmd.LocalFlags())
		m.commands(cmd)
	}
}

// paragraphs keeps what is indented as it is, and fills the rest.
func (m *manual) paragraphs(text string) {
	for para := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		if strings.HasPrefix(para, "  ") {
			m.f(".PP\n.nf\n%s\n.fi\n", roff(para))
			continue
		}
		m.f(".PP\n%s\n", roff(para))
	}
}

func (m *manual) flags(flags *pflag.FlagSet) {
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		what, usage := pflag.UnquoteUsage(f)
		m.f(".TP\n.B \\-\\-%s", roff(f.Name))
		if what != "" {
			m.f(" \\fI%s\\fR", roff(what))
		}
		m.f("\n%s\n", roff(usage))
	})
}
