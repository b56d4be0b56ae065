package main

import (
	"coedit/internal/editorbench"
	"coedit/internal/relaybench"
	"coedit/internal/tracebench"

	"github.com/spf13/cobra"
)

// newBench is the measurements, with their mistakes in usage reported as everywhere else.
func newBench() *cobra.Command {
	bench := tracebench.Command()
	bench.AddCommand(editorbench.Command(), relaybench.Command(), relaybench.FIFOCommand())
	for _, cmd := range append(bench.Commands(), bench) {
		check := cmd.Args
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			if err := check(cmd, args); err != nil {
				return usageError("see `"+cmd.CommandPath()+" --help`", "%s: %s", cmd.CommandPath(), err)
			}
			return nil
		}
	}
	return bench
}
