package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"coedit/editor/tui"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const configLong = `config prints the settings in effect and where each comes from: a flag, the environment (COEDIT_THEME for theme), a
line of the file of settings, or the program itself. What it prints is a file of settings: to begin one,

  mkdir -p ~/.config/coedit && coedit config > ~/.config/coedit/config.toml`

func newConfig(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "config",
		Short:   "Print the settings, the keys, and where each comes from",
		Long:    configLong,
		Example: "  coedit config\n  coedit config --theme light",
		Args:    exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			p.printSettings(cmd, p.stdout)
			return nil
		},
	}
	p.lookFlags(cmd)
	p.autosaveFlag(cmd)
	nameFlag(cmd, new(string))
	return cmd
}

// printSettings writes them as a file of settings.
func (p *program) printSettings(cmd *cobra.Command, w io.Writer) {
	s := &p.settings
	path, _ := s.path(p.getenv)
	state := "read"
	if _, err := os.Stat(path); err != nil {
		state = "not there"
	}
	fmt.Fprintf(w, "# %s (%s)\n\n", path, state)
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !settable[f.Name] {
			return
		}
		value := f.Value.String()
		switch f.Value.Type() {
		case "bool", tabFlag{}.Type():
		default:
			value = strconv.Quote(value)
		}
		from := s.from[f.Name]
		if from == "" {
			from = "default"
		}
		usage, _, _ := strings.Cut(f.Usage, " (default")
		fmt.Fprintf(w, "%-28s # %s; %s\n", f.Name+" = "+value, from, usage)
	})
	fmt.Fprintf(w, "\n[keys]\n")
	changed := map[string]int{}
	for _, k := range s.keys {
		changed[strings.ToLower(k.key)] = k.line
		if k.command == "" {
			fmt.Fprintf(w, "%-36s # line %d\n", strconv.Quote(k.key)+` = ""`, k.line)
		}
	}
	for _, c := range tui.Commands() {
		if len(c.Keys) == 0 {
			fmt.Fprintf(w, "%-36s # no key; %s\n", `# "" = `+strconv.Quote(c.ID), c.Name)
		}
		for _, key := range c.Keys {
			from := "default"
			if line := changed[strings.ToLower(key)]; line > 0 {
				from = "line " + strconv.Itoa(line)
			}
			fmt.Fprintf(w, "%-36s # %s\n", strconv.Quote(key)+" = "+strconv.Quote(c.ID), from)
		}
	}
}
