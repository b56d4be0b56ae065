package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"coedit/editor/tui"

	"github.com/adrg/xdg"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// settings are what people choose once: how the text is shown, and keys. A flag wins over the environment, that over the file.
type settings struct {
	file string // "" is the usual one

	theme       string
	width       string
	ambiguous   string
	tab         int
	wrap        bool
	highlight   bool
	scrollbar   bool
	whitespace  bool
	guides      bool
	currentLine bool
	numbers     bool
	accessible  bool
	autosave    time.Duration

	from map[string]string // where each setting comes from, by its name
	keys []keySetting
}

// keySetting is one line of [keys].
type keySetting struct {
	key, command string
	line         int
}

// oneOf is a flag with a few values.
type oneOf struct {
	value *string
	of    []string
}

func (o oneOf) String() string {
	if o.value == nil {
		return ""
	}
	return *o.value
}
func (o oneOf) Type() string { return strings.Join(o.of, "|") }
func (o oneOf) Set(s string) error {
	if !slices.Contains(o.of, s) {
		return fmt.Errorf("it is one of %s, not %q", strings.Join(o.of, ", "), s)
	}
	*o.value = s
	return nil
}

// tabFlag is the distance of tab stops.
type tabFlag struct{ cells *int }

func (t tabFlag) String() string {
	if t.cells == nil {
		return ""
	}
	return strconv.Itoa(*t.cells)
}
func (tabFlag) Type() string { return "CELLS" }
func (t tabFlag) Set(s string) error {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > 16 {
		return fmt.Errorf("it is a number of cells from 1 to 16, not %q", s)
	}
	*t.cells = n
	return nil
}

// lookFlags are the settings as flags, of a command that opens the editor.
func (p *program) lookFlags(cmd *cobra.Command) {
	s, f := &p.settings, cmd.Flags()
	s.theme, s.width, s.ambiguous, s.tab = tui.ThemeAuto.String(), "auto", "narrow", 4
	f.StringVar(&s.file, "config", "", "`FILE` of settings (default: config.toml in your folder for settings)")
	f.Var(oneOf{&s.theme, tui.ThemeNames()}, "theme", "colours; auto goes by the terminal's background")
	f.Var(oneOf{&s.width, []string{"auto", "grapheme", "wcwidth"}}, "width", "how the terminal counts cells of emoji and the like; auto asks it")
	f.Var(oneOf{&s.ambiguous, []string{"narrow", "wide"}}, "ambiguous", "whether the terminal draws Greek, boxes, ± and the like in one cell or in two")
	f.Var(tabFlag{&s.tab}, "tab", "distance of tab stops")
	f.BoolVar(&s.wrap, "wrap", false, "long lines in several rows")
	f.BoolVar(&s.highlight, "highlight", true, "words in the colours of their language")
	f.BoolVar(&s.scrollbar, "scrollbar", true, "a scrollbar that shows where the others are")
	f.BoolVar(&s.whitespace, "whitespace", false, "spaces and tabs visible")
	f.BoolVar(&s.guides, "guides", false, "lines at the steps of the indentation")
	f.BoolVar(&s.currentLine, "current-line", false, "a background for the caret's line")
	f.BoolVar(&s.numbers, "numbers", true, "line numbers")
	f.BoolVar(&s.accessible, "accessible", false, "for screen readers and dumb terminals: plain lines, no drawing")
}

// autosaveFlag adds the setting for those who have the file.
func (p *program) autosaveFlag(cmd *cobra.Command) {
	cmd.Flags().DurationVar(&p.settings.autosave, "autosave", 0, "save by itself when the text has rested for this `TIME`, e.g. 5s (default: never)")
}

// path is the file of settings, and whether it was named by the user and so must exist.
func (s *settings) path(getenv func(string) string) (path string, named bool) {
	if s.file != "" {
		return s.file, true
	}
	home := getenv("XDG_CONFIG_HOME")
	if home == "" {
		home = xdg.ConfigHome
	}
	return filepath.Join(home, "coedit", "config.toml"), false
}

// fromFile sets what neither a flag nor the environment has set, and binds the keys.
func (p *program) fromFile(cmd *cobra.Command) error {
	if cmd.Flags().Lookup("config") == nil {
		return nil // no editor
	}
	s := &p.settings
	s.from = map[string]string{}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		switch {
		case f.Changed:
			s.from[f.Name] = "--" + f.Name
		case p.getenv(variable(f.Name)) != "":
			s.from[f.Name] = variable(f.Name)
		}
	})
	if s.from["accessible"] == "" && p.getenv("ACCESSIBLE") != "" && p.getenv("ACCESSIBLE") != "0" {
		s.accessible, s.from["accessible"] = true, "ACCESSIBLE"
	}
	if wide, err := strconv.ParseBool(p.getenv("RUNEWIDTH_EASTASIAN")); err == nil && wide && s.from["ambiguous"] == "" {
		s.ambiguous, s.from["ambiguous"] = "wide", "RUNEWIDTH_EASTASIAN"
	}
	path, named := s.path(p.getenv)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && !named {
		return nil
	} else if err != nil {
		return failure(err, "name another one with --config", "the settings cannot be read: %s", cause(err))
	}
	lines, err := readSettings(path, text)
	if err != nil {
		return err
	}
	return s.take(cmd, path, lines)
}

// take sets the flags, and binds the keys, from the lines of the file.
func (s *settings) take(cmd *cobra.Command, path string, lines []settingLine) error {
	for _, l := range lines {
		var err error
		switch f := cmd.Flags().Lookup(l.name); {
		case l.section == "keys":
			s.keys = append(s.keys, keySetting{l.name, l.value, l.line})
			err = tui.Bind(l.name, l.value)
		case l.section != "" || !settable[l.name]:
			err = errors.New("there is no such setting")
		case f != nil && s.from[l.name] == "":
			s.from[l.name] = "line " + strconv.Itoa(l.line)
			if err = f.Value.Set(l.value); err != nil && f.Value.Type() == "bool" {
				err = fmt.Errorf("it is true or false, not %s", l.value)
			}
		}
		if err != nil {
			return usageError("correct it, or see `coedit config`", "%s, line %d: %s: %s", path, l.line, l.name, err)
		}
	}
	return nil
}

// settable are the settings that a file may hold.
var settable = map[string]bool{
	"name": true, "theme": true, "width": true, "ambiguous": true, "tab": true, "wrap": true, "highlight": true, "scrollbar": true, "whitespace": true,
	"guides": true, "current-line": true, "numbers": true, "accessible": true, "autosave": true,
}

// setAmbiguous makes the renderer count as the terminal was said to draw.
func (s *settings) setAmbiguous() error {
	if err := tui.SetAmbiguousWide(s.ambiguous == "wide"); err != nil {
		return failure(err, "run coedit with RUNEWIDTH_EASTASIAN=1 in the environment", "--ambiguous wide does not work in this build")
	}
	return nil
}

// looks are the settings as the editor takes them.
func (s *settings) looks() tui.Looks {
	theme, _ := tui.ThemeByName(s.theme)
	return tui.Looks{
		Theme: theme, Wrap: s.wrap, Highlight: s.highlight && !s.accessible, Scrollbar: s.scrollbar && !s.accessible, Whitespace: s.whitespace,
		Guides: s.guides && !s.accessible, CurrentLine: s.currentLine, HideNumbers: !s.numbers,
		ASCII: s.ambiguous == "wide",
	}
}
