package tracebench

import (
	"fmt"

	"github.com/spf13/cobra"
)

// Command is `coedit bench` with the measurements of the engine and of what it sends.
func Command() *cobra.Command {
	bench := &cobra.Command{
		Use:     "bench",
		Example: "  coedit bench trace automerge-paper.json.gz\n  coedit bench relay",
		Short:   "Measure the editing engine, the editor and the relay",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	bench.AddCommand(traceCommand(), wireCommand())
	return bench
}

func traceCommand() *cobra.Command {
	var asJSON, quiet bool
	o := Options{Runs: 5}
	cmd := &cobra.Command{
		Use:   "trace FILE...",
		Short: "Replay recorded editing and measure time, bytes and memory",
		Long: `Replays recorded editing (JSON, gzipped or not; sequential and concurrent editing traces) and measures
local edits with one encoded op a patch, the same ops applied by another replica, the document with its
whole history, loading it, and its memory. Figures are medians over the runs.`,
		Example: "  coedit bench trace automerge-paper.json.gz\n  coedit bench trace --json --runs 9 *.json.gz",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, files []string) error {
			progress := func(what string) {
				if !quiet {
					fmt.Fprintln(cmd.ErrOrStderr(), what)
				}
			}
			reports, err := RunWith(files, o, progress)
			write := WriteTable
			if asJSON {
				write = WriteJSON
			}
			if len(reports) > 0 {
				if werr := write(cmd.OutOrStdout(), reports); err == nil {
					err = werr
				}
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line, one line a trace")
	cmd.Flags().IntVar(&o.Runs, "runs", o.Runs, "take medians over so many runs")
	cmd.Flags().BoolVar(&o.Times, "times", false, "keep the trace's times in the history")
	cmd.Flags().BoolVarP(&quiet, "quiet", "q", false, "do not say on standard error what is being done")
	return cmd
}
