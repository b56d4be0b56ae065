package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// Help is written here and not by cobra's templates: text/template finds methods by name at run time, which keeps the linker
// from leaving unused ones out of the binary (3 MB).

// writeHelp prints what a command does and how it is used.
func writeHelp(w io.Writer, cmd *cobra.Command) {
	about := cmd.Long
	if about == "" {
		about = cmd.Short
	}
	if about != "" {
		fmt.Fprintf(w, "%s\n\n", strings.TrimSpace(about))
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
	if flags := strings.TrimRight(cmd.LocalFlags().FlagUsages(), " \n"); flags != "" {
		fmt.Fprintf(w, "\nFlags:\n%s\n", flags)
	}
	if flags := strings.TrimRight(cmd.InheritedFlags().FlagUsages(), " \n"); flags != "" {
		fmt.Fprintf(w, "\nFlags of all commands:\n%s\n", flags)
	}
	return nil
}
