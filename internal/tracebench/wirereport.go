package tracebench

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"
)

// WriteWireJSON writes one object a line, one line a report.
func WriteWireJSON(w io.Writer, reports []WireReport) error {
	enc := json.NewEncoder(w)
	for i := range reports {
		if err := enc.Encode(&reports[i]); err != nil {
			return err
		}
	}
	return nil
}

// WriteWireTable writes a table for each trace: bytes for each patch.
func WriteWireTable(w io.Writer, reports []WireReport) error {
	tw := tabwriter.NewWriter(w, 0, 0, 3, ' ', tabwriter.AlignRight)
	for _, r := range reports {
		fmt.Fprintf(tw, "%s: %d patches; bytes for each, in messages of\t\n", r.Trace, r.Patches)
		row := func(name string, cell func(WireBatch) string) {
			fmt.Fprintf(tw, "%s\t", name)
			for _, b := range r.Batches {
				fmt.Fprintf(tw, "%s\t", cell(b))
			}
			fmt.Fprintln(tw)
		}
		size := func(of func(WireBatch) float64) func(WireBatch) string {
			return func(b WireBatch) string { return fmt.Sprintf("%.2f", of(b)) }
		}
		row("", func(b WireBatch) string { return fmt.Sprint(b.Patches) })
		row("JSON", size(func(b WireBatch) float64 { return b.JSON }))
		row("protobuf", size(func(b WireBatch) float64 { return b.Protobuf }))
		row("delta", size(func(b WireBatch) float64 { return b.Delta }))
		row("delta, LZ4", size(func(b WireBatch) float64 { return b.DeltaLZ4 }))
		row("delta, zstd", size(func(b WireBatch) float64 { return b.DeltaZstd }))
		row("of JSON", func(b WireBatch) string { return fmt.Sprintf("%.1f %%", 100*b.Share) })
		row("sealed", size(func(b WireBatch) float64 { return b.Sealed }))
		row("on the wire", size(func(b WireBatch) float64 { return b.Wire }))
		fmt.Fprintln(tw)
	}
	return tw.Flush()
}

func wireCommand() *cobra.Command {
	var asJSON, quiet bool
	cmd := &cobra.Command{
		Use:   "wire FILE...",
		Short: "Count the bytes that recorded editing takes on the wire",
		Long: `Replays recorded editing and counts the bytes of each patch, alone and in messages of 10, 50 and 200: as JSON, as
protobuf, as the op batches that coedit sends (delta), these with LZ4 and zstd where that makes them shorter, then
sealed and signed (padded, so that lengths do not tell what is typed), and as a message of the protocol in a WebSocket.`,
		Example: "  coedit bench wire automerge-paper.json.gz\n  coedit bench wire --json *.json.gz",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, files []string) error {
			var reports []WireReport
			for _, file := range files {
				if !quiet {
					fmt.Fprintln(cmd.ErrOrStderr(), "counting", file)
				}
				t, err := Load(file)
				if err != nil {
					return err
				}
				r, err := Prepare(t)
				if err != nil {
					return fmt.Errorf("%s: %w", file, err)
				}
				report, err := MeasureWire(r)
				if err != nil {
					return err
				}
				reports = append(reports, report)
			}
			if asJSON {
				return WriteWireJSON(cmd.OutOrStdout(), reports)
			}
			return WriteWireTable(cmd.OutOrStdout(), reports)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line, one line a trace")
	cmd.Flags().BoolVarP(&quiet, "quiet", "q", false, "do not say on standard error what is being done")
	return cmd
}
