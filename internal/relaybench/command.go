package relaybench

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"
)

const long = `Puts a relay under load with real clients, which publish at a rate of their own and check that they get everything
once and in order. What they publish is sealed and signed as the editor does it, and --open says how many in each room open and
verify what they get. Without --relay a relay is started on loopback, as a process of its own with a store on disk, and its
processor time and memory are told.

Clients and relay share this machine, so compare figures of one run.`

// Command is `coedit bench relay`.
func Command() *cobra.Command {
	var asJSON, quiet bool
	o := Options{Rooms: 1, Clients: 50, Rate: 2, Duration: 20 * time.Second, Open: 1}
	cmd := &cobra.Command{
		Use:   "relay",
		Short: "Put a relay under load and measure it",
		Long:  long,
		Example: "  coedit bench relay\n" +
			"  coedit bench relay --rooms 500 --clients 2 --rate 1\n" +
			"  coedit bench relay --rooms 5000 --clients 2 --rate 0 --duration 5s      memory of idle connections\n" +
			"  coedit bench relay --rooms 1000 --clients 2 --rate 0 --storm --duration 1s",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			if o.Program, err = os.Executable(); err != nil {
				return fmt.Errorf("find this program: %w", err)
			}
			say := func(what string) {
				if !quiet {
					fmt.Fprintln(cmd.ErrOrStderr(), what)
				}
			}
			res, err := Run(cmd.Context(), o, say)
			if err != nil {
				return err
			}
			if asJSON {
				return res.WriteJSON(cmd.OutOrStdout())
			}
			return res.WriteTable(cmd.OutOrStdout())
		},
	}
	f := cmd.Flags()
	f.IntVar(&o.Rooms, "rooms", o.Rooms, "rooms")
	f.IntVar(&o.Clients, "clients", o.Clients, "clients in each room")
	f.Float64Var(&o.Rate, "rate", o.Rate, "edits a second that each client publishes; 0: all are idle")
	f.DurationVar(&o.Duration, "duration", o.Duration, "how long the load lasts")
	f.IntVar(&o.Payload, "payload", o.Payload, "bytes of an edit before it is sealed; 0: those of a keystroke, as the editor makes it")
	f.IntVar(&o.Open, "open", o.Open, "so many clients of each room open and verify what they get; it takes this machine 50 µs each time")
	f.IntVar(&o.Slow, "slow", 0, "so many clients do not read, nor publish, while the load lasts")
	f.BoolVar(&o.Storm, "storm", false, "afterwards kill the relay, start it again, and let everybody come back at once")
	f.StringVar(&o.Relay, "relay", "", "`URL` of a relay to put under load instead of an own one")
	f.BoolVar(&o.Memory, "memory", false, "the own relay keeps its rooms in memory")
	f.BoolVar(&o.FIFO, "fifo", false, "in place of the own relay one with plain queues and no flow control, for comparison")
	f.BoolVar(&asJSON, "json", false, "one JSON object")
	f.BoolVarP(&quiet, "quiet", "q", false, "do not say on standard error what is being done")
	return cmd
}
