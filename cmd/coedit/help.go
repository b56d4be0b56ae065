package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"github.com/spf13/cobra"
)

// Help is written here and not by cobra's templates: text/template finds methods by name at run time, which keeps the linker
// from leaving unused ones out of the binary (3 MB).

const helpWidth = 80 // cells, of prose and flags

func newHelp(p *program) *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND]",
		Short:   "Help about any command",
		Example: "  coedit help share",
		RunE: func(cmd *cobra.Command, args []string) error {
			target, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return usageError("see `coedit --help`", "there is no command %s", strings.Join(args, " "))
			}
			writeHelp(p.stdout, target)
			return nil
		},
	}
}

// filled breaks the lines of paragraphs anew. What is indented stays as it is.
func filled(text string) string {
	var sb strings.Builder
	column := 0 // cells used in the line; 0: it takes no more
	for line := range strings.Lines(strings.TrimSpace(text)) {
		if strings.HasPrefix(line, " ") || strings.TrimSpace(line) == "" {
			if column > 0 {
				sb.WriteByte('\n')
			}
			sb.WriteString(line)
			column = 0
			continue
		}
		for word := range strings.FieldsSeq(line) {
			width := ansi.StringWidth(word)
			switch {
			case column > 0 && column+1+width <= helpWidth:
				sb.WriteByte(' ')
				column++
			case column > 0:
				sb.WriteByte('\n')
				column = 0
			}
			sb.WriteString(word)
			column += width
		}
	}
	return strings.TrimRight(sb.String(), "\n")
}

// writeHelp prints what a command does and how it is used.
func writeHelp(w io.Writer, cmd *cobra.Command) {
	about := cmd.Long
	if about == "" {
		about = cmd.Short
	}
	if about != "" {
		fmt.Fprintf(w, "%s\n\n", filled(about))
	}
	_ = writeUsage(w, cmd)
}

// writeUsage prints the form of a command, examples, its commands and flags.
func writeUsage(w io.Writer, cmd *cobra.Command) error {
	fmt.Fprintf(w, "Usage:\n")
	if cmd.Runnable() {
		fmt.Fprintf(w, "  %s\n", cmd.UseLine())
	}
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(w, "  %s COMMAND\n", cmd.CommandPath())
	}
	if cmd.Example != "" {
		fmt.Fprintf(w, "\nExamples:\n%s\n", cmd.Example)
	}
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(w, "\nCommands:\n")
		for _, c := range cmd.Commands() {
			if c.IsAvailableCommand() || c.Name() == "help" {
				fmt.Fprintf(w, "  %-*s %s\n", cmd.NamePadding(), c.Name(), c.Short)
			}
		}
	}
	if flags := strings.TrimRight(cmd.LocalFlags().FlagUsagesWrapped(helpWidth), " \n"); flags != "" {
		fmt.Fprintf(w, "\nFlags:\n%s\n", flags)
	}
	if flags := strings.TrimRight(cmd.InheritedFlags().FlagUsagesWrapped(helpWidth), " \n"); flags != "" {
		fmt.Fprintf(w, "\nFlags of all commands:\n%s\n", flags)
	}
	return nil
}
