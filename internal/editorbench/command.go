package editorbench

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
)

// Command is `coedit bench editor`.
func Command() *cobra.Command {
	var asJSON bool
	o := Options{}
	cmd := &cobra.Command{
		Use:   "editor FILE",
		Short: "Measure the editor in a terminal: keys, bytes, frames, memory",
		Long: `Opens a copy of the file in the real editor, in a terminal of 120 by 40, goes to its middle and presses keys. It measures the time
till the first paint, from a key till its character is written, till the frame is complete, bytes per key, processor time and
memory. With --rate another participant types beside the caret meanwhile.`,
		Example: "  coedit bench editor main.go\n  coedit bench editor --rate 2000 --json main.go",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if o.Keys < 1 || o.Rate < 0 {
				return errors.New("--keys is at least 1, --rate at least 0")
			}
			if _, ok := otherNamed(o.Editor); o.Editor != "" && (!ok || o.Rate > 0) {
				return fmt.Errorf("--editor is one of %s, and without --rate", strings.Join(otherNames(), ", "))
			}
			o.File = args[0]
			if o.Program == "" {
				if o.Program, err = os.Executable(); err != nil {
					return err
				}
			}
			r, err := Run(cmd.Context(), o)
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(r)
			}
			return r.write(cmd.OutOrStdout())
		},
	}
	f := cmd.Flags()
	f.IntVar(&o.Keys, "keys", 200, "press so many")
	f.IntVar(&o.Rate, "rate", 0, "operations a second of another participant; 0: alone")
	f.StringVar(&o.Program, "program", "", "the `coedit` to measure (default: this one)")
	f.StringVar(&o.Editor, "editor", "", "another editor to measure: "+strings.Join(otherNames(), ", "))
	f.BoolVar(&asJSON, "json", false, "one JSON object")
	return cmd
}

// write is for people.
func (r *Report) write(w io.Writer) error {
	_, err := fmt.Fprintf(w, `%s: %s, %.1f MB, %d remote operations a second
first paint           %8.1f ms
key to its character  %8.2f ms (p50)  %8.2f ms (p99)  %8.2f ms (slowest of %d)
key to a whole frame  %8.2f ms (p50)  %8.2f ms (p99)
bytes per key         %8.0f
processor per key     %8.2f ms, idle %.2f %%
memory                %8.1f MB shown, %.1f MB in the end
`, r.Editor, r.File, float64(r.Bytes)/1e6, r.Rate, r.FirstPaint, r.KeyP50, r.KeyP99, r.KeyMax, r.Keys, r.FrameP50, r.FrameP99,
		r.BytesPerKey, r.CPUPerKey, r.IdleCPU, float64(r.Memory)/1e6, float64(r.MemoryAtLast)/1e6)
	return err
}
