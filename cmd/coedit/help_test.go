package main

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestEveryCommandHasExamples, as the README says.
func TestEveryCommandHasExamples(t *testing.T) {
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		inProse := strings.Contains(cmd.Long, "\n  coedit ") || strings.Contains(cmd.Long, "\t"+"source <(coedit")
		if cmd.Runnable() && !cmd.Hidden && cmd.Example == "" && !inProse && cmd.Name() != "completion" && cmd.Parent().Name() != "completion" {
			t.Errorf("%s has none", cmd.CommandPath())
		}
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
	}
	walk(newRoot(&program{getenv: func(string) string { return "" }}))
}

func TestFilled(t *testing.T) {
	long := strings.Repeat("words of prose ", 12)
	got := filled(long + "\nand more\n\n  an example that stays as it is, however long it is, because somebody copies it from the screen\n\nlast")
	for line := range strings.Lines(got) {
		if !strings.HasPrefix(line, " ") && len(strings.TrimSuffix(line, "\n")) > helpWidth {
			t.Errorf("too long: %q", line)
		}
	}
	if want := "prose and more\n\n  an example"; !strings.Contains(got, want) || !strings.HasSuffix(got, "screen\n\nlast") {
		t.Errorf("%s", got)
	}
}

func TestOneSlip(t *testing.T) {
	for _, typed := range []string{"hare", "shre", "shar", "sshare", "shared", "shaer", "hsare", "shire"} {
		if !oneSlip(typed, "share") {
			t.Errorf("%s is not share, written wrongly", typed)
		}
	}
	for _, typed := range []string{"share", "shares.", "bar", "", "erahs", "shearer"} {
		if oneSlip(typed, "share") {
			t.Errorf("%s is share", typed)
		}
	}
}
