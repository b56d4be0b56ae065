package main

import "github.com/spf13/cobra"

const storeLong = `store looks after the folder in which "coedit serve --data DIR" keeps rooms.`

const checkLong = `check reads all of a store, or of a backup, and lists what is wrong with it: pages, checksums, numbering, counters,
snapshots. It changes nothing. The relay must not be running; a backup can be checked at any time.

The exit code is 1 when something is wrong.`

const backupLong = `backup copies a store to FILE, also while the relay runs, and checks the copy; only then it replaces an earlier FILE.
To restore, end the relay, put the copy in place of DIR/rooms.db, and start it again: participants who are further on
than the copy bring the rooms up to date from their own.`

func newStore(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "store",
		Short:   "Check or back up a relay's rooms on disk",
		Long:    storeLong,
		Example: "  coedit store check /var/lib/coedit",
		Args:    exactly("check or backup"),
		RunE: func(_ *cobra.Command, args []string) error {
			return usageError("see `coedit store --help`", "coedit store knows check and backup, not %s", args[0])
		},
	}
	cmd.AddCommand(
		&cobra.Command{
			Use:     "check DIR|FILE",
			Short:   "Read all of a store and list what is wrong",
			Long:    checkLong,
			Example: "  coedit store check /var/lib/coedit",
			Args:    exactly("a DIR or FILE"),
			RunE:    func(_ *cobra.Command, args []string) error { return p.checkStore(args[0]) },
		},
		&cobra.Command{
			Use:     "backup DIR FILE",
			Short:   "Copy a store, also while the relay runs",
			Long:    backupLong,
			Example: "  coedit store backup /var/lib/coedit /backups/rooms-monday.db",
			Args:    exactly("a DIR", "a FILE"),
			RunE:    func(cmd *cobra.Command, args []string) error { return p.backUp(cmd.Context(), args[0], args[1]) },
		},
	)
	return cmd
}
