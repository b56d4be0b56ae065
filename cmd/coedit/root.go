package main

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const welcome = `coedit edits a text file together with others, from your terminals.

  coedit demo             watch two partners edit a file, and type along
  coedit share FILE       share a file of yours: it shows a link
  coedit join LINK        join somebody

coedit FILE edits alone. F1 shows the keys inside;
coedit --help lists all commands.
`

const rootLong = `coedit edits a text file together with others, from your terminals.

share opens a file, starts a relay inside the same process and shows a link;
join opens the same document from another machine, with everyone's cursors.
There is no account and nothing to configure.

Every flag can also be set in the environment: --link-file is COEDIT_LINK_FILE. The flag wins. How the text is shown and
which keys do what can be set in a file, too: see coedit config.

Exit codes: 0 done, 1 failure, 2 usage, 3 could not connect, 4 refused.`

// newRoot builds the tree of commands.
func newRoot(p *program) *cobra.Command {
	showVersion, recovery := false, recoverAsk
	root := &cobra.Command{
		Use:     "coedit [FILE]",
		Short:   "Edit a text file together with others, from the terminal",
		Long:    rootLong,
		Example: "  coedit main.go\n  coedit share main.go\n  coedit join 'http://127.0.0.1:7000/r/...'",
		Args:    oneFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			if showVersion {
				fmt.Fprint(p.stdout, versionText())
				return nil
			}
			if len(args) == 0 {
				fmt.Fprint(p.stdout, welcome)
				p.recentSessions(p.stdout)
				return nil
			}
			if err := checkRecover(recovery); err != nil {
				return err
			}
			return p.editAlone(cmd.Context(), args[0], recovery)
		},
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			if err := fromEnvironment(cmd, p.getenv); err != nil {
				return err
			}
			return p.fromFile(cmd)
		},
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usageError("see `"+cmd.CommandPath()+" --help`", "%s", err)
	})
	cobra.EnableCommandSorting = false // what a newcomer needs comes first
	root.AddCommand(newShare(p), newJoin(p), newDemo(p), newCat(p), newPut(p), newHistory(p), newWatch(p), newInfo(p), newRecover(p), newServe(p), newStore(p), newBench(), newConfig(p), newMan(p), newVersion(p))
	root.SetHelpCommand(newHelp(p))
	root.SetUsageFunc(func(cmd *cobra.Command) error { return writeUsage(root.ErrOrStderr(), cmd) })
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) { writeHelp(p.stdout, cmd) })
	root.Flags().BoolVarP(&showVersion, "version", "v", false, "version of the program and the protocol")
	recoverFlag(root, &recovery)
	p.lookFlags(root)
	root.PersistentFlags().BoolVar(&p.plain, "plain", false, "also without TLS (http://) to other machines, over a network you trust")
	root.PersistentFlags().Var(&p.require, "require-suite", "refuse rooms that are not of this suite: xchacha, sm4 or plain")
	p.autosaveFlag(root)
	root.InitDefaultCompletionCmd("completion")
	return root
}

// oneFile are the arguments of coedit alone: a file, or a command that is written wrongly.
func oneFile(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		if args[0] == "" {
			return usageError("see `coedit --help`", "the name of the file is empty")
		}
		if strings.Contains(args[0], "://") {
			return usageError("see `coedit join --help`", "a link is opened with `coedit join`")
		}
		if err := mistyped(cmd, args[0]); err != nil {
			return err
		}
	}
	return oneArgAtMost("a FILE")(cmd, args)
}

// oneArgAtMost allows one argument and names it.
func oneArgAtMost(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > 1 {
			return usageError("see `"+cmd.CommandPath()+" --help`",
				"%s takes %s and nothing else, not %d arguments", cmd.CommandPath(), what, len(args))
		}
		return nil
	}
}

// exactly demands the named arguments.
func exactly(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == len(names) {
			return nil
		}
		want := strings.Join(names, " and ")
		if want == "" {
			want = "no arguments"
		}
		return usageError("see `"+cmd.CommandPath()+" --help`", "%s takes %s", cmd.CommandPath(), want)
	}
}

// mistyped catches a command with a typing mistake, which would otherwise be opened as a new file.
func mistyped(root *cobra.Command, name string) error {
	if strings.ContainsAny(name, "./\\") {
		return nil
	}
	if _, err := os.Lstat(name); err == nil {
		return nil
	}
	for _, c := range root.Commands() {
		if c.IsAvailableCommand() && (oneSlip(name, c.Name()) || len(name) > 1 && strings.HasPrefix(c.Name(), name)) {
			return usageError("to make a new file of that name: coedit ./"+name,
				"there is no command and no file called %s; did you mean `coedit %s`?", name, c.Name())
		}
	}
	return nil
}

// oneSlip says whether two words differ by one letter that is missing, too many or another one, or by two letters whose places
// were exchanged.
func oneSlip(a, b string) bool {
	same := 0
	for same < len(a) && same < len(b) && a[same] == b[same] {
		same++
	}
	a, b = a[same:], b[same:]
	switch {
	case len(a) == len(b)+1:
		return a[1:] == b
	case len(a)+1 == len(b):
		return a == b[1:]
	case len(a) != len(b) || a == "":
		return false
	default:
		return a[1:] == b[1:] || len(a) > 1 && a[0] == b[1] && a[1] == b[0] && a[2:] == b[2:]
	}
}

// fromEnvironment sets every flag that was not given from COEDIT_NAME, where that is set.
func fromEnvironment(cmd *cobra.Command, getenv func(string) string) error {
	var errs []error
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		key := variable(f.Name)
		value := getenv(key)
		if f.Changed || value == "" || f.Name == "help" || f.Name == "version" {
			return
		}
		if err := cmd.Flags().Set(f.Name, value); err != nil {
			errs = append(errs, usageError("correct or unset it", "the environment has %s=%s: %s", key, value, err))
		}
		f.Changed = false // which keeps its meaning: given on the command line
	})
	return errors.Join(errs...)
}

// variable is the environment's name for a flag.
func variable(flag string) string {
	return "COEDIT_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// nameFlag adds --name, by default the login name.
func nameFlag(cmd *cobra.Command, name *string) {
	cmd.Flags().StringVar(name, "name", "", "your name as the others see it (default: your login name)")
}

// nameOr is the chosen name or the login name.
func (p *program) nameOr(name string) string {
	if name != "" {
		return name
	}
	if u, err := user.Current(); err == nil && u.Username != "" {
		// Windows has DOMAIN\name.
		return u.Username[strings.LastIndexByte(u.Username, '\\')+1:]
	}
	return p.getenv("USER")
}
